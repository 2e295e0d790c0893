// What must hold of a round after every step, whatever happened. Numbers as in the design's list of invariants.

import { attributedOf } from "./lines.ts";
import { sum } from "./matching.ts";
import type { RoundModel } from "./round.ts";

/** Every broken invariant, one sentence each. */
export function brokenInvariants(round: RoundModel): string[] {
  const broken: string[] = [];
  const hold = (condition: boolean, sentence: string) => {
    if (!condition) broken.push(sentence);
  };
  const lines = [...round.lines.values()];
  const received = sum(lines.map((line) => line.received));
  const { projects, donors, sponsors } = round.paidOut;
  const held = round.balance + round.credit;

  hold(held === received + round.pot - projects - donors - sponsors, "what is held is not what came less what went");
  // 14, as an equality: nothing comes but gifts and sponsors' money, and nothing is left over that nobody is owed.
  hold(held === owed(round), `the round holds ${held} and owes ${owed(round)}`);
  hold(round.balance >= 0n && round.credit >= 0n, "the round paid more than it had");

  for (const [id, line] of round.lines) {
    hold(attributedOf(line) + line.refunded <= line.received, `line ${id} gave or got back more than arrived`);
    hold(line.received <= line.deposit, `line ${id} brought more than was locked`);
  }
  // 15
  const matched = sum(round.result?.matches.values() ?? []);
  hold(matched <= round.pot, "matches pass the pot");
  hold(
    [...(round.result?.matches.values() ?? [])].every((match) => match <= round.terms.cap),
    "a match passes the cap",
  );
  hold(projects + donors + sponsors <= received + round.pot, "payouts pass gifts and pot");
  // 18
  if (round.terms.matching && round.state !== "settled") hold(projects === 0n, "a project was paid before settlement");
  if (round.state === "running") hold(sponsors === 0n, "a sponsor was paid while the round runs");
  for (const [id, { paid }] of round.projects) {
    const most = round.giftsOf(id) + (round.result?.matches.get(id) ?? 0n);
    hold(paid <= most, `project ${id} was paid ${paid}, more than its ${most}`);
  }
  // 20
  hold(
    round.counted.every(({ weightBps }) => weightBps > 0),
    "a gift that the gate refused is counted",
  );
  return broken;
}

/** Everything that the round will still have to pay, base units. */
export function owed(round: RoundModel): bigint {
  const lines = [...round.lines.values()];
  const open = round.receipts.map((_, index) => index).filter((index) => !round.receipts[index]?.refunded);
  const toSponsors = sum(open.map((index) => round.shareOf(index)));
  const toDonors = sum(lines.map((line) => line.received - line.refunded));
  if (round.state === "refunding") return toDonors + toSponsors;
  const matches = sum(round.result?.matches.values() ?? []);
  const paid = sum([...round.projects.values()].map((project) => project.paid));
  return toDonors + toSponsors + matches - paid;
}
