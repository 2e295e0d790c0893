import type { Address, Hex } from "viem";
import { InvalidAmountError, parseAmount } from "../amount.ts";
import { isHex } from "../bytes.ts";

/** Makes the error to throw for a field; the reason never quotes the value, which may be a signature. */
export type Malformed = (reason: string) => Error;

/**
 * Reads the fields of an object that came over the wire, strictly: own properties alone, of the type asked for, in canonical form.
 * Fields that nobody asks for are ignored, as the draft demands.
 */
export type Fields = {
  has(name: string): boolean;
  text(name: string, options?: { maxLength?: number }): string;
  /** One of the words given. */
  word<Word extends string>(name: string, words: readonly Word[]): Word;
  /** `bytes` bytes of hexadecimal, in lower case. */
  hex(name: string, bytes: number): Hex;
  /** At most `most` bytes of hexadecimal, in lower case. */
  bytes(name: string, most: number): Hex;
  /** An address in lower case, whatever its checksum: it is compared by its bytes. */
  address(name: string): Address;
  /** Base units or seconds in strict decimal, at most 2^128 - 1 unless told. */
  amount(name: string, options?: { max?: bigint }): bigint;
  /** A JSON number that is a safe integer, not negative. */
  integer(name: string): number;
  boolean(name: string): boolean;
  /** An array of texts. */
  texts(name: string): string[];
  object(name: string): Fields;
  /** An array of at most 64 objects. */
  objects(name: string): Fields[];
  /** Reads a field where there is one; a present field is as strict as a required one. */
  optional<Name extends string, Value>(name: Name, read: (name: Name) => Value): { [key in Name]?: Value };
};

/**
 * @param value What was parsed.
 * @param path How to call it in a reason, such as `payload`.
 * @throws what `malformed` makes when `value` is not an object.
 */
export function fieldsOf(value: unknown, path: string, malformed: Malformed): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw malformed(`${path} is not an object`);
  }
  const object: object = value;
  const own = (name: string): unknown => (Object.hasOwn(object, name) ? Reflect.get(object, name) : undefined);
  const refuse = (name: string, expected: string): Error =>
    malformed(own(name) === undefined ? `${path}.${name} is missing` : `${path}.${name} is not ${expected}`);

  const text: Fields["text"] = (name, { maxLength = defaultMaxLength } = {}) => {
    const found = own(name);
    if (typeof found !== "string" || found.length > maxLength) {
      throw refuse(name, `a text of at most ${maxLength} characters`);
    }
    return found;
  };
  const hex: Fields["hex"] = (name, bytes) => {
    const found = own(name);
    if (!isHex(found, bytes)) throw refuse(name, `${bytes} bytes of hexadecimal with 0x`);
    return found.toLowerCase() as Hex;
  };

  return {
    has: (name) => own(name) !== undefined,
    text,
    word(name, words) {
      const found = words.find((word) => word === own(name));
      if (found === undefined) throw refuse(name, `one of ${words.join(", ")}`);
      return found;
    },
    hex,
    bytes(name, most) {
      const found = own(name);
      const isFit = typeof found === "string" && found.length <= 2 + 2 * most && isHex(found);
      if (!isFit) throw refuse(name, `at most ${most} bytes of hexadecimal with 0x`);
      return found.toLowerCase() as Hex;
    },
    address: (name) => hex(name, 20),
    amount(name, options) {
      const found = own(name);
      if (typeof found !== "string") throw refuse(name, "an amount in decimal");
      try {
        return parseAmount(found, options);
      } catch (error) {
        if (error instanceof InvalidAmountError) throw refuse(name, "an amount in decimal, in range");
        throw error;
      }
    },
    integer(name) {
      const found = own(name);
      if (typeof found !== "number" || !Number.isSafeInteger(found) || found < 0) throw refuse(name, "a whole number");
      return found;
    },
    boolean(name) {
      const found = own(name);
      if (typeof found !== "boolean") throw refuse(name, "true or false");
      return found;
    },
    texts(name) {
      const found = own(name);
      const valid = Array.isArray(found) && found.length <= 32 && found.every((item) => typeof item === "string");
      if (!valid) throw refuse(name, "a list of at most 32 texts");
      return found;
    },
    object: (name) => fieldsOf(own(name), `${path}.${name}`, malformed),
    objects(name) {
      const found = own(name);
      if (!Array.isArray(found) || found.length > 64) throw refuse(name, "a list of at most 64 objects");
      return found.map((item, index) => fieldsOf(item, `${path}.${name}[${index}]`, malformed));
    },
    optional(name, read) {
      const found: { [key in typeof name]?: ReturnType<typeof read> } = {};
      if (own(name) !== undefined) found[name] = read(name);
      return found;
    },
  };
}

/** Long enough for every text of the draft: the longest is a request, inside a header of 16 KiB. */
const defaultMaxLength = 16_384;
