import type { Address, Hex } from "viem";
import type { ChannelRecord, ChannelStore } from "../store/index.ts";
import { heldGifts } from "./judge.ts";

/** What was acknowledged so far. Base units. */
export type Totals = {
  /** Channels that gave anything. */
  channels: number;
  /** Of all gifts. */
  sum: bigint;
  /** By rising id: what each was given, and by how many payers. */
  projects: readonly ProjectTotal[];
};

export type ProjectTotal = { projectId: bigint; gifts: bigint; donors: number };

/** Adds up what is held, gift by gift. What was refunded, under project 0, is no gift. */
export type Tally = {
  /** Counts what a channel holds now; in whatever order its records come, and however often. */
  count(record: ChannelRecord): void;
  /** Counts every channel of a store. */
  recount(store: ChannelStore): Promise<void>;
  totals(): Totals;
  /** Grows with every change. */
  readonly version: number;
};

/** Records of one page of a store. */
const page = 500;

export function createTally(): Tally {
  const counted = new Map<Hex, Map<bigint, bigint>>();
  const projects = new Map<bigint, { gifts: bigint; donors: Set<Address> }>();
  let sum = 0n;
  let version = 0;
  let shown: { version: number; totals: Totals } | undefined;

  function count(record: ChannelRecord): void {
    const before = counted.get(record.id) ?? new Map<bigint, bigint>();
    for (const { projectId, cumulativeAmount } of heldGifts(record)) {
      // No gift is ever lowered, so the most that was seen is what is held, whichever answer comes first.
      const more = cumulativeAmount - (before.get(projectId) ?? 0n);
      if (projectId === 0n || more <= 0n) continue;
      before.set(projectId, cumulativeAmount);
      counted.set(record.id, before);
      const project = projects.get(projectId) ?? { gifts: 0n, donors: new Set() };
      projects.set(projectId, project);
      project.gifts += more;
      project.donors.add(record.channel.payer);
      sum += more;
      version += 1;
    }
  }

  return {
    count,
    async recount(store) {
      for (let after: Hex | undefined; ; ) {
        const records = await store.list({ limit: page, ...(after ? { after } : {}) });
        records.forEach(count);
        after = records.at(-1)?.id;
        if (!after) return;
      }
    },
    totals() {
      if (shown?.version !== version) {
        const rows = [...projects].map(([projectId, { gifts, donors }]) => ({ projectId, gifts, donors: donors.size }));
        rows.sort((a, b) => (a.projectId < b.projectId ? -1 : 1));
        shown = { version, totals: { channels: counted.size, sum, projects: rows } };
      }
      return shown.totals;
    },
    get version() {
      return version;
    },
  };
}
