import type { Hex } from "viem";
import { maxTicks } from "../protocol/tick.ts";
import type { ChannelRecord, RevealedTicks } from "../store/record.ts";
import { isChannelId, isChargeRequest } from "./charge.ts";
import type { Context } from "./context.ts";
import { channelNotFound, refusal } from "./refusal.ts";
import { tickCharge } from "./tick.ts";
import { tickHash } from "./tickHash.ts";
import { createTickLine } from "./tickLine.ts";
import type { Acceptance, ChargeRequest, Refusal, TickStream } from "./types.ts";
import { write } from "./write.ts";

/** See {@link Payee.openTicks}. */
export async function openTicks(
  context: Context,
  channelId: Hex,
  run: (work: () => Promise<Acceptance | Refusal>) => Promise<Acceptance | Refusal>,
): Promise<TickStream | Refusal> {
  if (!isChannelId(channelId)) return channelNotFound;
  const id = channelId.toLowerCase() as Hex;
  const record = await context.store.get(id);
  if (!record) return channelNotFound;
  const { ticks: offer } = record;
  if (!offer) return withoutOffer;
  const chain = offer;
  const line = createTickLine(chain, await tickHash(), limitOf(context, record, chain));

  async function keep(charge: ChargeRequest | undefined): Promise<Acceptance | Refusal> {
    if (charge !== undefined && !isChargeRequest(charge)) return badCharge;
    const known = await context.store.get(id);
    if (!known) return channelNotFound;
    const ticks = { ...chain, ...line.revealed() };
    const kept = await write(context, known, { ticks, ...tickCharge(context, ticks, charge) });
    if (kept.ok) line.limit = limitOf(context, kept.record, chain);
    return kept;
  }

  return {
    ticks: line.ticks,
    accept: (link) => line.accept(link),
    keep: ({ charge } = {}) => run(() => keep(charge)),
  };
}

/** How many ticks the deposit, and what the channel may owe unsettled, are good for. The write asks again, and of a fresher chain. */
function limitOf({ terms }: Context, { deposit, settled }: ChannelRecord, offer: RevealedTicks): number {
  const { maxUnsettledPerChannel: exposure } = terms;
  const most = exposure !== undefined && settled + exposure < deposit ? settled + exposure : deposit;
  if (most < offer.cumulativeAmount) return 0;
  const covered = (most - offer.cumulativeAmount) / offer.tickValue;
  return covered < maxTicks ? Number(covered) : maxTicks;
}

const withoutOffer = refusal(
  "tick-root-unknown",
  "This payee holds no offer of ticks on the channel. Send one with a tick first.",
);

const badCharge = refusal(
  "malformed",
  "The charge is malformed: give an amount above 0 and a key of 1 to 255 printable ASCII characters.",
);
