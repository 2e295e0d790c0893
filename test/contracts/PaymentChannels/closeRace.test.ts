import { expect } from "chai";
import type { Hex, PrivateKeyAccount } from "viem";
import { encodeSettle, encodeWithdraw } from "../../../src/chain/channels/encode.ts";
import { channelId } from "../../../src/protocol/channel.ts";
import { signVoucher } from "../../../src/protocol/voucher.ts";
import { describeChannel, escrowWallet } from "../../src/chain/support.ts";
import { gracePeriod, startChain, type TestChain } from "../../support/chain.ts";

const deposit = 1_000n;
const owed = 400n;

type Verb = "settle" | "withdraw";

describe("the end of a grace period, with the payee's settlement and the payer's withdrawal in one block", () => {
  let chain: TestChain;
  let payer: PrivateKeyAccount;
  let payee: PrivateKeyAccount;
  /** Each sends one transaction, so that their fees alone order the block. */
  let senders: Record<Verb, PrivateKeyAccount>;

  beforeEach(async () => {
    chain = await startChain();
    const [first, second, third, fourth] = await Promise.all([0, 0, 0, 0].map(() => chain.fundedAccount()));
    [payer, payee] = [first as PrivateKeyAccount, second as PrivateKeyAccount];
    senders = { settle: third as PrivateKeyAccount, withdraw: fourth as PrivateKeyAccount };
  });

  afterEach(() => chain.stop());

  it("given the last second of the grace period, in either order, the voucher should be paid and the withdrawal fail", async () => {
    for (const first of ["settle", "withdraw"] as const) {
      const { outcome, settled, finalized } = await race(first, -1n);
      expect(outcome).to.deep.equal({ settle: "success", withdraw: "reverted" });
      expect([settled, finalized]).to.deep.equal([owed, false]);
    }
  });

  it("given the second in which it is over, whichever comes first should be served, and a settlement leave the rest to the payer", async () => {
    await whoeverIsFirst(0n);
  });

  it("given a second later, whichever comes first should be served, and a settlement leave the rest to the payer", async () => {
    await whoeverIsFirst(1n);
  });

  async function whoeverIsFirst(late: bigint) {
    const paid = await race("settle", late);
    expect(paid.outcome).to.deep.equal({ settle: "success", withdraw: "success" });
    expect([paid.settled, paid.finalized, paid.toPayee, paid.toPayer]).to.deep.equal([
      owed,
      true,
      owed,
      deposit - owed,
    ]);

    const left = await race("withdraw", late);
    expect(left.outcome).to.deep.equal({ settle: "reverted", withdraw: "success" });
    expect([left.settled, left.finalized, left.toPayee, left.toPayer]).to.deep.equal([0n, true, 0n, deposit]);
  }

  /** Both verbs in one block, `late` seconds after `withdraw` becomes possible, the first by a higher fee. */
  async function race(first: Verb, late: bigint) {
    const channel = describeChannel({ payer: payer.address, payee: payee.address });
    const id = channelId(channel, chain.escrow);
    const escrow = escrowWallet(chain, payer);
    await escrow.open({ ...channel, deposit });
    await escrow.requestClose({ channel });
    const { closeRequestedAt } = await escrow.getChannel({ channelId: id });
    const voucher = await signVoucher(payer, { channelId: id, cumulativeAmount: owed }, chain.escrow);
    const before = await balances();

    await chain.client.setAutomine(false);
    const calls = {
      settle: encodeSettle({ address: chain.escrow.address, channel, ...voucher }),
      withdraw: encodeWithdraw({ address: chain.escrow.address, channel }),
    };
    const hashes = {} as Record<Verb, Hex>;
    for (const verb of ["settle", "withdraw"] as const) {
      const tip = verb === first ? 2n * 10n ** 9n : 10n ** 9n;
      hashes[verb] = await chain.wallet(senders[verb]).sendTransaction({
        to: calls[verb].to,
        data: calls[verb].data,
        gas: 200_000n, // stated, so that nobody simulates: one of them has to fail in its block
        maxPriorityFeePerGas: tip,
        maxFeePerGas: 10n ** 11n,
      });
    }
    await chain.client.setNextBlockTimestamp({ timestamp: closeRequestedAt + gracePeriod + late });
    await chain.client.mine({ blocks: 1 });
    await chain.client.setAutomine(true);

    const settling = await chain.client.getTransactionReceipt({ hash: hashes.settle });
    const withdrawing = await chain.client.getTransactionReceipt({ hash: hashes.withdraw });
    expect(settling.blockNumber, "one block").to.equal(withdrawing.blockNumber);
    expect(settling.transactionIndex < withdrawing.transactionIndex, "order").to.equal(first === "settle");
    const { timestamp } = await chain.client.getBlock({ blockNumber: settling.blockNumber });
    expect(timestamp).to.equal(closeRequestedAt + gracePeriod + late);
    const after = await balances();
    const { settled, finalized } = await escrow.getChannel({ channelId: id });
    return {
      outcome: { settle: settling.status, withdraw: withdrawing.status },
      settled,
      finalized,
      toPayee: after.payee - before.payee,
      toPayer: after.payer - before.payer,
    };
  }

  async function balances() {
    return {
      payer: await chain.client.getBalance({ address: payer.address }),
      payee: await chain.client.getBalance({ address: payee.address }),
    };
  }
});
