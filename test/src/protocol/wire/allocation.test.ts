import { expect } from "chai";
import {
  formatAllocation,
  formatCredential,
  formatHeld,
  MalformedAllocationError,
  maxGateData,
  parseAllocation,
  parseCredential,
  parseHeld,
} from "../../../../src/protocol/index.ts";
import { allocation, credential, payloads, signature } from "./samples.ts";

const held = { cumulativeAmount: 250_001n, voucherSignature: signature, allocation };
const longest = {
  gateData: `0x${"ff".repeat(maxGateData)}`,
  gifts: Array.from({ length: 64 }, (_, index) => ({ projectId: BigInt(1_000 + index), cumulativeAmount: 10n ** 12n })),
  signature,
} as const;

describe("allocation on the wire", () => {
  it("given an allocation, when formatted and parsed, alone or as what is held, it should be the same", () => {
    expect(parseAllocation(formatAllocation(allocation))).to.deep.equal(allocation);
    expect(parseHeld(formatHeld(held))).to.deep.equal(held);
    const none = { ...allocation, gateData: "0x", gifts: [] } as const;
    expect(parseAllocation(formatAllocation(none))).to.deep.equal(none);
    const built = { ...allocation, buildsOn: 250_000n };
    expect(parseAllocation(formatAllocation(built))).to.deep.equal(built);
  });

  it("given hexadecimal in upper case, when parsed, it should be in lower case, so that evidence is compared as text", () => {
    const loud = formatAllocation(allocation).replaceAll("ab", "AB");
    expect(formatAllocation(parseAllocation(loud))).to.equal(formatAllocation(allocation));
  });

  it("given 64 gifts of a million dollars each and the longest gate data, when in a credential, it should fit the header", async () => {
    const made = await credential({ ...payloads.gift, allocation: longest });
    expect(parseCredential(formatCredential(made)).payload).to.deep.equal(made.payload);
  });

  it("given a close with an allocation, when parsed, it should have none: a last voucher gives nothing new", async () => {
    const made = await credential({ ...payloads.close, allocation });
    expect(parseCredential(formatCredential(made)).payload).to.deep.equal(payloads.close);
  });

  const good = JSON.parse(formatAllocation(allocation));
  for (const [condition, change, field] of [
    ["no gifts", { gifts: undefined }, "allocation.gifts is missing"],
    ["gifts as an object", { gifts: {} }, "allocation.gifts is not"],
    ["65 gifts", { gifts: Array(65).fill(good.gifts[0]) }, "allocation.gifts is not"],
    ["a gift as a list", { gifts: [[]] }, "allocation.gifts[0] is not"],
    ["a negative gift", { gifts: [{ ...good.gifts[0], cumulativeAmount: "-1" }] }, "gifts[0].cumulativeAmount is not"],
    ["a project's id as a number", { gifts: [{ ...good.gifts[0], projectId: 1 }] }, "gifts[0].projectId is not"],
    [
      "a project's id of 257 bits",
      { gifts: [{ ...good.gifts[0], projectId: (2n ** 256n).toString() }] },
      "gifts[0].projectId is not",
    ],
    ["half a byte of gate data", { gateData: "0xabc" }, "allocation.gateData is not"],
    ["too long gate data", { gateData: `0x${"00".repeat(maxGateData + 1)}` }, "allocation.gateData is not"],
    ["no signature", { signature: undefined }, "allocation.signature is missing"],
    ["a short signature", { signature: "0x12" }, "allocation.signature is not"],
    ["a base that is no amount", { buildsOn: "-1" }, "allocation.buildsOn is not"],
    ["a base as a number", { buildsOn: 1 }, "allocation.buildsOn is not"],
  ] as const) {
    it(`given ${condition}, when parsed, it should be refused with the field's name and no value`, () => {
      const text = JSON.stringify({ ...good, ...change });
      expect(() => parseAllocation(text))
        .to.throw(MalformedAllocationError, field)
        .with.property("message")
        .that.does.not.contain(allocation.signature);
    });
  }

  it("given a text that is no object, when parsed, it should be refused", () => {
    for (const text of ["", "[]", "null", "{", '"x"']) {
      expect(() => parseAllocation(text)).to.throw(MalformedAllocationError);
      expect(() => parseHeld(text)).to.throw(MalformedAllocationError);
    }
  });
});
