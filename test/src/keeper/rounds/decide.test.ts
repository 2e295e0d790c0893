import { expect } from "chai";
import type { Hex } from "viem";
import { maxAge, profitable, type RoundDecision } from "../../../../src/keeper/index.ts";
import { decideRound, type RoundChannel, type RoundDecideOptions } from "../../../../src/keeper/rounds/decide.ts";
import type { Round } from "../../../../src/keeper/rounds/round.ts";
import type { ChannelRecord } from "../../../../src/store/index.ts";

const token = `0x${"10".repeat(20)}` as const;
const word: Hex = `0x${"01".repeat(32)}`;
const grace = 1_000n;
const now = 10_000n;

const env = {
  ...{ timestamp: now, grace, gasPrice: 1n, batch: 1, prices: new Map([[token, { wei: 1n, units: 1n }]]) },
  l1Fee: { source: "none" as const, base: 0n, row: 0n },
};

type Case = {
  gain?: bigint;
  unsettled?: bigint;
  refusal?: string;
  refundable?: bigint;
  item?: boolean;
  feesPaid?: bigint;
  record?: Partial<ChannelRecord>;
  round?: Partial<Round>;
  options?: Partial<RoundDecideOptions>;
  resting?: string[];
};

function decide(of: Case = {}): RoundDecision {
  const { gain = 0n, unsettled = gain, refusal, refundable = 0n, item = refusal === undefined, feesPaid = 0n } = of;
  const channel = { payer: token, payee: token, token, salt: word, authorizedSigner: token };
  const record: ChannelRecord = {
    ...{ id: word, escrow: { address: token, chainId: 1 }, channel, deposit: 1_000_000n, settled: 0n },
    ...{ closeRequestedAt: 0n, finalized: false, block: { number: 1n, hash: word } },
    ...{ authorized: gain, spent: gain, charges: [], ...of.record },
  };
  const signatures = { voucherSignature: word, allocationSignature: word };
  const list = [{ projectId: 1n, cumulativeAmount: gain || 1n }];
  const weighed = {
    item: item ? { channel, previousGifts: [], gifts: list, gateData: "0x" as Hex, ...signatures } : undefined,
    ...{ expected: list, gain, unsettled, refusal },
  };
  const { closeRequestedAt } = record;
  const judged: RoundChannel = {
    record,
    line: [],
    weighed,
    unsettled: gain,
    refundable,
    closeRequestedAt,
    since: now,
    feesPaid,
  };
  const round = {
    open: true,
    ending: false,
    over: false,
    terms: { end: now + 500n },
    block: { timestamp: now },
    ...of.round,
  };
  return decideRound(judged, round as Round, env, {
    ...{ policy: profitable({ times: 10n }), refunds: { times: 10n }, closer: false, wasted: 0 },
    quarantined: (action) => of.resting?.includes(action) ?? false,
    ...of.options,
  });
}

const wish = { closeRequest: { deposit: 1_000_000n, signature: word } };
const closing = { closeRequestedAt: now - 1n };
const over = { open: false, over: true };
const said = (of: Case) => {
  const { loop, action } = decide(of);
  return `${loop} ${action}`;
};

describe("deciding about a channel of a round", () => {
  const table: [string, Case, string][] = [
    ["nothing is due", {}, "economy wait"],
    ["the gain does not pay", { gain: 100n }, "economy wait"],
    ["the gain pays", { gain: 10_000_000n }, "economy collect"],
    ["the gain is old", { gain: 1n, options: { policy: maxAge({ seconds: 0n }) } }, "economy collect"],
    ["nothing could be attributed now", { unsettled: 10_000_000n }, "economy wait"],
    ["its collection rests", { gain: 10_000_000n, resting: ["collect"] }, "economy wait"],
    ["it wasted gas before", { gain: 10_000_000n, resting: ["wasted"] }, "economy wait"],
    ["no pool would take it", { refusal: "AllocationDiverges" }, "economy collect"],
    [
      "no pool would take it, and that is known",
      { refusal: "AllocationDiverges", resting: ["collect"] },
      "economy wait",
    ],
    ["the round has not begun", { gain: 10_000_000n, round: { open: false } }, "economy wait"],

    ["the round is ending", { gain: 1n, round: { ending: true } }, "margin collect"],
    ["the round is ending and cash alone is due", { unsettled: 1n, round: { ending: true } }, "margin collect"],
    [
      "the round is ending and it rests",
      { gain: 1n, round: { ending: true }, resting: ["collect", "wasted"] },
      "margin collect",
    ],
    [
      "the round is ending and it wasted too often",
      { gain: 1n, round: { ending: true }, options: { wasted: 3 } },
      "economy wait",
    ],

    ["a close is pending", { gain: 1n, record: closing }, "deadline collect"],
    [
      "a close is pending and far",
      { gain: 1n, record: closing, options: { deadline: { within: 10n } } },
      "economy wait",
    ],
    [
      "a close is pending below the floor",
      { gain: 1n, record: closing, options: { deadline: { minimum: 2n } } },
      "deadline wait",
    ],
    [
      "a close is pending below the floor, ending",
      { gain: 1n, record: closing, round: { ending: true }, options: { deadline: { minimum: 2n } } },
      "margin collect",
    ],
    ["a close is pending and nothing due", { record: closing }, "economy wait"],
    ["the grace period is over", { record: { closeRequestedAt: now - grace, deposit: 10n ** 9n } }, "exits withdraw"],
    [
      "the grace period is over and it does not pay",
      { record: { closeRequestedAt: now - grace, deposit: 900_000n } },
      "economy wait",
    ],
    [
      "the grace period is over and gifts are due",
      { gain: 1n, record: { closeRequestedAt: now - grace, deposit: 10n ** 9n } },
      "deadline collect",
    ],

    ["the donor wishes to leave", { record: wish }, "exits requestClose"],
    ["the donor wishes to leave and gifts are due", { gain: 1n, record: wish }, "deadline collect"],
    [
      "the donor wishes to leave and gifts rest",
      { gain: 1n, record: wish, resting: ["collect"] },
      "exits requestClose",
    ],
    ["the wish was voided", { record: { closeRequest: { deposit: 5n, signature: word } } }, "economy wait"],
    ["the donor wishes to leave, exits off", { record: wish, options: { exits: { enabled: false } } }, "economy wait"],
    [
      "the donor wishes to leave with too little",
      { record: wish, options: { exits: { minimum: 10n ** 9n } } },
      "economy wait",
    ],
    [
      "the donor wishes to leave and the closer is there",
      { gain: 1n, record: wish, options: { closer: true } },
      "exits collectAndClose",
    ],
    [
      "a close is pending and the closer is there",
      { record: closing, options: { closer: true } },
      "exits collectAndClose",
    ],
    [
      "the closer was refused",
      { record: wish, options: { closer: true }, resting: ["collectAndClose"] },
      "exits requestClose",
    ],
    ["the closer has nothing to bring", { item: false, record: wish, options: { closer: true } }, "exits requestClose"],
    [
      "the closer spent its budget",
      { gain: 1n, feesPaid: 1n, record: wish, options: { closer: true, deadline: { maxFees: 1n } } },
      "exits requestClose",
    ],
    ["the donor wishes to leave before it began", { record: wish, round: { open: false } }, "exits requestClose"],

    ["it is over", { gain: 10n ** 9n, record: { deposit: 0n }, round: over }, "refunds wait"],
    ["it is over and the donor asked", { record: wish, round: over }, "exits closeChannel"],
    ["it is over and the donor asked on-chain", { record: closing, round: over }, "exits closeChannel"],
    ["it is over and the remainder pays", { record: { deposit: 10n ** 9n }, round: over }, "exits closeChannel"],
    ["it is over and the remainder does not pay", { round: over, record: { deposit: 10n } }, "refunds wait"],
    ["it is over and closed", { round: over, record: { ...wish, finalized: true } }, "refunds wait"],
    ["a refund pays", { refundable: 10n ** 9n, round: over, record: { finalized: true } }, "refunds refund"],
    ["a refund does not pay", { refundable: 10n, round: over, record: { finalized: true } }, "refunds wait"],
    [
      "a refund is always made",
      { refundable: 1n, round: over, record: { finalized: true }, options: { refunds: "always" } },
      "refunds refund",
    ],
    [
      "a refund is never made",
      { refundable: 10n ** 9n, round: over, record: { finalized: true }, options: { refunds: "never" } },
      "refunds wait",
    ],
    [
      "a refund rests",
      { refundable: 10n ** 9n, round: over, record: { finalized: true }, resting: ["refund"] },
      "refunds wait",
    ],
  ];
  for (const [given, of, expected] of table) {
    it(`given ${given}, it decides: ${expected}`, () => {
      expect(said(of)).equal(expected);
    });
  }

  it("names what it waits for", () => {
    expect(decide({ gain: 100n }).reason).match(/^worth 100 wei, less than 10 times its fee/);
    expect(decide({ refusal: "NotOwnChannel" }).reason).equal("refused: NotOwnChannel");
    expect(decide({ gain: 1n, round: { ending: true } }).reason).equal("the round ends in 500 s");
  });
});
