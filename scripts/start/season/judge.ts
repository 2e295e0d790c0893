// The season's judgement: every claim from records that do not know each other, each with its figures.
import type { Address } from "viem";
import { type Claim, claim, dollars } from "../verdict.ts";
import { type Donor, lastMinute, projects, seasonCast, special } from "./cast.ts";
import type { ChainRecord } from "./chainRecord.ts";
import { deniedClaim, homeClaims, matchClaims } from "./judgeMoney.ts";
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
  sum,
} from "./records.ts";

/** All that a season is judged by. */
export type Records = {
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
  /** Undefined when nobody was to be killed. */
  kills: { asked: number; collector: number; keeper: number } | undefined;
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
    ...killsClaim(facts),
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
  const turnedDown = [...refused.values()].reduce((total, one) => total + one, 0);
  const reasons = [...refused].map(([reason, count]) => `${count} ${reason}`).join(", ");
  const collected =
    left === undefined ? "not all was collected before the end" : `all collected ${left} s before the end`;
  return claim(
    acknowledged + turnedDown === tapped && acknowledged > 0 && left !== undefined && left > 0,
    `${tapped} donors tapped in the last minute: ${acknowledged} gifts were acknowledged, ${turnedDown} not (${reasons}); ${collected}`,
  );
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

function killsClaim({ kills }: SeasonFacts): Claim[] {
  if (!kills) return [];
  const { asked, collector, keeper } = kills;
  return [
    claim(
      collector + keeper === asked,
      `the collector was killed ${collector} times and the keeper ${keeper} times, of ${asked}`,
    ),
  ];
}
