import { type Hex, keccak256, stringToHex } from "viem";
import type { ChannelRecord } from "../store/record.ts";
import type { ChannelStore } from "../store/store.ts";

/**
 * What the keeper must remember between passes and restarts, beside its journal: since when value is unsettled, what was
 * paid for each channel, and what is in quarantine. Kept in the journal's store, under one key for an escrow.
 */
export type Ledger = {
  /** Block time at which this unsettled value was first seen; starts the clock on the first call. Unix seconds. */
  since(record: Pick<ChannelRecord, "id" | "settled">, timestamp: bigint): bigint;
  /** Fees paid for a channel, wei. */
  feesPaid(id: Hex): bigint;
  /** Shares a transaction's fee among its channels. */
  paid(ids: readonly Hex[], fee: bigint): void;
  /** Whether an action rests: it failed, nothing changed since, and its next try is not due. */
  quarantined(subject: Subject, action: string, timestamp: bigint): boolean;
  /** How often an action failed on a subject that is as it was then. */
  failures(subject: Subject, action: string): number;
  /** Notes a failure: the next try waits twice as long as the last one did, and there is a last one. */
  failed(subject: Subject, action: string, reason: string, timestamp: bigint): void;
  /** Forgets a failure that was overcome. */
  succeeded(id: Hex, action: string): void;
  /** Everything in quarantine. */
  list(): Quarantined[];
  /** Drops all that is not about these channels: the live ones. */
  retain(live: ReadonlySet<Hex>): void;
  /** Durable when it resolves; writes nothing if nothing changed. */
  save(): Promise<void>;
};

/** What an action is on: a channel, or anything else with an id and a text of what its failures depend on. */
export type Subject = ChannelRecord | { readonly id: Hex; readonly fingerprint: string };

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

  function failures(subject: Subject, action: string): number {
    const kept = state.failures.get(`${subject.id}:${action}`);
    return kept?.fingerprint === fingerprint(subject) ? kept.failures : 0;
  }

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
    quarantined(subject, action, timestamp) {
      const failure = state.failures.get(`${subject.id}:${action}`);
      if (!failure || failure.fingerprint !== fingerprint(subject)) return false;
      return failure.retryAt === undefined || timestamp < failure.retryAt;
    },
    failures,
    failed(subject, action, reason, timestamp) {
      const key = `${subject.id}:${action}`;
      const again = failures(subject, action);
      const count = again + 1;
      const retryAt = count < maxFailures ? timestamp + firstWait * 2n ** BigInt(again) : undefined;
      state.failures.set(key, { reason, failures: count, retryAt, fingerprint: fingerprint(subject) });
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
function fingerprint(record: Subject): string {
  if ("fingerprint" in record) return record.fingerprint;
  return [
    record.authorized,
    record.settled,
    record.deposit,
    record.closeRequestedAt,
    keccak256(record.signature ?? "0x"),
    ...(record.ticks ? [keccak256(record.ticks.signature), record.ticks.tickRoot] : []),
    keccak256(stringToHex(record.evidence ?? "")),
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
