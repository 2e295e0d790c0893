// The README's picture as one self-contained page: where the money of a real run came from and went, and what it took.
import type { RunSummary } from "../start/summary.ts";

export const width = 1200;
export const height = 630;
const palette = {
  ink: "#1d2733",
  soft: "#5c6b7a",
  line: "#d9e0e6",
  paper: "#fbfaf7",
  give: "#2f7d5b",
  back: "#c9a227",
  pay: "#35618f",
};

/** @returns HTML of {@link width} by {@link height} pixels. */
export function picturePage(run: RunSummary): string {
  const dollar = run.tokens[0];
  if (!dollar) throw new Error("The run's summary names no token: run npm start -- --once again.");
  return `<!doctype html><meta charset="utf-8"><title>Farthing</title>
<style>body{margin:0;background:${palette.paper}} text{font-family:"DejaVu Sans",system-ui,sans-serif;fill:${palette.ink}}</style>
<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
${text(48, 62, "One run of Farthing", 30, 700)}
${text(48, 92, `${run.payers} payers, ${run.gifts.toLocaleString("en")} signed gifts over HTTP, ${run.transactions} transactions, ${run.balanced ? "balanced to the unit" : "NOT BALANCED"}`, 16, 400, palette.soft)}
${flow(run, dollar)}
${exits(run)}
${figures(run)}
</svg>`;
}

type Token = RunSummary["tokens"][number];

/** Deposits on the left, projects and refunds on the right, bands as wide as the money. */
function flow(run: RunSummary, token: Token): string {
  const top = 150;
  const tall = 260;
  const opened = Number(token.opened);
  const targets = [
    ...run.projects.map(({ name, settled }) => ({
      name,
      value: Number(settled[token.symbol] ?? 0),
      color: palette.give,
    })),
    { name: "back to payers", value: Number(token.refunded), color: palette.back },
    { name: "still locked", value: Number(token.locked), color: palette.line },
  ].filter(({ value }) => value > 0);
  const gap = 16;
  const scale = (tall - gap * (targets.length - 1)) / opened;
  let from = top + (gap * (targets.length - 1)) / 2;
  let to = top;
  const bands = targets.map(({ name, value, color }) => {
    const size = Math.max(value * scale, 2);
    const band = ribbon(190, from, 520, to, size, color);
    const label = text(534, to + size / 2 + 5, `${name}  ${amount(String(value), token)}`, 15);
    from += value * scale;
    to += size + gap;
    return band + label;
  });
  const middle = top + tall / 2;
  return `<g>${text(48, middle - 10, "deposits", 15, 700)}${text(48, middle + 14, amount(token.opened, token), 15)}${bands.join("")}</g>`;
}

function ribbon(x1: number, y1: number, x2: number, y2: number, size: number, color: string): string {
  const mid = (x1 + x2) / 2;
  const path = `M${x1} ${y1} C${mid} ${y1} ${mid} ${y2} ${x2} ${y2} v${size} C${mid} ${y2 + size} ${mid} ${y1 + size} ${x1} ${y1 + size} Z`;
  return `<path d="${path}" fill="${color}" fill-opacity=".78"/>`;
}

/** For each silent exit a bar of 48 hours, filled to the moment at which the payee was paid. */
function exits(run: RunSummary): string {
  const left = 790;
  const hours = 48;
  const wide = 350;
  const rows = run.exits.map(({ project, symbol, owed, graceLeft }, index) => {
    const token = run.tokens.find((one) => one.symbol === symbol);
    const y = 190 + index * 74;
    const used = Math.max(0, Math.min(1, 1 - graceLeft / (hours * 3600)));
    return `${text(left, y - 10, `${project}: ${token ? amount(owed, token) : owed} owed`, 14)}
<rect x="${left}" y="${y}" width="${wide}" height="14" rx="7" fill="${palette.line}"/>
<rect x="${left}" y="${y}" width="${Math.max(8, wide * used)}" height="14" rx="7" fill="${palette.pay}"/>
${text(left, y + 34, `paid with ${(graceLeft / 3600).toFixed(1)} h of ${hours} h left`, 13, 400, palette.soft)}`;
  });
  return `<g>${text(left, 150, "Payers who asked to leave and fell silent", 15, 700)}${rows.join("")}</g>`;
}

function figures(run: RunSummary): string {
  const cells = [
    [run.gifts.toLocaleString("en"), "gifts, each acknowledged"],
    [`${Math.round(run.giftsPerSecond).toLocaleString("en")}/s`, "over real HTTP, durable"],
    [Number(run.gas.perGift).toLocaleString("en"), "gas a gift, everything included"],
    [`$${run.cost.perGiftUsd}`, "a gift in fees"],
  ] as const;
  const boxes = cells.map(([value, label], index) => {
    const x = 48 + index * 280;
    return text(x, 524, value, 30, 700) + text(x, 550, label, 14, 400, palette.soft);
  });
  return `<g><line x1="48" x2="${width - 48}" y1="466" y2="466" stroke="${palette.line}"/>${boxes.join("")}${text(48, 600, run.cost.assumption, 12, 400, palette.soft)}</g>`;
}

function amount(units: string, { decimals, symbol }: Token): string {
  return `${(Number(units) / 10 ** decimals).toLocaleString("en", { maximumFractionDigits: decimals > 6 ? 4 : 2 })} ${symbol}`;
}

function text(x: number, y: number, content: string, size: number, weight = 400, fill: string = palette.ink): string {
  const safe = content.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" style="fill:${fill}">${safe}</text>`;
}
