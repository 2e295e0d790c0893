import { expect } from "chai";
import fc from "fast-check";
import { type Address, type Hex, hashTypedData, keccak256, numberToHex, recoverAddress, stringToHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import {
  type Allocation,
  AllocationDivergesError,
  type AllocationRule,
  type Attribution,
  allocationDigest,
  allocationTypes,
  checkAllocation,
  InvalidAllocationError,
  type Pool,
  poolDomain,
  signAllocation,
  unmatched,
  voucherDigest,
} from "../../../src/protocol/index.ts";
import { seed } from "../../support/seed.ts";

const donor = privateKeyToAccount(keccak256(stringToHex("a donor of the tests")));
const pool: Pool = { address: "0x00000000000000000000000000000000000000aa", chainId: 31337 };
const channelId = keccak256(stringToHex("a channel"));

function allocate(...gifts: [projectId: bigint, cumulativeAmount: bigint][]): Allocation {
  const listed = gifts.map(([projectId, cumulativeAmount]) => ({ projectId, cumulativeAmount }));
  const cumulativeAmount = gifts.reduce((sum, [, amount]) => sum + amount, 0n);
  return { channelId, cumulativeAmount, gateDataHash: unmatched, gifts: listed };
}

const word = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }).map((value): Hex => numberToHex(value, { size: 32 }));
const amount = fc.bigInt({ min: 1n, max: 2n ** 121n });
const allocations = fc
  .record({
    channelId: word,
    gateDataHash: word,
    gifts: fc.uniqueArray(
      fc.record({ projectId: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), cumulativeAmount: amount }),
      {
        maxLength: 64,
        selector: ({ projectId }) => projectId,
      },
    ),
  })
  .map(({ gifts, ...rest }): Allocation => {
    const sorted = gifts.sort((a, b) => (a.projectId < b.projectId ? -1 : 1));
    return { ...rest, gifts: sorted, cumulativeAmount: sorted.reduce((sum, gift) => sum + gift.cumulativeAmount, 0n) };
  });
const pools = fc.record({
  address: fc.bigInt({ min: 1n, max: 2n ** 160n - 1n }).map((value): Address => numberToHex(value, { size: 20 })),
  chainId: fc.integer({ min: 1, max: 2 ** 40 }),
});

describe(`allocations (FARTHING_SEED=${seed})`, () => {
  it("given any allocation, when its digest is laid by hand, it should be viem's", () => {
    fc.assert(
      fc.property(allocations, pools, (allocation, where) => {
        // Typed anew, so that a slip in the library's own types or domain can not hide.
        const expected = hashTypedData({
          domain: {
            name: "Farthing Donation Pool",
            version: "1",
            chainId: where.chainId,
            verifyingContract: where.address,
          },
          types: {
            Gift: [
              { name: "projectId", type: "uint256" },
              { name: "cumulativeAmount", type: "uint128" },
            ],
            Allocation: [
              { name: "channelId", type: "bytes32" },
              { name: "cumulativeAmount", type: "uint128" },
              { name: "gateDataHash", type: "bytes32" },
              { name: "gifts", type: "Gift[]" },
            ],
          },
          primaryType: "Allocation",
          message: allocation,
        });
        expect(allocationDigest(allocation, where)).to.equal(expected);
        const own = { domain: poolDomain(where), types: allocationTypes, primaryType: "Allocation" } as const;
        expect(hashTypedData({ ...own, message: allocation })).to.equal(expected);
      }),
      { numRuns: 60 },
    );
  });

  it("given the type string of the design, when a digest is laid over its hash, it should be ours", () => {
    const type =
      "Allocation(bytes32 channelId,uint128 cumulativeAmount,bytes32 gateDataHash,Gift[] gifts)Gift(uint256 projectId,uint128 cumulativeAmount)";
    const hash = (...words: Hex[]) => keccak256(`0x${words.map((each) => each.slice(2)).join("")}`);
    const uint = (value: bigint) => numberToHex(value, { size: 32 });
    const separator = hash(
      keccak256(stringToHex("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")),
      keccak256(stringToHex("Farthing Donation Pool")),
      keccak256(stringToHex("1")),
      uint(31337n),
      uint(0xaan),
    );
    const giftType = keccak256(stringToHex("Gift(uint256 projectId,uint128 cumulativeAmount)"));
    const gifts = hash(hash(giftType, uint(3n), uint(40n)), hash(giftType, uint(9n), uint(2n)));
    const struct = hash(keccak256(stringToHex(type)), channelId, uint(42n), unmatched, gifts);
    expect(allocationDigest(allocate([3n, 40n], [9n, 2n]), pool)).to.equal(hash("0x1901", separator, struct));
  });

  it("given an escrow at the pool's own address, when both digests are made, neither should be in the other's domain", () => {
    const where = { address: "0x00000000000000000000000000000000000000ac", chainId: 7 } as const;
    const before = voucherDigest({ channelId, cumulativeAmount: 42n }, where);
    const allocation = allocate([3n, 42n]);
    const own = { domain: poolDomain(where), types: allocationTypes, primaryType: "Allocation" } as const;
    expect(allocationDigest(allocation, where)).to.equal(hashTypedData({ ...own, message: allocation }));
    expect(voucherDigest({ channelId, cumulativeAmount: 42n }, where)).to.equal(before);
  });

  it("given the same allocation, when its chain, pool, channel, data or a gift differs, its digest should differ", () => {
    const base = allocate([3n, 40n], [9n, 2n]);
    const digests = [
      allocationDigest(base, pool),
      allocationDigest(base, { ...pool, chainId: 1 }),
      allocationDigest(base, { ...pool, address: "0x00000000000000000000000000000000000000ab" }),
      allocationDigest({ ...base, channelId: unmatched }, pool),
      allocationDigest({ ...base, gateDataHash: channelId }, pool),
      allocationDigest(allocate([3n, 41n], [9n, 1n]), pool),
      allocationDigest(allocate([3n, 40n], [8n, 2n]), pool),
    ];
    expect(new Set(digests).size).to.equal(digests.length);
  });

  it("given a local key and a wallet that only knows typed data, when both sign, it should be one signature of the donor", async () => {
    const allocation = allocate([1n, 5n], [2n, 7n]);
    const local = await signAllocation(donor, allocation, pool);
    const wallet = await signAllocation(
      { address: donor.address, signTypedData: (definition) => donor.signTypedData(definition) },
      allocation,
      pool,
    );
    expect(wallet).to.deep.equal(local);
    const { signature } = local;
    expect(await recoverAddress({ hash: allocationDigest(allocation, pool), signature })).to.equal(donor.address);
  });

  it("given any allocation in order, when checked against itself or an older one of it, it should pass", () => {
    fc.assert(
      fc.property(allocations, fc.nat({ max: 64 }), (allocation, count) => {
        checkAllocation(allocation, { gifts: allocation.gifts, refunded: 0n });
        checkAllocation(allocation, { gifts: allocation.gifts.slice(0, count), refunded: 0n });
      }),
    );
  });

  const many = (count: number) =>
    allocate(...Array.from({ length: count }, (_, id): [bigint, bigint] => [BigInt(id), 1n]));
  const broken: [condition: string, allocation: Allocation, rule: AllocationRule][] = [
    ["65 gifts", many(65), "too-many"],
    ["two gifts to one project", allocate([1n, 1n], [1n, 2n]), "order"],
    ["gifts out of order", allocate([2n, 1n], [1n, 2n]), "order"],
    ["a project below zero", allocate([-1n, 1n]), "order"],
    ["an empty gift", allocate([1n, 0n]), "empty-gift"],
    ["a negative gift that makes the sum right", allocate([1n, -1n], [2n, 3n]), "empty-gift"],
    ["a sum one too low", { ...allocate([1n, 5n]), cumulativeAmount: 4n }, "sum"],
    ["a sum one too high", { ...allocate([1n, 5n]), cumulativeAmount: 6n }, "sum"],
    ["no gifts and an amount", { ...allocate(), cumulativeAmount: 1n }, "sum"],
    ["more than 128 bits", allocate([1n, 2n ** 128n - 1n], [2n, 1n]), "width"],
    ["a project of 257 bits", allocate([2n ** 256n, 1n]), "width"],
  ];
  for (const [condition, allocation, rule] of broken) {
    it(`given ${condition}, when checked or signed, it should refuse by its rule`, async () => {
      expect(() => checkAllocation(allocation))
        .to.throw(InvalidAllocationError)
        .with.property("rule", rule);
      const refused = await signAllocation(donor, allocation, pool).catch((error) => error);
      expect(refused).to.be.instanceOf(InvalidAllocationError).with.property("code", "invalid-allocation");
    });
  }

  it("given the most that the rules allow, when checked, it should pass", () => {
    checkAllocation(many(64));
    checkAllocation(allocate([1n, 2n ** 128n - 1n]));
    checkAllocation(allocate([2n ** 256n - 1n, 1n]));
    checkAllocation(allocate([0n, 1n], [1n, 1n]));
    checkAllocation(allocate());
  });

  const { gifts } = allocate([1n, 5n], [4n, 7n]);
  const attribution: Attribution = { gifts, refunded: 3n };
  const diverging: [condition: string, allocation: Allocation, projectId: bigint, amount: bigint, actual: bigint][] = [
    ["that leaves out an attributed gift", allocate([0n, 3n], [1n, 99n]), 4n, 7n, 0n],
    ["that lowers an attributed gift", allocate([0n, 3n], [1n, 4n], [4n, 99n]), 1n, 5n, 4n],
    ["that forgets what was refunded", allocate([1n, 5n], [4n, 7n]), 0n, 3n, 0n],
    ["that lists less than was refunded", allocate([0n, 2n], [1n, 5n], [4n, 7n]), 0n, 3n, 2n],
  ];
  for (const [condition, allocation, projectId, amount, actual] of diverging) {
    it(`given an allocation ${condition}, when checked or signed, it should refuse and name the gift`, async () => {
      const fields = { projectId, least: amount, actual, code: "allocation-diverges" };
      expect(() => checkAllocation(allocation, attribution))
        .to.throw(AllocationDivergesError)
        .that.includes(fields);
      const refused = await signAllocation(donor, allocation, pool, attribution).catch((error) => error);
      expect(refused).to.be.instanceOf(AllocationDivergesError);
    });
  }

  it("given an allocation that raises and adds, when signed over what is attributed, it should be signed", async () => {
    const raised = await signAllocation(donor, allocate([0n, 3n], [1n, 5n], [2n, 1n], [4n, 8n]), pool, attribution);
    expect(raised.cumulativeAmount).to.equal(17n);
  });
});
