import type { Hex } from "viem";
import type { Observed } from "../chain/observer.ts";
import { type Channel, canonicalChannel, channelId, InvalidChannelError } from "../protocol/channel.ts";
import type { ChannelRecord } from "../store/record.ts";
import { withObserved } from "./chainState.ts";
import { isChannelId } from "./charge.ts";
import type { Context } from "./context.ts";
import { closeFault } from "./ledger.ts";
import { channelFinalized, channelNotFound, closePending, refusal } from "./refusal.ts";
import type { Acceptance, Refusal } from "./types.ts";

/** See {@link Payee.register}. The deposit is always what the chain says, never a sum. */
export async function register(context: Context, descriptor: Channel): Promise<Acceptance | Refusal> {
  const channel = readChannel(context, descriptor);
  if ("ok" in channel) return channel;
  const id = channelId(channel, context.escrow);
  const observed = await context.chainState.read(id);
  let result: Acceptance | Refusal = channelNotFound;
  await context.store.update(id, (stored) => {
    if (stored) {
      const record = withoutVoidRequest(withObserved(stored, observed));
      result = closeFault(record) ?? { ok: true, record, replayed: false };
      return record;
    }
    const fault = openingFault(context, observed);
    if (fault) {
      result = fault;
      return undefined;
    }
    const record = newRecord(context, channel, observed);
    result = { ok: true, record, replayed: false };
    return record;
  });
  return result;
}

/** A channel of this payee's, canonical, or why it is none. */
export function readChannel({ address, terms }: Context, descriptor: Channel): Channel | Refusal {
  const channel = readDescriptor(descriptor);
  if (!channel) return malformed;
  if (channel.payee !== address) return refusal("malformed", `The channel pays ${channel.payee}, not this payee.`);
  if (terms.tokens.includes(channel.token)) return channel;
  return refusal("malformed", `This payee does not take token ${channel.token}. It takes ${terms.tokens.join(", ")}.`);
}

/** See {@link Payee.refresh}. */
export async function refresh(context: Context, id: Hex): Promise<Acceptance | Refusal> {
  if (!isChannelId(id)) return channelNotFound;
  const record = await context.store.get(id.toLowerCase() as Hex);
  return record ? register(context, record.channel) : channelNotFound;
}

function openingFault(context: Context, { deposit, finalized, closeRequestedAt }: Observed): Refusal | undefined {
  if (deposit === 0n) return notConfirmed;
  if (finalized) return channelFinalized;
  if (closeRequestedAt !== 0n) return closePending;
  const { minDeposit } = context.terms;
  if (deposit >= minDeposit) return undefined;
  return refusal(
    "insufficient-balance",
    `The channel holds ${deposit}; this payee wants ${minDeposit} or more. Top it up and present it again.`,
  );
}

/** What was settled before this store knew of the channel was signed, and is taken as spent: it buys nothing a second time. */
export function newRecord(context: Context, channel: Channel, observed: Observed): ChannelRecord {
  const { deposit, settled, closeRequestedAt, finalized, block } = observed;
  return {
    id: observed.id.toLowerCase() as ChannelRecord["id"],
    escrow: context.escrow,
    channel,
    deposit,
    settled,
    closeRequestedAt,
    finalized,
    block: { number: block.number, hash: block.hash },
    authorized: settled,
    spent: settled,
    charges: [],
  };
}

/** A top-up voids a close request: the escrow would refuse it, so the keeper need not try. */
function withoutVoidRequest(record: ChannelRecord): ChannelRecord {
  if (!record.closeRequest || record.closeRequest.deposit === record.deposit) return record;
  const { closeRequest: _void, ...rest } = record;
  return rest;
}

/** The canonical descriptor, or undefined for anything that is not one. */
function readDescriptor(value: unknown): Channel | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  for (const name of ["payer", "payee", "token", "salt", "authorizedSigner"]) {
    if (typeof fields[name] !== "string") return undefined;
  }
  try {
    return canonicalChannel(value as Channel);
  } catch (error) {
    if (error instanceof InvalidChannelError) return undefined;
    throw error;
  }
}

const malformed = refusal(
  "malformed",
  "The channel is malformed: give payer, payee, token, salt (32 bytes) and authorizedSigner in hexadecimal.",
);

const notConfirmed = refusal(
  "channel-not-found",
  "The chain shows no such channel at the confirmation depth. Check payer, token, salt and signer, or wait for a few blocks and try again.",
);
