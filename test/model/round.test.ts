import { expect } from "chai";
import { brokenInvariants } from "./invariants.ts";
import { RoundModel } from "./round.ts";
import { type Reason, Refused, type RoundTerms } from "./types.ts";

const terms: RoundTerms = {
  matching: true,
  start: 100,
  end: 1_000,
  challengeEnd: 1_300,
  settleBy: 1_900,
  cap: 10_000n,
  minCounted: 0n,
  maxCounted: 1_000_000n,
  gate: (donor, data) => ({ key: donor, weightBps: data === "proof" ? 10_000 : 0 }),
};

/** Projects 1 to 3, a pot of 3,000 from Sam and 1,000 from Sue, and Ann's and Ben's channels, just begun. */
function begin(changes: Partial<RoundTerms> = {}): RoundModel {
  const round = new RoundModel({ ...terms, ...changes }, [1, 2, 3]);
  for (const project of [1, 2, 3]) round.admit(project);
  if (round.terms.matching) {
    round.sponsor("sam", 3_000n);
    round.sponsor("sue", 1_000n);
  }
  round.openChannel("a", "ann", 10_000n);
  round.openChannel("b", "ben", 10_000n);
  round.now = round.terms.start;
  return round;
}

const gifts = (...listed: [project: number, amount: bigint][]) =>
  listed.map(([project, amount]) => ({ project, amount }));

const nothing = (line: string) => ({ line, gifts: [], data: undefined });

function refuses(reason: Reason, act: () => unknown): void {
  try {
    act();
  } catch (error) {
    expect(error).to.be.instanceOf(Refused).with.property("reason", reason);
    return;
  }
  expect.fail(`${reason} was expected, and nothing was refused`);
}

/** Ann and Ben give project 1 400 and 900: R is 2 * 20 * 30 = 1,200 units. Ann alone gives project 2 100. */
function given(changes: Partial<RoundTerms> = {}): RoundModel {
  const round = begin(changes);
  round.collect("a", gifts([1, 400n], [2, 100n]), "proof");
  round.collect("b", gifts([1, 900n]), "proof");
  return round;
}

function settled(changes: Partial<RoundTerms> = {}): RoundModel {
  const round = given(changes);
  round.now = round.terms.challengeEnd;
  round.settleRound(0, 0n);
  return round;
}

describe("the model of a round", () => {
  it("given gifts of two donors, when settled and claimed, each project should get its gifts and its match, sponsors the rest", () => {
    const round = settled();
    expect(round.claim(1)).to.equal(1_300n + 1_200n);
    expect(round.claim(1)).to.equal(0n);
    expect(round.claim(2)).to.equal(100n);
    expect(round.claim(3)).to.equal(0n);
    // 2,800 of 4,000 are left: 2,100 of Sam's 3,000 and 700 of Sue's 1,000.
    expect([round.refundSponsor(1), round.refundSponsor(0)]).to.deep.equal([700n, 2_100n]);
    refuses("AlreadyRefunded", () => round.refundSponsor(0));
    expect(round.balance).to.equal(0n);
    expect(brokenInvariants(round)).to.deep.equal([]);
  });

  it("given a project above the cap, when settled, it should get the cap, and only the right pair should do it", () => {
    const round = given({ cap: 500n });
    round.now = terms.challengeEnd;
    const raw = round.subsidies().get(1) ?? 0n;
    for (const [k, sum] of [
      [0, 0n],
      [1, raw - 1n],
      [2, raw],
      [1, 0n],
    ] as const) {
      refuses("WrongPair", () => round.settleRound(k, sum));
    }
    round.settleRound(1, raw);
    expect(round.claim(1)).to.equal(1_300n + 500n);
    refuses("AlreadySettled", () => round.settleRound(1, raw));
  });

  it("given an allocation, when collected again, older or otherwise, it should attribute nothing twice", () => {
    const round = given();
    const before = round.balance;
    round.collect("a", gifts([1, 400n], [2, 100n]), "proof");
    expect([round.balance, round.giftsOf(1), round.counted.length]).to.deep.equal([before, 1_300n, 3]);
    refuses("AllocationDiverges", () => round.collect("a", gifts([1, 400n]), "proof"));
    refuses("AllocationDiverges", () => round.collect("a", gifts([1, 399n], [2, 200n]), "proof"));
    round.collect("a", gifts([1, 400n], [2, 100n], [3, 5n]), "proof");
    expect(round.giftsOf(3)).to.equal(5n);
  });

  it("given a list out of order, doubled, empty-handed or too long, when collected, it should be refused", () => {
    const round = begin();
    const long = Array.from({ length: 65 }, (_, index): [number, bigint] => [index + 1, 1n]);
    for (const [reason, list] of [
      ["GiftsNotAscending", gifts([2, 1n], [1, 1n])],
      ["GiftsNotAscending", gifts([1, 1n], [1, 1n])],
      ["ZeroAmount", gifts([1, 0n])],
      ["TooManyGifts", gifts(...long)],
    ] as const) {
      refuses(reason, () => round.collect("a", list, "proof"));
    }
    round.collect("a", gifts(...long.slice(1)), "proof");
    expect(round.giftsOf(2)).to.equal(1n);
  });

  it("given a gift to a suspended or unknown project, when collected, it should be skipped, and its cash go back to the donor", () => {
    const round = begin();
    round.suspend(2);
    round.collect("a", gifts([1, 10n], [2, 20n], [9, 30n]), "proof");
    expect([round.giftsOf(1), round.giftsOf(2)]).to.deep.equal([10n, 0n]);
    refuses("NotDonor", () => round.refund("a", "ben"));
    expect(round.refund("a", "ann")).to.equal(50n);
    // The project is back: its old gift was refunded, and must be listed under project 0 to give anew.
    round.reinstate(2);
    refuses("AllocationDiverges", () => round.collect("a", gifts([1, 10n], [2, 20n], [9, 30n]), "proof"));
    refuses("AllocationDiverges", () => round.collect("a", gifts([0, 49n], [1, 10n], [2, 20n]), "proof"));
    round.collect("a", gifts([0, 50n], [1, 10n], [2, 20n]), "proof");
    expect(round.giftsOf(2)).to.equal(20n);
    expect(round.refund("a", "ann")).to.equal(0n);
    expect(brokenInvariants(round)).to.deep.equal([]);
  });

  it("given cash settled past the pool, when the round ended, anyone should send it back, and the gifts should stay", () => {
    const round = given();
    round.settleChannel("a", 900n);
    round.now = terms.end;
    refuses("NotOpen", () => round.collect("a", gifts([1, 800n], [2, 100n]), "proof"));
    expect(round.refund("a", "a stranger")).to.equal(400n);
    expect(round.giftsOf(1)).to.equal(1_300n);
  });

  it("given a voucher above the deposit or a closed channel, when collected, it should be refused unless the cash is there", () => {
    const round = begin();
    refuses("AmountExceedsDeposit", () => round.collect("a", gifts([1, 10_001n])));
    round.settleChannel("a", 70n);
    refuses("AmountNotIncreasing", () => round.settleChannel("a", 70n));
    refuses("CloseNotRequested", () => round.collectAndClose(nothing("a"), "pending"));
    round.collectAndClose(nothing("a"), "signed");
    refuses("ChannelFinalized", () => round.collect("a", gifts([1, 71n])));
    refuses("ChannelFinalized", () => round.collectAndClose(nothing("a"), "signed"));
    round.collect("a", gifts([1, 70n]));
    expect(round.giftsOf(1)).to.equal(70n);
  });

  it("given a token that refuses the pool, when its money is a credit, nothing should be attributed or paid before it came", () => {
    const round = given();
    round.blocked = true;
    refuses("CreditRemains", () => round.collect("a", gifts([1, 500n], [2, 100n])));
    round.settleChannel("a", 600n);
    expect(round.credit).to.equal(100n);
    refuses("CreditRemains", () => round.refund("a", "ann"));
    expect(brokenInvariants(round)).to.deep.equal([]);
    round.blocked = false;
    round.collect("a", gifts([1, 500n], [2, 100n]));
    expect(round.credit).to.equal(0n);
  });

  it("given the border seconds, when gifts come, the round should be open from start until end, exclusive", () => {
    const round = begin();
    for (const [now, open] of [
      [99, false],
      [100, true],
      [999, true],
      [1_000, false],
    ] as const) {
      round.now = now;
      const give = () => round.donate(`d${now}`, "cid", gifts([1, 5n]));
      if (open) give();
      else refuses("NotOpen", give);
    }
    refuses("TooLate", () => round.sponsor("sam", 1n));
    refuses("TooLate", () => round.cancel());
    expect(round.giftsOf(1)).to.equal(10n);
  });

  it("given a donation, when it names what is not accepted, nothing, or a line that is there, it should be refused whole", () => {
    const round = begin();
    refuses("ProjectNotAccepted", () => round.donate("d", "cid", gifts([1, 5n], [9, 5n]), "proof"));
    refuses("ZeroAmount", () => round.donate("d", "cid", gifts([1, 0n]), "proof"));
    refuses("ZeroAmount", () => round.donate("d", "cid", [], "proof"));
    round.donate("d", "cid", gifts([1, 5n]), "proof");
    refuses("DonationExists", () => round.donate("d", "cid", gifts([1, 5n]), "proof"));
    expect([round.giftsOf(1), round.counted.length]).to.deep.equal([5n, 1]);
  });

  it("given a gate that says no, when gifts are to count, they should be refused, and without matching be given", () => {
    const round = begin();
    refuses("NotEligible", () => round.collect("a", gifts([1, 400n]), "worse"));
    expect([round.giftsOf(1), round.balance]).to.deep.equal([0n, 4_000n]);
    round.collect("a", gifts([1, 400n]));
    expect([round.giftsOf(1), round.counted.length]).to.deep.equal([400n, 0]);
  });

  it("given a donor whose gift counted, when the gate later answers otherwise, key and weight should stay", () => {
    let weightBps = 5_000;
    const round = begin({ gate: (donor) => ({ key: donor, weightBps }) });
    round.collect("a", gifts([1, 400n]), "proof");
    weightBps = 0;
    round.collect("a", gifts([1, 800n]), "worse");
    expect(round.counted.map((gift) => gift.weightBps)).to.deep.equal([5_000, 5_000]);
  });

  it("given a cancelled round, when donors and sponsors leave, each should get exactly what it brought, attributed or not", () => {
    const round = given();
    round.settleChannel("b", 1_000n);
    round.donate("d", "cid", gifts([3, 77n]), "proof");
    round.cancel();
    refuses("Refunding", () => round.collect("a", gifts([1, 500n], [2, 100n])));
    refuses("Refunding", () => round.sponsor("sam", 1n));
    expect(["a", "b", "d"].map((line) => round.refund(line, "a stranger"))).to.deep.equal([500n, 1_000n, 77n]);
    expect(round.refund("a", "ann")).to.equal(0n);
    expect([round.refundSponsor(0), round.refundSponsor(1)]).to.deep.equal([3_000n, 1_000n]);
    refuses("Refunding", () => round.claim(1));
    expect(round.balance).to.equal(0n);
    // Money of a channel that is settled only now is its donor's as well.
    round.settleChannel("a", 600n);
    expect(round.refund("a", "a stranger")).to.equal(100n);
  });

  it("given a round that nobody settled, when its time is over, anyone may switch it, and settling is good until then", () => {
    const late = given();
    late.now = terms.settleBy - 1;
    refuses("TooEarly", () => late.switchToRefunds());
    late.now = terms.settleBy + 99;
    late.settleRound(0, 0n);
    refuses("AlreadySettled", () => late.switchToRefunds());
    const never = given();
    never.now = terms.settleBy;
    refuses("NotSettled", () => never.refundSponsor(0));
    never.switchToRefunds();
    refuses("Refunding", () => never.settleRound(0, 0n));
    expect(never.refund("a", "a stranger")).to.equal(500n);
    expect(never.refundSponsor(0)).to.equal(3_000n);
  });

  it("given a disqualified project, when settled, its match should go elsewhere and its gifts back, once", () => {
    const round = given();
    round.donate("d", "cid", gifts([2, 400n]), "proof");
    round.now = terms.end - 1;
    refuses("TooEarly", () => round.disqualify(1));
    round.now = terms.end;
    round.disqualify(1);
    refuses("ProjectIsDisqualified", () => round.disqualify(1));
    expect(round.refund("a", "a stranger")).to.equal(400n);
    expect(round.refund("a", "a stranger")).to.equal(0n);
    round.now = terms.challengeEnd;
    refuses("TooLate", () => round.disqualify(2));
    round.settleRound(0, 0n);
    refuses("ProjectIsDisqualified", () => round.claim(1));
    // Ann's 100 and Cid's 400: 2 * 10 * 20.
    expect(round.claim(2)).to.equal(500n + 400n);
    expect(round.refund("b", "a stranger")).to.equal(900n);
    expect([round.refundSponsor(0), round.refundSponsor(1), round.balance]).to.deep.equal([2_700n, 900n, 0n]);
  });

  it("given a pool without matching, when projects claim at any time, they should get their gifts, and nobody should decide anything", () => {
    const round = begin({ matching: false });
    round.collect("a", gifts([1, 400n]), "proof");
    expect(round.claim(1)).to.equal(400n);
    round.collect("a", gifts([1, 450n]), "proof");
    expect(round.claim(1)).to.equal(50n);
    for (const act of [
      () => round.sponsor("sam", 1n),
      () => round.cancel(),
      () => round.disqualify(1),
      () => round.settleRound(0, 0n),
      () => round.switchToRefunds(),
    ]) {
      refuses("NotMatching", act);
    }
    expect(brokenInvariants(round)).to.deep.equal([]);
  });

  it("given a settled round, when it is asked for too much, its invariants should say so", () => {
    const round = settled();
    round.balance += 1n;
    expect(brokenInvariants(round)).to.have.length(2);
    round.balance -= 1n;
    const line = round.lines.get("a");
    line?.gifts.set(1, 401n);
    expect(brokenInvariants(round)).to.deep.equal(["line a gave or got back more than arrived"]);
    line?.gifts.set(1, 400n);
    round.result?.matches.set(1, 4_001n);
    expect(brokenInvariants(round)).to.include("matches pass the pot");
  });
});
