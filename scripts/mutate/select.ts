import { createHash } from "node:crypto";

/** Which mutants to judge: a part of them, and of that part a sample, the same for the same seed. */
export type Selection = { sample?: string; seed: string; shard?: string };

export function select<mutant extends { id: string }>(mutants: mutant[], selection: Selection): mutant[] {
  const [part = 1, parts = 1] = (selection.shard ?? "1/1").split("/").map(Number);
  if (!(part >= 1 && part <= parts)) throw new Error(`a shard is i/n with 1 <= i <= n, and not ${selection.shard}`);
  const own = mutants.filter((_, index) => index % parts === part - 1);
  if (selection.sample === undefined) return own;
  const rank = ({ id }: mutant) => digest(Buffer.from(selection.seed + id));
  const drawn = new Set(own.toSorted((a, b) => rank(a).localeCompare(rank(b))).slice(0, Number(selection.sample)));
  return own.filter((mutant) => drawn.has(mutant));
}

/** Of a file or a name, in hexadecimal digits. */
export function digest(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
