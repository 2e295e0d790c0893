import { generator } from "../../../src/payee/random.ts";

/** Choices that a seed decides. */
export type Dice = ReturnType<typeof rollWith>;

export function rollWith(seed: number) {
  const { integer } = generator(seed);
  const pick = <T>(choices: readonly T[]): T => choices[integer(choices.length)] as T;
  const chance = (percent: number): boolean => integer(100) < percent;
  /** From 1 to `most`; one in three near the lower end. */
  function amount(most: bigint): bigint {
    if (most <= 1n) return 1n;
    const below = chance(33) && most > 50n ? 50n : most;
    const wide =
      (BigInt(integer(2 ** 31)) << 93n) | (BigInt(integer(2 ** 31)) << 62n) | (BigInt(integer(2 ** 31)) << 31n);
    return 1n + ((wide | BigInt(integer(2 ** 31))) % below);
  }
  /** One of the choices, each as often as it weighs. */
  function weigh<T>(choices: readonly (readonly [weight: number, choice: T])[]): T {
    let left = integer(choices.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, choice] of choices) {
      left -= weight;
      if (left < 0) return choice;
    }
    throw new Error("Nothing to choose from.");
  }
  return { integer, pick, chance, amount, weigh };
}
