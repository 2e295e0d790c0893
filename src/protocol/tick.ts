import { type Hex, keccak256 } from "viem";
import type { Escrow } from "./channel.ts";
import type { Signer } from "./signer.ts";
import { messageDigest, signMessage, word } from "./typedData.ts";

/** Most ticks of one offer: the escrow settles no more at once. */
export const maxTicks = 65_535;

/**
 * A payer's offer: on this channel, `cumulativeAmount` and `tickValue` more for each link of the hash chain that it reveals. A
 * channel owes the maximum over its vouchers and ticks, never a sum.
 */
export type TickVoucher = {
  channelId: Hex;
  /** What is owed before the first tick, base units, cumulative, at most 2^128 - 1. */
  cumulativeAmount: bigint;
  /** The end of the hash chain, 32 bytes. Sign each once, for one channel. */
  tickRoot: Hex;
  /** What one tick adds, base units, at most 2^128 - 1. */
  tickValue: bigint;
};

export type SignedTickVoucher = TickVoucher & {
  /** 65 bytes: `r`, `s`, `v`. With a link it is money until settled: never log it. */
  signature: Hex;
};

/** The signed part of a payment by ticks, the same for every tick of a chain. */
export type TickOffer = Pick<SignedTickVoucher, "cumulativeAmount" | "tickValue" | "signature">;

/** One payment by ticks as it travels: how far the chain of a root is revealed now. It is money until settled: never log it. */
export type TickPayment = TickLink & {
  channelId: Hex;
  tickRoot: Hex;
  /** What the root was signed for: wherever the payee may not hold it yet. */
  offer?: TickOffer;
};

/** A revealed link and how many ticks it stands for; the root stands for none. */
export type TickLink = { ticks: number; link: Hex };

/** Whether both are one offer, however they are spelled: one root for one base and one value. */
export function isSameOffer(one: Omit<TickVoucher, "channelId">, other: Omit<TickVoucher, "channelId">): boolean {
  return (
    one.tickRoot.toLowerCase() === other.tickRoot.toLowerCase() &&
    one.cumulativeAmount === other.cumulativeAmount &&
    one.tickValue === other.tickValue
  );
}

/** The digest of a `TickVoucher`. Equal to viem's `hashTypedData`. */
export function tickVoucherDigest(voucher: TickVoucher, escrow: Escrow): Hex {
  const { channelId, cumulativeAmount, tickRoot, tickValue } = voucher;
  const words = [channelId, word(cumulativeAmount), tickRoot, word(tickValue)];
  return messageDigest("TickVoucher", words, escrow);
}

/** Signs an offer of ticks. */
export async function signTickVoucher(
  signer: Signer,
  voucher: TickVoucher,
  escrow: Escrow,
): Promise<SignedTickVoucher> {
  const { channelId, cumulativeAmount, tickRoot, tickValue } = voucher;
  const message = { channelId, cumulativeAmount, tickRoot, tickValue };
  const digest = tickVoucherDigest(voucher, escrow);
  return { ...message, signature: await signMessage(signer, "TickVoucher", message, digest, escrow) };
}

/** What a channel owes once so many ticks of an offer are revealed, base units. */
export function owedByTicks(voucher: Pick<TickVoucher, "cumulativeAmount" | "tickValue">, ticks: number): bigint {
  return voucher.cumulativeAmount + BigInt(ticks) * voucher.tickValue;
}

/**
 * Whether a link is further along the chain that a known one is of: one hash for the next tick. Never throws.
 * @param known The newest link that was verified; `{ ticks: 0, link: tickRoot }` before the first.
 * @param next What the payer revealed. False for one that is not newer, or beyond {@link maxTicks}.
 */
export function verifyTick(known: TickLink, next: TickLink): boolean {
  if (!Number.isInteger(next.ticks) || next.ticks <= known.ticks || next.ticks > maxTicks) return false;
  if (!/^0x[0-9a-fA-F]{64}$/.test(next.link)) return false;
  return hashTimes(next.link, next.ticks - known.ticks) === known.link.toLowerCase();
}

/** `keccak256` so many times over; lower case. */
export function hashTimes(link: Hex, times: number): Hex {
  let hashed = link.toLowerCase() as Hex;
  for (let done = 0; done < times; done += 1) hashed = keccak256(hashed);
  return hashed;
}
