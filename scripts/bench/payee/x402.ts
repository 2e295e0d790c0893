import type { PaymentPayload, PaymentRequirements } from "@x402/core/types";
import { computeChannelId, signVoucher } from "@x402/evm/batch-settlement/client";
import { BatchSettlementEvmScheme } from "@x402/evm/batch-settlement/server";
import type { Hex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { channelCount, deposit, owed, type Taker, turn, unit, WrongResultError } from "./taker.ts";

const network = "eip155:84532";
const receiver = privateKeyToAccount(generatePrivateKey()).address;
const token = "0x036CbD53842c5426634e7929541eC2318f3dCF7e";
/** Longer than any run. */
const fresh = 86_400_000;

/**
 * `@x402/evm` as its resource server runs it for a voucher that it can verify by itself: the batch-settlement scheme's own hooks, the
 * reservation and the commit, over its own in-memory storage. Its facilitator, its HTTP and its core around them are left out.
 */
export async function x402(): Promise<Taker> {
  const scheme = new BatchSettlementEvmScheme(receiver, { onchainStateTtlMs: fresh });
  const { onBeforeVerify, onAfterVerify, onBeforeSettle } = scheme.schemeHooks;
  const storage = scheme.getStorage();
  const requirements: PaymentRequirements = {
    scheme: "batch-settlement",
    network,
    asset: token,
    amount: unit.toString(),
    payTo: receiver,
    maxTimeoutSeconds: 60,
    extra: { receiverAuthorizer: receiver, withdrawDelay: 86_400 },
  };

  const channels = Array.from({ length: channelCount }, () => {
    const payer = privateKeyToAccount(generatePrivateKey());
    const channelConfig = {
      payer: payer.address,
      payerAuthorizer: payer.address,
      receiver,
      receiverAuthorizer: receiver,
      token,
      withdrawDelay: 86_400,
      salt: generatePrivateKey(),
    } as const;
    return { payer, channelConfig, id: computeChannelId(channelConfig, network) };
  });
  for (const { id, channelConfig } of channels) {
    await storage.updateChannel(id, () => ({
      channelId: id,
      channelConfig,
      chargedCumulativeAmount: "0",
      signedMaxClaimable: "0",
      signature: "0x",
      balance: deposit.toString(),
      totalClaimed: "0",
      withdrawRequestedAt: 0,
      refundNonce: 0,
      onchainSyncedAt: Date.now(),
      lastRequestTimestamp: Date.now(),
    }));
  }
  let signed = 0;
  let taken = 0;
  let texts: string[] = [];

  async function takeOne(text: string): Promise<void> {
    const paymentPayload: PaymentPayload = { x402Version: 2, accepted: requirements, payload: JSON.parse(text) };
    const context = { paymentPayload, requirements, declaredExtensions: {} };
    const before = await onBeforeVerify?.(context);
    if (!before || !("skip" in before) || !before.result.isValid)
      throw new WrongResultError(`x402 did not verify a voucher: ${JSON.stringify(before)}`);
    const after = await onAfterVerify?.({ ...context, result: before.result });
    if (after) throw new WrongResultError(`x402 did not reserve: ${JSON.stringify(after)}`);
    const settled = await onBeforeSettle?.({ ...context, phase: "after-handler" });
    if (!settled || !("skip" in settled) || !settled.result.success)
      throw new WrongResultError(`x402 did not commit: ${JSON.stringify(settled)}`);
    taken += 1;
  }

  return {
    async prepare(count) {
      texts = [];
      for (let n = 0; n < count; n++) {
        const { channel, cumulativeAmount } = turn(signed++);
        const { payer, channelConfig, id } = channels[channel] as (typeof channels)[number];
        const voucher = await signVoucher(payer, id as Hex, cumulativeAmount.toString(), network);
        texts.push(JSON.stringify({ type: "voucher", channelConfig, voucher }));
      }
    },
    async take() {
      for (const text of texts) await takeOne(text);
    },
    async check() {
      for (const [index, { id }] of channels.entries()) {
        const channel = await storage.get(id);
        if (channel?.chargedCumulativeAmount !== owed(index, taken).toString())
          throw new WrongResultError(`x402 keeps ${channel?.chargedCumulativeAmount} of ${owed(index, taken)}`);
      }
    },
  };
}
