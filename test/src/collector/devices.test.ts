import { expect } from "chai";
import { donationSum, type Gift, parseAllocation, parseHeld, recoverVoucher } from "../../../src/protocol/index.ts";
import { gifts } from "../../support/roundStage.ts";
import { type Counter, type Donor, give, present, type Rig, startRig } from "./rig.ts";

describe("collector and a donor's devices", () => {
  let rig: Rig;
  let counter: Counter;
  let donor: Donor;
  before(async () => {
    rig = await startRig();
    counter = await rig.open(await rig.newRound());
  });
  after(() => rig.stop());
  beforeEach(async () => {
    donor = await rig.donor(counter.pool, { session: true });
    expect((await present(counter.url, donor, await donor.sign(gifts([1n, 10n])), "first")).status).to.equal(200);
  });

  const held = async () => (await counter.store.get(donor.id))?.authorized;

  it("given fifty concurrent copies of one gift, accepts it once and gives fifty receipts of it", async () => {
    const before = counter.collector.totals().sum;
    const signed = await donor.sign(gifts([1n, 10n], [2n, 7n]));
    const answers = await Promise.all(Array.from({ length: 50 }, () => give(counter.url, signed, "copy")));
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200]));
    expect(answers.filter(({ headers }) => headers.get("idempotent-replayed") === null)).to.have.length(1);
    const [one] = answers;
    for (const { body } of answers) expect(body).to.deep.equal(one?.body);
    expect(one?.body).to.deep.include({ cumulativeAmount: "17", amount: "7" });
    expect(counter.collector.totals().sum).to.equal(before + 7n);
    const record = await counter.store.get(donor.id);
    expect(record?.charges.map(({ key, amount }) => [key, amount])).to.deep.equal([
      ["first", 10n],
      ["copy", 7n],
    ]);
  });

  it("given fifty concurrent copies under fifty keys, accepts one of them", async () => {
    const signed = await donor.sign(gifts([1n, 30n]));
    const answers = await Promise.all(Array.from({ length: 50 }, () => give(counter.url, signed)));
    expect(answers.filter(({ status }) => status === 200)).to.have.length(1);
    expect(answers.filter(({ code }) => code === "allocation-diverges")).to.have.length(49);
    expect((await counter.store.get(donor.id))?.charges).to.have.length(2);
  });

  it("given a kept key with any other gifts, hands out the receipt of then and raises nothing", async () => {
    await give(counter.url, await donor.sign(gifts([1n, 20n])), "second");
    for (const list of [gifts([1n, 10n]), gifts([1n, 500n]), gifts([3n, 10n]), gifts([99n, 11n])]) {
      const again = await give(counter.url, await donor.sign(list), "first");
      expect(again.status).to.equal(200);
      expect(again.body).to.include({ cumulativeAmount: "10", amount: "10" });
      expect(again.headers.get("idempotent-replayed")).to.equal("true");
      const isTheirs = list[0]?.projectId === 1n && list[0].cumulativeAmount === 10n;
      expect(again.body.gifts).to.deep.equal(isTheirs ? [{ projectId: "1", cumulativeAmount: "10" }] : undefined);
    }
    expect(await held()).to.equal(20n);
  });

  it("given two devices that diverge, tells the later what is held, so that it builds on it and loses nothing", async () => {
    const [left, right] = [await donor.sign(gifts([1n, 10n], [2n, 5n])), await donor.sign(gifts([1n, 10n], [3n, 8n]))];
    expect((await give(counter.url, left, "left")).status).to.equal(200);
    const answer = await give(counter.url, right, "right");
    expect([answer.status, answer.code]).to.deep.equal([409, "allocation-diverges"]);
    const shown = parseHeld(JSON.stringify(answer.body.held));
    expect(shown).to.deep.equal({
      cumulativeAmount: left.cumulativeAmount,
      voucherSignature: left.voucherSignature,
      allocation: left.allocation,
    });
    const { cumulativeAmount, voucherSignature: signature } = shown;
    const signer = await recoverVoucher({ channelId: donor.id, cumulativeAmount, signature }, rig.chain.escrow);
    expect(signer).to.equal(donor.channel.authorizedSigner);
    const rebased = [...shown.allocation.gifts, ...gifts([3n, 8n])];
    expect((await give(counter.url, await donor.sign(rebased), "right-again")).status).to.equal(200);
    expect(await held()).to.equal(23n);
  });

  it("given two devices that give to one project from the same base, does not let the larger gift swallow the smaller", async () => {
    const [small, large] = await Promise.all([
      donor.sign(gifts([1n, 13n]), { buildsOn: 10n }),
      donor.sign(gifts([1n, 15n]), { buildsOn: 10n }),
    ]);
    expect((await give(counter.url, small, "small")).body).to.include({ amount: "3" });
    const answer = await give(counter.url, large, "large");
    expect([answer.status, answer.code]).to.deep.equal([409, "allocation-diverges"]);
    expect(answer.body.detail).to.match(/builds on 10, and 13 is held/);
    const rebased = await donor.sign(gifts([1n, 18n]), { buildsOn: 13n });
    expect((await give(counter.url, rebased, "large")).body).to.include({ amount: "5" });
  });

  it("given a store that was lost, takes a donor's newest list again, whatever it builds on", async () => {
    const lost = await rig.open(counter.pool, { allowEmptyStore: true });
    const newest = await donor.sign(gifts([1n, 10n], [2n, 4n]), { buildsOn: 10n });
    expect((await present(lost.url, donor, newest)).body).to.include({ cumulativeAmount: "14", amount: "14" });
  });

  it("given devices that give at random at once, and rebase, holds each acknowledged gift once", async () => {
    const devices = 4;
    const each = 6;
    const given = new Map<bigint, bigint>([[1n, 10n]]);
    async function device(name: number) {
      let known: readonly Gift[] = gifts([1n, 10n]);
      for (let count = 0; count < each; ) {
        const projectId = BigInt(1 + ((name + count) % 3));
        const amount = BigInt(1 + name * 7 + count);
        const buildsOn = donationSum(known);
        const signed = await donor.sign(added(known, projectId, amount), { buildsOn });
        const answer = await give(counter.url, signed, `${name}-${count}`);
        if (answer.status === 200) {
          known = added(known, projectId, amount);
          given.set(projectId, (given.get(projectId) ?? 0n) + amount);
          count += 1;
        } else {
          expect(answer.code).to.equal("allocation-diverges");
          known = parseHeld(JSON.stringify(answer.body.held)).allocation.gifts;
        }
      }
    }
    await Promise.all(Array.from({ length: devices }, (_, name) => device(name)));
    const record = await counter.store.get(donor.id);
    const final = parseAllocation(record?.evidence ?? "").gifts;
    const amounts = new Map(final.map(({ projectId, cumulativeAmount }) => [projectId, cumulativeAmount]));
    expect(amounts).to.deep.equal(given);
    expect(record?.charges).to.have.length(1 + devices * each);
  });
});

function added(list: readonly Gift[], projectId: bigint, amount: bigint): Gift[] {
  const amounts = new Map(list.map((gift) => [gift.projectId, gift.cumulativeAmount]));
  amounts.set(projectId, (amounts.get(projectId) ?? 0n) + amount);
  return [...amounts]
    .map(([id, cumulativeAmount]) => ({ projectId: id, cumulativeAmount }))
    .sort((a, b) => (a.projectId < b.projectId ? -1 : 1));
}
