// Random messages of every kind, with the ends of each type among them.
import fc, { type Arbitrary } from "fast-check";
import { type Address, bytesToHex, type Hex, maxUint64, maxUint128, maxUint256, zeroAddress, zeroHash } from "viem";
import type { Channel } from "../../src/protocol/index.ts";

/** What all messages of one comparison are made of. */
export type Input = {
  /** Not the simulated chain's, where only one thing is asked. */
  chainId: number;
  contract: Address;
  channel: Channel;
  amount: bigint;
  other: bigint;
  wide: bigint;
  nonce: bigint;
  second: bigint;
  weight: number;
  word: Hex;
  gifts: readonly { projectId: bigint; cumulativeAmount: bigint }[];
  ticks: number;
};

const ends = (bytes: number): Hex[] => [`0x${"00".repeat(bytes)}`, `0x${"ff".repeat(bytes)}`];
const bytes = (length: number): Arbitrary<Hex> =>
  fc.oneof(
    { weight: 9, arbitrary: fc.uint8Array({ minLength: length, maxLength: length }).map((value) => bytesToHex(value)) },
    { weight: 1, arbitrary: fc.constantFrom(...ends(length)) },
  );
const uint = (max: bigint): Arbitrary<bigint> =>
  fc.oneof(
    { weight: 9, arbitrary: fc.bigInt({ min: 0n, max }) },
    { weight: 1, arbitrary: fc.constantFrom(0n, 1n, max) },
  );
const address = bytes(20);

/** A list as the pool takes it: rising, none of nothing, and with a sum of at most 128 bits. */
const gifts = fc
  .uniqueArray(fc.tuple(uint(maxUint256), fc.bigInt({ min: 1n, max: maxUint128 / 64n })), {
    selector: ([projectId]) => projectId,
    maxLength: 64,
    size: "max",
  })
  .map((list) =>
    list
      .map(([projectId, cumulativeAmount]) => ({ projectId, cumulativeAmount }))
      .sort((one, other) => (one.projectId < other.projectId ? -1 : 1)),
  );

export const inputs: Arbitrary<Input> = fc.record({
  chainId: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  contract: address,
  channel: fc.record({ payer: address, payee: address, token: address, salt: bytes(32), authorizedSigner: address }),
  amount: uint(maxUint128),
  other: uint(maxUint128),
  wide: uint(maxUint256),
  nonce: uint(maxUint256),
  second: uint(maxUint64),
  weight: fc.integer({ min: 0, max: 65_535 }),
  word: bytes(32),
  gifts,
  ticks: fc.integer({ min: 0, max: 200 }),
});

/** Everything at its least, and everything at its most. */
export const extremes: readonly [least: Input, most: Input] = [
  {
    ...{ chainId: 1, contract: zeroAddress },
    channel: {
      payer: zeroAddress,
      payee: zeroAddress,
      token: zeroAddress,
      salt: zeroHash,
      authorizedSigner: zeroAddress,
    },
    ...{ amount: 0n, other: 0n, wide: 0n, nonce: 0n, second: 0n, weight: 0, word: zeroHash, gifts: [], ticks: 0 },
  },
  {
    ...{ chainId: Number.MAX_SAFE_INTEGER, contract: most(20), channel: mostOf() },
    ...{ amount: maxUint128, other: maxUint128, wide: maxUint256, nonce: maxUint256, second: maxUint64 },
    ...{
      weight: 65_535,
      word: most(32),
      gifts: [{ projectId: maxUint256, cumulativeAmount: maxUint128 }],
      ticks: 65_535,
    },
  },
];

function mostOf(): Channel {
  return { payer: most(20), payee: most(20), token: most(20), salt: most(32), authorizedSigner: most(20) };
}

function most(length: number): Hex {
  return `0x${"ff".repeat(length)}`;
}
