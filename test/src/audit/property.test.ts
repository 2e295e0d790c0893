import { expect } from "chai";
import fc from "fast-check";
import type { Address } from "viem";
import { type EscrowEvent, type Ledger, replay } from "../../../src/audit/index.ts";
import { createLedger } from "../../../src/audit/ledger.ts";
import { apply } from "../../../src/audit/replay.ts";
import { seed } from "../../support/seed.ts";
import { type Attempt, slowModel } from "./slowModel.ts";

const escrow = { address: `0x${"ee".repeat(20)}` as Address, chainId: 10 };
const gracePeriod = 100n;

const who = fc.nat({ max: 5 });
const refused = fc.boolean();
const amount = fc.bigInt({ min: 0n, max: 120n });
const attempts: fc.Arbitrary<Attempt[]> = fc.array(
  fc.oneof(
    fc.record({
      act: fc.constant("open" as const),
      payer: fc.nat({ max: 2 }),
      payee: fc.nat({ max: 2 }),
      token: fc.nat({ max: 1 }),
      deposit: fc.bigInt({ min: 0n, max: 100n }),
    }),
    fc.record({ act: fc.constantFrom("topUp" as const, "settle" as const), who, amount, refused }),
    fc.record({ act: fc.constant("settle" as const), who, amount, refused }),
    fc.record({ act: fc.constant("close" as const), who, amount, refused }),
    fc.record({ act: fc.constant("requestClose" as const), who }),
    fc.record({ act: fc.constant("withdraw" as const), who, wait: fc.bigInt({ min: 0n, max: 150n }), refused }),
    fc.record({ act: fc.constant("withdrawCredit" as const), who }),
  ),
  { minLength: 5, maxLength: 60 },
);

describe(`replay of random histories (FARTHING_SEED=${seed})`, () => {
  it("given any history that an escrow allows, when replayed, it should agree with a slow model in each number", () => {
    let closes = 0;
    let credits = 0;
    fc.assert(
      fc.property(attempts, (history) => {
        const model = slowModel(escrow, gracePeriod);
        for (const attempt of history) model.play(attempt);
        const ledger = replay(model.events, { escrow, gracePeriod });
        expect(ledger.facts).to.deep.equal([]);
        compare(ledger, model);
        closes += ledger.counts.get("ChannelClosed") ?? 0;
        credits += ledger.counts.get("CreditWithdrawn") ?? 0;
      }),
      { numRuns: 300 },
    );
    // The histories are not all trivial.
    expect(closes).to.be.above(100);
    expect(credits).to.be.above(10);
  });

  it("given a history with one number changed, when replayed, it should find it broken, claim other payouts or end with other books", () => {
    fc.assert(
      fc.property(attempts, fc.nat(), fc.constantFrom(-1n, 1n), (history, pick, by) => {
        const model = slowModel(escrow, gracePeriod);
        for (const attempt of history) model.play(attempt);
        const telling = model.events.filter((event) => numberOf(event) !== undefined);
        fc.pre(telling.length > 0);
        const victim = telling[pick % telling.length] as EscrowEvent;
        const changed = model.events.map((event) => (event === victim ? change(event, by) : event));
        const said = told(changed);
        if (said.facts.length === 0) expect(said).to.not.deep.equal(told(model.events));
      }),
      { numRuns: 300 },
    );
  });
});

function compare(ledger: Ledger, model: ReturnType<typeof slowModel>): void {
  expect(ledger.channels.size).to.equal(model.channels.length);
  for (const channel of model.channels) {
    const asked = model.asked(channel);
    expect(ledger.channels.get(model.id(channel))).to.deep.equal({
      channel,
      deposit: model.deposit(channel),
      settled: model.settled(channel),
      refunded: model.closed(channel) ? model.deposit(channel) - model.settled(channel) : 0n,
      readyAt: asked === 0n ? 0n : asked + gracePeriod,
      finalized: model.closed(channel),
    });
  }
  for (const [token, totals] of ledger.tokens) {
    const deeds = model.done.filter((deed) => deed.token === token);
    expect(totals.opened + totals.toppedUp).to.equal(model.sum(deeds, "in"));
    expect(totals.settled).to.equal(model.sum(deeds, "pay"));
    expect(totals.refunded).to.equal(model.sum(deeds, "refund"));
    expect(totals.credited).to.equal(model.sum(deeds, "credit"));
    expect(totals.creditWithdrawn).to.equal(model.sum(deeds, "withdraw-credit"));
  }
  for (const { token, account, amount: waiting } of ledger.credits.values()) {
    expect(waiting).to.equal(model.credit(token, account));
  }
  for (const { token, payee, settled } of ledger.payees.values()) {
    const own = model.done.filter((deed) => deed.token === token && deed.channel.payee === payee);
    expect(settled).to.equal(model.sum(own, "pay"));
  }
}

/** All that is compared with the chain: the books with its state, the claims with tokens' own transfers. */
function told(events: readonly EscrowEvent[]) {
  const ledger = createLedger({ escrow, gracePeriod });
  const claims = events.flatMap((event) => apply(ledger, event));
  return { facts: ledger.facts, claims, books: [[...ledger.channels], [...ledger.credits], [...ledger.tokens]] };
}

const numbers = ["deposit", "settled", "amount", "readyAt"] as const;

function numberOf(event: EscrowEvent): (typeof numbers)[number] | undefined {
  return numbers.find((name) => name in event.args);
}

function change(event: EscrowEvent, by: bigint): EscrowEvent {
  const name = numberOf(event) as string;
  const value = (event.args as unknown as Record<string, bigint>)[name] ?? 0n;
  return { ...event, args: { ...event.args, [name]: value + by } } as EscrowEvent;
}
