import { type Hex, hexToBytes } from "viem";
import { channelSigner, maxAmount, maxDeposit } from "../protocol/channel.ts";
import { isSameOffer, maxTicks, owedByTicks, type TickPayment, tickVoucherDigest } from "../protocol/tick.ts";
import type { ChannelRecord, RevealedTicks } from "../store/record.ts";
import { isChannelId, isChargeRequest } from "./charge.ts";
import type { Context } from "./context.ts";
import type { Entry } from "./ledger.ts";
import { channelNotFound, refusal, tooManyForgeries } from "./refusal.ts";
import { signatureFault, signatureShapeFault } from "./signature.ts";
import { tickHash } from "./tickHash.ts";
import { createTickLine, mismatch, mostAtOnce } from "./tickLine.ts";
import type { Acceptance, ChargeRequest, Payee, Refusal } from "./types.ts";
import { write } from "./write.ts";

/** See {@link Payee.acceptTick}. Order: shape, known channel, signature of an offer that is new, hashes, chain, one write. */
export async function acceptTick(
  context: Context,
  ...[payment, options = {}]: Parameters<Payee["acceptTick"]>
): Promise<Acceptance | Refusal> {
  const malformed = shapeFault(context, payment, options);
  if (malformed) return malformed;
  const id = payment.channelId.toLowerCase() as Hex;
  const record = await context.store.get(id);
  if (!record) return channelNotFound;

  const revealed = await verified(context, record, payment);
  if ("ok" in revealed) return revealed;
  return write(context, record, { ticks: revealed, ...tickCharge(context, revealed, options.charge) });
}

/** The charge that comes with a tick; by default its key is what is owed with the tick. */
export function tickCharge(
  context: Context,
  ticks: RevealedTicks,
  charge: ChargeRequest | undefined,
): Pick<Entry, "charge"> {
  if (!charge) return {};
  const { amount, idempotencyKey: key = owedByTicks(ticks, ticks.ticks).toString() } = charge;
  return { charge: { key, amount, at: context.clock() } };
}

/** What a payment proves, or why it proves nothing. */
async function verified(
  context: Context,
  record: ChannelRecord,
  payment: TickPayment,
): Promise<RevealedTicks | Refusal> {
  const offered = await offerOf(context, record, payment);
  if ("ok" in offered) return offered;
  const { ticks } = payment;
  const link = payment.link.toLowerCase() as Hex;
  if (Math.abs(ticks - offered.ticks) > mostAtOnce) return tooMany;
  const line = createTickLine(offered, await tickHash());
  const bytes = hexToBytes(link);
  if (ticks <= offered.ticks) return line.holds(bytes, ticks) ? { ...offered, ticks, link } : mismatch;
  return line.accept(bytes, ticks - offered.ticks) ?? { ...offered, ticks, link };
}

/** The offer that a payment is of, and how far its chain is known to be revealed: the one that is kept, else the one that it brings. */
async function offerOf(
  context: Context,
  { id, channel, ticks: kept }: ChannelRecord,
  { tickRoot, offer }: TickPayment,
): Promise<RevealedTicks | Refusal> {
  if (kept && isSameOffer(kept, { ...kept, ...offer, tickRoot })) return kept;
  if (!offer) return rootUnknown;
  const root = tickRoot.toLowerCase() as Hex;
  const { cumulativeAmount, tickValue, signature } = offer;
  const fresh = { cumulativeAmount, tickRoot: root, tickValue, signature };
  const digest = tickVoucherDigest({ channelId: id, ...fresh }, context.escrow);
  if (!context.failures.allows(id)) return tooManyForgeries;
  const fault = await signatureFault(context, { signers: [channelSigner(channel)], digest, signature });
  if (fault) context.failures.count(id);
  return fault ?? { ...fresh, ticks: 0, link: root };
}

/** Why a payment is not even worth a look-up, or undefined. */
function shapeFault(
  context: Context,
  payment: TickPayment,
  options: NonNullable<Parameters<Payee["acceptTick"]>[1]>,
): Refusal | undefined {
  if (typeof payment !== "object" || payment === null) return badTick;
  const { channelId, tickRoot, ticks, link, offer } = payment;
  if (!isChannelId(channelId) || !isChannelId(tickRoot) || !isChannelId(link)) return badTick;
  if (!Number.isInteger(ticks) || ticks < 1) return badTick;
  if (ticks > maxTicks) return mismatch;
  if (typeof options !== "object" || options === null) return badOptions;
  if (options.charge !== undefined && !isChargeRequest(options.charge)) return badOptions;
  if (offer === undefined) return undefined;
  if (typeof offer !== "object" || offer === null) return badTick;
  const { cumulativeAmount, tickValue, signature } = offer;
  if (!isAmount(cumulativeAmount) || !isAmount(tickValue) || tickValue === 0n) return badTick;
  if (owedByTicks(offer, ticks) > maxDeposit) return aboveEveryDeposit;
  return signatureShapeFault(context, signature);
}

function isAmount(value: unknown): value is bigint {
  return typeof value === "bigint" && value >= 0n && value <= maxAmount;
}

const badTick = refusal(
  "malformed",
  "The tick is malformed: give a channelId, a tickRoot and a link of 32 bytes, a count of 1 or more, and with an offer its base and a value above 0.",
);

const badOptions = refusal(
  "malformed",
  "The charge is malformed: give an amount above 0 and a key of 1 to 255 printable ASCII characters.",
);

const aboveEveryDeposit = refusal("amount-exceeds-deposit", "No channel can hold that much: a deposit has 104 bits.");

const rootUnknown = refusal(
  "tick-root-unknown",
  "This payee holds no offer for this root, or a newer voucher retired it. Send the offer with the tick, or a voucher.",
);

const tooMany = refusal(
  "too-many-ticks",
  `More than ${mostAtOnce.toLocaleString("en")} ticks are not hashed at once. Send a voucher over what is owed, and go on with a fresh root.`,
);
