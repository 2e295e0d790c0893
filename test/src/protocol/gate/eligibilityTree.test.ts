import { expect } from "chai";
import fc from "fast-check";
import { type Address, concat, decodeAbiParameters, encodeAbiParameters, type Hex, keccak256, numberToHex } from "viem";
import { createEligibilityTree, type EligibleDonor, InvalidEligibilityError } from "../../../../src/protocol/index.ts";
import { seed } from "../../../support/seed.ts";

const round = { chainId: 31337, roundId: numberToHex(7, { size: 32 }) };
const someone = (index: number): EligibleDonor => ({
  donor: numberToHex(index + 1, { size: 20 }),
  key: numberToHex(index % 3, { size: 32 }),
  weightBps: 1 + (index % 10_000),
});

/** What the gate does, written from its specification: the leaf, then the sibling at each step, the smaller hash first. */
function climb(of: typeof round, donor: Address, data: Hex): Hex {
  const [key, weightBps, proof] = decodeAbiParameters(
    [{ type: "bytes32" }, { type: "uint16" }, { type: "bytes32[]" }],
    data,
  );
  const types = ["uint256", "bytes32", "address", "bytes32", "uint16"].map((type) => ({ type }));
  const inner = keccak256(encodeAbiParameters(types, [BigInt(of.chainId), of.roundId, donor, key, weightBps]));
  return proof.reduce<Hex>((node, sibling) => keccak256(concat([node, sibling].sort() as Hex[])), keccak256(inner));
}

describe(`createEligibilityTree (FARTHING_SEED=${seed})`, () => {
  it("given any list, when each donor's proof is climbed, it should end at the root, and another's should not", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), (count, pick) => {
        const donors = Array.from({ length: count }, (_, index) => someone(index));
        const tree = createEligibilityTree(round, donors);
        for (const { donor } of donors) expect(climb(round, donor, tree.gateData(donor) as Hex)).to.equal(tree.root);
        const { donor } = donors[pick % count] as EligibleDonor;
        const data = tree.gateData(donor) as Hex;
        expect(climb(round, someone(count).donor, data)).not.to.equal(tree.root);
        expect(climb({ ...round, chainId: 1 }, donor, data)).not.to.equal(tree.root);
        expect(climb({ ...round, roundId: numberToHex(8, { size: 32 }) }, donor, data)).not.to.equal(tree.root);
      }),
    );
  });

  it("given a list in another order or case, when built, it should have the same root and find the same donors", () => {
    const donors = Array.from({ length: 9 }, (_, index) => someone(index + 10));
    const shouting = donors.toReversed().map((entry) => {
      return { ...entry, donor: `0x${entry.donor.slice(2).toUpperCase()}` as Address };
    });
    const [tree, other] = [createEligibilityTree(round, donors), createEligibilityTree(round, shouting)];
    expect(other.root).to.equal(tree.root);
    for (const { donor } of donors) expect(other.gateData(donor)).to.equal(tree.gateData(donor));
  });

  it("given somebody who is not listed, when asked for its data, it should be none", () => {
    expect(createEligibilityTree(round, [someone(1)]).gateData(someone(2).donor)).to.equal(undefined);
  });

  const bad: [condition: string, donors: EligibleDonor[], reason: string][] = [
    ["nobody", [], "empty"],
    ["a donor twice", [someone(1), someone(2), someone(1)], "twice"],
    ["a weight of nothing", [{ ...someone(1), weightBps: 0 }], "weighs 0"],
    ["a weight above all", [{ ...someone(1), weightBps: 10_001 }], "weighs 10001"],
    ["half a basis point", [{ ...someone(1), weightBps: 0.5 }], "weighs 0.5"],
  ];
  for (const [condition, donors, reason] of bad) {
    it(`given ${condition}, when built, it should be refused`, () => {
      expect(() => createEligibilityTree(round, donors)).to.throw(InvalidEligibilityError, reason);
    });
  }
});
