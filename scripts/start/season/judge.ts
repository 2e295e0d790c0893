// The season's judgement: every claim from records that do not know each other, each with its figures.
import type { Address } from "viem";
import { type Claim, claim, dollars } from "../verdict.ts";
import { type Donor, deposit, lastMinute, projects, seasonCast, special } from "./cast.ts";
import type { ChainRecord } from "./chainRecord.ts";
import {
  type AuditJson,
  add,
  type ByProject,
  type DonorLogs,
  files,
  readDonorLogs,
  readExport,
  readJson,
  readPublished,
} from "./records.ts";
import { foretell, recomputeMatches } from "./sybil.ts";

type Records = {
  donors: readonly Donor[];
  logs: DonorLogs;
  published: ByProject;
  exported: Awaited<ReturnType<typeof readExport>>;
  chain: ChainRecord;
  audit: AuditJson;
  pool: Address;
  /** Gifts that the audit names as attributed to nobody, by payer. */
  unattributed: Map<Address, ByProject>;
};

/** What a season was to show beside its books. */
export type SeasonFacts = {
  seed: string;
  pool: Address;
  auditCode: number;
  /** Block time that was left when the keeper had collected everything, seconds. */
  leftAfterCollecting: number | undefined;
  /** Whether the denied project's first claim was refused, and how many others were paid meanwhile. */
  denied: { refused: boolean; paidMeanwhile: number; paidLate: bigint };
  kills: { collector: number; keeper: number };
};

export async function judgeSeason(directory: string, facts: SeasonFacts): Promise<Claim[]> {
  const at = files(directory);
  const donors = seasonCast(facts.seed);
  const records: Records = {
    donors,
    logs: await readDonorLogs(at.donors, lastMinute),
    published: await readPublished(at.totals),
    exported: await readExport(at.evidence),
    chain: await readJson<ChainRecord>(at.chain),
    audit: await readJson<AuditJson>(at.audit),
    pool: facts.pool,
    unattributed: new Map(),
  };
  for (const { donor, projectId, amount } of records.audit.evidence?.unattributed ?? []) {
    const own = records.unattributed.get(donor) ?? new Map();
    records.unattributed.set(donor, own);
    add(own, projectId, amount);
  }
  return [
    claim(facts.auditCode === 0, `the season's audit ended with ${facts.auditCode}, and says ${records.audit.verdict}`),
    claim(records.logs.repeated === 0, `${records.logs.gifts} gifts were acknowledged, none twice`),
    ...projects.map((name, index) => projectClaim(records, name, BigInt(index + 1))),
    donorsClaim(records),
    suspendedClaim(records),
    lastMinuteClaim(records, facts),
    ...matchClaims(records, facts),
    deniedClaim(records, facts),
    ...homeClaims(records),
    ...rolesClaims(records),
    claim(true, `the collector was killed ${facts.kills.collector} times and the keeper ${facts.kills.keeper} times`),
  ];
}

/** Donors, collector, export, chain and audit on one project, to the unit. */
function projectClaim(records: Records, name: string, id: bigint): Claim {
  const { logs, published, exported, chain, audit, pool } = records;
  const left = sum([...records.unattributed.values()].map((own) => own.get(id) ?? 0n));
  const unresolved = sum([...logs.byDonor.values()].map((own) => own.unresolved.get(id) ?? 0n));
  const said = logs.acknowledged.get(id) ?? 0n;
  const [totals, signed] = [published.get(id) ?? 0n, exported.all.get(id) ?? 0n];
  const onChain = BigInt(chain.projects.find(({ projectId }) => projectId === `${id}`)?.gifts ?? 0);
  const round = audit.rounds.find((one) => one.pool === pool);
  const audited = BigInt(round?.projects.find(({ projectId }) => projectId === `${id}`)?.gifts ?? 0);
  const agree = totals === signed && said <= signed && signed <= said + unresolved;
  const attributed = onChain === audited && onChain === signed - left;
  const figures = [...new Set([said, totals, signed])].map(dollars).join(" / ");
  const rest = left === 0n ? "" : `, ${dollars(left)} of it its donors' again`;
  return claim(
    agree && attributed && signed > 0n,
    `${name}: ${figures} in donors' logs, totals and export; ${[...new Set([onChain, audited])].map(dollars).join(" / ")} on the chain and in the audit${rest}`,
  );
}

/** Each donor's log against what its channel's newest signatures say. */
function donorsClaim({ donors, logs, exported, chain }: Records): Claim {
  const apart = donors.filter(({ index }) => {
    const own = logs.byDonor.get(index);
    const signed = exported.byPayer.get(chain.donors[index]?.payer ?? "0x") ?? new Map<bigint, bigint>();
    const ids = new Set([...(own?.gifts.keys() ?? []), ...signed.keys()]);
    return [...ids].some((id) => {
      const said = own?.gifts.get(id) ?? 0n;
      const actual = signed.get(id) ?? 0n;
      return actual < said || actual > said + (own?.unresolved.get(id) ?? 0n);
    });
  });
  const agree = donors.length - apart.length;
  return claim(
    apart.length === 0 && exported.byPayer.size === donors.length,
    `${agree} of ${donors.length} donors' own logs are what their channels' newest signatures say, project by project`,
  );
}

function suspendedClaim({ logs, unattributed, chain }: Records): Claim {
  const id = special.suspended;
  const back = [...unattributed.values()].filter((own) => (own.get(id) ?? 0n) > 0n);
  const left = sum(back.map((own) => own.get(id) ?? 0n));
  const refused = logs.refused.get("gift-refused") ?? 0;
  const others = [...unattributed.values()].some((own) => [...own.keys()].some((project) => project !== id));
  const kept = BigInt(chain.projects[Number(id) - 1]?.gifts ?? 0);
  return claim(
    refused > 0 && !others,
    `${projects[Number(id) - 1]} was suspended: ${refused} later gifts were refused, ${dollars(kept)} given before stay, ${dollars(left)} that it missed are ${back.length} donors' again`,
  );
}

function lastMinuteClaim({ donors, logs }: Records, { leftAfterCollecting: left }: SeasonFacts): Claim {
  const tapped = donors.filter(({ leaves }) => !leaves).length;
  const { acknowledged, refused } = logs.lastWave;
  const collected =
    left === undefined ? "and not all was collected before the end" : `all collected ${left} s before the end`;
  return claim(
    acknowledged + refused === tapped && acknowledged > 0 && left !== undefined && left > 0,
    `${tapped} donors tapped in the last minute: ${acknowledged} gifts were acknowledged, ${refused} refused; ${collected}`,
  );
}

/** Matches from the donors' own logs and the published list, and what the cluster got of them. */
function matchClaims({ donors, logs, chain, unattributed }: Records, { seed }: SeasonFacts): Claim[] {
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

function deniedClaim({ chain }: Records, { denied }: SeasonFacts): Claim {
  const row = chain.projects[Number(special.denied) - 1];
  return claim(
    denied.refused && denied.paidMeanwhile === projects.length - 1 && `${denied.paidLate}` === row?.paid,
    `${projects[Number(special.denied) - 1]}'s address was on the token's deny list: its claim was refused, ${denied.paidMeanwhile} others were paid, and it got ${dollars(denied.paidLate)} at a new address`,
  );
}

/** Everybody has what is theirs, to the unit. */
function homeClaims({ donors, logs, chain, unattributed }: Records): Claim[] {
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

function rolesClaims({ donors, logs, chain }: Records): Claim[] {
  const relayed = donors.filter((donor) => donor.relayed);
  const without = relayed.filter(
    ({ index }) => chain.donors[index]?.coin === "0" && logs.byDonor.get(index)?.gifts.size,
  );
  const twice = donors.filter(({ devices }) => devices === 2);
  const both = twice.filter(({ index }) => {
    const own = logs.byDonor.get(index);
    return own?.devices.size === 2 && own.channelIds.size === 1;
  });
  const leaving = donors.filter(({ leaves }) => leaves);
  const left = leaving.filter(({ index }) => (chain.donors[index]?.closedAt ?? chain.end) < chain.end);
  return [
    claim(
      without.length === relayed.length,
      `${without.length} of ${relayed.length} donors gave without ever having any coin`,
    ),
    claim(
      both.length === twice.length,
      `${both.length} of ${twice.length} donors gave by two devices through one channel`,
    ),
    claim(
      left.length === leaving.length,
      `${left.length} of ${leaving.length} donors who asked to leave were closed before the end`,
    ),
  ];
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, one) => total + one, 0n);
}
