import { maxAmount } from "./channel.ts";
import { FarthingError } from "./errors.ts";

/**
 * Reads an amount of base units in decimal, strictly: ASCII digits alone, no sign, exponent, space, separator or leading zero.
 * @param options.max The largest amount allowed; 2^128 - 1 unless told, the largest that a message can carry.
 * @throws {@link InvalidAmountError} for anything else, long texts before they are looked at.
 * @example
 * parseAmount("250000") // 250000n, which is 0.25 of a token with 6 decimals
 */
export function parseAmount(text: string, options: { max?: bigint } = {}): bigint {
  const { max = maxAmount } = options;
  if (typeof text !== "string") throw new InvalidAmountError("it is not a text");
  if (text.length > (max === maxAmount ? mostDigits : max.toString().length))
    throw new InvalidAmountError(`it is above ${max}`);
  if (!decimal.test(text)) throw new InvalidAmountError("it is not plain digits without a leading zero");
  const amount = BigInt(text);
  if (amount > max) throw new InvalidAmountError(`it is above ${max}`);
  return amount;
}

/**
 * Writes an amount of base units in decimal, as {@link parseAmount} reads it.
 * @throws {@link InvalidAmountError} below 0 or above 2^128 - 1.
 */
export function formatAmount(amount: bigint, options: { max?: bigint } = {}): string {
  const { max = maxAmount } = options;
  if (amount < 0n) throw new InvalidAmountError("it is negative");
  if (amount > max) throw new InvalidAmountError(`it is above ${max}`);
  return amount.toString();
}

/** A text is not an amount. */
export class InvalidAmountError extends FarthingError {
  override readonly name = "InvalidAmountError";
  constructor(reason: string) {
    super("invalid-amount", `The amount was refused: ${reason}. Give base units as decimal digits, such as "250000".`);
  }
}

const mostDigits = maxAmount.toString().length;

const decimal = /^(?:0|[1-9][0-9]*)$/;
