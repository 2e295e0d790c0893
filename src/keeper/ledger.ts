import { type Hex, keccak256 } from "viem";
import type { ChannelRecord } from "../store/record.ts";
import type { ChannelStore } from "../store/store.ts";

/**
 * What the keeper must remember between passes and restarts, beside its journal: since when value is unsettled, what was
 * paid for each channel, and what is in quarantine. Kept in the journal's store, under one key for an escrow.
 */
export type Ledger = {
  /** Block time at which this unsettled value was first seen; starts the clock on the first call. Unix seconds. */
  since(record: ChannelRecord, timestamp: bigint): bigint;
  /** Fees paid for a channel, wei. */
  feesPaid(id: Hex): bigint;
  /** Shares a transaction's fee among its channels. */
  paid(ids: readonly Hex[], fee: bigint): void;
  /** Whether an action rests: it failed, nothing changed since, and its next try is not due. */
  quarantined(record: ChannelRecord, action: string, timestamp: bigint): boolean;
  /** Notes a failure: the next try waits twice as long as the last one did, and there is a last one. */
  failed(record: ChannelRecord, action: string, reason: string, timestamp: bigint): void;
  /** Forgets a failure that was overcome. */
  succeeded(id: Hex, action: string): void;
  /** Everything in quarantine. */
  list(): Quarantined[];
  /** Drops all that is not about these channels: the live ones. */
  retain(live: ReadonlySet<Hex>): void;
  /** Durable when it resolves; writes nothing if nothing changed. */
  save(): Promise<void>;
};

/** An action of the keeper's that failed on a channel. */
export type Quarantined = {
  readonly id: Hex;
  readonly action: string;
  /** The escrow's error or the node's words; never a signature. */
  readonly reason: string;
  readonly failures: number;
  /** Block time of the next try, Unix seconds; undefined when the last one was made. */
  readonly retryAt: bigint | undefined;
};

/** First wait after a failure, seconds of block time: five minutes. */
const firstWait = 300n;

/** Tries before the keeper waits for a new voucher or deposit: with the waits above, about ten and a half hours. */
const maxFailures = 8;

type Failure = Omit<Quarantined, "id" | "action"> & { readonly fingerprint: string };

/** @param key Where in `meta`, one for an escrow and an account. */
export async function openLedger(store: ChannelStore, key: string): Promise<Ledger> {
  const kept = await store.meta.get(key);
  const state = kept ? parse(kept) : { since: new Map(), fees: new Map(), failures: new Map() };
  let changed = false;

  return {
    since(record, timestamp) {
      const known = state.since.get(record.id);
      // Whatever was settled since then, this keeper or another did it: the clock of the rest starts anew.
      if (known && known.settled === record.settled) return known.timestamp;
      state.since.set(record.id, { settled: record.settled, timestamp });
      changed = true;
      return timestamp;
    },
    feesPaid: (id) => state.fees.get(id) ?? 0n,
    paid(ids, fee) {
      for (const id of ids) state.fees.set(id, (state.fees.get(id) ?? 0n) + fee / BigInt(ids.length));
      changed = true;
    },
    quarantined(record, action, timestamp) {
      const failure = state.failures.get(`${record.id}:${action}`);
      if (!failure || failure.fingerprint !== fingerprint(record)) return false;
      return failure.retryAt === undefined || timestamp < failure.retryAt;
    },
    failed(record, action, reason, timestamp) {
      const key = `${record.id}:${action}`;
      const before = state.failures.get(key);
      const again = before?.fingerprint === fingerprint(record) ? before.failures : 0;
      const failures = again + 1;
      const retryAt = failures < maxFailures ? timestamp + firstWait * 2n ** BigInt(again) : undefined;
      state.failures.set(key, { reason, failures, retryAt, fingerprint: fingerprint(record) });
      changed = true;
    },
    succeeded(id, action) {
      if (state.failures.delete(`${id}:${action}`)) changed = true;
    },
    list: () =>
      [...state.failures].map(([key, { reason, failures, retryAt }]) => {
        const [id, action] = key.split(":") as [Hex, string];
        return { id, action, reason, failures, retryAt };
      }),
    retain(live) {
      for (const kept of [state.since, state.fees, state.failures]) {
        for (const key of kept.keys()) {
          if (!live.has(key.split(":")[0] as Hex)) changed = kept.delete(key as Hex) || changed;
        }
      }
    },
    async save() {
      if (!changed) return;
      changed = false;
      await store.meta.set(key, serialize(state)).catch((error: unknown) => {
        changed = true;
        throw error;
      });
    },
  };
}

type State = {
  since: Map<Hex, { settled: bigint; timestamp: bigint }>;
  fees: Map<Hex, bigint>;
  failures: Map<string, Failure>;
};

/**
 * What a failure depends on: with a new voucher, deposit or settlement the action deserves a fresh try. Signatures are hashed:
 * one that was healed is noticed, and none is kept here.
 */
function fingerprint(record: ChannelRecord): string {
  return [
    record.authorized,
    record.settled,
    record.deposit,
    record.closeRequestedAt,
    keccak256(record.signature ?? "0x"),
    keccak256(record.closeRequest?.signature ?? "0x"),
    keccak256(record.closeAuthorization?.signature ?? "0x"),
  ].join(":");
}

function serialize(state: State): string {
  return JSON.stringify(
    { since: [...state.since], fees: [...state.fees], failures: [...state.failures] },
    (_, value: unknown) => (typeof value === "bigint" ? { bigint: value.toString() } : value),
  );
}

function parse(text: string): State {
  const { since, fees, failures } = JSON.parse(text, (_, value: unknown) =>
    typeof value === "object" && value !== null && "bigint" in value ? BigInt(String(value.bigint)) : value,
  );
  return { since: new Map(since), fees: new Map(fees), failures: new Map(failures) };
}
