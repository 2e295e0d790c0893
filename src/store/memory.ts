import type { Address, Hex } from "viem";
import { canonicalId, changed } from "./canonical.ts";
import { entrySchema, recordSchema } from "./codec.ts";
import { StoreClosedError } from "./errors.ts";
import { holdToLimit, isSameParties, owedBy } from "./payerLimit.ts";
import type { ChannelRecord } from "./record.ts";
import { SortedIds } from "./sortedIds.ts";
import { asked, defaultLimit, type Standing, standing, standings } from "./standing.ts";
import type { ChannelQuery, ChannelStore, JournalEntry, Lease, LeaseRequest } from "./store.ts";

/** A store for tests, simulations and benches: nothing survives the process. */
export function memoryStore(): ChannelStore {
  return new MemoryStore();
}

class MemoryStore implements ChannelStore {
  readonly #records = new Map<Hex, ChannelRecord>();
  readonly #all = new SortedIds();
  readonly #standing: Record<keyof Standing, SortedIds> = {
    live: new SortedIds(),
    unsettled: new SortedIds(),
    closing: new SortedIds(),
    leaving: new SortedIds(),
  };
  readonly #liveByPayer = new Map<Address, SortedIds>();
  readonly #leases = new Map<string, Lease>();
  readonly #facts = new Map<string, string>();
  readonly #entries = new Map<string, JournalEntry>();
  #closed = false;

  readonly meta: ChannelStore["meta"] = {
    get: async (key) => {
      this.#open();
      return this.#facts.get(key);
    },
    set: async (key, value) => {
      this.#open();
      this.#facts.set(key, value);
    },
  };

  readonly journal: ChannelStore["journal"] = {
    put: async (entry) => {
      this.#open();
      this.#entries.set(entry.id, entrySchema.canonical(entry, ""));
    },
    list: async ({ chainId, account, status }) => {
      this.#open();
      return [...this.#entries.values()]
        .filter((entry) => entry.chainId === chainId)
        .filter((entry) => account === undefined || entry.account === account.toLowerCase())
        .filter((entry) => status === undefined || entry.status === status)
        .sort(byNonceThenTime);
    },
  };

  async get(id: Hex): Promise<ChannelRecord | undefined> {
    this.#open();
    return this.#records.get(canonicalId(id));
  }

  async update(
    id: Hex,
    change: (record: ChannelRecord | undefined) => ChannelRecord | undefined,
    { payerLimit }: { payerLimit?: bigint } = {},
  ): Promise<ChannelRecord | undefined> {
    this.#open();
    const key = canonicalId(id);
    const before = this.#records.get(key);
    const after = changed(recordSchema, key, before, change);
    if (!after) return before;
    if (payerLimit !== undefined) holdToLimit(before, after, payerLimit, () => this.#owedElsewhere(after));
    this.#index(before, after);
    this.#records.set(key, after);
    return after;
  }

  async list(query: ChannelQuery = {}): Promise<ChannelRecord[]> {
    this.#open();
    const [payee, token, payer] = [query.payee, query.token, query.payer].map((address) => address?.toLowerCase());
    const names = asked(query);
    const limit = query.limit ?? defaultLimit;
    const found: ChannelRecord[] = [];
    for (const id of this.#narrowest(names, payer as Address | undefined).above(
      query.after && canonicalId(query.after),
    )) {
      if (found.length >= limit) break;
      const record = this.#records.get(id);
      if (!record) continue;
      const { channel } = record;
      if (payee && channel.payee !== payee) continue;
      if (token && channel.token !== token) continue;
      if (payer && channel.payer !== payer) continue;
      const stands = standing(record);
      if (names.every((name) => stands[name])) found.push(record);
    }
    return found;
  }

  async lease({ name, holder, ttl, now }: LeaseRequest): Promise<Lease | undefined> {
    this.#open();
    const current = this.#leases.get(name);
    if (current && current.holder !== holder && current.expiresAt > now) return undefined;
    const lease = { name, holder, expiresAt: now + ttl };
    this.#leases.set(name, lease);
    return { ...lease };
  }

  async release(name: string, holder: string): Promise<void> {
    this.#open();
    if (this.#leases.get(name)?.holder === holder) this.#leases.delete(name);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #open(): void {
    if (this.#closed) throw new StoreClosedError();
  }

  #narrowest(names: readonly (keyof Standing)[], payer: Address | undefined): SortedIds {
    const [name] = names;
    if (!name) return this.#all;
    return payer ? (this.#liveByPayer.get(payer) ?? new SortedIds()) : this.#standing[name];
  }

  #owedElsewhere({ id, channel }: ChannelRecord): bigint {
    let owed = 0n;
    for (const other of this.#liveByPayer.get(channel.payer)?.above(undefined) ?? []) {
      const record = other === id ? undefined : this.#records.get(other);
      if (record && isSameParties(record.channel, channel)) owed += owedBy(record);
    }
    return owed;
  }

  #index(before: ChannelRecord | undefined, after: ChannelRecord): void {
    const { id } = after;
    const was = before && standing(before);
    const is = standing(after);
    if (!before) this.#all.add(id);
    for (const name of standings) {
      if (was?.[name] === is[name]) continue;
      if (is[name]) this.#standing[name].add(id);
      else this.#standing[name].delete(id);
    }
    if (was?.live && is.live && before?.channel.payer === after.channel.payer) return;
    if (was?.live) this.#unlinkPayer(before);
    if (is.live) this.#linkPayer(after);
  }

  #linkPayer({ id, channel }: ChannelRecord): void {
    const ids = this.#liveByPayer.get(channel.payer);
    if (ids) {
      ids.add(id);
      return;
    }
    const fresh = new SortedIds();
    fresh.add(id);
    this.#liveByPayer.set(channel.payer, fresh);
  }

  #unlinkPayer(record: ChannelRecord | undefined): void {
    if (record) this.#liveByPayer.get(record.channel.payer)?.delete(record.id);
  }
}

/** The journal's order: an account's entries by nonce, then by time. */
function byNonceThenTime(a: JournalEntry, b: JournalEntry): number {
  if (a.account !== b.account) return a.account < b.account ? -1 : 1;
  return a.nonce - b.nonce || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
}
