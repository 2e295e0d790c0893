/** One case of a conformance suite: it throws when the store does not conform. */
export type ConformanceCase = { name: string; run: () => Promise<void> };

/** Fails unless both are the same, deeply; bigints and absent fields included. */
export function same(actual: unknown, expected: unknown, what: string): void {
  const [is, should] = [canonical(actual), canonical(expected)];
  if (is !== should) throw new Error(`${what}: expected ${should}, got ${is}`);
}

/** Fails unless the condition holds. */
export function holds(condition: boolean, what: string): void {
  if (!condition) throw new Error(`${what}: it does not hold`);
}

/** Fails unless the promise rejects with an error whose `code`, or message where it has none, is the one given. */
export async function rejects(promise: Promise<unknown>, code: string, what: string): Promise<void> {
  const outcome = await promise.then(
    () => "it resolved",
    (error: { code?: string; message?: string }) => error.code ?? error.message,
  );
  same(outcome, code, what);
}

/** Changes whatever may be changed of a value; what is frozen throws, and that is as good. */
export function vandalise(value: object): void {
  for (const [key, part] of Object.entries(value)) {
    if (typeof part === "object" && part !== null) vandalise(part);
    try {
      (value as Record<string, unknown>)[key] = "vandalised";
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }
}

function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, part: unknown) => {
      if (typeof part === "bigint") return `${part}n`;
      if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
      return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
    }) ?? "undefined"
  );
}
