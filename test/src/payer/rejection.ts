/** What a promise rejected with; throws if it did not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const result = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("error" in result) return result.error;
  throw new Error(`expected a rejection, got ${typeof result.value}`);
}
