import { gateName, money, type Report } from "./report.ts";

/** Rows shown; the smallest projects beyond are added up in one. */
const most = 20;

/** The round as a person reads it. */
export function formatTable({ config, simulation, ungated }: Report): string {
  const { decimals, symbol, round } = config;
  const show = (amount: bigint) => money(amount, decimals);
  const { attack, best, breakEven, projects } = simulation;
  const rows = projects
    .slice(0, most)
    .map((each) => [`${each.project}`, `${each.donors}`, show(each.gifts), show(each.match), show(each.attackedMatch)]);
  const rest = projects.slice(most);
  if (rest.length > 0) {
    const sum = (read: (each: (typeof rest)[number]) => bigint) =>
      show(rest.reduce((total, each) => total + read(each), 0n));
    const [gifts, match, attacked] = [
      sum((each) => each.gifts),
      sum((each) => each.match),
      sum((each) => each.attackedMatch),
    ];
    rows.push([`${rest.length} more`, "", gifts, match, attacked]);
  }
  rows.push(["attacker's", `${attack.sybils} wallets`, show(attack.deposited), "", show(attack.match)]);
  rows.push(["back to sponsors", "", "", show(simulation.unused), show(simulation.attackedUnused)]);
  const header = ["project", "donors", "gifts", "match", "match under attack"];
  const facts = [
    `${attack.sybils} wallets behind ${gateName(round.gate)} cost ${show(attack.cost)} ${symbol}, tie up ${show(attack.deposited)} and draw ${show(attack.match)}: ${verdict(attack.net, show)}.`,
    `Honest projects lose ${show(simulation.lostByOthers)} ${symbol} by it.`,
    breakEven === undefined
      ? `No number of wallets up to ${attack.sybils} gains anything.`
      : `From ${breakEven} wallets on an attack can gain; ${best.sybils} gain most, ${show(best.net)} ${symbol}.`,
  ];
  if (round.gate.kind === "open") {
    if (round.pot > 0n) facts.push("A pot behind an open gate is refused unless the round's terms say acceptsSybil.");
  } else {
    facts.push(`Behind an open gate they would draw ${show(ungated.match)}: ${verdict(ungated.net, show)}.`);
  }
  return `${[header, ...rows].map((row) => line(row, [header, ...rows])).join("\n")}\n\n${facts.join("\n")}\n`;
}

function verdict(net: bigint, show: (amount: bigint) => string): string {
  if (net > 0n) return `the attacker gains ${show(net)}`;
  return net < 0n ? `the attacker loses ${show(-net)}` : "the attacker gains nothing";
}

function line(row: readonly string[], all: readonly (readonly string[])[]): string {
  const widths = row.map((_, column) => Math.max(...all.map((each) => each[column]?.length ?? 0)));
  return row
    .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
    .join("  ")
    .trimEnd();
}
