import { expect } from "chai";
import { encodePacked, type Hex, keccak256, numberToHex, zeroHash } from "viem";
import {
  attributionOf,
  checkAllocation,
  collectedGifts,
  type Gift,
  gateDataHash,
  giftsHash,
  keyId,
  unmatched,
} from "../../../src/protocol/index.ts";

const list = (...gifts: [projectId: bigint, cumulativeAmount: bigint][]): Gift[] =>
  gifts.map(([projectId, cumulativeAmount]) => ({ projectId, cumulativeAmount }));

describe("a pool's line", () => {
  it("given gifts, when hashed, it should be the hash of their words in a row, and 0 for none", () => {
    const words = ["uint256", "uint256", "uint256", "uint256"];
    expect(giftsHash(list([1n, 5n], [9n, 7n]))).to.equal(keccak256(encodePacked(words, [1n, 5n, 9n, 7n])));
    expect(giftsHash([])).to.equal(zeroHash);
  });

  it("given gifts to projects that take none, when collected, each should keep what it had, and project 0 what was refunded", () => {
    const previous = list([0n, 3n], [2n, 5n]);
    const gifts = list([0n, 8n], [1n, 4n], [2n, 9n], [4n, 6n]);
    expect(collectedGifts(previous, gifts, (id) => id === 4n)).to.deep.equal(list([0n, 3n], [2n, 5n], [4n, 6n]));
    expect(collectedGifts(previous, gifts, () => true)).to.deep.equal(list([0n, 3n], [1n, 4n], [2n, 9n], [4n, 6n]));
    expect(collectedGifts([], list([1n, 4n]), () => false)).to.deep.equal([]);
  });

  it("given what stands, when an allocation is held to it, what was refunded should be asked for under project 0", () => {
    const attribution = attributionOf(list([0n, 3n], [2n, 5n]));
    expect(attribution).to.deep.equal({ refunded: 3n, gifts: list([2n, 5n]) });
    const allocation = (gifts: Gift[], cumulativeAmount: bigint) => {
      return { channelId: zeroHash, gateDataHash: unmatched, gifts, cumulativeAmount };
    };
    expect(() => checkAllocation(allocation(list([2n, 9n]), 9n), attribution)).to.throw("refunded");
    checkAllocation(allocation(list([0n, 3n], [2n, 9n]), 12n), attribution);
    expect(attributionOf([])).to.deep.equal({ refunded: 0n, gifts: [] });
  });

  it("given gate data, when hashed, none should be the word for giving without matching", () => {
    expect(gateDataHash("0x")).to.equal(unmatched);
    expect(gateDataHash("0x01")).to.equal(keccak256("0x01"));
  });

  it("given a key, when shortened to its id, it should be the upper 30 bytes of its hash", () => {
    const key: Hex = numberToHex(1, { size: 32 });
    expect(keyId(key)).to.equal(keccak256(key).slice(0, 62));
  });
});
