import { encodeDeployData, erc20Abi, type Hex, keccak256, maxUint256, numberToHex } from "viem";
import {
  authorizationNonce,
  authorizationTypedData,
  topUpAuthorizationNonce,
} from "../../../../src/protocol/authorization.ts";
import type { Channel } from "../../../../src/protocol/channel.ts";
import { openPermitTypedData, permit2Address, topUpPermitTypedData } from "../../../../src/protocol/permit2.ts";
import { signTickVoucher } from "../../../../src/protocol/tick.ts";
import { createTicks } from "../../../../src/protocol/tickChain.ts";
import { gracePeriod } from "../../../support/chain.ts";
import { installPermit2 } from "../../../support/permit2.ts";
import { deposit, type Stage } from "../stage.ts";

const window = { validAfter: 0n, validBefore: 2n ** 64n };

/** What a payer only signs and anyone submits, and what it pays by the tick. */
export function describeRelayed(the: () => Stage) {
  const toppedUp = (channel: Channel, total: bigint) => ({
    name: "ChannelToppedUp",
    args: { channelId: the().idOf(channel), deposit: total },
  });

  /** The payer's EIP-3009 signature over a transfer to the escrow. */
  function authorize(token: Channel["token"], value: bigint, nonce: Hex): Promise<Hex> {
    const { chain, payer } = the();
    const message = { from: payer.address, to: chain.escrow.address, value, ...window, nonce };
    const domain = { name: "Demo Dollar", version: "1", chainId: chain.chain.id, verifyingContract: token };
    return payer.signTypedData(authorizationTypedData(message, domain));
  }

  it("opens and tops up by the payer's authorization, whoever submits it, but not while it leaves", async () => {
    const { chain, witness, payer, keeper, idOf, describeChannel, openedEvent, at, now } = the();
    const token = chain.tokens.authorization;
    const channel = describeChannel({ token });
    const nonce = authorizationNonce(channel);
    const signature = await authorize(token, deposit, nonce);
    const open = (given: Hex) => ({
      functionName: "openWithAuthorization",
      args: [
        ...[channel.payee, token, deposit, channel.salt, channel.authorizedSigner],
        ...[payer.address, window.validAfter, window.validBefore, given, signature],
      ],
    });
    const wrong = numberToHex(1, { size: 32 });
    await witness.reverts(keeper, open(wrong), "NonceMismatch", [nonce, wrong]);
    await witness.transact(keeper, open(nonce), [openedEvent(channel)]);

    const topUp = async (salt: number) => {
      const topUpSalt = numberToHex(salt, { size: 32 });
      const chosen = topUpAuthorizationNonce({ channel, additionalDeposit: 7n, topUpSalt }, chain.escrow);
      const { validAfter, validBefore } = window;
      const consent = await authorize(token, 7n, chosen);
      const args = [channel, 7n, topUpSalt, validAfter, validBefore, chosen, consent];
      return { functionName: "topUpWithAuthorization", args };
    };
    await witness.transact(keeper, await topUp(1), [toppedUp(channel, deposit + 7n)]);

    const requested = await at((await now()) + 10n);
    await witness.transact(payer, { functionName: "requestClose", args: [channel] }, [
      { name: "CloseRequested", args: { channelId: idOf(channel), readyAt: requested + gracePeriod } },
    ]);
    await witness.reverts(keeper, await topUp(2), "ClosePending", [idOf(channel)]);
  });

  it("opens and tops up by Permit2", async () => {
    const { chain, witness, payer, keeper, describeChannel, openedEvent } = the();
    await installPermit2(chain.client);
    const { plain: token } = chain.tokens;
    const wallet = chain.wallet(payer as never);
    const args = [permit2Address, maxUint256] as const;
    const hash = await wallet.writeContract({ address: token, abi: erc20Abi, functionName: "approve", args });
    await wallet.waitForTransactionReceipt({ hash });
    const channel = describeChannel({ token });
    const deadline = 2n ** 48n;

    const permit = { amount: deposit, nonce: 1n, deadline };
    const signature = await payer.signTypedData(openPermitTypedData(channel, permit, chain.escrow));
    const { payee, salt, authorizedSigner } = channel;
    const open = {
      functionName: "openWithPermit2",
      args: [payee, token, deposit, salt, authorizedSigner, payer.address, 1n, deadline, signature],
    };
    await witness.transact(keeper, open, [openedEvent(channel)]);

    const more = { amount: 7n, nonce: 2n, deadline };
    const consent = await payer.signTypedData(topUpPermitTypedData(channel, more, chain.escrow));
    const topUp = { functionName: "topUpWithPermit2", args: [channel, 7n, 2n, deadline, consent] };
    await witness.transact(keeper, topUp, [toppedUp(channel, deposit + 7n)]);
  });

  it("settles by the tick", async () => {
    const { chain, witness, payer, keeper, idOf, open } = the();
    const channel = await open();
    const channelId = idOf(channel);
    const ticks = createTicks({ length: 20 });
    const offer = { channelId, cumulativeAmount: 100n, tickRoot: ticks.root, tickValue: 3n };
    const { signature } = await signTickVoucher(payer, offer, chain.escrow);
    const settle = (count: number, link: Hex) => ({
      functionName: "settleTicks",
      args: [channel, 100n, ticks.root, 3n, signature, BigInt(count), link],
    });
    await witness.transact(keeper, settle(20, ticks.secret), [
      { name: "ChannelSettled", args: { channelId, settled: 160n } },
    ]);
    await witness.reverts(keeper, settle(21, ticks.secret), "TickMismatch", [ticks.root, keccak256(ticks.root)]);
    await witness.reverts(keeper, settle(65_536, ticks.secret), "TooManyTicks", [65_535n, 65_536n]);
  });

  it("is not deployed with a grace period longer than a year", async () => {
    const { abi, witness, keeper, bytecode } = the();
    const year = 365n * 86_400n;
    const creation = encodeDeployData({ abi, bytecode, args: [year + 1n] });
    await witness.refuses(keeper, { data: creation }, "GracePeriodTooLong", [year, year + 1n]);
  });
}
