import type { Hex } from "viem";

/**
 * Bytes of hexadecimal of either case with `0x`, or undefined for anything else: by a table, many times faster than what throws on
 * bad input and tells where.
 * @param into Where to write, at `offset`; a new array unless given.
 */
export function hexToBytes(hex: Hex, into?: Uint8Array, offset = 0): Uint8Array | undefined {
  if (hex.length % 2 !== 0 || !hex.startsWith("0x")) return undefined;
  const target = into ?? new Uint8Array((hex.length - 2) / 2);
  let bad = 0;
  for (let from = 2, to = offset; from < hex.length; from += 2, to++) {
    // Above 127 is no digit; a text may hold what no table of 128 has.
    const high = hex.charCodeAt(from);
    const low = hex.charCodeAt(from + 1);
    const value = ((digits[high] ?? none) << 4) | (digits[low] ?? none);
    bad |= value;
    target[to] = value;
  }
  return bad < 256 ? target : undefined;
}

/**
 * Whether a value is `0x` and hexadecimal of either case, for just so many bytes, or any whole number of them. By the table again: of
 * digits nobody can foretell whether one is a letter, and a regular expression, which branches on it, takes three times as long.
 */
export function isHex(value: unknown, bytes?: number): value is Hex {
  if (typeof value !== "string" || value.length % 2 !== 0 || !value.startsWith("0x")) return false;
  if (bytes !== undefined && value.length !== 2 + 2 * bytes) return false;
  let seen = 0;
  for (let index = 2; index < value.length; index++) seen |= digits[value.charCodeAt(index)] ?? none;
  return seen < none;
}

/** Of a character that is no digit: beyond what two digits can make. */
const none = 256;

const digits = new Uint16Array(128).fill(none);
for (const [value, digit] of [..."0123456789abcdef"].entries()) {
  digits[digit.charCodeAt(0)] = value;
  digits[digit.toUpperCase().charCodeAt(0)] = value;
}
