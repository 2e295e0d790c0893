import { expect } from "chai";
import fc from "fast-check";
import { quadratic } from "../../../../src/protocol/index.ts";
import { seed } from "../../../support/seed.ts";

const { integerRoot, NegativeRootError } = quadratic;

describe(`quadratic.integerRoot (FARTHING_SEED=${seed})`, () => {
  it("given 0 to 100, when rooted, it should be the root that a person counts on fingers", () => {
    // One 0; three 1 (1 to 3); five 2 (4 to 8); seven 3 (9 to 15) and so on: 2n + 1 numbers have the root n.
    const byHand = Array.from({ length: 10 }, (_, root) => new Array<number>(2 * root + 1).fill(root)).flat();
    const roots = Array.from({ length: 101 }, (_, value) => Number(integerRoot(BigInt(value))));
    expect(roots).to.deep.equal([...byHand, 10]);
    expect([4n, 5n, 9n].map(integerRoot)).to.deep.equal([2n, 2n, 3n]);
  });

  it("given any input below 2^160, when rooted, it should be the one number whose square holds it", () => {
    const inputs = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 160n - 1n }),
      // Uniform numbers are all large: small ones and every width between get their turn.
      fc.nat({ max: 159 }).chain((width) => fc.bigInt({ min: 0n, max: 2n ** BigInt(width + 1) - 1n })),
      // Squares and their neighbours, where roots go wrong.
      fc
        .tuple(fc.bigInt({ min: 1n, max: 2n ** 80n - 1n }), fc.integer({ min: -1, max: 1 }))
        .map(([r, d]) => r * r + BigInt(d)),
    );
    fc.assert(
      fc.property(inputs, (value) => {
        const root = integerRoot(value);
        expect(root * root <= value && value < (root + 1n) * (root + 1n), `${value} gave ${root}`).to.equal(true);
      }),
      { numRuns: 3_000 },
    );
  });

  it("given the borders of every width, when rooted, it should be exact", () => {
    for (let width = 1n; width <= 80n; width++) {
      const root = 2n ** width - 1n;
      expect(integerRoot(root * root)).to.equal(root);
      expect(integerRoot(root * root - 1n)).to.equal(root - 1n);
      expect(integerRoot((root + 1n) ** 2n - 1n)).to.equal(root);
    }
    expect(integerRoot(2n ** 160n - 1n)).to.equal(2n ** 80n - 1n);
  });

  it("given a number below zero, when rooted, it should refuse", () => {
    expect(() => integerRoot(-1n)).to.throw(NegativeRootError, "zero or more");
  });
});
