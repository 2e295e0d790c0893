import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Address, Hex } from "viem";
import {
  type Donor,
  deposit,
  donorWallet,
  projects,
  seasonCast,
  special,
  suspendedBefore,
} from "../../../scripts/start/season/cast.ts";
import type { ChainRecord } from "../../../scripts/start/season/chainRecord.ts";
import type { Logged } from "../../../scripts/start/season/donor.ts";
import type { SeasonFacts } from "../../../scripts/start/season/judge.ts";
import { files } from "../../../scripts/start/season/records.ts";
import { recomputeMatches } from "../../../scripts/start/season/sybil.ts";
import { sponsorDeposits } from "../../../scripts/start/season/terms.ts";
import { formatEvidence } from "../../../src/protocol/index.ts";

export const seed = "a season on paper";
const pool: Address = `0x${"90".repeat(20)}`;
const end = 1_000_000;

export const facts: SeasonFacts = {
  seed,
  pool,
  auditCode: 0,
  leftAfterCollecting: 50,
  denied: { refused: true, paidMeanwhile: projects.length - 1, paidLate: 0n },
  kills: undefined,
};

type Given = { donor: Donor; lines: Logged[]; gifts: Map<bigint, bigint> };

/** The records of a season in which all went well, as its parts would have written them. Signatures are the audit's to check. */
export async function writeRecords(directory: string): Promise<SeasonFacts> {
  const at = files(directory);
  await mkdir(at.donors, { recursive: true });
  const given = seasonCast(seed).map(play);
  for (const { donor, lines } of given) {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    await writeFile(join(at.donors, `${donor.index}.jsonl`), text);
  }
  const sums = new Map<bigint, bigint>();
  for (const { gifts } of given) for (const [id, amount] of gifts) sums.set(id, (sums.get(id) ?? 0n) + amount);
  const rows = [...sums].map(([projectId, gifts]) => ({ projectId: `${projectId}`, gifts: `${gifts}`, donors: 1 }));
  const sum = [...sums.values()].reduce((total, one) => total + one, 0n);
  await writeFile(at.totals, JSON.stringify({ projects: rows, sum: `${sum}`, channels: given.length }));
  await writeFile(at.evidence, given.map(evidenceOf).join(""));
  const chain = chainOf(given, sums);
  await writeFile(at.chain, JSON.stringify(chain));
  const audited = chain.projects.map(({ projectId, gifts, match, paid }) => ({ projectId, gifts, match, paid }));
  const round = { pool, matched: "0", projects: audited };
  await writeFile(at.audit, JSON.stringify({ verdict: "balanced", rounds: [round], evidence: { unattributed: [] } }));
  const denied = chain.projects[Number(special.denied) - 1];
  return { ...facts, denied: { ...facts.denied, paidLate: BigInt(denied?.paid ?? 0) } };
}

function play(donor: Donor): Given {
  const gifts = new Map<bigint, bigint>();
  const lines = donor.taps.map(({ wave, projectId, amount }, turn): Logged => {
    const device = turn % donor.devices;
    const line = { wave, device, projectId: `${projectId}`, amount: `${amount}` };
    if (projectId === special.suspended && wave >= suspendedBefore) {
      return { outcome: "refused", ...line, reason: "gift-refused" };
    }
    gifts.set(projectId, (gifts.get(projectId) ?? 0n) + amount);
    return { outcome: "acknowledged", ...line, id: `${donor.index}-${turn}`, channelId: idOf(donor) };
  });
  return { donor, lines, gifts };
}

function evidenceOf({ donor, gifts }: Given): string {
  const list = [...gifts].sort(([a], [b]) => (a < b ? -1 : 1));
  const line = formatEvidence({
    channel: {
      payer: payerOf(donor),
      payee: pool,
      token: `0x${"70".repeat(20)}`,
      salt: idOf(donor),
      authorizedSigner: payerOf(donor),
    },
    cumulativeAmount: list.reduce((total, [, amount]) => total + amount, 0n),
    voucherSignature: `0x${"11".repeat(65)}`,
    allocation: {
      gateData: "0x",
      gifts: list.map(([projectId, cumulativeAmount]) => ({ projectId, cumulativeAmount })),
      signature: `0x${"22".repeat(65)}`,
    },
  });
  return `${line}\n`;
}

function chainOf(given: readonly Given[], sums: ReadonlyMap<bigint, bigint>): ChainRecord {
  const pot = sponsorDeposits.reduce((total, one) => total + one, 0n);
  const byDonor = new Map(given.map(({ donor, gifts }) => [donor.index, gifts]));
  const matches = recomputeMatches(seed, seasonCast(seed), byDonor, pot);
  const matched = [...matches.values()].reduce((total, one) => total + one, 0n);
  const unused = pot - matched;
  return {
    status: "settled",
    pot: `${pot}`,
    unused: `${unused}`,
    held: "0",
    heldByDoomed: "0",
    projects: projects.map((_, index) => {
      const id = BigInt(index + 1);
      const [gifts, match] = [sums.get(id) ?? 0n, matches.get(id) ?? 0n];
      const paid = `${gifts + match}`;
      return { projectId: `${id}`, gifts: `${gifts}`, match: `${match}`, paid, payouts: paid };
    }),
    donors: given.map(({ donor, gifts }) => {
      const spent = [...gifts.values()].reduce((total, one) => total + one, 0n);
      const closedAt = donor.leaves ? end - 1 : end;
      return { payer: payerOf(donor), balance: `${deposit - spent}`, coin: donor.relayed ? "0" : "5", closedAt };
    }),
    sponsors: sponsorDeposits.map((one, index) => {
      return { deposit: `${one}`, balance: `${one + (index === 0 ? unused : 0n)}` };
    }),
    second: [{ balance: `${deposit}` }],
    end,
  };
}

function payerOf(donor: Donor): Address {
  return donorWallet(seed, donor.index).address.toLowerCase() as Address;
}

function idOf(donor: Donor): Hex {
  return `0x${donor.index.toString(16).padStart(64, "0")}`;
}
