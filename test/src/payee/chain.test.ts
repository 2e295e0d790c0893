import { expect } from "chai";
import type { Address } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { channelActions } from "../../../src/chain/channels/actions.ts";
import { createObserver } from "../../../src/chain/observer.ts";
import { createPayee, type Payee } from "../../../src/payee/index.ts";
import { type Channel, channelId, nativeCoin } from "../../../src/protocol/channel.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import type { ChannelStore } from "../../../src/store/store.ts";
import { selectVerifier } from "../../../src/verifier/selectVerifier.ts";
import { startChain, type TestChain } from "../../support/chain.ts";
import { codeOf, voucherOf } from "./fixture.ts";

describe("payee on a chain", function () {
  this.timeout(60_000);
  let chain: TestChain;
  let store: ChannelStore;
  let payee: Payee;
  const account = privateKeyToAccount(generatePrivateKey());
  const confirmations = 2;

  before(async () => {
    chain = await startChain();
    store = memoryStore();
    const { client, escrow } = chain;
    payee = createPayee({
      escrow,
      account: { address: account.address, signer: account },
      observer: createObserver({ client, escrow, confirmations }),
      store,
      verifier: selectVerifier({ order: ["js"] }),
      terms: { tokens: [nativeCoin], freshness: 0 },
    });
    await payee.start();
  });
  after(() => chain.stop());

  async function confirm() {
    for (let mined = 0; mined < confirmations; mined++) await chain.client.mine({ blocks: 1 });
  }

  async function open(deposit: bigint) {
    const payer = await chain.fundedAccount({ tokens: 0n });
    const wallet = chain.wallet(payer).extend(channelActions({ address: chain.escrow.address }));
    const channel: Channel = {
      payer: payer.address.toLowerCase() as Address,
      payee: payee.address,
      token: nativeCoin,
      salt: generatePrivateKey(),
      authorizedSigner: nativeCoin,
    };
    await wallet.open({ ...channel, deposit });
    const id = channelId(channel, chain.escrow);
    return { channel, id, wallet, payer, ...voucherOf(id, payer, chain.escrow) };
  }
  it("given a channel that is not deep enough yet, waits for its blocks; then sells", async () => {
    const { channel, voucher } = await open(1_000n);
    expect(codeOf(await payee.register(channel))).to.equal("channel-not-found");
    await confirm();
    expect(codeOf(await payee.register(channel))).to.equal("ok");
    expect(codeOf(await payee.accept(await voucher(10n), { charge: { amount: 10n } }))).to.equal("ok");
  });

  it("given a top-up, takes vouchers up to the new deposit once it is deep enough", async () => {
    const { channel, id, wallet, voucher } = await open(1_000n);
    await confirm();
    await payee.register(channel);
    await wallet.topUp({ channel, additionalDeposit: 500n });
    expect(codeOf(await payee.accept(await voucher(1_500n)))).to.equal("amount-exceeds-deposit");
    await confirm();
    expect(codeOf(await payee.accept(await voucher(1_500n)))).to.equal("ok");
    expect((await store.get(id))?.deposit).to.equal(1_500n);
  });

  it("given a payer who asked to leave, stops selling", async () => {
    const { channel, wallet, voucher } = await open(1_000n);
    await confirm();
    await payee.register(channel);
    await wallet.requestClose({ channel });
    await confirm();
    expect(codeOf(await payee.accept(await voucher(1n), { charge: { amount: 1n } }))).to.equal("close-pending");
  });

  it("given its consent, anyone closes the channel at what is owed, and the payee is paid exactly that", async () => {
    const { channel, id, payer, voucher } = await open(1_000n);
    await confirm();
    await payee.register(channel);
    await payee.accept(await voucher(420n), { charge: { amount: 7n } });
    expect(codeOf(await payee.authorizeClose(id))).to.equal("ok");
    const consent = (await store.get(id))?.closeAuthorization;
    if (!consent) throw new Error("no consent was kept");

    const before = await chain.client.getBalance({ address: payee.address });
    const refundBefore = await chain.client.getBalance({ address: payer.address });
    const keeper = chain
      .wallet(await chain.fundedAccount({ tokens: 0n }))
      .extend(channelActions({ address: chain.escrow.address }));
    await keeper.closeWithAuthorization({
      channel,
      cumulativeAmount: consent.cumulativeAmount,
      signature: consent.voucherSignature,
      deadline: consent.deadline,
      payeeSignature: consent.signature,
    });
    expect((await chain.client.getBalance({ address: payee.address })) - before).to.equal(420n);
    expect((await chain.client.getBalance({ address: payer.address })) - refundBefore).to.equal(580n);
    await confirm();
    expect(codeOf(await payee.refresh(id))).to.equal("channel-finalized");
  });
});
