// One self-contained SVG: left what each project is matched with and without the attack, right what an attack costs and draws.
import { gateName, money, type Report } from "./report.ts";

const width = 960;
const height = 480;
const top = 110;
const bottom = 400;
const palette = {
  ink: "#1d2733",
  soft: "#5c6b7a",
  line: "#d9e0e6",
  paper: "#fbfaf7",
  honest: "#2f7d5b",
  under: "#35618f",
  attack: "#b3452c",
};

/** Bars shown; projects are drawn from the most popular on. */
const mostBars = 12;
/** Points of a curve: more than a reader can tell apart. */
const mostPoints = 120;

export function drawChart(report: Report): string {
  const { config, simulation } = report;
  const { round, symbol, decimals } = config;
  const pot = money(round.pot, decimals);
  const title = `${round.donors} donors, ${round.projects} projects, a pot of ${pot} ${symbol}`;
  const { attack } = simulation;
  const story = `${attack.sybils} wallets behind ${gateName(round.gate)} cost ${money(attack.cost, decimals)} and draw ${money(attack.match, decimals)} ${symbol}.`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title story" font-family="system-ui, 'DejaVu Sans', sans-serif">
<title id="title">${safe(title)}</title>
<desc id="story">${safe(story)}</desc>
<rect width="${width}" height="${height}" fill="${palette.paper}"/>
${text(40, 42, title, 20, palette.ink, 700)}
${text(40, 66, story, 14, palette.soft)}
${bars(report)}
${curve(report)}
</svg>
`;
}

/** For each project two bars, and one for the attacker's. */
function bars({ simulation, config }: Report): string {
  const [left, right] = [40, 470];
  const shown = simulation.projects.slice(0, mostBars);
  const matches = [...shown.flatMap((each) => [each.match, each.attackedMatch]), simulation.attack.match];
  const scale = scaleTo(matches, bottom - top);
  const step = (right - left) / (shown.length + 1);
  const bar = (x: number, amount: bigint, color: string) => {
    const tall = scale(amount);
    return `<rect x="${fixed(x)}" y="${fixed(bottom - tall)}" width="${fixed(step * 0.38)}" height="${fixed(tall)}" fill="${color}"/>`;
  };
  const drawn = shown.map((each, index) => {
    const x = left + index * step;
    const pair = bar(x, each.match, palette.honest) + bar(x + step * 0.4, each.attackedMatch, palette.under);
    return pair + text(x + step * 0.4, bottom + 18, `${each.project}`, 11, palette.soft, 400, "middle");
  });
  const last = left + shown.length * step;
  const attacker = bar(last + step * 0.4, simulation.attack.match, palette.attack);
  return `<g>${text(left, 94, "Match of each project", 14, palette.ink, 700)}
${drawn.join("\n")}
${attacker}${text(last + step * 0.4, bottom + 18, "attacker", 11, palette.attack, 400, "middle")}
${axis(left, right)}
${key(left, [
  ["without the attack", palette.honest],
  ["with it", palette.under],
])}
${text(right, 94, `highest ${money(highest(matches), config.decimals)}`, 11, palette.soft, 400, "end")}</g>`;
}

/** Cost and match by the number of wallets. */
function curve({ simulation, config }: Report): string {
  const [left, right] = [540, 920];
  const { curve: all, breakEven, attack } = simulation;
  const stride = Math.ceil(all.length / mostPoints);
  const points = all.filter((_, index) => index % stride === 0 || index === all.length - 1);
  const amounts = points.flatMap(({ cost, match }) => [cost, match]);
  const scale = scaleTo(amounts, bottom - top);
  const x = (sybils: number) => left + ((right - left) * sybils) / Math.max(attack.sybils, 1);
  const path = (read: (point: (typeof all)[number]) => bigint, color: string) => {
    const steps = points.map((point) => `${fixed(x(point.sybils))},${fixed(bottom - scale(read(point)))}`);
    return `<polyline points="${steps.join(" ")}" fill="none" stroke="${color}" stroke-width="2.5"/>`;
  };
  const mark =
    breakEven === undefined
      ? ""
      : `<line x1="${fixed(x(breakEven))}" x2="${fixed(x(breakEven))}" y1="${top}" y2="${bottom}" stroke="${palette.soft}" stroke-dasharray="4 4"/>${text(x(breakEven) + 6, top + 12, `pays from ${breakEven} wallets on`, 11, palette.soft)}`;
  return `<g>${text(left, 94, "What an attack costs and draws", 14, palette.ink, 700)}
${path(({ match }) => match, palette.attack)}
${path(({ cost }) => cost, palette.ink)}
${mark}
${axis(left, right)}
${text(left, bottom + 18, "0", 11, palette.soft)}${text(right, bottom + 18, `${attack.sybils} wallets`, 11, palette.soft, 400, "end")}
${key(left, [
  ["drawn from the pot", palette.attack],
  ["cost of the wallets", palette.ink],
])}
${text(right, 94, `highest ${money(highest(amounts), config.decimals)}`, 11, palette.soft, 400, "end")}</g>`;
}

function axis(left: number, right: number): string {
  return `<line x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}" stroke="${palette.line}"/>`;
}

function key(left: number, entries: readonly (readonly [label: string, color: string])[]): string {
  return entries
    .map(([label, color], index) => {
      const x = left + index * 180;
      return `<rect x="${x}" y="${bottom + 38}" width="12" height="12" fill="${color}"/>${text(x + 18, bottom + 49, label, 12, palette.soft)}`;
    })
    .join("");
}

function highest(amounts: readonly bigint[]): bigint {
  return amounts.reduce((most, amount) => (amount > most ? amount : most), 0n);
}

/** Pixels of an amount, exact to a thousandth, where the highest takes `tall`. */
function scaleTo(amounts: readonly bigint[], tall: number): (amount: bigint) => number {
  const most = highest(amounts);
  return (amount) => (most === 0n ? 0 : Number((amount * BigInt(tall) * 1_000n) / most) / 1_000);
}

function fixed(pixels: number): string {
  return String(Math.round(pixels * 100) / 100);
}

function text(
  x: number,
  y: number,
  content: string,
  size: number,
  color: string,
  weight = 400,
  anchor = "start",
): string {
  return `<text x="${fixed(x)}" y="${y}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}" fill="${color}">${safe(content)}</text>`;
}

function safe(content: string): string {
  return content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
