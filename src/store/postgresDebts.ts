import { InvalidRecordError } from "./errors.ts";
import { holdToLimit, owedBy, type Parties } from "./payerLimit.ts";
import type { PostgresChannels } from "./postgresChannels.ts";
import type { Query } from "./postgresLane.ts";
import type { ChannelRecord } from "./record.ts";

/** What parties owe all together, base units, while a batch changes it: those whose updates are under a limit. */
export class Debts {
  readonly #owed: Map<string, bigint>;

  private constructor(owed: Map<string, bigint>) {
    this.#owed = owed;
  }

  /** Of a batch without limits. */
  static none(): Debts {
    return new Debts(new Map());
  }

  /** Of these parties: theirs alone until the transaction ends, as {@link PostgresChannels.owed} says. */
  static async of(query: Query, parties: readonly Parties[], channels: PostgresChannels): Promise<Debts> {
    const distinct = new Map(parties.map((each) => [keyOf(each), each]));
    if (distinct.size === 0) return Debts.none();
    const owed = await channels.owed(query, [...distinct.values()]);
    return new Debts(new Map([...distinct.keys()].map((key, index) => [key, owed[index] as bigint])));
  }

  /**
   * Counts one change in.
   * @throws PayerLimitError and counts nothing.
   */
  count(before: ChannelRecord | undefined, after: ChannelRecord, limit: bigint | undefined): void {
    const key = keyOf(after.channel);
    const owed = this.#owed.get(key);
    if (owed === undefined) {
      if (limit !== undefined) throw new InvalidRecordError("channel", "of the parties that it had");
      return;
    }
    const elsewhere = owed - (before ? owedBy(before) : 0n);
    if (limit !== undefined) holdToLimit(before, after, limit, () => elsewhere);
    this.#owed.set(key, elsewhere + owedBy(after));
  }
}

function keyOf({ payer, payee, token }: Parties): string {
  return `${payer} ${payee} ${token}`;
}
