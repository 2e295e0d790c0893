import { formatUnits, parseUnits } from "viem";
import { formatAmount, InvalidAmountError, parseAmount } from "./amount.ts";

/**
 * Reads an amount as people write it, in whole tokens with a point, into base units. Strict as `parseAmount`, and exact: more
 * decimals than the token has are refused, never rounded.
 * @param decimals Of the token: 6 for most dollars, 18 for most coins.
 * @throws {@link InvalidAmountError}
 * @example
 * parseTokenAmount("0.25", 6) // 250000n
 */
export function parseTokenAmount(text: string, decimals: number): bigint {
  if (typeof text !== "string" || text.length > 80) throw new InvalidAmountError("it is not a short text");
  const [, whole = "", fraction = ""] = /^([0-9]+)(?:\.([0-9]+))?$/.exec(text) ?? [];
  parseAmount(whole);
  if (fraction.length > decimals) throw new InvalidAmountError(`the token has ${decimals} decimals, and it has more`);
  return parseAmount(parseUnits(text, decimals).toString());
}

/**
 * Writes base units as people read them, in whole tokens with a point and no trailing zeros.
 * @throws {@link InvalidAmountError} below 0 or above 2^128 - 1.
 * @example
 * formatTokenAmount(250000n, 6) // "0.25"
 */
export function formatTokenAmount(amount: bigint, decimals: number): string {
  return formatUnits(BigInt(formatAmount(amount)), decimals);
}
