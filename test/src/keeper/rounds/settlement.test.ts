import { expect } from "chai";
import type { Address, Hex } from "viem";
import { lyingTransport } from "../../../support/lyingTransport.ts";
import { day, gifts } from "../../../support/roundStage.ts";
import { eager, type RoundRig, startRoundRig, type TestRound } from "./rig.ts";

describe("keeper of rounds, after the end", () => {
  let rig: RoundRig;
  before(async () => {
    rig = await startRoundRig();
  });
  after(() => rig.stop());

  const status = ({ pool }: TestRound) => rig.stage.onPool(pool).getRoundStatus();

  /** Two donors for project 1, one for project 2, a pot of a sponsor's. */
  async function collected(pot = 900n) {
    const round = await rig.round();
    const sponsor = await rig.stage.person();
    await rig.stage.sponsor(sponsor, round.pool, pot);
    const donors = [await rig.donor(round), await rig.donor(round), await rig.donor(round)] as const;
    await rig.give(round, donors[0], gifts([1n, 100n]));
    await rig.give(round, donors[1], gifts([1n, 100n]));
    await rig.give(round, donors[2], gifts([2n, 50n]));
    const keeper = await rig.keeper([round], { policy: eager });
    await keeper.pass();
    await keeper.stop();
    return { round, sponsor, donors };
  }

  it("given the time to disqualify is over, when it looks, it settles the round once, and not a second before", async () => {
    const { round } = await collected();
    const keeper = await rig.keeper([round]);
    await rig.stage.at(round.terms.challengeEnd - 1n);
    expect((await keeper.pass()).sent, "a second before").equal(0);
    await rig.stage.at(round.terms.challengeEnd);
    const report = await keeper.pass();
    expect(report.sent).equal(1);
    expect(report.rounds[0]?.jobs.map(({ purpose }) => purpose)).deep.equal(["settleRound"]);
    expect(await status(round)).equal("settled");
    expect((await keeper.pass()).sent, "once").equal(0);
    const settled = keeper.lines.find(
      ({ message, fields }) => message === "concluded" && fields.purpose === "settleRound",
    );
    expect(settled?.fields.outcome).equal("paid");
    await keeper.stop();
  });

  it("given its own settlement is not mined yet, when it looks again and again, it sends no second one", async () => {
    const { round } = await collected();
    await rig.stage.at(round.terms.challengeEnd);
    const node = lyingTransport(rig.chain.transport);
    // A node that estimates at the head, as most do: it does not know of what is pending.
    node.lie = (request, honest) =>
      request.method === "eth_estimateGas" ? honest({ ...request, params: [request.params[0], "latest"] }) : honest();
    const intervals = { deadline: 5, exits: 3_600_000, economy: 5 };
    const keeper = await rig.keeper([round], { client: rig.client(node.transport), intervals });
    /** Full passes: each of them asks for the pot, to find the pair. */
    const looks = () => node.asked.filter(({ params }) => JSON.stringify(params).includes('"0x4ba2363a"')).length;
    await rig.chain.client.setAutomine(false);
    await keeper.start();
    const { chainId } = rig.chain.escrow;
    const entries = () => round.store.journal.list({ chainId, account: keeper.address });
    const pause = () => new Promise((resolve) => setTimeout(resolve, 5));
    while ((await entries()).length === 0) await pause();
    for (const enough = looks() + 5; looks() < enough; ) await pause();
    await rig.chain.client.setAutomine(true);
    await rig.chain.client.mine({ blocks: 1 });
    while ((await status(round)) !== "settled") await pause();
    await keeper.stop();
    expect((await entries()).map(({ purpose }) => purpose)).deep.equal(["settleRound"]);
  });

  it("given a stranger settles first, when its own transaction comes too late, it is content, and quarantines nothing", async () => {
    const { round } = await collected();
    await rig.stage.at(round.terms.challengeEnd);
    const pair = await rig.stage.onPool(round.pool).findPair();
    const node = lyingTransport(rig.chain.transport);
    let first = true;
    node.lie = async (request, honest) => {
      if (request.method === "eth_sendRawTransaction" && first) {
        first = false;
        await rig.stage.mined(await rig.stage.onPool(round.pool).settleRound(pair));
      }
      return honest();
    };
    const keeper = await rig.keeper([round], { client: rig.client(node.transport) });
    const report = await keeper.pass();
    expect(report.sent).equal(1);
    expect(report.quarantined).deep.equal([]);
    expect(await status(round)).equal("settled");
    const { chainId } = rig.chain.escrow;
    const [entry] = await round.store.journal.list({ chainId, account: keeper.address });
    expect(entry?.status).equal("reverted");
    expect((await keeper.pass()).sent).equal(0);
    await keeper.stop();
  });

  it("given claims are on, when the round is settled, it pays each project what it is due, once", async () => {
    const { round } = await collected();
    await rig.stage.at(round.terms.challengeEnd);
    const silent = await rig.keeper([round]);
    await silent.pass();
    expect((await silent.pass()).sent, "off unless told").equal(0);
    await silent.stop();

    const keeper = await rig.keeper([round], { round: { claims: "always" } });
    const dueTo = async (id: bigint) =>
      (await rig.given(round, id)) + (await rig.stage.onPool(round.pool).getMatch({ projectId: id }));
    const [one, two] = rig.projects as unknown as [{ payout: Address }, { payout: Address }];
    const before = [await rig.stage.balance(one.payout), await rig.stage.balance(two.payout)] as const;
    expect((await keeper.pass()).sent, "the third has nothing due").equal(2);
    expect(await rig.stage.balance(one.payout)).equal(before[0] + (await dueTo(1n)));
    expect(await rig.stage.balance(two.payout)).equal(before[1] + (await dueTo(2n)));
    expect((await keeper.pass()).sent).equal(0);
    await keeper.stop();
  });

  it("given claims must pay, when a project is due less than their fee, it is left to pull", async () => {
    const { round } = await collected();
    await rig.stage.at(round.terms.challengeEnd);
    const keeper = await rig.keeper([round], { round: { claims: { times: 1n } } });
    await keeper.pass();
    expect((await keeper.pass()).sent).equal(0);
    await keeper.stop();
  });

  it("given a pool without matching, when claims are on, it claims while the round runs", async () => {
    const round = await rig.round({}, await rig.stage.withoutMatching());
    const donor = await rig.donor(round);
    await rig.give(round, donor, gifts([2n, 70n]), "0x");
    const keeper = await rig.keeper([round], { policy: eager, round: { claims: "always" } });
    const [, two] = rig.projects as unknown as [unknown, { payout: Address }];
    const before = await rig.stage.balance(two.payout);
    await keeper.pass();
    await keeper.pass();
    expect(await rig.stage.balance(two.payout)).equal(before + 70n);
    await keeper.stop();
  });

  it("given a settled round, when refunds are on, unattributed money goes back to donors and the unused pot to sponsors, to the unit", async () => {
    const { round, sponsor, donors } = await collected(1_000n);
    // Settled by a stranger after the last collection, and never attributed.
    const [first] = donors;
    await rig.give(round, first, gifts([1n, 160n]));
    const { signature = "0x" } = (await round.store.get(first.id)) ?? {};
    const voucher = { channel: first.channel, cumulativeAmount: 160n, signature };
    await rig.untilEnd(round, 0n);
    await rig.stage.mined(await rig.stage.onEscrow(rig.stage.anyone).settle(voucher));
    await rig.stage.at(round.terms.challengeEnd);
    const keeper = await rig.keeper([round], { round: { refunds: "always" } });
    const before = { donor: await rig.stage.balance(first.address), sponsor: await rig.stage.balance(sponsor) };
    for (let pass = 0; pass < 4; pass++) await keeper.pass();
    expect((await keeper.pass()).sent, "nothing is left").equal(0);
    const { unused } = await rig.stage.onPool(round.pool).getSettlement();
    expect(unused > 0n).equal(true);
    expect(await rig.stage.balance(first.address)).equal(before.donor + 60n + (10_000n - 160n));
    expect(await rig.stage.balance(sponsor)).equal(before.sponsor + unused);
    expect(await rig.line(first)).deep.equal(gifts([0n, 60n], [1n, 100n]));
    await keeper.stop();
  });

  it("given a project was disqualified, when refunds are on, its gifts go back to its donors", async () => {
    const { round, donors } = await collected();
    await rig.untilEnd(round, 0n);
    await rig.disqualify(round, 2n);
    const keeper = await rig.keeper([round], { round: { refunds: "always" } });
    const [, , third] = donors;
    const before = await rig.stage.balance(third.address);
    for (let pass = 0; pass < 3; pass++) await keeper.pass();
    expect(await rig.stage.balance(third.address)).equal(before + 50n + (10_000n - 50n));
    await keeper.stop();
  });

  it("given the stewards cancelled, when refunds are on, everybody gets back everything", async () => {
    const { round, sponsor, donors } = await collected(1_000n);
    const before = await Promise.all(
      [...donors.map(({ address }) => address), sponsor].map((who) => rig.stage.balance(who)),
    );
    await rig.cancel(round);
    const keeper = await rig.keeper([round], { round: { refunds: "always" } });
    for (let pass = 0; pass < 4; pass++) await keeper.pass();
    expect((await keeper.pass()).sent).equal(0);
    const after = await Promise.all(
      [...donors.map(({ address }) => address), sponsor].map((who) => rig.stage.balance(who)),
    );
    expect(after.map((amount, index) => amount - (before[index] ?? 0n))).deep.equal([
      10_000n,
      10_000n,
      10_000n,
      1_000n,
    ]);
    expect(await rig.stage.balance(round.pool), "nothing stays").equal(0n);
    await keeper.stop();
  });

  it("given donations without a channel, when their project is disqualified and then the round refunds, each gets back what it is due, once", async () => {
    const round = await rig.round();
    const donor = await rig.stage.person();
    const other = await rig.stage.person();
    await rig.stage.donate(donor, round.pool, gifts([1n, 30n], [2n, 12n]));
    await rig.stage.donate(other, round.pool, gifts([1n, 7n]));
    const before = await Promise.all([donor, other].map((who) => rig.stage.balance(who)));
    await rig.untilEnd(round, 0n);
    await rig.disqualify(round, 2n);
    const options = { round: { refunds: "always" as const, unsettled: "refund" as const } };
    const keeper = await rig.keeper([round], options);
    expect((await keeper.pass()).sent).equal(1);
    expect(await rig.stage.balance(donor), "the disqualified project's").equal((before[0] ?? 0n) + 12n);
    expect((await keeper.pass()).sent).equal(0);
    await rig.stage.at(round.terms.settleBy);
    for (let pass = 0; pass < 3; pass++) await keeper.pass();
    const after = await Promise.all([donor, other].map((who) => rig.stage.balance(who)));
    expect(after.map((amount, index) => amount - (before[index] ?? 0n))).deep.equal([42n, 7n]);
    expect(await rig.stage.balance(round.pool)).equal(0n);
    expect((await keeper.pass()).sent).equal(0);
    await keeper.stop();
  });

  it("given refunds must pay, when a refund is less than its fee, it is left to the donor", async () => {
    const { round } = await collected();
    await rig.cancel(round);
    const keeper = await rig.keeper([round], { round: { refunds: { times: 1n } } });
    expect((await keeper.pass()).sent).equal(0);
    await keeper.stop();
  });

  it("given nobody settled by settleBy, when settling still works, it settles", async () => {
    const { round } = await collected();
    await rig.stage.at(round.terms.settleBy + day);
    const keeper = await rig.keeper([round]);
    await keeper.pass();
    expect(await status(round)).equal("settled");
    await keeper.stop();
  });

  it("given nobody settled by settleBy, when told to refund, it switches the round, and not a second before", async () => {
    const { round } = await collected();
    const options = { round: { unsettled: "refund" as const } };
    await rig.stage.at(round.terms.settleBy - 1n);
    // A round that this keeper may not settle: its node refuses the verb.
    const node = refusingSettlement(rig, round);
    const early = await rig.keeper([round], { ...options, client: rig.client(node.transport) });
    await early.pass();
    expect(await status(round)).equal("running");
    await early.stop();
    await rig.stage.at(round.terms.settleBy);
    const keeper = await rig.keeper([round], options);
    await keeper.pass();
    expect(await status(round)).equal("refunding");
    await keeper.stop();
  });

  it("given settling is impossible from settleBy on, when every endpoint says so, it switches the round to refunds", async () => {
    const { round } = await collected();
    await rig.stage.at(round.terms.settleBy);
    const node = refusingSettlement(rig, round);
    const client = rig.client(node.transport);
    const cautious = await rig.keeper([round], { client, secondary: rig.client() });
    await cautious.pass();
    expect(await status(round), "one endpoint alone says so").equal("running");
    await cautious.stop();
    const keeper = await rig.keeper([round], { client });
    await keeper.pass();
    expect(await status(round)).equal("refunding");
    await keeper.stop();
  });
});

/** A node on which `settleRound` reverts, whatever its pair: as where no transaction could hold its walk. */
function refusingSettlement(rig: RoundRig, { pool }: TestRound) {
  const node = lyingTransport(rig.chain.transport);
  node.lie = async (request, honest) => {
    const [call] = request.params as [{ to?: string; data?: Hex; input?: Hex } | undefined];
    const data = call?.data ?? call?.input ?? "0x";
    const settles = call?.to?.toLowerCase() === pool && data.startsWith(settleRoundSelector);
    if (settles) throw Object.assign(new Error("execution reverted"), { code: 3, data: "0x" });
    return honest();
  };
  return node;
}

/** `settleRound(uint256,uint256)`. */
const settleRoundSelector = "0x3323dc17";
