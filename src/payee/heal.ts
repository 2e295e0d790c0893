import type { Hex } from "viem";
import { channelId, channelSigner, maxDeposit } from "../protocol/channel.ts";
import type { ChannelRecord } from "../store/record.ts";
import { isVoucher } from "./accept.ts";
import { withObserved } from "./chainState.ts";
import type { Context } from "./context.ts";
import { channelFinalized, channelNotFound, refusal, tooManyForgeries } from "./refusal.ts";
import { newRecord, readChannel } from "./register.ts";
import { signatureShapeFault, voucherFault } from "./signature.ts";
import { ownerFault } from "./start.ts";
import type { Acceptance, Payee, Refusal } from "./types.ts";

/** See {@link Payee.heal}. Order: shape, whose store, signature, chain, one write. */
export async function heal(
  context: Context,
  ...[descriptor, voucher, { evidence } = {}]: Parameters<Payee["heal"]>
): Promise<Acceptance | Refusal> {
  const channel = readChannel(context, descriptor);
  if ("ok" in channel) return channel;
  const id = channelId(channel, context.escrow);
  if (!isVoucher(voucher) || voucher.channelId.toLowerCase() !== id || voucher.cumulativeAmount > maxDeposit)
    return malformed;
  const { cumulativeAmount, signature } = voucher;
  const shape = signatureShapeFault(context, signature) ?? (await ownerFault(context));
  if (shape) return shape;
  if (!context.failures.allows(id)) return tooManyForgeries;
  const fault = await voucherFault(context, channelSigner(channel), { channelId: id, cumulativeAmount, signature });
  if (fault) {
    context.failures.count(id);
    return fault;
  }

  const observed = await context.chainState.read(id);
  let result: Acceptance | Refusal = channelNotFound;
  await context.store.update(id, (stored) => {
    const record = stored ? withObserved(stored, observed) : newRecord(context, channel, observed);
    const refused = healFault(context, record, { cumulativeAmount, evidence });
    if (refused) {
      result = refused;
      return stored;
    }
    const healed = proven(record, { cumulativeAmount, signature, evidence });
    result = { ok: true, record: healed, replayed: healed === record };
    return healed;
  });
  return result;
}

function healFault(
  context: Context,
  record: ChannelRecord,
  { cumulativeAmount, evidence }: { cumulativeAmount: bigint; evidence: string | undefined },
): Refusal | undefined {
  if (record.deposit === 0n) return channelNotFound;
  if (record.finalized) return channelFinalized;
  if (cumulativeAmount > record.deposit) return aboveDeposit;
  if (cumulativeAmount < record.settled) {
    return refusal(
      "delta-too-small",
      `The chain has paid out ${record.settled} on this channel already: only a voucher for that or more heals its record.`,
      record.settled,
    );
  }
  if (!context.evidence) return undefined;
  if (evidence === undefined) return withoutEvidence;
  return context.evidence(record, { cumulativeAmount, evidence });
}

/**
 * All that is signed counts as delivered: what was sold in the time that the store forgot is not sold again. A record that knows more
 * than the voucher stays as it is.
 */
function proven(
  record: ChannelRecord,
  voucher: { cumulativeAmount: bigint; signature: Hex; evidence: string | undefined },
): ChannelRecord {
  const { cumulativeAmount, signature, evidence } = voucher;
  const isKnown = record.signature !== undefined || record.ticks !== undefined;
  if (cumulativeAmount < record.authorized || (cumulativeAmount === record.authorized && isKnown)) return record;
  const { ticks: _retired, reservations: _lapsed, ...rest } = record;
  const kept = evidence === undefined ? {} : { evidence };
  return { ...rest, authorized: cumulativeAmount, spent: cumulativeAmount, signature, ...kept };
}

const malformed = refusal(
  "malformed",
  "The voucher is malformed, or not of this channel: give the channel's descriptor and the payer's own newest voucher on it.",
);

const aboveDeposit = refusal("amount-exceeds-deposit", "The voucher is for more than the channel holds on the chain.");

const withoutEvidence = refusal("malformed", "This payee takes no voucher without the evidence that belongs to it.");
