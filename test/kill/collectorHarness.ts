// Kills a collector again and again while donors give, and asks for every acknowledged gift at the end: of the collector, of its
// store, and of the chain.
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Address } from "viem";
import { donationSum, parseAllocation, parseEvidence } from "../../src/protocol/index.ts";
import { sqliteStore } from "../../src/store/sqlite.ts";
import { startRig } from "../src/collector/rig.ts";
import { generator } from "../src/payee/random.ts";
import { type CollectorChild, startCollector } from "./collectorChild.ts";
import { GiftClient } from "./giftClient.ts";

export type CollectorKillReport = {
  seed: number;
  kills: number;
  /** Gifts that were acknowledged, and receipts that were asked for again. */
  acknowledged: number;
  replays: number;
  /** Acknowledged and not there, or less. Empty unless a gift was lost. */
  lost: string[];
  /** There and not acknowledged, acknowledged twice, or receipts that changed. Empty unless a gift was doubled. */
  doubled: string[];
  /** Per project: what donors hold receipts for, what the collector says, what the pool attributed. */
  projects: { projectId: bigint; donors: bigint; collector: bigint; chain: bigint }[];
  ok: boolean;
};

/**
 * @param options.mode `forgetful`: the store is thrown away once, to see that the harness notices.
 * @param options.onKill Told of each kill, for progress.
 */
export async function runCollectorKills(options: {
  kills: number;
  seed: number;
  donors?: number;
  mode?: "durable" | "forgetful";
  onKill?: (done: number) => void;
}): Promise<CollectorKillReport> {
  const { kills, seed, donors = 4, mode = "durable", onKill } = options;
  const random = generator(seed);
  const rig = await startRig({ serve: true });
  const pool = await rig.newRound();
  const path = join(rig.folder, "collector.db");
  const report: CollectorKillReport = {
    seed,
    kills: 0,
    acknowledged: 0,
    replays: 0,
    lost: [],
    doubled: [],
    projects: [],
    ok: false,
  };
  let child: CollectorChild | undefined;
  let up = gate<string>();
  let isOver = false;

  async function revive(): Promise<CollectorChild> {
    const flags = ["--rpc", rig.chain.url as string, "--pool", pool, "--store", path, "--port", "0"];
    child = await startCollector([...flags, "--confirmations", "0", "--allow-empty-store"]);
    up.open(child.url);
    return child;
  }

  try {
    const clients: GiftClient[] = [];
    for (let index = 0; index < donors; index++) {
      const donor = await rig.donor(pool, { deposit: 10n ** 8n, session: index % 2 === 1 });
      const endpoint = () => (isOver ? Promise.resolve(undefined) : up.promise);
      clients.push(new GiftClient({ donor, random: generator(seed + index + 1), endpoint }));
    }
    const streams = Promise.all(clients.map((client) => client.run(() => isOver)));
    const failed = new Promise<never>((_, reject) => {
      streams.catch(reject);
    });
    failed.catch(() => undefined);
    for (let done = 1; done <= kills; done++) {
      const living = await revive();
      // By answers and not by time: a slow machine is killed in the midst of its work too.
      const enough = answered(clients) + random.integer(12);
      while (answered(clients) < enough) await Promise.race([pause(2), failed]);
      await Promise.race([pause(random.integer(30)), failed]);
      living.kill();
      if ((await living.ended) !== "SIGKILL") throw new Error(`the collector ended by itself: ${living.log()}`);
      up = gate();
      report.kills += 1;
      if (mode === "forgetful" && done === kills) {
        for (const end of ["", "-wal", "-shm"]) rmSync(path + end, { force: true });
      }
      report.lost.push(...(await missing(path, clients, `after kill ${done}`)));
      onKill?.(done);
    }
    const living = await revive();
    const enough = answered(clients) + 3 * donors;
    while (answered(clients) < enough) await Promise.race([pause(2), failed]);
    for (const client of clients) client.finish();
    await Promise.race([streams, failed]);
    const totals = (await (await fetch(`${living.url}/totals`)).json()) as PublishedTotals;
    const exported = (await (await fetch(`${living.url}/evidence`)).text()).trim().split("\n").map(parseEvidence);
    await living.stop();

    report.lost.push(...(await missing(path, clients, "at the end")));
    report.doubled.push(...clients.flatMap(({ faults }) => faults));
    report.doubled.push(...(await surplus(path, clients)));
    report.acknowledged = clients.reduce((sum, client) => sum + client.acknowledged.size, 0);
    report.replays = clients.reduce((sum, client) => sum + client.replays, 0);
    for (const { channel, voucherSignature, allocation } of exported) {
      const { gifts, gateData, signature: allocationSignature } = allocation;
      const item = { channel, voucherSignature, previousGifts: [], gifts, gateData, allocationSignature };
      await rig.stage.mined(await rig.stage.onPool(pool).collect(item));
    }
    for (const projectId of rig.projects.slice(0, 3)) {
      const { gifts } = await rig.stage.onPool(pool as Address).getProjectState({ projectId });
      const row = totals.projects.find((each) => each.projectId === projectId.toString());
      const held = clients.reduce((sum, client) => sum + (client.held.get(projectId) ?? 0n), 0n);
      report.projects.push({ projectId, donors: held, collector: BigInt(row?.gifts ?? 0), chain: gifts });
    }
    const agree = report.projects.every((row) => row.donors === row.collector && row.donors === row.chain);
    report.ok = agree && report.lost.length === 0 && report.doubled.length === 0;
    return report;
  } finally {
    isOver = true;
    up.open("");
    child?.kill();
    await child?.ended;
    await rig.stop();
  }
}

/** How often donors were answered; those who gave up count as answered for ever. */
function answered(clients: readonly GiftClient[]): number {
  return clients.reduce(
    (sum, client) => sum + (client.hasGivenUp ? 1_000 : client.acknowledged.size + client.replays),
    0,
  );
}

type PublishedTotals = { projects: { projectId: string; gifts: string }[] };

async function recordsOf(path: string) {
  const store = sqliteStore(path, { role: "keeper" });
  try {
    return await store.list();
  } finally {
    await store.close();
  }
}

/** Every acknowledged gift that the file does not bear out. */
async function missing(path: string, clients: readonly GiftClient[], when: string): Promise<string[]> {
  const records = new Map((await recordsOf(path)).map((record) => [record.id, record]));
  return clients.flatMap((client) => {
    const evidence = records.get(client.id)?.evidence;
    const gifts = evidence === undefined ? [] : parseAllocation(evidence).gifts;
    const held = new Map(gifts.map((gift) => [gift.projectId, gift.cumulativeAmount]));
    return [...client.held].flatMap(([projectId, amount]) => {
      const actual = held.get(projectId) ?? 0n;
      return actual >= amount ? [] : [`${when}: ${client.id} has ${actual} of ${amount} for project ${projectId}`];
    });
  });
}

/** At the end every request was answered, so what is held is what was acknowledged, each key once. */
async function surplus(path: string, clients: readonly GiftClient[]): Promise<string[]> {
  const records = await recordsOf(path);
  return clients.flatMap((client) => {
    const record = records.find(({ id }) => id === client.id);
    if (!record) return client.acknowledged.size > 0 ? [`${client.id}: no record`] : [];
    const faults: string[] = [];
    const sum = [...client.held.values()].reduce((total, amount) => total + amount, 0n);
    const gifts = record.evidence === undefined ? [] : parseAllocation(record.evidence).gifts;
    if (donationSum(gifts) > sum) faults.push(`${client.id}: holds ${donationSum(gifts)}, acknowledged ${sum}`);
    if (record.spent !== sum) faults.push(`${client.id}: spent ${record.spent}, acknowledged ${sum}`);
    const keys = record.charges.map(({ key }) => key);
    if (new Set(keys).size !== keys.length) faults.push(`${client.id}: a key is kept twice`);
    return faults;
  });
}

function gate<T>() {
  let open: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
