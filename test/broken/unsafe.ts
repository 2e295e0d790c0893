import { FarthingError } from "../../src/protocol/index.ts";

/** A story that sound contracts pass and that a fault turns red: it throws when what it saw is unsafe. */
export type Scenario<stage> = (stage: stage) => Promise<void>;

/** What a scenario saw and must not have seen. */
export class UnsafeError extends Error {
  override readonly name = "UnsafeError";
}

/** Plays a scenario. @returns what was unsafe, in a sentence, or undefined. */
export async function verdictOf(scenario: () => Promise<void>): Promise<string | undefined> {
  try {
    await scenario();
    return undefined;
  } catch (error) {
    // A verb that must work and reverted is unsafe as well. Any other error is the test's own, and says nothing of the contracts.
    if (error instanceof UnsafeError || isRevert(error)) return (error as Error).message;
    throw error;
  }
}

export async function refused(what: string, attempt: () => Promise<unknown>): Promise<void> {
  if (await attempted(attempt)) throw new UnsafeError(`${what} went through`);
}

/** Makes a call whose outcome shows in what happens next. @returns whether it went through. */
export async function attempted(attempt: () => Promise<unknown>): Promise<boolean> {
  try {
    await attempt();
    return true;
  } catch (error) {
    if (isRevert(error)) return false;
    throw error;
  }
}

export function equal(what: string, actual: bigint, expected: bigint): void {
  if (actual !== expected) throw new UnsafeError(`${what} is ${actual}, and should be ${expected}`);
}

function isRevert(error: unknown): boolean {
  return error instanceof FarthingError && error.code === "reverted";
}
