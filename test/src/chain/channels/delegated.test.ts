import { expect } from "chai";
import type { Address } from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { toSettleRow } from "../../../../src/chain/channels/settleRow.ts";
import { channelId, nativeCoin } from "../../../../src/protocol/channel.ts";
import { signTickVoucher } from "../../../../src/protocol/tick.ts";
import { createTicks } from "../../../../src/protocol/tickChain.ts";
import { signVoucher } from "../../../../src/protocol/voucher.ts";
import { startChain, type TestChain } from "../../../support/chain.ts";
import { describeChannel, escrowWallet, failure } from "../support.ts";

describe("a payer that delegates to code which disowns every signature, by an EIP-7702 transaction", () => {
  let chain: TestChain;
  let payee: PrivateKeyAccount;
  let keeper: PrivateKeyAccount;
  let payer: PrivateKeyAccount;
  let denier: Address;

  beforeEach(async () => {
    chain = await startChain({ chainType: "l1" });
    [payer, payee, keeper] = await Promise.all([chain.fundedAccount(), chain.fundedAccount(), chain.fundedAccount()]);
    denier = await chain.deploy("NoWallet");
  });

  afterEach(() => chain.stop());

  /** A relayer sends it, as a wallet's own service would: type 4, with the payer's authorization. */
  async function delegate(to: Address) {
    const relayer = chain.wallet(keeper);
    const authorization = await chain.wallet(payer).signAuthorization({ account: payer, contractAddress: to });
    const hash = await relayer.sendTransaction({ authorizationList: [authorization], to: payer.address });
    const { status, type } = await relayer.waitForTransactionReceipt({ hash });
    expect([status, type]).to.deep.equal(["success", "eip7702"]);
  }

  const codeOf = () => chain.client.getCode({ address: payer.address });

  async function openOwn() {
    const channel = describeChannel({ payer: payer.address, payee: payee.address });
    await escrowWallet(chain, payer).open({ ...channel, deposit: 1_000n });
    return { channel, id: channelId(channel, chain.escrow) };
  }

  it("given vouchers signed before, when settled alone, in a batch and by the tick, each should be paid", async () => {
    const [alone, batched, ticking] = [await openOwn(), await openOwn(), await openOwn()];
    const voucher = (id: typeof alone.id) =>
      signVoucher(payer, { channelId: id, cumulativeAmount: 400n }, chain.escrow);
    const [first, second] = [await voucher(alone.id), await voucher(batched.id)];
    const ticks = createTicks({ length: 10 });
    const offer = { channelId: ticking.id, cumulativeAmount: 0n, tickRoot: ticks.root, tickValue: 40n };
    const third = await signTickVoucher(payer, offer, chain.escrow);
    expect(await codeOf()).to.equal(undefined);

    await delegate(denier);
    expect(await codeOf()).to.equal(`0xef0100${denier.slice(2)}`);

    const before = await chain.client.getBalance({ address: payee.address });
    await escrowWallet(chain, keeper).settle({ channel: alone.channel, ...first });
    const rows = [toSettleRow(batched.channel, second)];
    await escrowWallet(chain, keeper).settleBatch({ payee: payee.address, token: nativeCoin, rows });
    const revealed = { ticks: 10, link: ticks.link(10) };
    await escrowWallet(chain, keeper).settleTicks({ channel: ticking.channel, voucher: third, revealed });
    expect((await chain.client.getBalance({ address: payee.address })) - before).to.equal(1_200n);
  });

  it("given a voucher that somebody else signed, when settled, its code's refusal should hold", async () => {
    const { channel, id } = await openOwn();
    const stranger = privateKeyToAccount(generatePrivateKey());
    const forged = await signVoucher(stranger, { channelId: id, cumulativeAmount: 400n }, chain.escrow);
    await delegate(denier);
    const error = await failure(escrowWallet(chain, keeper).settle({ channel, ...forged }));
    expect(error).to.have.property("reason", "InvalidSignature");
  });

  it("given a delegation that is cleared between signing and settling, when settled, the voucher should be paid", async () => {
    await delegate(denier);
    const { channel, id } = await openOwn();
    const voucher = await signVoucher(payer, { channelId: id, cumulativeAmount: 400n }, chain.escrow);
    await delegate(nativeCoin); // EIP-7702: the zero address takes the code away
    expect(await codeOf()).to.equal(undefined);
    await escrowWallet(chain, keeper).settle({ channel, ...voucher });
    expect(await escrowWallet(chain, keeper).getChannel({ channelId: id })).to.include({ settled: 400n });
  });
});
