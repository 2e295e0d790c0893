import { expect } from "chai";
import { type Address, type Hex, numberToHex, type TypedDataDefinition } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { audit, type TokenReport } from "../../../src/audit/index.ts";
import {
  authorizationNonce,
  authorizationTypedData,
  topUpAuthorizationNonce,
} from "../../../src/protocol/authorization.ts";
import { type Channel, channelId } from "../../../src/protocol/channel.ts";
import { openPermitTypedData, topUpPermitTypedData } from "../../../src/protocol/permit2.ts";
import { signTickVoucher } from "../../../src/protocol/tick.ts";
import { createTicks } from "../../../src/protocol/tickChain.ts";
import { startChain, type TestChain } from "../../support/chain.ts";
import { approvePermit2, installPermit2 } from "../../support/permit2.ts";
import { describeChannel, escrowWallet } from "../chain/support.ts";

const deadline = 2n ** 48n;
const window = { validAfter: 0n, validBefore: deadline };

describe("audit of money that came by signatures and went by the tick", () => {
  let chain: TestChain;
  let payer: PrivateKeyAccount;
  let payee: PrivateKeyAccount;
  let keeper: PrivateKeyAccount;
  let token: Address;

  beforeEach(async () => {
    chain = await startChain();
    await installPermit2(chain.client);
    [payer, payee, keeper] = await Promise.all([chain.fundedAccount(), chain.fundedAccount(), chain.fundedAccount()]);
    token = chain.tokens.authorization;
    await approvePermit2(chain.wallet(payer), token);
  });

  afterEach(() => chain.stop());

  const sign = (definition: TypedDataDefinition) => payer.signTypedData(definition);
  const relayed = () => escrowWallet(chain, keeper);
  const described = () => describeChannel({ payer: payer.address, payee: payee.address, token });

  function authorize(value: bigint, nonce: Hex) {
    const message = { from: payer.address, to: chain.escrow.address, value, ...window, nonce };
    const domain = { name: "Demo Dollar", version: "1", chainId: chain.chain.id, verifyingContract: token };
    return sign(authorizationTypedData(message, domain));
  }

  async function openByPermit(amount: bigint): Promise<Channel> {
    const channel = described();
    const permit = { amount, nonce: 1n, deadline };
    const signature = await sign(openPermitTypedData(channel, permit, chain.escrow));
    await relayed().openWithPermit2({ ...channel, ...permit, deposit: amount, from: payer.address, signature });
    return channel;
  }

  async function openByAuthorization(deposit: bigint): Promise<Channel> {
    const channel = described();
    const signature = await authorize(deposit, authorizationNonce(channel));
    await relayed().openWithAuthorization({ ...channel, deposit, from: payer.address, ...window, signature });
    return channel;
  }

  async function topUpByAuthorization(channel: Channel, additionalDeposit: bigint) {
    const topUpSalt = numberToHex(1, { size: 32 });
    const nonce = topUpAuthorizationNonce({ channel, additionalDeposit, topUpSalt }, chain.escrow);
    const signature = await authorize(additionalDeposit, nonce);
    await relayed().topUpWithAuthorization({ channel, additionalDeposit, topUpSalt, ...window, nonce, signature });
  }

  async function topUpByPermit(channel: Channel, additionalDeposit: bigint) {
    const permit = { amount: additionalDeposit, nonce: 2n, deadline };
    const signature = await sign(topUpPermitTypedData(channel, permit, chain.escrow));
    await relayed().topUpWithPermit2({ channel, additionalDeposit, nonce: 2n, deadline, signature });
  }

  it("given every such way, when audited, it should account for each unit and count the settlements", async () => {
    const first = await openByPermit(1_000n);
    const second = await openByAuthorization(500n);
    await topUpByPermit(first, 30n);
    await topUpByAuthorization(second, 7n);
    const ticks = createTicks({ length: 50 });
    const offer = { channelId: channelId(first, chain.escrow), cumulativeAmount: 100n, tickRoot: ticks.root };
    const voucher = await signTickVoucher(payer, { ...offer, tickValue: 4n }, chain.escrow);
    for (const count of [0, 10, 50]) {
      await relayed().settleTicks({ channel: first, voucher, revealed: { ticks: count, link: ticks.link(count) } });
    }
    await escrowWallet(chain, payee).close({ channel: second, cumulativeAmount: 0n, signature: "0x" });

    const report = await audit({ client: chain.client, escrow: chain.escrow.address });

    expect(report.facts).to.deep.equal([]);
    expect(report.verdict).to.equal("balanced");
    const row = report.tokens.find((one) => one.token === token) as TokenReport;
    expect(row).to.deep.include({ channels: 2, closed: 1, deposited: 1_537n, toppedUp: 37n });
    expect(row).to.deep.include({ settled: 300n, given: 300n, refunded: 507n, locked: 730n, surplus: 0n });
    expect(row.transfers).to.deep.equal({ received: 1_537n, sent: 807n });
    expect(report.unprovenCloses).to.equal(0);
    expect(report.costs?.settling).to.deep.include({ settlements: 3 });
  });
});
