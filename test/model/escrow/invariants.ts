// placeholder
import type { Command, Outcome } from "./command.ts";
import type { World } from "./world.ts";
export function brokenInvariants(
  _c: readonly Command[],
  _f: readonly { before: World; outcome: Outcome }[],
): { index: number; faults: string[] } | undefined {
  return undefined;
}
