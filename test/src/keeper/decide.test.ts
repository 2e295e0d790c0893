import { expect } from "chai";
import { type Hex, zeroAddress } from "viem";
import { type DecideOptions, decide } from "../../../src/keeper/decide.ts";
import { companions } from "../../../src/keeper/economy.ts";
import { type ClaimChannel, type ClaimEnv, claimFee, profitable } from "../../../src/keeper/index.ts";
import type { ChannelRecord } from "../../../src/store/index.ts";

const env: ClaimEnv = {
  timestamp: 1_000_000n,
  grace: 172_800n,
  gasPrice: 10n,
  l1Fee: { source: "none", base: 0n, row: 0n },
  prices: new Map(),
  batch: 1,
};

const signature: Hex = "0x";
const closing = env.timestamp - 100n;
const over = env.timestamp - env.grace;
const request = { closeRequest: { deposit: 10n ** 9n, signature } };
const consent = {
  closeAuthorization: { cumulativeAmount: 5n, voucherSignature: signature, deadline: env.timestamp + 1n, signature },
};

function channel(fields: Partial<ClaimChannel> = {}, record: Partial<ChannelRecord> = {}): ClaimChannel {
  const full = {
    deposit: 10n ** 9n,
    settled: 0n,
    finalized: false,
    channel: { payee: "0x1", token: zeroAddress },
    ...record,
  };
  return {
    record: full as ChannelRecord,
    unsettled: 100n,
    closeRequestedAt: 0n,
    since: 0n,
    feesPaid: 0n,
    ...fields,
  };
}

const patient: DecideOptions = { policy: profitable({ times: 10n ** 20n }), exits: { withdrawTimes: 0n } };

describe("decide", () => {
  const cases: [string, ClaimChannel, Partial<DecideOptions>, string][] = [
    ["waits by its policy", channel(), {}, "economy wait"],
    ["settles by its policy", channel(), { policy: profitable({ times: 0n }) }, "economy settle"],
    ["a pending close beats the policy", channel({ closeRequestedAt: closing }), {}, "deadline settle"],
    ["the payee's consent beats a pending close", channel({ closeRequestedAt: closing }, consent), {}, "exits close"],
    [
      "a consent that ran out does not count",
      channel({}, { closeAuthorization: { ...consent.closeAuthorization, deadline: env.timestamp } }),
      {},
      "economy wait",
    ],
    ["a wish to leave: value first", channel({}, request), {}, "exits settle"],
    ["a wish to leave: nothing unsettled", channel({ unsettled: 0n }, request), {}, "exits requestClose"],
    [
      "a wish to leave that names another deposit",
      channel({ unsettled: 0n }, { closeRequest: { deposit: 1n, signature } }),
      {},
      "economy wait",
    ],
    [
      "a wish to leave does not wait for value that cannot be settled",
      channel({}, request),
      { quarantined: (action) => action === "settle" },
      "exits requestClose",
    ],
    ["after the grace period: value first", channel({ closeRequestedAt: over }), {}, "deadline settle"],
    ["after the grace period", channel({ closeRequestedAt: over, unsettled: 0n }), {}, "exits withdraw"],
    ["a second before", channel({ closeRequestedAt: over + 1n, unsettled: 0n }), {}, "economy wait"],
    [
      "what was written off holds up no exit",
      channel({ closeRequestedAt: over }),
      { deadline: { minimum: 101n } },
      "exits withdraw",
    ],
    [
      "what was written off is said to be",
      channel({ closeRequestedAt: closing }),
      { deadline: { minimum: 101n } },
      "deadline writeoff",
    ],
    ["exits can be turned off", channel({ unsettled: 0n }, request), { exits: { enabled: false } }, "economy wait"],
    [
      "a dust deposit leaves at its own cost",
      channel({ unsettled: 0n }, request),
      { exits: { minimum: 10n ** 9n + 1n } },
      "economy wait",
    ],
    ["a closed channel is left alone", channel({ closeRequestedAt: over }, { finalized: true }), {}, "economy wait"],
    [
      "a policy that says close settles where there is no consent",
      channel(),
      { policy: () => ({ action: "close", reason: "" }) },
      "economy settle",
    ],
  ];
  for (const [name, claim, options, expected] of cases) {
    it(name, () => {
      const { loop, action } = decide(claim, env, { ...patient, ...options });
      expect(`${loop} ${action}`).equal(expected);
    });
  }
});

describe("companions", () => {
  const wants = (claim: ClaimChannel, world: ClaimEnv) => profitable({ times: 1n })(claim, world).action === "settle";

  it("settles together what none could settle alone", () => {
    const fee = claimFee({ ...env, batch: 4 });
    const four = Array.from({ length: 4 }, () => channel({ unsettled: fee }));
    expect(four.some((claim) => wants(claim, env))).equal(false);
    expect([...companions(four, env, 150, wants).values()]).deep.equal([4, 4, 4, 4]);
  });

  it("does not count on those who stay out: when they leave, the rest is asked again at its higher fee", () => {
    const fee = claimFee({ ...env, batch: 4 });
    const claims = [
      channel({ unsettled: fee }),
      channel({ unsettled: fee }),
      channel({ unsettled: fee }),
      channel({ unsettled: 1n }),
    ];
    const sizes = companions(claims, env, 150, wants);
    expect(claims.some((claim) => wants(claim, { ...env, batch: sizes.get(claim) ?? 0 }))).equal(false);
  });

  it("shares among a payee's channels in one token alone, and no more than a batch holds", () => {
    const other = { channel: { payee: "0x2", token: zeroAddress } } as unknown as Partial<ChannelRecord>;
    const claims = [
      ...Array.from({ length: 5 }, () => channel({ unsettled: 10n ** 18n })),
      channel({ unsettled: 10n ** 18n }, other),
    ];
    const sizes = companions(claims, env, 3, wants);
    expect(claims.map((claim) => sizes.get(claim))).deep.equal([3, 3, 3, 3, 3, 1]);
  });
});
