import { FarthingError } from "../protocol/errors.ts";

/**
 * Waits for work for so long and no longer. Host time: it decides nothing but when to stop looking.
 * @throws {@link StillPendingError}
 */
export async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StillPendingError(milliseconds)), milliseconds);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A transaction did not reach the confirmation depth in the time that a pass has. */
export class StillPendingError extends FarthingError {
  override readonly name = "StillPendingError";
  constructor(milliseconds: number) {
    super(
      "still-pending",
      `A transaction is not confirmed after ${Math.ceil(milliseconds / 1_000)} seconds. It is journalled: run again, and it is followed to its end.`,
    );
  }
}
