import type { Hex } from "viem";
import type { Gift } from "../../src/protocol/index.ts";
import { type Answer, type Donor, give, present, type Signed } from "../src/collector/rig.ts";
import type { generator } from "../src/payee/random.ts";

/** One donor, who sends a gift until it is answered, and holds the collector to every answer. */
export class GiftClient {
  readonly id: Hex;
  /** What it holds receipts for, by project. */
  readonly held = new Map<bigint, bigint>();
  /** Amounts by key. */
  readonly acknowledged = new Map<string, bigint>();
  /** Facts that no honest collector could have caused. */
  readonly faults: string[] = [];
  replays = 0;
  /** Refused: it gives no more. */
  hasGivenUp = false;
  #isFinishing = false;
  #isKnown = false;
  readonly #donor: Donor;
  readonly #random: ReturnType<typeof generator>;
  /** Resolves with the collector's address once it is up; undefined when all is over. */
  readonly #endpoint: () => Promise<string | undefined>;

  constructor(options: {
    donor: Donor;
    random: ReturnType<typeof generator>;
    endpoint: () => Promise<string | undefined>;
  }) {
    this.id = options.donor.id;
    this.#donor = options.donor;
    this.#random = options.random;
    this.#endpoint = options.endpoint;
  }

  /** Gives without end, one batch after the other, until told to finish; ends with everything answered. */
  async run(isOver: () => boolean): Promise<void> {
    for (let count = 0; !this.#isFinishing && !isOver(); count++) {
      const amount = BigInt(1 + this.#random.integer(20));
      const projectId = BigInt(1 + this.#random.integer(3));
      const buildsOn = [...this.held.values()].reduce((sum, each) => sum + each, 0n);
      const signed = await this.#donor.sign(this.#with(projectId, amount), { buildsOn });
      const key = `gift-${count}`;
      const body = await this.#ask(signed, key);
      if (!body) return;
      if (BigInt(body.amount) !== amount) this.faults.push(`${this.id}: ${key} of ${amount} became ${body.amount}`);
      this.held.set(projectId, (this.held.get(projectId) ?? 0n) + amount);
      this.acknowledged.set(key, amount);
      if (this.#random.integer(4) === 0) await this.#repeat(signed);
      if (this.hasGivenUp) return;
    }
  }

  finish(): void {
    this.#isFinishing = true;
  }

  /** Asks for a receipt that it has, with whatever it signed last: it must be the same. */
  async #repeat(signed: Signed): Promise<void> {
    const keys = [...this.acknowledged.keys()].slice(-50);
    const key = keys[this.#random.integer(keys.length)] as string;
    const body = await this.#ask(signed, key);
    if (!body) return;
    this.replays += 1;
    if (BigInt(body.amount) !== this.acknowledged.get(key)) {
      this.faults.push(`${this.id}: ${key} has two receipts, ${this.acknowledged.get(key)} and ${body.amount}`);
    }
  }

  async #ask(signed: Signed, key: string): Promise<{ amount: string } | undefined> {
    for (;;) {
      const url = await this.#endpoint();
      if (!url) return undefined;
      let answer: Answer;
      try {
        answer = this.#isKnown ? await give(url, signed, key) : await present(url, this.#donor, signed, key);
      } catch {
        // The collector died before it answered: nobody knows whether it took the gift. Ask again once it is back.
        await new Promise((resolve) => setTimeout(resolve, 10));
        continue;
      }
      if (answer.status === 200) {
        this.#isKnown = true;
        return answer.body;
      }
      if (answer.status === 503) continue;
      if (answer.code === "channel-not-found") this.#isKnown = false;
      else {
        this.faults.push(`${this.id}: ${key} was refused, ${answer.status} ${answer.body?.detail}`);
        this.hasGivenUp = true;
        return undefined;
      }
    }
  }

  #with(projectId: bigint, amount: bigint): Gift[] {
    const list = new Map(this.held);
    list.set(projectId, (list.get(projectId) ?? 0n) + amount);
    return [...list]
      .map(([id, cumulativeAmount]) => ({ projectId: id, cumulativeAmount }))
      .sort((a, b) => (a.projectId < b.projectId ? -1 : 1));
  }
}
