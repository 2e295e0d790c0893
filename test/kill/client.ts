import { appendFileSync } from "node:fs";
import type { Hex } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import type { Channel, Escrow } from "../../src/protocol/channel.ts";
import { type SignedVoucher, signVoucher } from "../../src/protocol/voucher.ts";
import type { generator } from "../src/payee/random.ts";

/** What a client was told: money it may hold the payee to. */
export type Acknowledgement = { cumulativeAmount: bigint; amount: bigint; spent: bigint };

/** One payer's client, which asks again until it is answered and writes down every answer before it asks for more. */
export class KillClient {
  readonly id: Hex;
  readonly channel: Channel;
  /** By cumulative amount, which is the idempotency key. */
  readonly acknowledged = new Map<bigint, Acknowledgement>();
  /** Facts that no honest payee could have caused. */
  readonly faults: string[] = [];
  replays = 0;
  /** Answers that no service was given, and to ask again. */
  refused = 0;
  #mark = 0n;
  readonly #account: PrivateKeyAccount;
  readonly #escrow: Escrow;
  readonly #random: ReturnType<typeof generator>;
  readonly #log: string;
  /** Resolves with the payee's endpoint, once it is up. */
  readonly #endpoint: () => Promise<string>;

  constructor(options: {
    id: Hex;
    channel: Channel;
    account: PrivateKeyAccount;
    escrow: Escrow;
    random: ReturnType<typeof generator>;
    log: string;
    endpoint: () => Promise<string>;
  }) {
    this.id = options.id;
    this.channel = options.channel;
    this.#account = options.account;
    this.#escrow = options.escrow;
    this.#random = options.random;
    this.#log = options.log;
    this.#endpoint = options.endpoint;
  }

  /** Pays without end, several requests in flight, until `isOver`; ends with every request answered. */
  async run(isOver: () => boolean, lanes = 3): Promise<void> {
    await Promise.all(
      Array.from({ length: lanes }, async () => {
        while (!isOver()) {
          if (this.#random.integer(6) === 0) await this.#repeat();
          else await this.#pay();
        }
      }),
    );
  }

  /** Most that the payee acknowledged, and the sum of all prices that it did. */
  owed(): { authorized: bigint; spent: bigint } {
    let [authorized, spent] = [0n, 0n];
    for (const { cumulativeAmount, amount } of this.acknowledged.values()) {
      if (cumulativeAmount > authorized) authorized = cumulativeAmount;
      spent += amount;
    }
    return { authorized, spent };
  }

  async #pay(): Promise<void> {
    const amount = BigInt(1 + this.#random.integer(20));
    this.#mark += amount;
    const voucher = await signVoucher(
      this.#account,
      { channelId: this.id, cumulativeAmount: this.#mark },
      this.#escrow,
    );
    const { spent } = await this.#ask(voucher, amount);
    const { cumulativeAmount } = voucher;
    appendFileSync(this.#log, `${this.id} ${cumulativeAmount} ${amount} ${spent}\n`);
    this.acknowledged.set(cumulativeAmount, { cumulativeAmount, amount, spent });
  }

  /** Asks for a receipt that it has: it must be the same, and no service. */
  async #repeat(): Promise<void> {
    const recent = [...this.acknowledged.values()].slice(-50);
    const old = recent[this.#random.integer(recent.length)];
    if (!old) return;
    const { cumulativeAmount } = old;
    const voucher = await signVoucher(this.#account, { channelId: this.id, cumulativeAmount }, this.#escrow);
    const { replayed, spent } = await this.#ask(voucher, old.amount);
    this.replays += 1;
    if (!replayed) this.faults.push(`${this.id}: key ${cumulativeAmount} was charged again after its acknowledgement`);
    if (spent !== old.spent)
      this.faults.push(`${this.id}: key ${cumulativeAmount} has two receipts, ${old.spent} and ${spent}`);
  }

  async #ask(voucher: SignedVoucher, amount: bigint): Promise<{ replayed: boolean; spent: bigint }> {
    const { channelId, cumulativeAmount, signature } = voucher;
    const body = JSON.stringify({ channelId, cumulativeAmount: `${cumulativeAmount}`, signature, amount: `${amount}` });
    for (;;) {
      const endpoint = await this.#endpoint();
      let response: Response;
      let answer: { ok: boolean; replayed: boolean; spent: string; code?: string; detail?: string };
      try {
        response = await fetch(endpoint, { method: "POST", body });
        answer = (await response.json()) as typeof answer;
      } catch {
        // The payee died before it answered: nobody knows whether it charged. Ask again once it is back.
        await new Promise((resolve) => setTimeout(resolve, 10));
        continue;
      }
      if (answer.ok) return { replayed: answer.replayed, spent: BigInt(answer.spent) };
      if (answer.code !== "unavailable") throw new Error(`the payee refused ${cumulativeAmount}: ${answer.detail}`);
      this.refused += 1;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
