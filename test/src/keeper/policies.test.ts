import { expect } from "chai";
import { type Address, zeroAddress } from "viem";
import {
  any,
  type ClaimChannel,
  type ClaimEnv,
  claimFee,
  deadline,
  maxAge,
  maxUnsettled,
  profitable,
} from "../../../src/keeper/index.ts";
import type { ChannelRecord } from "../../../src/store/index.ts";

const token: Address = `0x${"11".repeat(20)}`;

const env: ClaimEnv = {
  timestamp: 1_000_000n,
  grace: 172_800n,
  gasPrice: 10n,
  l1Fee: { source: "none", base: 0n, row: 0n },
  prices: new Map([[token, { wei: 3n, units: 2n }]]),
  batch: 1,
};

function claim(fields: Partial<ClaimChannel> & { token?: Address } = {}): ClaimChannel {
  const { token: asset = zeroAddress, ...rest } = fields;
  const record = { channel: { token: asset } } as ChannelRecord;
  return { record, unsettled: 1_000n, closeRequestedAt: 0n, since: env.timestamp, feesPaid: 0n, ...rest };
}

describe("claim policies", () => {
  describe("profitable", () => {
    it("settles from exactly so many times the whole fee on", () => {
      const threshold = claimFee(env) * 7n;
      const policy = profitable({ times: 7n });
      expect(policy(claim({ unsettled: threshold - 1n }), env).action).equal("wait");
      expect(policy(claim({ unsettled: threshold }), env).action).equal("settle");
    });

    it("counts the L1 data fee as part of the fee", () => {
      const unsettled = claimFee(env);
      const dear = { ...env, l1Fee: { source: "oracle" as const, base: 1n, row: 0n } };
      expect(profitable({ times: 1n })(claim({ unsettled }), env).action).equal("settle");
      expect(profitable({ times: 1n })(claim({ unsettled }), dear).action).equal("wait");
    });

    it("lets a batch share what it has in common", () => {
      const unsettled = claimFee({ ...env, batch: 100 });
      expect(unsettled < claimFee(env)).equal(true);
      expect(profitable({ times: 1n })(claim({ unsettled }), { ...env, batch: 100 }).action).equal("settle");
      expect(profitable({ times: 1n })(claim({ unsettled }), env).action).equal("wait");
    });

    it("weighs a token by its price, rounded down, and waits without one", () => {
      const fee = claimFee(env);
      const policy = profitable({ times: 1n });
      const units = (fee * 2n + 2n) / 3n; // the least that is worth the fee at three wei for two units
      expect(policy(claim({ token, unsettled: units }), env).action).equal("settle");
      expect(policy(claim({ token, unsettled: units - 1n }), env).action).equal("wait");
      const unpriced = policy(claim({ token: `0x${"22".repeat(20)}`, unsettled: 10n ** 30n }), env);
      expect(unpriced.action).equal("wait");
      expect(unpriced.reason).contain("no price");
    });

    it("settles nothing where there is nothing, however cheap gas is", () => {
      expect(profitable()(claim({ unsettled: 0n }), { ...env, gasPrice: 0n }).action).equal("wait");
    });
  });

  describe("deadline", () => {
    const closing = { closeRequestedAt: env.timestamp - 100n };

    it("settles as soon as a close is pending, whether it pays or not, and even once the grace period is over", () => {
      expect(deadline()(claim({ unsettled: 1n }), env).action).equal("wait");
      expect(deadline()(claim({ ...closing, unsettled: 1n }), env).action).equal("settle");
      const over = claim({ closeRequestedAt: env.timestamp - env.grace - 1n });
      expect(deadline()(over, env).action).equal("settle");
    });

    it("waits until no more than `within` is left", () => {
      const at = (left: bigint) => claim({ closeRequestedAt: env.timestamp - env.grace + left });
      expect(deadline({ within: 3_600n })(at(3_601n), env).action).equal("wait");
      expect(deadline({ within: 3_600n })(at(3_600n), env).action).equal("settle");
    });

    it("writes off what is below the floor, but never a token that it cannot weigh", () => {
      const policy = deadline({ minimum: 1_001n });
      expect(policy(claim(closing), env).action).equal("writeoff");
      expect(policy(claim({ ...closing, unsettled: 1_001n }), env).action).equal("settle");
      expect(policy(claim({ ...closing, token: `0x${"22".repeat(20)}`, unsettled: 1n }), env).action).equal("settle");
    });

    it("bounds what one channel can make it waste by closing and cancelling in a loop", () => {
      const fee = claimFee(env);
      const policy = deadline({ maxFees: fee * 3n });
      expect(policy(claim({ ...closing, feesPaid: fee * 2n }), env).action).equal("settle");
      expect(policy(claim({ ...closing, feesPaid: fee * 2n + 1n }), env).action).equal("writeoff");
      const worthIt = claim({ ...closing, feesPaid: fee * 9n, unsettled: fee });
      expect(policy(worthIt, env).action).equal("settle");
    });
  });

  it("maxAge settles from exactly that age on", () => {
    const policy = maxAge({ seconds: 60n });
    expect(policy(claim({ since: env.timestamp - 59n }), env).action).equal("wait");
    expect(policy(claim({ since: env.timestamp - 60n }), env).action).equal("settle");
    expect(policy(claim({ since: 0n, unsettled: 0n }), env).action).equal("wait");
  });

  it("maxUnsettled settles from exactly that amount on", () => {
    const policy = maxUnsettled({ amount: 500n });
    expect(policy(claim({ unsettled: 499n }), env).action).equal("wait");
    expect(policy(claim({ unsettled: 500n }), env).action).equal("settle");
  });

  it("any lets the first that does not wait decide, and gives every reason once when all wait", () => {
    const writeoff = () => ({ action: "writeoff" as const, reason: "given up" });
    const wait = (reason: string) => () => ({ action: "wait" as const, reason });
    expect(any(wait("a"), writeoff, profitable({ times: 0n }))(claim(), env)).deep.equal(writeoff());
    expect(any(wait("a"), wait("b"), wait("a"))(claim(), env)).deep.equal({ action: "wait", reason: "a; b" });
    expect(any(writeoff, wait("b"))(claim(), env)).deep.equal(writeoff());
  });
});
