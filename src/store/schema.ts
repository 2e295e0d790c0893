import type { Hex } from "viem";
import { isHex } from "../protocol/bytes.ts";
import { maxAmount } from "../protocol/channel.ts";
import { InvalidRecordError } from "./errors.ts";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One shape, three uses: what may be stored, how it is written as JSON, and how strictly it is read back. */
export type Schema<T> = {
  /**
   * The value in its one spelling: a frozen copy, so that nobody can change what is stored. Parts that it shares with
   * `previous`, itself canonical, are taken over as they are.
   */
  canonical(value: T, path: string, previous?: T): T;
  /** A canonical value as JSON; bigints become decimal strings. */
  encode(value: T): Json;
  /** Accepts exactly what `encode` makes; anything else is refused by `fail`, which gets where and what was expected. */
  decode(value: unknown, path: string, fail: Fail): T;
};

export type Fail = (path: string, expected: string) => never;

type Field<T> = Schema<T> & { readonly optional?: true };

/** A field that may be absent, and is never present as undefined. */
export function optional<T>(schema: Schema<T>): Field<T> {
  return { ...schema, optional: true };
}

/** An object with exactly these fields. */
export function object<T extends object>(fields: { readonly [K in keyof T]-?: Field<T[K]> }): Schema<T> {
  const entries = Object.entries(fields) as [string, Field<unknown>][];

  function build(
    source: Record<string, unknown>,
    path: string,
    fail: Fail,
    visit: (field: Field<unknown>, value: unknown, at: string, key: string) => unknown,
  ): T {
    const result: Record<string, unknown> = {};
    const given = Object.keys(source);
    let unread = given.length;
    for (const [key, field] of entries) {
      const value = source[key];
      if (value === undefined && field.optional) continue;
      result[key] = visit(field, value, path ? `${path}.${key}` : key, key);
      unread -= 1;
    }
    // Only where something is left is it worth saying what.
    const odd = unread === 0 ? undefined : given.find((key) => !Object.hasOwn(fields, key));
    if (odd !== undefined) return fail(path ? `${path}.${odd}` : odd, "absent");
    return Object.freeze(result) as T;
  }

  return {
    canonical(value, path, previous) {
      if (value === previous) return value;
      if (!isObject(value)) return refuse(path, "an object");
      const parts = previous as Record<string, unknown> | undefined;
      const canonical = (field: Field<unknown>, item: unknown, at: string, key: string) => {
        const known = parts?.[key];
        return item === known ? item : field.canonical(item, at, known);
      };
      // Most of a record is in its one spelling: copied as a whole, which is faster than field by field, and put right where it is not.
      const result: Record<string, unknown> = { ...value };
      let unread = Object.keys(result).length;
      for (const [key, field] of entries) {
        const item = result[key];
        if (item === undefined && field.optional) continue;
        const made = canonical(field, item, path ? `${path}.${key}` : key, key);
        if (made !== item) result[key] = made;
        unread -= 1;
      }
      // What is left is a field too many, or one that is there and undefined.
      return unread === 0 ? (Object.freeze(result) as T) : build(value, path, refuse, canonical);
    },
    encode(value) {
      const result: Record<string, Json> = {};
      for (const [key, field] of entries) {
        const item = (value as Record<string, unknown>)[key];
        if (item !== undefined) result[key] = field.encode(item);
      }
      return result;
    },
    decode(value, path, fail) {
      if (!isObject(value)) return fail(path, "an object");
      return build(value, path, fail, (field, item, at) => field.decode(item, at, fail));
    },
  };
}

/** A list of any length. */
export function list<T>(item: Schema<T>): Schema<readonly T[]> {
  return {
    canonical(value, path, previous = []) {
      if (value === previous) return value;
      if (!Array.isArray(value)) return refuse(path, "a list");
      // Lists slide: the front leaves, the end is new.
      const shift = value.length > 0 ? Math.max(previous.indexOf(value[0]), 0) : 0;
      return Object.freeze(
        // Most of a long list is as it was: for that, neither a call nor a path is made.
        value.map((element, index) => {
          const known = previous[index + shift];
          return element === known ? element : item.canonical(element, `${path}[${index}]`, known);
        }),
      );
    },
    encode: (value) => value.map((element) => item.encode(element)),
    decode(value, path, fail) {
      if (!Array.isArray(value)) return fail(path, "a list");
      return Object.freeze(value.map((element, index) => item.decode(element, `${path}[${index}]`, fail)));
    },
  };
}

/** A whole number from 0 to `max`; a decimal string in JSON. */
export function whole(max: bigint): Schema<bigint> {
  const expected = `a whole number from 0 to ${max}`;
  return {
    canonical: (value, path) =>
      typeof value === "bigint" && value >= 0n && value <= max ? value : refuse(path, `a bigint, ${expected}`),
    encode: String,
    decode(value, path, fail) {
      if (typeof value !== "string" || !/^(0|[1-9][0-9]{0,77})$/.test(value)) return fail(path, expected);
      const number = BigInt(value);
      return number <= max ? number : fail(path, expected);
    },
  };
}

/** Base units, as much as a message can carry. */
export const amount: Schema<bigint> = whole(maxAmount);

/** Hexadecimal in lower case: exactly `size` bytes, or any number of whole bytes. */
export function hex(size?: number): Schema<Hex> {
  const expected = size === undefined ? "bytes in hexadecimal" : `${size} bytes in hexadecimal`;
  return {
    canonical(value, path) {
      return isHex(value, size) ? (value.toLowerCase() as Hex) : refuse(path, expected);
    },
    encode: (value) => value,
    decode: (value, path, fail) =>
      isHex(value, size) && value === value.toLowerCase() ? value : fail(path, `${expected}, lower case`),
  };
}

/** A number without a fraction, 0 or more, that JSON and JavaScript both hold exactly. */
export const integer: Schema<number> = plain(
  (value): value is number => Number.isSafeInteger(value) && (value as number) >= 0,
  "a whole number, 0 or more",
);

export const text: Schema<string> = plain((value) => typeof value === "string", "text");

export const boolean: Schema<boolean> = plain((value) => typeof value === "boolean", "true or false");

/** One of a few words. */
export function word<const T extends string>(...words: readonly T[]): Schema<T> {
  return plain((value): value is T => words.includes(value as T), `one of ${words.join(", ")}`);
}

function plain<T extends Json>(accepts: (value: unknown) => value is T, expected: string): Schema<T> {
  return {
    canonical: (value, path) => (accepts(value) ? value : refuse(path, expected)),
    encode: (value) => value,
    decode: (value, path, fail) => (accepts(value) ? value : fail(path, expected)),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refuse(path: string, expected: string): never {
  throw new InvalidRecordError(path || "it", expected);
}
