import type { Address } from "viem";
import { getChainId } from "viem/actions";
import { FarthingError } from "../../protocol/errors.ts";
import type { JournalEntry } from "../../store/store.ts";
import { WrongChainError } from "../failure.ts";
import { asking, type Context } from "./context.ts";

export type Book = ReturnType<typeof createBook>;

/** Finished entries kept at hand, in case a reorganisation takes their transactions back. */
const keptFinished = 256;

const statuses = ["mined", "reverted", "dropped"] as const;

/** One account's part of the journal, on one chain, and the right to write it. */
export function createBook({ client, account, journal, lease }: Context) {
  const address = account.address.toLowerCase() as Address;
  const finished = new Map<string, JournalEntry>();
  let chain: number | undefined;

  /** The chain's id; every later answer must be the same. */
  async function chainId(): Promise<number> {
    const actual = await asking("reading the chain id", () => getChainId(client));
    chain ??= client.chain?.id ?? actual;
    if (actual !== chain) throw new WrongChainError(chain, actual);
    return actual;
  }

  /** Entries neither mined nor failed, by nonce. */
  async function pending(): Promise<JournalEntry[]> {
    return journal.list({ chainId: chain ?? (await chainId()), account: address, status: "pending" });
  }

  /** The journal's own copy of an entry: a caller's may be older than the last replacement. */
  async function current(entry: JournalEntry): Promise<JournalEntry> {
    const isSame = ({ id }: JournalEntry) => id === entry.id;
    const found = (await pending()).find(isSame) ?? finished.get(entry.id);
    if (found) return found;
    for (const status of statuses) {
      const entries = await journal.list({ chainId: entry.chainId, account: address, status });
      const done = entries.find(isSame);
      if (done) return done;
    }
    throw new NotJournalledError(entry.id);
  }

  async function put(entry: JournalEntry): Promise<JournalEntry> {
    await journal.put(entry);
    if (entry.status === "pending") return entry;
    finished.set(entry.id, entry);
    const [oldest] = finished.keys();
    if (finished.size > keptFinished && oldest) finished.delete(oldest);
    return entry;
  }

  /** Entries of this process whose nonce is used up, newest last. */
  function consumed(): JournalEntry[] {
    return [...finished.values()].filter(({ status }) => status !== "dropped");
  }

  async function requireLease(): Promise<void> {
    if (lease && !(await lease())) throw new LeaseLostError(address);
  }

  return { address, chainId, pending, current, put, consumed, requireLease };
}

/** Another process leads for this key. */
export class LeaseLostError extends FarthingError {
  override readonly name = "LeaseLostError";
  constructor(account: Address) {
    super("lease-lost", `This process does not hold the lease of ${account}, so it sends nothing: another one does.`);
  }
}

/** The journal has no such entry: it is another sender's, or the journal was replaced. */
export class NotJournalledError extends FarthingError {
  override readonly name = "NotJournalledError";
  constructor(id: string) {
    super("not-journalled", `The journal holds no transaction ${id} of this account. Check that it is the same store.`);
  }
}
