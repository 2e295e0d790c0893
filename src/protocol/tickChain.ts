import { bytesToHex, type Hex } from "viem";
import { FarthingError } from "./errors.ts";
import { platformRandom, type Random } from "./salt.ts";
import { hashTimes, maxTicks } from "./tick.ts";

/** A payer's hash chain. Its links are revealed from the root's side, one a tick. */
export type TickChain = {
  /** What a `TickVoucher` signs. Persist the secret before signing: without it no tick can be paid. */
  readonly root: Hex;
  /** The far end, 32 bytes: it pays every tick of the chain, so keep it as a key. */
  readonly secret: Hex;
  /** Ticks that the chain can pay. */
  readonly length: number;
  /**
   * The link that pays `ticks` ticks in all: the root for 0, the secret for all.
   * @throws {@link TicksExhaustedError} beyond the length.
   */
  link(ticks: number): Hex;
};

/**
 * Makes a hash chain, or restores one from its secret. Links are made when they are asked for: revealing them one by one costs a
 * logarithm of hashes each. Source: PayWord (Rivest and Shamir, 1996).
 * @param options.length 1 to {@link maxTicks}.
 * @param options.secret 32 bytes; fresh ones from `random` unless told.
 * @example
 * const ticks = createTicks({ length: 1_000 });
 * const offer = { channelId, cumulativeAmount: 0n, tickRoot: ticks.root, tickValue: 5n };
 * const voucher = await signTickVoucher(signer, offer, escrow);
 * owedByTicks(voucher, 2); // 10n base units, once ticks.link(2) is revealed
 */
export function createTicks(options: { length: number; secret?: Hex; random?: Random }): TickChain {
  const { length, random = platformRandom } = options;
  if (!Number.isInteger(length) || length < 1 || length > maxTicks) throw new InvalidTickChainError();
  const secret = (options.secret ?? bytesToHex(random(32))).toLowerCase() as Hex;
  if (!/^0x[0-9a-f]{64}$/.test(secret)) throw new InvalidTickChainError();
  const link = traverse(secret, length, hashTimes);
  return { root: link(0), secret, length, link };
}

/**
 * Any link of a chain, by a logarithm of links held as checkpoints: each walk leaves one at half of its way, at half of the rest,
 * and so on, where the next ones will pass. Going back towards the root walks from the nearest one still held.
 */
export function traverse(
  secret: Hex,
  length: number,
  hash: (link: Hex, times: number) => Hex,
): (position: number) => Hex {
  /** By falling position. */
  let checkpoints: readonly { position: number; link: Hex }[] = [];
  return (position) => {
    if (!Number.isInteger(position) || position < 0 || position > length) throw new TicksExhaustedError(length);
    const ahead = checkpoints.filter((checkpoint) => checkpoint.position >= position);
    let at = ahead.at(-1) ?? { position: length, link: secret };
    while (at.position > position) {
      const stop = at.position - Math.ceil((at.position - position) / 2);
      at = { position: stop, link: hash(at.link, at.position - stop) };
      ahead.push(at);
    }
    checkpoints = ahead;
    return at.link;
  };
}

/** The chain pays no more ticks. */
export class TicksExhaustedError extends FarthingError {
  override readonly name = "TicksExhaustedError";
  constructor(length: number) {
    super("ticks-exhausted", `The chain pays 0 to ${length} ticks: sign a new root for more.`);
  }
}

/** The chain's length or secret is malformed. */
export class InvalidTickChainError extends FarthingError {
  override readonly name = "InvalidTickChainError";
  constructor() {
    super("invalid-tick-chain", `A chain has 1 to ${maxTicks} ticks and a secret of 32 bytes in hexadecimal.`);
  }
}
