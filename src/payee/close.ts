import type { Hex } from "viem";
import { channelSigner } from "../protocol/channel.ts";
import { closeRequestDigest, signCloseAuthorization } from "../protocol/close.ts";
import type { ChannelRecord, CloseAuthorization } from "../store/record.ts";
import { withObserved } from "./chainState.ts";
import { isChannelId } from "./charge.ts";
import type { Context } from "./context.ts";
import { channelFinalized, channelNotFound, refusal, tooManyForgeries } from "./refusal.ts";
import { signatureFault, signatureShapeFault } from "./signature.ts";
import type { Acceptance, Refusal } from "./types.ts";

/** How long a payee's consent to close is good: 30 days of block time, in seconds. The keeper needs minutes. */
export const consentPeriod = 30n * 86_400n;

/** See {@link Payee.requestClose}. */
export async function requestClose(context: Context, channelId: Hex, signature: Hex): Promise<Acceptance | Refusal> {
  if (!isChannelId(channelId)) return badId;
  const shape = signatureShapeFault(context, signature);
  if (shape) return shape;
  const id = channelId.toLowerCase() as Hex;
  const stored = await context.store.get(id);
  if (!stored) return channelNotFound;

  const record = withObserved(stored, await context.chainState.fresh(id));
  const { channel, deposit } = record;
  const signers = [...new Set([channel.payer, channelSigner(channel)])];
  const digest = closeRequestDigest({ channelId: id, deposit }, context.escrow);
  if (!context.failures.allows(id)) return tooManyForgeries;
  const fault = await signatureFault(context, { signers, digest, signature });
  if (fault) {
    context.failures.count(id);
    return fault;
  }
  return keep(context, record, (current) => {
    // The chain already shows what was asked for, or another request for this deposit is kept.
    if (current.closeRequestedAt !== 0n || current.closeRequest?.deposit === deposit) return current;
    if (current.deposit !== deposit) return undefined;
    return { ...current, closeRequest: { deposit, signature } };
  });
}

/** See {@link Payee.authorizeClose}. Closes at `authorized`: the payer signed it, and no lower voucher is kept to close at. */
export async function authorizeClose(context: Context, channelId: Hex): Promise<Acceptance | Refusal> {
  if (!isChannelId(channelId)) return badId;
  if (!context.signer) return noKey;
  const id = channelId.toLowerCase() as Hex;
  context.closing.add(id);
  try {
    // A voucher that was in flight may land while this is being signed; after a few of them none can be left.
    for (let attempt = 0; attempt < 8; attempt++) {
      const result = await consent(context, id);
      if (result !== moved) return result;
    }
    return moved;
  } finally {
    context.closing.delete(id);
  }
}

async function consent(context: Context, id: Hex): Promise<Acceptance | Refusal> {
  const stored = await context.store.get(id);
  if (!stored) return channelNotFound;
  const record = withObserved(stored, await context.chainState.read(id));
  const { timestamp } = await context.observer.block();
  if (isGood(record.closeAuthorization, timestamp)) return keep(context, record, (current) => current);

  const { authorized, settled } = record;
  const isOwed = authorized > settled;
  if (isOwed && !record.signature) return record.ticks ? onlyTicks : noVoucher;
  const cumulativeAmount = isOwed ? authorized : settled;
  const deadline = timestamp + consentPeriod;
  const closeAuthorization: CloseAuthorization = {
    cumulativeAmount,
    voucherSignature: isOwed && record.signature ? record.signature : "0x",
    deadline,
    signature: await signCloseAuthorization(
      context.signer as NonNullable<Context["signer"]>,
      { channelId: id, cumulativeAmount, deadline },
      context.escrow,
    ),
  };
  return keep(context, record, (current) => {
    const isSame = current.authorized === authorized && current.settled === settled;
    return isSame ? { ...current, closeAuthorization } : undefined;
  });
}

/** Whether a consent has at least half of its life left. */
function isGood(authorization: CloseAuthorization | undefined, now: bigint): boolean {
  return authorization !== undefined && authorization.deadline >= now + consentPeriod / 2n;
}

/** One conditional write; `change` gives undefined when the record has moved on since it was judged. */
async function keep(
  context: Context,
  judged: ChannelRecord,
  change: (current: ChannelRecord) => ChannelRecord | undefined,
): Promise<Acceptance | Refusal> {
  let result: Acceptance | Refusal = channelNotFound;
  await context.store.update(judged.id, (stored) => {
    if (!stored) {
      result = channelNotFound;
      return undefined;
    }
    const { deposit, settled, closeRequestedAt, finalized, block } = judged;
    const current =
      stored.block.number <= block.number
        ? { ...stored, deposit, settled, closeRequestedAt, finalized, block }
        : stored;
    if (current.finalized) {
      result = channelFinalized;
      return current;
    }
    const next = change(current);
    result = next ? { ok: true, record: next, replayed: false } : moved;
    return next ?? stored;
  });
  return result;
}

const badId = refusal("malformed", "The channel id is malformed: give 32 bytes in hexadecimal.");

const noKey = refusal(
  "unavailable",
  "This payee holds no signing key here. Close the channel by a transaction of the payee's own, or start it with a signer.",
);

const noVoucher = refusal(
  "unavailable",
  "More is owed than was settled, yet the store holds no voucher for it. Ask the payer for its newest voucher first.",
);

const onlyTicks = refusal(
  "unavailable",
  "What is owed is proven by ticks, and a close takes a voucher alone. Ask the payer for one over what is owed, or settle the ticks first.",
);

/** The record changed while it was judged. */
const moved = refusal("unavailable", "The channel changed at this very moment. Try again.");
