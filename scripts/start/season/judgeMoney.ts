// What a season's judgement says of money: matches, payouts, and what went home.
import { type Claim, claim, dollars } from "../verdict.ts";
import { deposit, projects, special } from "./cast.ts";
import type { Records, SeasonFacts } from "./judge.ts";
import { sum } from "./records.ts";
import { foretell, recomputeMatches } from "./sybil.ts";

/** Matches from the donors' own logs and the published list, and what the cluster got of them. */
export function matchClaims({ donors, logs, chain, unattributed }: Records, { seed }: SeasonFacts): Claim[] {
  const counted = new Map(
    [...logs.byDonor].map(([index, { gifts }]) => {
      const left = unattributed.get(chain.donors[index]?.payer ?? "0x");
      return [index, new Map([...gifts].map(([id, amount]) => [id, amount - (left?.get(id) ?? 0n)]))] as const;
    }),
  );
  const expected = recomputeMatches(seed, donors, counted, BigInt(chain.pot));
  const matches = chain.projects.map(({ projectId, match }) => [BigInt(projectId), BigInt(match)] as const);
  const right = matches.filter(([id, match]) => (expected.get(id) ?? 0n) === match).length;
  const paid = chain.projects.every(({ gifts, match, paid, payouts }) => {
    return BigInt(paid) === BigInt(gifts) + BigInt(match) && payouts === paid;
  });
  const matched = sum(matches.map(([, match]) => match));
  const { wallets, keys, bound, simulated, ungated } = foretell(donors);
  const gained = matches.find(([id]) => id === special.ofCluster)?.[1] ?? 0n;
  return [
    claim(
      right === projects.length && chain.status === "settled",
      `a stranger settled ${dollars(matched)} of match: ${right} of ${projects.length} are what donors' logs and the list give, to the unit`,
    ),
    claim(
      paid,
      `${projects.length} projects were paid gifts and match, ${dollars(sum(chain.projects.map((one) => BigInt(one.paid))))} in all`,
    ),
    claim(
      gained > 0n && gained <= simulated && simulated <= bound,
      `${wallets} wallets of one person, known as ${keys} people, drew ${dollars(gained)} of match: at most ${dollars(simulated)} simulated, ${dollars(bound)} by formula; ${dollars(ungated)} if each were taken for a person`,
    ),
  ];
}

export function deniedClaim({ chain }: Records, { denied }: SeasonFacts): Claim {
  const row = chain.projects[Number(special.denied) - 1];
  return claim(
    denied.refused && denied.paidMeanwhile === projects.length - 1 && `${denied.paidLate}` === row?.paid,
    `${projects[Number(special.denied) - 1]}'s address was on the token's deny list: its claim was refused, ${denied.paidMeanwhile} others were paid, and it got ${dollars(denied.paidLate)} at a new address`,
  );
}

/** Everybody has what is theirs, to the unit. */
export function homeClaims({ donors, logs, chain, unattributed }: Records): Claim[] {
  const unresolved = sum([...logs.byDonor.values()].flatMap((own) => [...own.unresolved.values()]));
  const right = donors.filter(({ index }) => {
    const own = chain.donors[index];
    const log = logs.byDonor.get(index);
    if (!own || !log) return false;
    const left = sum([...(unattributed.get(own.payer)?.values() ?? [])]);
    const given = sum([...log.gifts.values()]) - left;
    const most = given + sum([...log.unresolved.values()]);
    const spent = deposit - BigInt(own.balance);
    return spent >= given && spent <= most;
  });
  const sponsored = chain.sponsors.map(({ deposit: paid, balance }) => ({
    paid: BigInt(paid),
    balance: BigInt(balance),
  }));
  // Each had twice its deposit, for two rounds, of which one gave everything back.
  const returned = sum(sponsored.map(({ paid, balance }) => balance - paid));
  const second = chain.second.filter(({ balance }) => BigInt(balance) === deposit).length;
  return [
    claim(
      right.length === donors.length,
      `${right.length} of ${donors.length} donors have their deposit again but for their gifts, to the unit${unresolved ? `, ${dollars(unresolved)} unresolved` : ""}`,
    ),
    claim(
      returned === BigInt(chain.unused) && returned > 0n && chain.held === "0",
      `sponsors got ${dollars(returned)} of ${dollars(BigInt(chain.unused))} unused back, and the pool holds ${dollars(BigInt(chain.held))}`,
    ),
    claim(
      second === chain.second.length && chain.heldByDoomed === "0",
      `the cancelled round gave ${second} of ${chain.second.length} donors and its sponsors everything back, and holds ${dollars(BigInt(chain.heldByDoomed))}`,
    ),
  ];
}
