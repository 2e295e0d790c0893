import { expect } from "chai";
import type { Address, Hex } from "viem";
import { type Gift, parseAllocation } from "../../../../src/protocol/index.ts";
import type { ChannelRecord } from "../../../../src/store/index.ts";
import { lyingTransport } from "../../../support/lyingTransport.ts";
import { gifts } from "../../../support/roundStage.ts";
import { type Donor, eager, margin, never, type RoundRig, startRoundRig, type TestRound } from "./rig.ts";

describe("keeper of rounds, among hostile rows", () => {
  let rig: RoundRig;
  before(async () => {
    rig = await startRoundRig();
  });
  after(() => rig.stop());

  async function giver(round: TestRound, list: readonly Gift[]): Promise<Donor> {
    const donor = await rig.donor(round);
    await rig.give(round, donor, list);
    return donor;
  }

  async function tamper(
    { store }: TestRound,
    { id }: Donor,
    fields: (record: ChannelRecord) => Partial<ChannelRecord>,
  ) {
    await store.update(id, (kept) => ({ ...(kept as ChannelRecord), ...fields(kept as ChannelRecord) }));
  }

  const collectNow = (donor: Donor, list: readonly Gift[]) => rig.stage.collect(donor.channel, list);

  function forged(signature: Hex = "0x"): Hex {
    return `${signature.slice(0, 20)}${signature[20] === "0" ? "1" : "0"}${signature.slice(21)}` as Hex;
  }

  it("given every kind of bad row among good ones, when it looks, it collects all of the good and quarantines each bad one by its reason", async () => {
    const [, , third] = rig.projects;
    const suspended = third?.id ?? 0n;
    const round = await rig.round();
    const good: Donor[] = [];
    for (let index = 0; index < 6; index++) good.push(await giver(round, gifts([1n, 100n])));

    const divergent = await giver(round, gifts([1n, 40n]));
    await collectNow(divergent, gifts([2n, 40n]));
    const forgedAllocation = await giver(round, gifts([1n, 40n]));
    await tamper(round, forgedAllocation, ({ evidence = "" }) => ({
      evidence: evidence.replace(parseAllocation(evidence).signature, forged(parseAllocation(evidence).signature)),
    }));
    const forgedVoucher = await giver(round, gifts([1n, 40n]));
    await tamper(round, forgedVoucher, ({ signature }) => ({ signature: forged(signature) }));
    const unreadable = await giver(round, gifts([1n, 40n]));
    await tamper(round, unreadable, () => ({ evidence: '{"gifts":[]}' }));
    const without = await giver(round, gifts([1n, 40n]));
    await tamper(round, without, ({ evidence: _, ...rest }) => ({ ...rest, evidence: undefined }) as never);
    const other = await giver(round, gifts([1n, 40n]));
    const { evidence } = await rig.signed(other, gifts([1n, 39n]));
    await tamper(round, other, () => ({ evidence }));
    const poor = await rig.donor(round, 30n);
    await rig.give(round, poor, gifts([1n, 40n]));
    const skipped = await giver(round, gifts([1n, 60n], [suspended, 40n]));
    await rig.suspend(suspended);

    const keeper = await rig.keeper([round], { policy: eager });
    const report = await keeper.pass();
    for (const donor of good) expect(await rig.line(donor)).deep.equal(gifts([1n, 100n]));
    expect(await rig.line(skipped), "what its other project was given").deep.equal(gifts([1n, 60n]));
    expect(await rig.given(round, 1n)).equal(660n);
    const reasons = new Map(report.quarantined.map(({ id, reason }) => [id, reason]));
    expect(reasons).deep.equal(
      new Map([
        [divergent.id, "AllocationDiverges"],
        [forgedAllocation.id, "InvalidSignature"],
        [forgedVoucher.id, "InvalidSignature"],
        [unreadable.id, "malformed-allocation"],
        [without.id, "no allocation is kept with its voucher"],
        [other.id, "invalid-allocation"],
        [poor.id, "AmountExceedsDeposit"],
      ]),
    );
    expect((await keeper.pass()).sent, "retries cost nothing").equal(0);
    await keeper.stop();

    const heir = await rig.keeper([round], { policy: eager, account: keeper.account });
    const [planned] = await heir.planRounds();
    const actions = planned?.decided.map(({ decision }) => decision.action);
    expect(new Set(actions), "survives a restart").deep.equal(new Set(["wait"]));
    await rig.reinstate(suspended);
    expect((await heir.pass()).sent, "what was skipped is collected later").equal(1);
    expect(await rig.line(skipped)).deep.equal(gifts([1n, 60n], [suspended, 40n]));
    await heir.stop();
  });

  it("given a gate that refuses now, when it looks, those whose matching it refuses wait, and nobody else", async () => {
    const gate = await rig.chain.deploy("OpenGate");
    const round = await rig.round({ gate });
    const weighed = await giver(round, gifts([1n, 10n]));
    await collectNow(weighed, gifts([1n, 10n]));
    await rig.give(round, weighed, gifts([1n, 30n]));
    const refused = await giver(round, gifts([1n, 10n]));
    const plain = await rig.donor(round);
    await rig.give(round, plain, gifts([1n, 10n]), "0x");
    // Answers 64 zero bytes: no key, no weight.
    await rig.chain.client.setCode({ address: gate, bytecode: "0x60405ff3" });
    const keeper = await rig.keeper([round], { policy: eager });
    const report = await keeper.pass();
    expect(await rig.line(weighed), "its weight is frozen").deep.equal(gifts([1n, 30n]));
    expect(await rig.line(plain), "it wants none").deep.equal(gifts([1n, 10n]));
    expect(await rig.line(refused)).deep.equal([]);
    expect(report.quarantined.map(({ id, reason }) => [id, reason])).deep.equal([[refused.id, "NotEligible"]]);
    await keeper.stop();
  });

  it("given a rival collects the same allocation first, when its batch is mined, it counts as collected, and nothing is quarantined", async () => {
    const round = await rig.round();
    const donors = [await giver(round, gifts([1n, 100n])), await giver(round, gifts([2n, 100n]))] as const;
    const node = lyingTransport(rig.chain.transport);
    let first = true;
    node.lie = async (request, honest) => {
      if (request.method === "eth_sendRawTransaction" && first) {
        first = false;
        await collectNow(donors[0], gifts([1n, 100n]));
      }
      return honest();
    };
    const keeper = await rig.keeper([round], { policy: eager, client: rig.client(node.transport) });
    const report = await keeper.pass();
    expect(report.quarantined).deep.equal([]);
    const concluded = keeper.lines.filter(({ message }) => message === "concluded");
    expect(concluded.map(({ fields }) => fields.outcome)).deep.equal(["collected", "collected"]);
    expect(await rig.given(round, 1n)).equal(100n);
    expect((await keeper.pass()).sent).equal(0);
    await keeper.stop();
  });

  it("given an older allocation was collected first, when it looks, it adds the rest", async () => {
    const round = await rig.round();
    const donor = await giver(round, gifts([1n, 100n], [2n, 5n]));
    await collectNow(donor, gifts([1n, 60n]));
    const keeper = await rig.keeper([round], { policy: eager });
    expect((await keeper.pass()).sent).equal(1);
    expect(await rig.line(donor)).deep.equal(gifts([1n, 100n], [2n, 5n]));
    await keeper.stop();
  });

  it("given a newer allocation was collected by others, when it looks, it has nothing to do and blames nobody", async () => {
    const round = await rig.round();
    const donor = await giver(round, gifts([1n, 100n]));
    await collectNow(donor, gifts([1n, 100n], [2n, 30n]));
    const keeper = await rig.keeper([round], { policy: eager });
    expect(await keeper.pass()).to.deep.include({ sent: 0, quarantined: [] });
    await keeper.stop();
  });

  it("given an older allocation is collected above the confirmation depth, when it looks, it brings the list that stands at the head", async () => {
    const round = await rig.round();
    const donor = await giver(round, gifts([1n, 100n]));
    const same = await giver(round, gifts([2n, 70n]));
    await rig.chain.client.mine({ blocks: 3 });
    await collectNow(donor, gifts([1n, 60n]));
    await collectNow(same, gifts([2n, 70n]));
    const keeper = await rig.keeper([round], { policy: eager, confirmations: 2 });
    const passing = keeper.pass();
    let ended = false;
    void passing.finally(() => {
      ended = true;
    });
    // What was collected by others gets no deeper before the keeper has made up its mind.
    while (!ended) {
      if (keeper.lines.some(({ message }) => message === "sent")) await rig.chain.client.mine({ blocks: 1 });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect((await passing).sent, "of the other there is nothing left").equal(1);
    expect((await passing).quarantined).deep.equal([]);
    expect(await rig.line(donor)).deep.equal(gifts([1n, 100n]));
    await keeper.stop();
  });

  it("given a signer whose contract burns all gas it gets, when it shares a batch, it harms itself alone", async () => {
    const round = await rig.round();
    const burner = await rig.donor(round);
    await rig.give(round, burner, gifts([1n, 40n]));
    await tamper(round, burner, ({ signature }) => ({ signature: forged(signature) }));
    const good = [await giver(round, gifts([1n, 100n])), await giver(round, gifts([1n, 100n]))];
    // `invalid`: all gas, no answer.
    await rig.chain.client.setCode({ address: burner.address, bytecode: "0xfe" });
    const keeper = await rig.keeper([round], { policy: eager });
    const report = await keeper.pass();
    for (const donor of good) expect(await rig.line(donor)).deep.equal(gifts([1n, 100n]));
    expect(report.quarantined.map(({ id }) => id)).deep.equal([burner.id]);
    await keeper.stop();
  });

  it("given a row was refused and nothing heals by waiting, when the margin begins, it is tried at once", async () => {
    const [first] = rig.projects;
    const gate = await rig.chain.deploy("OpenGate");
    const code = (await rig.chain.client.getCode({ address: gate })) as Hex;
    const round = await rig.round({ gate });
    const donor = await giver(round, gifts([first?.id ?? 0n, 10n]));
    await rig.chain.client.setCode({ address: gate, bytecode: "0x60405ff3" });
    await rig.untilEnd(round, margin + 600n);
    const keeper = await rig.keeper([round], { policy: eager });
    expect((await keeper.pass()).quarantined[0]?.reason).equal("NotEligible");
    await rig.chain.client.setCode({ address: gate, bytecode: code });
    expect((await keeper.pass()).sent, "it rests").equal(0);
    await rig.untilEnd(round, margin);
    expect((await keeper.pass()).sent).equal(1);
    expect(await rig.line(donor)).deep.equal(gifts([1n, 10n]));
    expect((await keeper.pass()).quarantined).deep.equal([]);
    await keeper.stop();
  });

  it("given a channel in another token, when it looks, it never tries it", async () => {
    const round = await rig.round();
    const good = await giver(round, gifts([1n, 10n]));
    const donor = await giver(round, gifts([1n, 10n]));
    const token: Address = rig.chain.tokens.authorization;
    await tamper(round, donor, ({ channel }) => ({ channel: { ...channel, token } }));
    const keeper = await rig.keeper([round], { policy: eager });
    const report = await keeper.pass();
    expect(await rig.line(good)).deep.equal(gifts([1n, 10n]));
    expect(report.quarantined.map(({ id, reason }) => [id, reason])).deep.equal([[donor.id, "NotOwnChannel"]]);
    await keeper.stop();
  });

  it("given rows that only waste gas, when the economy never pays, nothing is spent on them", async () => {
    const round = await rig.round();
    for (let index = 0; index < 5; index++) {
      const donor = await giver(round, gifts([1n, 10n]));
      await tamper(round, donor, ({ signature }) => ({ signature: forged(signature) }));
    }
    await rig.untilEnd(round, margin);
    const keeper = await rig.keeper([round], { policy: never });
    const before = await rig.chain.client.getBalance({ address: keeper.account.address });
    for (let pass = 0; pass < 3; pass++) expect((await keeper.pass()).sent).equal(0);
    expect(await rig.chain.client.getBalance({ address: keeper.account.address })).equal(before);
    await keeper.stop();
  });
});
