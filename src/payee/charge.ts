import type { Hex } from "viem";
import { isHex } from "../protocol/bytes.ts";
import { maxAmount } from "../protocol/channel.ts";
import type { Context } from "./context.ts";
import { channelNotFound, refusal } from "./refusal.ts";
import type { Acceptance, ChargeRequest, Payee, Refusal } from "./types.ts";
import { write } from "./write.ts";

/** See {@link Payee.charge}. */
export async function charge(
  context: Context,
  ...[channelId, request]: Parameters<Payee["charge"]>
): Promise<Acceptance | Refusal> {
  if (!isChannelId(channelId) || !isChargeRequest(request) || request.idempotencyKey === undefined) return malformed;
  const record = await context.store.get(channelId.toLowerCase() as Hex);
  if (!record) return channelNotFound;
  const { idempotencyKey: key, amount } = request;
  return write(context, record, { charge: { key, amount, at: context.clock() } });
}

/** 32 bytes in hexadecimal, either case. */
export function isChannelId(value: unknown): value is Hex {
  return isHex(value, 32);
}

/** A price above 0, or `all`, and within an amount's width, and a key, if any, of 1 to 255 printable ASCII characters, as a header holds. */
export function isChargeRequest(value: unknown): value is ChargeRequest {
  if (typeof value !== "object" || value === null) return false;
  const { amount, idempotencyKey } = value as Record<string, unknown>;
  if (amount !== "all" && (typeof amount !== "bigint" || amount <= 0n || amount > maxAmount)) return false;
  if (idempotencyKey === undefined) return true;
  return typeof idempotencyKey === "string" && /^[\x20-\x7e]{1,255}$/.test(idempotencyKey);
}

const malformed = refusal(
  "malformed",
  "The charge is malformed: give a channel id of 32 bytes, an amount above 0 and a key of 1 to 255 printable ASCII characters.",
);
