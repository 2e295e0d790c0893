// What each of the season's records says, read from its own file: donors' logs, published totals, export, chain, audit.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Address, Hex } from "viem";
import { parseEvidence } from "../../../src/protocol/index.ts";
import type { Logged } from "./donor.ts";

/** Base units by project. */
export type ByProject = Map<bigint, bigint>;

/** Where a season's records are. */
export const files = (directory: string) => ({
  donors: join(directory, "donors"),
  totals: join(directory, "totals.json"),
  evidence: join(directory, "evidence.ndjson"),
  chain: join(directory, "chain.json"),
  audit: join(directory, "audit.json"),
});

/** What the donors wrote down. */
export type DonorLogs = {
  acknowledged: ByProject;
  /** By donor. */
  byDonor: Map<number, { gifts: ByProject; unresolved: ByProject; devices: Set<number>; channelIds: Set<Hex> }>;
  gifts: number;
  refused: Map<string, number>;
  /** Of the last wave. */
  lastWave: { acknowledged: number; refused: Map<string, number> };
  /** Receipts that were handed out twice. */
  repeated: number;
};

export async function readDonorLogs(directory: string, lastWave: number): Promise<DonorLogs> {
  const logs: DonorLogs = {
    acknowledged: new Map(),
    byDonor: new Map(),
    gifts: 0,
    refused: new Map(),
    lastWave: { acknowledged: 0, refused: new Map() },
    repeated: 0,
  };
  const ids = new Set<string>();
  for (const file of await readdir(directory)) {
    const own = { gifts: new Map(), unresolved: new Map(), devices: new Set<number>(), channelIds: new Set<Hex>() };
    logs.byDonor.set(Number.parseInt(file, 10), own);
    for (const line of await linesOf(join(directory, file))) {
      const { outcome, wave, projectId, amount, id, channelId, device, reason } = JSON.parse(line) as Logged;
      const given = outcome === "acknowledged";
      const because = reason ?? outcome;
      if (!given) count(logs.refused, because);
      if (wave === lastWave && given) logs.lastWave.acknowledged += 1;
      if (wave === lastWave && !given) count(logs.lastWave.refused, because);
      if (outcome === "unresolved") add(own.unresolved, projectId, amount);
      if (!given) continue;
      logs.gifts += 1;
      if (id !== undefined && ids.has(id)) logs.repeated += 1;
      if (id !== undefined) ids.add(id);
      if (channelId) own.channelIds.add(channelId);
      own.devices.add(device);
      add(own.gifts, projectId, amount);
      add(logs.acknowledged, projectId, amount);
    }
  }
  return logs;
}

/** The export, by channel. */
export async function readExport(file: string): Promise<{ all: ByProject; byPayer: Map<Address, ByProject> }> {
  const all: ByProject = new Map();
  const byPayer = new Map<Address, ByProject>();
  for (const line of await linesOf(file)) {
    const { channel, allocation } = parseEvidence(line);
    const own = byPayer.get(channel.payer) ?? new Map();
    byPayer.set(channel.payer, own);
    for (const { projectId, cumulativeAmount } of allocation.gifts) {
      if (projectId === 0n) continue;
      add(own, projectId, cumulativeAmount);
      add(all, projectId, cumulativeAmount);
    }
  }
  return { all, byPayer };
}

/** What the collector published last. */
export async function readPublished(file: string): Promise<ByProject> {
  const totals = JSON.parse(await readFile(file, "utf8")) as { projects: { projectId: string; gifts: string }[] };
  return new Map(totals.projects.map(({ projectId, gifts }) => [BigInt(projectId), BigInt(gifts)]));
}

/** The parts of the audit's report that the season is judged by; amounts are decimal strings. */
export type AuditJson = {
  verdict: string;
  rounds: {
    pool: Address;
    matched: string;
    projects: { projectId: string; gifts: string; match: string; paid: string }[];
  }[];
  evidence?: { unattributed: { donor: Address; projectId: string; amount: string; reason: string }[] };
};

export async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, "utf8")) as T;
}

export async function linesOf(file: string): Promise<string[]> {
  return (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
}

export function add(sums: ByProject, projectId: string | bigint, amount: string | bigint): void {
  sums.set(BigInt(projectId), (sums.get(BigInt(projectId)) ?? 0n) + BigInt(amount));
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

export function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, one) => total + one, 0n);
}
