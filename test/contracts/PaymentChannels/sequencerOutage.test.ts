import { expect } from "chai";
import type { Hex, PrivateKeyAccount } from "viem";
import * as encode from "../../../src/chain/channels/encode.ts";
import { toSettleRow } from "../../../src/chain/channels/settleRow.ts";
import { type Channel, channelId, nativeCoin } from "../../../src/protocol/channel.ts";
import { signTickVoucher } from "../../../src/protocol/tick.ts";
import { createTicks } from "../../../src/protocol/tickChain.ts";
import { signVoucher } from "../../../src/protocol/voucher.ts";
import { describeChannel, escrowWallet } from "../../src/chain/support.ts";
import { gracePeriod, startChain, type TestChain } from "../../support/chain.ts";

const deposit = 1_000n;
const owed = 400n;
const hour = 3_600n;
/** The slowest forced inclusion of the big rollups: with no sequencer, a transaction is mined after no more than this. */
const forcedInclusion = 24n * hour;

const gwei = 10n ** 9n;

describe("a sequencer that stops during a grace period of 48 hours", function () {
  this.timeout(120_000);
  let chain: TestChain;
  let payer: PrivateKeyAccount;
  let payee: PrivateKeyAccount;
  let keeper: PrivateKeyAccount;
  let channels: { channel: Channel; id: Hex }[];
  let requestedAt: bigint;

  beforeEach(async () => {
    chain = await startChain();
    [payer, payee, keeper] = await Promise.all([chain.fundedAccount(), chain.fundedAccount(), chain.fundedAccount()]);
    channels = [];
    for (let index = 0; index < 4; index++) channels.push(await leaving());
    // Of the first that asked, whose grace ends first.
    requestedAt = (await state(0)).closeRequestedAt;
  });

  afterEach(() => chain.stop());

  it("given an outage of 24 hours that begins as late as the middle of it, when blocks come again, every claim should land before any withdrawal", async () => {
    for (const begins of ["at once", "in the middle"]) {
      const snapshot = await chain.client.snapshot();
      if (begins === "in the middle") {
        await chain.client.setNextBlockTimestamp({ timestamp: requestedAt + gracePeriod - forcedInclusion - 1n });
        await chain.client.mine({ blocks: 1 });
      }
      const { claims, withdrawals } = await outage({ lasts: forcedInclusion, first: "withdrawals" });
      expect(claims, "settle, settleBatch, settleTicks, close").to.deep.equal(Array(4).fill("success"));
      expect(withdrawals).to.deep.equal(Array(4).fill("reverted"));
      for (let index = 0; index < 4; index++) expect((await state(index)).settled).to.equal(owed);
      await chain.client.revert({ id: snapshot });
    }
  });

  it("given an outage longer than the whole grace period, when claims wait first in line, all of them should land and the rest go to the payer", async () => {
    const before = await chain.client.getBalance({ address: payer.address });
    const { claims, withdrawals, fees } = await outage({ lasts: 10n * gracePeriod, first: "claims" });
    expect(claims).to.deep.equal(Array(4).fill("success"));
    expect(withdrawals, "the one that the payee closed is closed").to.deep.equal([
      "success",
      "success",
      "success",
      "reverted",
    ]);
    for (let index = 0; index < 4; index++) {
      expect(await state(index)).to.include({ settled: owed, finalized: true });
    }
    const after = await chain.client.getBalance({ address: payer.address });
    expect(after - before + fees).to.equal(4n * (deposit - owed));
  });

  it("given an outage longer than the whole grace period, when the withdrawals wait first in line, no claim should land: nothing longer is promised", async () => {
    const { claims, withdrawals } = await outage({ lasts: gracePeriod, first: "withdrawals" });
    expect(withdrawals).to.deep.equal(Array(4).fill("success"));
    expect(claims, "a batch skips its rows").to.deep.equal(["reverted", "success", "reverted", "reverted"]);
    for (let index = 0; index < 4; index++) expect(await state(index)).to.include({ settled: 0n, finalized: true });
  });

  async function leaving() {
    const channel = describeChannel({ payer: payer.address, payee: payee.address });
    const escrow = escrowWallet(chain, payer);
    await escrow.open({ ...channel, deposit });
    await escrow.requestClose({ channel });
    return { channel, id: channelId(channel, chain.escrow) };
  }

  function state(index: number) {
    return escrowWallet(chain, payer).getChannel({ channelId: (channels[index] as { id: Hex }).id });
  }

  /** No block for `lasts` seconds; what was sent meanwhile waits, and the first block after has all of it. */
  async function outage({ lasts, first }: { lasts: bigint; first: "claims" | "withdrawals" }) {
    const { timestamp } = await chain.client.getBlock();
    await chain.client.setAutomine(false);
    const claims = await queueClaims(first === "claims" ? 9n * gwei : gwei);
    const withdrawals = await queueWithdrawals(first === "withdrawals" ? 9n * gwei : gwei);
    await chain.client.setNextBlockTimestamp({ timestamp: timestamp + lasts });
    await chain.client.mine({ blocks: 1 });
    await chain.client.setAutomine(true);
    const receipts = await Promise.all(
      [...claims, ...withdrawals].map((hash) => chain.client.getTransactionReceipt({ hash })),
    );
    expect(new Set(receipts.map(({ blockNumber }) => blockNumber)).size, "one block").to.equal(1);
    const statuses = receipts.map(({ status }) => status);
    const fees = receipts
      .slice(4)
      .reduce((sum, { gasUsed, effectiveGasPrice }) => sum + gasUsed * effectiveGasPrice, 0n);
    return { claims: statuses.slice(0, 4), withdrawals: statuses.slice(4), fees };
  }

  /** One claim of each kind, as a payee with no sequencer has: by itself, in a batch, by the tick, and with a close. */
  async function queueClaims(tip: bigint): Promise<Hex[]> {
    const { address } = chain.escrow;
    const [alone, batched, ticking, ending] = channels as [Row, Row, Row, Row];
    const voucher = ({ id }: Row) => signVoucher(payer, { channelId: id, cumulativeAmount: owed }, chain.escrow);
    const ticks = createTicks({ length: 10 });
    const offer = { channelId: ticking.id, cumulativeAmount: 0n, tickRoot: ticks.root, tickValue: owed / 10n };
    const signedOffer = await signTickVoucher(payer, offer, chain.escrow);
    const rows = [toSettleRow(batched.channel, await voucher(batched))];
    const revealed = { ticks: 10, link: ticks.link(10) };
    return [
      await send(keeper, encode.encodeSettle({ address, channel: alone.channel, ...(await voucher(alone)) }), tip),
      await send(keeper, encode.encodeSettleBatch({ address, payee: payee.address, token: nativeCoin, rows }), tip),
      await send(
        keeper,
        encode.encodeSettleTicks({ address, channel: ticking.channel, voucher: signedOffer, revealed }),
        tip,
      ),
      await send(payee, encode.encodeClose({ address, channel: ending.channel, ...(await voucher(ending)) }), tip),
    ];
  }

  async function queueWithdrawals(tip: bigint): Promise<Hex[]> {
    const hashes: Hex[] = [];
    for (const { channel } of channels) {
      hashes.push(await send(payer, encode.encodeWithdraw({ address: chain.escrow.address, channel }), tip));
    }
    return hashes;
  }

  /** With its gas stated, so that nobody simulates: some have to fail in their block. */
  async function send(account: PrivateKeyAccount, call: encode.Call, tip: bigint) {
    const wallet = chain.wallet(account);
    const nonce = await wallet.getTransactionCount({ address: account.address, blockTag: "pending" });
    return wallet.sendTransaction({
      to: call.to,
      data: call.data,
      nonce,
      gas: 200_000n,
      maxPriorityFeePerGas: tip,
      maxFeePerGas: 100n * gwei,
    });
  }
});

type Row = { channel: Channel; id: Hex };
