import { expect } from "chai";
import { type Address, type LocalAccount, numberToHex, type TypedDataDefinition } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { ChannelRevertError } from "../../../../src/chain/channels/decodeError.ts";
import { decodeChannelEvents } from "../../../../src/chain/channels/decodeEvents.ts";
import { authorizationTypedData, topUpAuthorizationNonce } from "../../../../src/protocol/authorization.ts";
import { type Channel, channelId } from "../../../../src/protocol/channel.ts";
import { openPermitTypedData, topUpPermitTypedData } from "../../../../src/protocol/permit2.ts";
import { signTickVoucher } from "../../../../src/protocol/tick.ts";
import { createTicks } from "../../../../src/protocol/tickChain.ts";
import { startChain, type TestChain } from "../../../support/chain.ts";
import { approvePermit2, installPermit2 } from "../../../support/permit2.ts";
import { describeChannel, escrowWallet, failure, openChannel } from "../support.ts";

const deadline = 2n ** 48n;

describe("channel actions that anyone submits with the payer's signature", () => {
  let chain: TestChain;
  let payer: PrivateKeyAccount;
  let payee: PrivateKeyAccount;
  let keeper: PrivateKeyAccount;

  before(async () => {
    chain = await startChain();
    await installPermit2(chain.client);
    [payer, payee, keeper] = await Promise.all([chain.fundedAccount(), chain.fundedAccount(), chain.fundedAccount()]);
    for (const token of Object.values(chain.tokens)) await approvePermit2(chain.wallet(payer), token);
  });

  after(() => chain.stop());

  const as = (account: LocalAccount) => escrowWallet(chain, account);
  const stateOf = (channel: Channel) => as(keeper).getChannel({ channelId: channelId(channel, chain.escrow) });
  const described = (token: Address) => describeChannel({ payer: payer.address, payee: payee.address, token });
  const sign = (definition: TypedDataDefinition) => payer.signTypedData(definition);

  /** A channel of 1,000 base units, opened by Permit2. */
  async function permitted(token: Address, nonce: bigint) {
    const channel = described(token);
    const signature = await sign(openPermitTypedData(channel, { amount: 1_000n, nonce, deadline }, chain.escrow));
    const call = { ...channel, deposit: 1_000n, from: payer.address, nonce, deadline, signature };
    const hash = await as(keeper).openWithPermit2(call);
    return { channel, call, hash };
  }

  async function topUpCall(channel: Channel, additionalDeposit: bigint, salt: bigint) {
    const topUpSalt = numberToHex(salt, { size: 32 });
    const nonce = topUpAuthorizationNonce({ channel, additionalDeposit, topUpSalt }, chain.escrow);
    const window = { validAfter: 0n, validBefore: deadline };
    const to = chain.escrow.address;
    const authorization = { from: payer.address, to, value: additionalDeposit, ...window, nonce };
    const domain = { name: "Demo Dollar", version: "1", chainId: chain.chain.id, verifyingContract: channel.token };
    const signature = await sign(authorizationTypedData(authorization, domain));
    return { channel, additionalDeposit, topUpSalt, ...window, nonce, signature };
  }

  async function permitCall(channel: Channel, additionalDeposit: bigint, nonce: bigint) {
    const permit = { amount: additionalDeposit, nonce, deadline };
    const signature = await sign(topUpPermitTypedData(channel, permit, chain.escrow));
    return { channel, additionalDeposit, nonce, deadline, signature };
  }

  it("given a permit to open, when anyone submits it, the payer's channel should open", async () => {
    const { channel, hash } = await permitted(chain.tokens.plain, 1n);
    const { logs } = await chain.client.getTransactionReceipt({ hash });
    expect(decodeChannelEvents(logs, { address: chain.escrow.address }).map((event) => event.eventName)).to.deep.equal([
      "ChannelOpened",
    ]);
    expect(await stateOf(channel)).to.include({ deposit: 1_000n, finalized: false });
  });

  it("given a permit, when another deposit is claimed or its nonce was used, Permit2's reason should be named", async () => {
    const { call } = await permitted(chain.tokens.plain, 2n);
    const fresh = described(chain.tokens.plain);
    const forged = await failure(as(keeper).openWithPermit2({ ...call, salt: fresh.salt, deposit: 999n, nonce: 3n }));
    expect(forged).to.be.instanceOf(ChannelRevertError).with.property("reason", "InvalidSigner");
    const permit = { amount: 1_000n, nonce: 2n, deadline };
    const signature = await sign(openPermitTypedData(fresh, permit, chain.escrow));
    const used = await failure(as(keeper).openWithPermit2({ ...call, ...fresh, signature }));
    expect(used).to.be.instanceOf(ChannelRevertError).with.property("reason", "InvalidNonce");
    expect(used.message).to.include("another nonce");
    const late = await failure(as(keeper).openWithPermit2({ ...call, ...fresh, deadline: 1n }));
    expect(late).to.have.property("reason", "SignatureExpired");
    expect((late as ChannelRevertError).args).to.deep.equal([1n]);
  });

  it("given an authorization and a permit to add, when submitted, the deposit should grow, and not while a close is pending", async () => {
    const { channel } = await permitted(chain.tokens.authorization, 4n);
    const [byAuthorization, held, byPermit, heldPermit] = [
      await topUpCall(channel, 20n, 1n),
      await topUpCall(channel, 20n, 2n),
      await permitCall(channel, 300n, 5n),
      await permitCall(channel, 300n, 6n),
    ];
    await as(keeper).topUpWithAuthorization(byAuthorization);
    expect((await stateOf(channel)).deposit).to.equal(1_020n);
    await as(keeper).topUpWithPermit2(byPermit);
    expect((await stateOf(channel)).deposit).to.equal(1_320n);

    await as(payer).requestClose({ channel });
    for (const attempt of [as(keeper).topUpWithAuthorization(held), as(keeper).topUpWithPermit2(heldPermit)]) {
      const error = await failure(attempt);
      expect(error).to.be.instanceOf(ChannelRevertError).with.property("reason", "ClosePending");
      expect(error.message).to.include("asked to leave");
    }
    expect((await stateOf(channel)).closeRequestedAt > 0n).to.equal(true);
  });

  it("given an authorization for one amount, when another is claimed with it, the nonce should be named", async () => {
    const { channel } = await permitted(chain.tokens.authorization, 7n);
    const call = await topUpCall(channel, 20n, 3n);
    const error = await failure(as(keeper).topUpWithAuthorization({ ...call, additionalDeposit: 21n }));
    expect(error).to.have.property("reason", "NonceMismatch");
    const expected = topUpAuthorizationNonce({ ...call, additionalDeposit: 21n }, chain.escrow);
    expect((error as ChannelRevertError).args).to.deep.equal([expected, call.nonce]);
  });

  it("given an offer of ticks, when links are shown, the payee should be paid for each once", async () => {
    const { channel, id } = await openChannel(chain, payer, payee.address);
    const ticks = createTicks({ length: 100 });
    const offer = { channelId: id, cumulativeAmount: 100n, tickRoot: ticks.root, tickValue: 3n };
    const voucher = await signTickVoucher(payer, offer, chain.escrow);
    const shown = (count: number) => ({ channel, voucher, revealed: { ticks: count, link: ticks.link(count) } });

    await as(keeper).settleTicks(shown(0));
    expect((await stateOf(channel)).settled).to.equal(100n);
    const before = await chain.client.getBalance({ address: payee.address });
    await as(keeper).settleTicks(shown(40));
    await as(keeper).settleTicks(shown(100));
    expect((await stateOf(channel)).settled).to.equal(400n);
    expect((await chain.client.getBalance({ address: payee.address })) - before).to.equal(300n);

    const again = await failure(as(keeper).settleTicks(shown(40)));
    expect(again).to.have.property("reason", "AmountNotIncreasing");
    const lie = { channel, voucher, revealed: { ticks: 100, link: ticks.link(99) } };
    const dearer = { ...offer, tickValue: 4n };
    const other = await signTickVoucher(payer, dearer, chain.escrow);
    const wrong = await failure(as(keeper).settleTicks({ ...lie, voucher: other }));
    expect(wrong).to.have.property("reason", "TickMismatch");
    const many = { channel, voucher, revealed: { ticks: 65_536, link: ticks.secret } };
    expect(await failure(as(keeper).settleTicks(many))).to.have.property("reason", "TooManyTicks");
  });
});
