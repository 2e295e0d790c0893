/** One challenge of a `WWW-Authenticate` header, of whatever scheme. */
export type AuthChallenge = {
  /** Lower case. */
  readonly scheme: string;
  /** Names in lower case, values unquoted. */
  readonly params: ReadonlyMap<string, string>;
};

/**
 * Splits a `WWW-Authenticate` value, which may carry several challenges of several schemes, each with quoted strings that may hold
 * commas. Source: RFC 9110, section 11.6.1. Undefined for what is not of that grammar.
 */
export function scanChallenges(header: string): AuthChallenge[] | undefined {
  const scan = scanner(header);
  const challenges: { scheme: string; params: Map<string, string> }[] = [];
  scan.take(separators);
  while (!scan.done()) {
    const scheme = scan.take(token);
    if (!scheme) return undefined;
    const params = new Map<string, string>();
    challenges.push({ scheme: scheme.toLowerCase(), params });
    if (scan.take(spaces) && !scanParams(scan, params)) return undefined;
    if (!scan.done() && !scan.take(separators)) return undefined;
  }
  return challenges;
}

/** Reads the parameters of one challenge, up to the next scheme or the end; false for bad grammar. */
function scanParams(scan: Scanner, params: Map<string, string>): boolean {
  while (!scan.done()) {
    const name = scan.take(paramName);
    if (!name) {
      // Some schemes have a token68 in the place of parameters, some nothing.
      scan.take(token68);
      return true;
    }
    const key = name.slice(0, name.indexOf("=")).trimEnd().toLowerCase();
    const value = scan.take(quotedString) ?? scan.take(token);
    if (value === undefined || params.has(key)) return false;
    params.set(key, value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, "$1") : value);
    const before = scan.position();
    if (!scan.take(separators)) return scan.done();
    if (!scan.at(paramName)) {
      scan.back(before);
      return true;
    }
  }
  return true;
}

type Scanner = ReturnType<typeof scanner>;

/** Walks a text by sticky patterns, so that no character is looked at twice by one pattern. */
function scanner(text: string) {
  let position = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = position;
    return pattern.exec(text)?.[0];
  };
  return {
    take(pattern: RegExp): string | undefined {
      const found = match(pattern);
      position += found?.length ?? 0;
      return found;
    },
    at: (pattern: RegExp): boolean => match(pattern) !== undefined,
    done: (): boolean => position >= text.length,
    position: (): number => position,
    back(to: number): void {
      position = to;
    },
  };
}

const token = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
/** A name and its equals sign; `=` must be followed by a value, or it is the padding of a token68. */
const paramName = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+[ \t]*=[ \t]*(?=["!#$%&'*+\-.^_`|~0-9A-Za-z])/y;
const token68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
const quotedString = /"(?:[^"\\]|\\.)*"/y;
const spaces = /[ \t]+/y;
const separators = /[ \t]*(?:,[ \t]*)+|[ \t]+$/y;
