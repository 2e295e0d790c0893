import "../../support/seed.ts";
import { expect } from "chai";
import fc from "fast-check";
import { type Hex, keccak256 } from "viem";
import {
  createTicks,
  InvalidTickChainError,
  maxTicks,
  owedByTicks,
  TicksExhaustedError,
  verifyTick,
} from "../../../src/protocol/index.ts";
import { traverse } from "../../../src/protocol/tickChain.ts";

const secret = `0x${"5e".repeat(32)}` as const;

/** The whole chain, root first, made the plain way. */
function linksOf(far: Hex, length: number): Hex[] {
  const links = [far];
  for (let made = 0; made < length; made += 1) links.unshift(keccak256(links[0] as Hex));
  return links;
}

describe("createTicks", () => {
  it("given any length, when links are revealed one by one, each should be the plain chain's", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), (length) => {
        const ticks = createTicks({ length, secret });
        const links = linksOf(secret, length);
        expect(ticks.root).to.equal(links[0]);
        expect(Array.from({ length: length + 1 }, (_, count) => ticks.link(count))).to.deep.equal(links);
      }),
      { numRuns: 25 },
    );
  });

  it("given any order, when links are asked for, each should be the plain chain's", () => {
    const links = linksOf(secret, 100);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 40 }), (counts) => {
        const ticks = createTicks({ length: 100, secret });
        expect(counts.map(ticks.link)).to.deep.equal(counts.map((count) => links[count]));
      }),
    );
  });

  it("given the longest chain, when all of it is revealed, each link should cost a logarithm of hashes", () => {
    let hashes = 0;
    let longest = 0;
    const link = traverse(secret, maxTicks, (far, times) => {
      hashes += times;
      longest = Math.max(longest, times);
      return far;
    });
    link(0);
    expect(hashes).to.equal(maxTicks);
    for (let count = 1; count <= maxTicks; count += 1) link(count);
    expect(hashes / maxTicks).to.be.at.most(Math.log2(maxTicks) + 1);
    expect(longest).to.equal(Math.ceil(maxTicks / 2)); // the first walk's first half
  });

  it("given its secret again, when restored, it should be the same chain, and without one another each time", () => {
    const made = createTicks({ length: 10 });
    expect(createTicks({ length: 10, secret: made.secret }).root).to.equal(made.root);
    expect(createTicks({ length: 10 }).root).not.to.equal(made.root);
    expect(createTicks({ length: 10, random: (length) => new Uint8Array(length).fill(0x5e) }).secret).to.equal(secret);
  });

  it("given more ticks than it pays, when asked for their link, it should say how many it pays", () => {
    const ticks = createTicks({ length: 10, secret });
    expect(ticks.link(10)).to.equal(secret);
    for (const count of [11, -1, 0.5, Number.NaN]) {
      expect(() => ticks.link(count), String(count)).to.throw(TicksExhaustedError, "pays 0 to 10 ticks");
    }
  });

  it("given a length or a secret that cannot be, when made, it should be refused without showing the secret", () => {
    for (const length of [0, -1, 1.5, maxTicks + 1, Number.NaN]) {
      expect(() => createTicks({ length, secret }), String(length)).to.throw(InvalidTickChainError);
    }
    for (const wrong of ["0x", "0x5e", `0x${"5g".repeat(32)}`, `${secret}00`] as Hex[]) {
      const attempt = () => createTicks({ length: 1, secret: wrong });
      expect(attempt, wrong).to.throw(InvalidTickChainError);
      expect(attempt, wrong)
        .to.throw()
        .with.property("message")
        .that.does.not.include(wrong.slice(2) || "nothing");
    }
  });
});

describe("verifyTick", () => {
  const length = 50;
  const links = linksOf(secret, length);
  const at = (ticks: number) => ({ ticks, link: links[ticks] as Hex });

  it("given a newer link of the chain, when verified against any older one, it should be true", () => {
    fc.assert(
      fc.property(fc.nat(length - 1), fc.integer({ min: 1, max: length }), (known, step) => {
        const next = Math.min(known + step, length);
        expect(verifyTick(at(known), at(next))).to.equal(true);
      }),
    );
  });

  it("given the same or an older link, when verified, it should be false", () => {
    expect(verifyTick(at(7), at(7))).to.equal(false);
    expect(verifyTick(at(7), at(6))).to.equal(false);
    expect(verifyTick(at(7), { ticks: 6, link: links[8] as Hex })).to.equal(false);
  });

  it("given a link for another number of ticks, or of no chain, when verified, it should be false", () => {
    expect(verifyTick(at(7), { ticks: 9, link: links[8] as Hex })).to.equal(false);
    expect(verifyTick(at(7), { ticks: 8, link: links[9] as Hex })).to.equal(false);
    const garbage = ["0x", `0x${"00".repeat(32)}`, `0x${"zz".repeat(32)}`, links[8]?.slice(0, -1)] as Hex[];
    for (const link of garbage) expect(verifyTick(at(7), { ticks: 8, link }), link).to.equal(false);
  });

  it("given either case of hexadecimal, when verified, it should be true", () => {
    const upper = (link: Hex) => `0x${link.slice(2).toUpperCase()}` as Hex;
    expect(verifyTick({ ticks: 7, link: upper(at(7).link) }, { ticks: 8, link: upper(at(8).link) })).to.equal(true);
  });

  it("given a number of ticks that no chain has, when verified, it should be false at once", () => {
    for (const ticks of [maxTicks + 1, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY, 8.5, Number.NaN]) {
      expect(verifyTick(at(7), { ticks, link: links[8] as Hex }), String(ticks)).to.equal(false);
    }
  });
});

describe("owedByTicks", () => {
  it("given an offer, when ticks are revealed, it should be the base and their value in more than 128 bits", () => {
    expect(owedByTicks({ cumulativeAmount: 100n, tickValue: 7n }, 0)).to.equal(100n);
    expect(owedByTicks({ cumulativeAmount: 100n, tickValue: 7n }, 3)).to.equal(121n);
    const most = 2n ** 128n - 1n;
    expect(owedByTicks({ cumulativeAmount: most, tickValue: most }, maxTicks)).to.equal(most * 65_536n);
  });
});
