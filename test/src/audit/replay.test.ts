import { expect } from "chai";
import { type Address, type Hex, zeroAddress } from "viem";
import { type EscrowEvent, type FactCode, replay } from "../../../src/audit/index.ts";
import { type Channel, channelId, maxDeposit } from "../../../src/protocol/channel.ts";

const escrow = { address: `0x${"ee".repeat(20)}` as Address, chainId: 10 };
const rules = { escrow, gracePeriod: 1_000n };
const token: Address = `0x${"70".repeat(20)}`;
const payer: Address = `0x${"a1".repeat(20)}`;
const payee: Address = `0x${"b2".repeat(20)}`;
const channel: Channel = { payer, payee, token, salt: `0x${"01".repeat(32)}`, authorizedSigner: zeroAddress };
const id = channelId(channel, escrow);

type Step = {
  [name in EscrowEvent["name"]]: [name, Partial<Extract<EscrowEvent, { name: name }>["args"]>?];
}[EscrowEvent["name"]];
type Options = { consent?: EscrowEvent["consent"]; timestamp?: bigint; transactionHash?: Hex };

/** Events one a transaction and one a block, unless told otherwise. */
function events(...steps: [...Step, Options?][] | [Step[0], (object | undefined)?, Options?][]): EscrowEvent[] {
  return steps.map(([name, args, options = {}], index) => {
    const { consent, ...at } = options as Options;
    const position = {
      blockNumber: BigInt(index),
      logIndex: 0,
      transactionHash: `0x${(index + 1).toString(16).padStart(64, "0")}` as Hex,
      ...at,
    };
    const full = name.startsWith("Credit") ? { ...(args as object) } : { channelId: id, ...(args as object) };
    return { name, args: full, at: position, ...(consent ? { consent } : {}) } as unknown as EscrowEvent;
  });
}

const opened = ["ChannelOpened", { ...channel, deposit: 100n }] as [Step[0], object];
const closed = (settled: bigint, refunded: bigint, options: Options = { consent: "payee" }) =>
  ["ChannelClosed", { settled, refunded }, options] as [Step[0], object, Options];
const other: Channel = { ...channel, payee: payer };

const impossible: [condition: string, code: FactCode, steps: [Step[0], object?, Options?][]][] = [
  ["an id that is not its descriptor's", "id-mismatch", [["ChannelOpened", { ...channel, salt: id, deposit: 1n }]]],
  ["an id that opens twice", "reopened", [opened, opened]],
  ["an id that opens again after its close", "reopened", [opened, closed(0n, 100n), opened]],
  ["an opening with nothing", "invalid-open", [["ChannelOpened", { ...channel, deposit: 0n }]]],
  [
    "a payer that pays itself",
    "invalid-open",
    [["ChannelOpened", { ...other, channelId: channelId(other, escrow), deposit: 1n }]],
  ],
  ["a deposit above 104 bits", "deposit-too-large", [["ChannelOpened", { ...channel, deposit: maxDeposit + 1n }]]],
  ["a top-up of nothing", "deposit-not-increasing", [opened, ["ChannelToppedUp", { deposit: 100n }]]],
  ["a deposit that shrinks", "deposit-not-increasing", [opened, ["ChannelToppedUp", { deposit: 99n }]]],
  ["a top-up above 104 bits", "deposit-too-large", [opened, ["ChannelToppedUp", { deposit: maxDeposit + 1n }]]],
  ["settling what was never opened", "unknown-channel", [["ChannelSettled", { settled: 1n }]]],
  ["settling past the deposit", "settled-above-deposit", [opened, ["ChannelSettled", { settled: 101n }]]],
  ["closing past the deposit", "settled-above-deposit", [opened, closed(101n, 0n)]],
  [
    "settling the same twice",
    "settled-not-increasing",
    [opened, ["ChannelSettled", { settled: 5n }], ["ChannelSettled", { settled: 5n }]],
  ],
  [
    "settling less than before",
    "settled-not-increasing",
    [opened, ["ChannelSettled", { settled: 5n }], ["ChannelSettled", { settled: 4n }]],
  ],
  [
    "closing below what was settled",
    "settled-not-increasing",
    [opened, ["ChannelSettled", { settled: 5n }], closed(4n, 96n)],
  ],
  ["settling after the close", "after-close", [opened, closed(5n, 95n), ["ChannelSettled", { settled: 6n }]]],
  ["a top-up after the close", "after-close", [opened, closed(5n, 95n), ["ChannelToppedUp", { deposit: 101n }]]],
  ["a second close", "after-close", [opened, closed(5n, 95n), closed(5n, 95n)]],
  ["a request after the close", "after-close", [opened, closed(5n, 95n), ["CloseRequested", { readyAt: 1n }]]],
  [
    "a second request",
    "close-already-requested",
    [opened, ["CloseRequested", { readyAt: 1n }], ["CloseRequested", { readyAt: 1n }]],
  ],
  ["a cancelled close that nobody asked for", "no-close-to-cancel", [opened, ["CloseCancelled"]]],
  [
    "a grace period that is a second short",
    "wrong-ready-time",
    [opened, ["CloseRequested", { readyAt: 1_049n }, { timestamp: 50n }]],
  ],
  [
    "a close that nobody asked for",
    "early-refund",
    [opened, closed(0n, 100n, { consent: "nobody", timestamp: 5_000n })],
  ],
  [
    "a refund one second before the end of grace",
    "early-refund",
    [opened, ["CloseRequested", { readyAt: 1_050n }], closed(0n, 100n, { consent: "nobody", timestamp: 1_049n })],
  ],
  [
    "a refund after a close that a top-up withdrew",
    "early-refund",
    [
      opened,
      ["CloseRequested", { readyAt: 1_050n }],
      ["ChannelToppedUp", { deposit: 101n }],
      ["CloseCancelled"],
      closed(0n, 101n, { consent: "nobody", timestamp: 2_000n }),
    ],
  ],
  ["a refund of too much", "wrong-refund", [opened, closed(10n, 91n)]],
  ["a refund forgotten", "wrong-refund", [opened, closed(10n, 0n)]],
  ["a credit out of nothing", "credit-unowed", [opened, ["Credited", { token, account: payee, amount: 1n }]]],
  [
    "a credit above what was settled",
    "credit-unowed",
    [
      opened,
      ["ChannelSettled", { settled: 5n }, { transactionHash: "0xaa" }],
      ["Credited", { token, account: payee, amount: 6n }, { transactionHash: "0xaa" }],
    ],
  ],
  [
    "a credit for what another transaction owed",
    "credit-unowed",
    [opened, ["ChannelSettled", { settled: 5n }], ["Credited", { token, account: payee, amount: 5n }]],
  ],
  [
    "the same debt credited twice",
    "credit-unowed",
    [
      opened,
      ["ChannelSettled", { settled: 5n }, { transactionHash: "0xaa" }],
      ["Credited", { token, account: payee, amount: 5n }, { transactionHash: "0xaa" }],
      ["Credited", { token, account: payee, amount: 5n }, { transactionHash: "0xaa" }],
    ],
  ],
  [
    "a withdrawal of a credit that is not there",
    "wrong-credit-withdrawal",
    [opened, ["CreditWithdrawn", { token, account: payee, to: payee, amount: 1n }]],
  ],
  ["a change of domain", "impossible-event", [["EIP712DomainChanged"]]],
];

describe("replay", () => {
  for (const [condition, code, steps] of impossible) {
    it(`given ${condition}, when replayed, it should say ${code}`, () => {
      const { facts } = replay(events(...steps), rules);
      expect(facts.map((fact) => fact.code)).to.deep.equal([code]);
      expect(facts[0]?.blockNumber).to.equal(BigInt(steps.length - 1));
    });
  }

  it("given a life from opening to close, when replayed, it should keep its books and find nothing", () => {
    const life = events(
      opened,
      ["ChannelToppedUp", { deposit: 150n }],
      ["ChannelSettled", { settled: 40n }],
      ["SettlementSkipped", { reason: "0x00000000" }],
      ["CloseRequested", { readyAt: 1_050n }, { timestamp: 50n }],
      ["ChannelToppedUp", { deposit: 160n }],
      ["CloseCancelled"],
      ["CloseRequested", { readyAt: 1_060n }, { timestamp: 60n }],
      ["ChannelSettled", { settled: 50n }],
      closed(50n, 110n, { timestamp: 1_060n }),
    );
    const ledger = replay(life, rules);
    expect(ledger.facts).to.deep.equal([]);
    expect(ledger.channels.get(id)).to.deep.equal({
      channel,
      deposit: 160n,
      settled: 50n,
      refunded: 110n,
      readyAt: 1_060n,
      finalized: true,
    });
    expect(ledger.tokens.get(token)).to.deep.equal({
      channels: 1,
      closed: 1,
      opened: 100n,
      toppedUp: 60n,
      settled: 50n,
      refunded: 110n,
      credited: 0n,
      creditWithdrawn: 0n,
    });
  });

  it("given a payee's own close before the end of grace, when replayed, it should find nothing", () => {
    expect(replay(events(opened, closed(10n, 90n, { consent: "payee", timestamp: 1n })), rules).facts).to.deep.equal(
      [],
    );
  });

  it("given an early close whose consent cannot be seen, when replayed, it should count it and accuse nobody", () => {
    const ledger = replay(events(opened, closed(10n, 90n, { consent: "unproven", timestamp: 1n })), rules);
    expect(ledger.facts).to.deep.equal([]);
    expect(ledger.unprovenCloses).to.equal(1);
  });

  it("given both sides' payouts refused, when replayed, it should tell what was earned from what was refunded", () => {
    const transactionHash = "0xaa";
    const both = events(
      opened,
      closed(30n, 70n, { consent: "payee", transactionHash }),
      ["Credited", { token, account: payee, amount: 30n }, { transactionHash }],
      ["Credited", { token, account: payer, amount: 70n }, { transactionHash }],
    );
    const ledger = replay(both, rules);
    expect(ledger.facts).to.deep.equal([]);
    expect([...ledger.credits.values()]).to.deep.equal([
      { token, account: payee, amount: 30n, asPayee: 30n },
      { token, account: payer, amount: 70n, asPayee: 0n },
    ]);
  });
});
