import { FarthingError } from "../errors.ts";

/** What the wire carries: no fractions, no nulls; amounts travel as decimal strings. A property that is undefined is absent. */
export type Json = string | number | boolean | readonly Json[] | { readonly [name: string]: Json | undefined };

/**
 * The one canonical text of a value: no white space, names in the order of their UTF-16 code units.
 * Source: RFC 8785 (JCS), restricted to strings, safe integers, booleans, arrays and objects.
 * @throws {@link NotCanonicalError} for any other value.
 */
export function canonicalJson(value: Json): string {
  return write(value, 0);
}

/**
 * Reads a JSON text with limits; undefined for what is not JSON, too long or too deep.
 * @param options.maxDepth How deep objects and arrays may nest, {@link maxJsonDepth} unless told.
 */
export function parseJson(text: string, options: { maxLength?: number; maxDepth?: number } = {}): unknown {
  const { maxLength = maxHeaderLength, maxDepth = maxJsonDepth } = options;
  if (text.length > maxLength || depth(text, maxDepth) > maxDepth) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON, the only way that the parser fails.
    return undefined;
  }
}

/** Longest header value that is looked at, characters: 16 KiB. */
export const maxHeaderLength = 16_384;

/** Deepest nesting that is read; what the draft defines needs 4. */
export const maxJsonDepth = 8;

/** A value has no canonical form on the wire. */
export class NotCanonicalError extends FarthingError {
  override readonly name = "NotCanonicalError";
  constructor(what: string) {
    super("not-canonical", `${what} cannot travel: give strings, safe integers, booleans, arrays and plain objects.`);
  }
}

function write(value: unknown, level: number): string {
  if (level > maxJsonDepth) throw new NotCanonicalError("A value nested that deep");
  if (typeof value === "string") return text(value);
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new NotCanonicalError("A number that is no safe integer");
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${Array.from(value, (item) => write(item, level + 1)).join(",")}]`;
  if (typeof value !== "object" || value === null) throw new NotCanonicalError(`A value of ${name(value)}`);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new NotCanonicalError("An object of a class");
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${text(key)}:${write(member, level + 1)}`);
  return `{${members.join(",")}}`;
}

function text(value: string): string {
  if (/\p{Surrogate}/u.test(value)) throw new NotCanonicalError("A text with half a surrogate pair");
  return JSON.stringify(value);
}

function name(value: unknown): string {
  return value === null ? "null" : typeof value;
}

/** The deepest nesting of a text, read without parsing it; stops early past `limit`. */
function depth(text: string, limit: number): number {
  let level = 0;
  let deepest = 0;
  let quoted = false;
  for (let index = 0; index < text.length && deepest <= limit; index++) {
    const character = text[index];
    if (quoted) {
      if (character === "\\") index++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === "{" || character === "[") deepest = Math.max(deepest, ++level);
    else if (character === "}" || character === "]") level--;
  }
  return deepest;
}
