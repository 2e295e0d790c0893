import { bytesToHex, hexToBytes } from "viem";
import { maxTicks, type TickLink } from "../protocol/tick.ts";
import { refusal } from "./refusal.ts";
import type { TickHash } from "./tickHash.ts";
import type { Refusal } from "./types.ts";

/** Most hashes that one request is worth: about a millisecond. */
export const mostAtOnce = 1_024;

/**
 * How far one chain is revealed, in memory: a hash a tick, on bytes, with nothing in between. Nothing of it is durable, so nothing
 * is sold on it before it was written.
 */
export type TickLine = {
  /** Ticks verified. */
  ticks(): number;
  /** The newest verified link. */
  revealed(): TickLink;
  /** Most ticks that may be taken, by the deposit and the terms. */
  limit: number;
  /**
   * Takes a link that is `steps` further along; 1 unless told. The bytes stay the caller's.
   * @returns Why it is not taken; undefined where it is.
   */
  accept(link: Uint8Array, steps?: number): Refusal | undefined;
  /** Whether 32 bytes are the link of a position that is not after the newest. */
  holds(link: Uint8Array, ticks: number): boolean;
};

/** @param known The newest link that was verified before; the root and 0 ticks before the first. */
export function createTickLine(known: TickLink, hash: TickHash, limit: number = maxTicks): TickLine {
  const newest = hexToBytes(known.link, { size: 32 });
  let { ticks } = known;

  const line: TickLine = {
    limit,
    ticks: () => ticks,
    revealed: () => ({ ticks, link: bytesToHex(newest) }),
    accept(link, steps = 1) {
      const next = ticks + steps;
      if (next > line.limit) return next > maxTicks ? mismatch : beyondLimit;
      if (link.length !== 32 || !isSame(walked(link, steps), newest)) return mismatch;
      newest.set(link);
      ticks = next;
      return undefined;
    },
    holds: (link, at) => isSame(walked(newest, ticks - at), link),
  };

  function walked(link: Uint8Array, steps: number): Uint8Array {
    let hashed = link;
    for (let done = 0; done < steps; done += 1) hashed = hash(hashed);
    return hashed;
  }
  return line;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  for (let at = 0; at < 32; at += 1) if (one[at] !== other[at]) return false;
  return true;
}

export const mismatch = refusal(
  "tick-mismatch",
  "The link is not that tick of the chain. Reveal the links one after the other, from the root's side.",
);

const beyondLimit = refusal(
  "amount-exceeds-deposit",
  "The channel's deposit, or what this payee lets a channel owe, does not cover another tick. Top it up, or try again once it has settled.",
);
