import { expect } from "chai";
import { type Hex, parseTransaction } from "viem";
import { lyingTransport, rpcError } from "../../../support/lyingTransport.ts";
import { day, gifts } from "../../../support/roundStage.ts";
import { eager, margin, type RoundRig, startRoundRig } from "./rig.ts";

describe("keeper of rounds, under faults", () => {
  let rig: RoundRig;
  before(async () => {
    rig = await startRoundRig();
  });
  after(() => rig.stop());

  async function scene(count = 2) {
    const round = await rig.round();
    const donors = [];
    for (let index = 0; index < count; index++) {
      const donor = await rig.donor(round);
      await rig.give(round, donor, gifts([1n, 100n]));
      donors.push(donor);
    }
    return { round, donors };
  }

  const outcomes = (keeper: { lines: { message: string; fields: Record<string, unknown> }[] }) =>
    keeper.lines.filter(({ message }) => message.startsWith("concluded")).map(({ fields }) => fields.outcome);

  it("given a node that hides the pool's events, when a line stands, nothing is sent in vain, and truth heals it in the margin", async () => {
    const { round, donors } = await scene(1);
    const [donor] = donors as [(typeof donors)[number]];
    await rig.stage.collect(donor.channel, gifts([1n, 60n]));
    const node = lyingTransport(rig.chain.transport);
    node.lie = (request, honest) => (request.method === "eth_getLogs" ? Promise.resolve([]) : honest());
    const keeper = await rig.keeper([round], { policy: eager, client: rig.client(node.transport) });
    const report = await keeper.pass();
    expect(report.sent).equal(0);
    expect(report.quarantined.map(({ reason }) => reason)).deep.equal(["GiftsMismatch"]);
    node.lie = undefined;
    await rig.untilEnd(round, margin);
    expect((await keeper.pass()).sent).equal(1);
    expect(await rig.line(donor)).deep.equal(gifts([1n, 100n]));
    await keeper.stop();
  });

  it("given a node whose receipt says success for a batch that did nothing, when it concludes, it believes the state", async () => {
    const { round, donors } = await scene();
    const node = lyingTransport(rig.chain.transport);
    const account = await rig.gasAccount();
    let swallowed: Hex | undefined;
    node.lie = async (request, honest) => {
      if (request.method === "eth_sendRawTransaction") {
        const { nonce = 0 } = parseTransaction((request.params as [Hex])[0]);
        // The nonce is used by an empty transaction; the receipt of that one is shown for the batch.
        const wallet = rig.chain.wallet(account as never);
        swallowed = await wallet.sendTransaction({ account, to: account.address, value: 0n, nonce, gas: 21_000n });
        return swallowed;
      }
      const answer = await honest(
        request.method === "eth_getTransactionReceipt" && swallowed ? { ...request, params: [swallowed] } : request,
      );
      if (request.method !== "eth_getTransactionReceipt" || !answer) return answer;
      return { ...answer, transactionHash: request.params[0], status: "0x1" };
    };
    const keeper = await rig.keeper([round], { policy: eager, account, client: rig.client(node.transport) });
    const report = await keeper.pass();
    expect(outcomes(keeper)).deep.equal(["ineffective", "ineffective"]);
    expect(report.quarantined.map(({ action }) => action)).deep.equal(["wasted", "wasted"]);
    expect(await rig.given(round, 1n)).equal(0n);
    node.lie = undefined;
    expect((await keeper.pass()).sent, "what wastes gas rests").equal(0);
    await rig.untilEnd(round, margin);
    expect((await keeper.pass()).sent, "at the end it is tried again").equal(1);
    for (const donor of donors) expect(await rig.line(donor)).deep.equal(gifts([1n, 100n]));
    await keeper.stop();
  });

  it("given a reorganisation undid a collection, when it looks again, it makes it again", async () => {
    const { round, donors } = await scene();
    await rig.chain.client.mine({ blocks: 3 });
    const keeper = await rig.keeper([round], { policy: eager });
    const snapshot = await rig.chain.client.snapshot();
    await keeper.pass();
    expect(await rig.given(round, 1n)).equal(200n);
    await rig.chain.client.revert({ id: snapshot });
    expect(await rig.given(round, 1n)).equal(0n);
    await rig.chain.increaseTime(17n); // another history from here
    await rig.chain.client.mine({ blocks: 3 });
    for (let pass = 0; pass < 4 && (await rig.given(round, 1n)) === 0n; pass++) await keeper.pass();
    expect(await rig.given(round, 1n)).equal(200n);
    for (const donor of donors) expect(await rig.line(donor)).deep.equal(gifts([1n, 100n]));
    await keeper.stop();
  });

  it("given the first endpoint refuses every item, when the second would take them, they are tried", async () => {
    const { round } = await scene();
    const node = lyingTransport(rig.chain.transport);
    let refusals = 0;
    node.lie = async (request, honest) => {
      const [call] = request.params as [{ to?: string; data?: string } | undefined];
      const simulated = request.method === "eth_call" && call?.to?.toLowerCase() === round.pool;
      // Selectors of `collect` and `collectBatch`; what the sender itself asks at last is answered.
      if (simulated && /^0x(7d7ee212|7bcf69bf)/.test(call?.data ?? "") && refusals < 3) {
        refusals += 1;
        throw rpcError("execution reverted", 3);
      }
      return honest();
    };
    const keeper = await rig.keeper([round], {
      policy: eager,
      client: rig.client(node.transport),
      secondary: rig.client(),
    });
    await keeper.pass();
    expect(refusals).equal(3);
    expect(await rig.given(round, 1n)).equal(200n);
    await keeper.stop();
  });

  it("given the keeper has no coin, when it looks, it says so, blames no channel, and goes on when it has some", async () => {
    const { round } = await scene();
    const account = await rig.gasAccount(0n);
    const keeper = await rig.keeper([round], { policy: eager, account });
    const error = await keeper.pass().catch((reason: unknown) => reason);
    expect(error).to.include({ code: "out-of-funds" });
    await rig.chain.client.setBalance({ address: account.address, value: 10n ** 19n });
    const report = await keeper.pass();
    expect(report.sent).equal(1);
    expect(report.quarantined).deep.equal([]);
    await keeper.stop();
  });

  it("given coin for a part of what a batch names, when it looks, it collects in smaller parts, the most valuable first", async () => {
    const round = await rig.round();
    const donors = [];
    for (let index = 0; index < 8; index++) {
      const donor = await rig.donor(round);
      await rig.give(round, donor, gifts([1n, 100n + BigInt(index)]));
      donors.push(donor);
    }
    // Eight items name almost four million gas, four of them two.
    const { baseFeePerGas } = await rig.chain.client.getBlock();
    const account = await rig.gasAccount(6_000_000n * (baseFeePerGas ?? 0n));
    const keeper = await rig.keeper([round], { policy: eager, account });
    // Whether it gets through with all of them depends on how soon the first are confirmed.
    await keeper.pass().catch((error: unknown) => expect(error).to.include({ code: "out-of-funds" }));
    await rig.chain.client.setBalance({ address: account.address, value: 10n ** 19n });
    const report = await keeper.pass();
    expect(report.quarantined).deep.equal([]);
    expect(await rig.given(round, 1n)).equal(828n);
    const { chainId } = rig.chain.escrow;
    const [first] = await round.store.journal.list({ chainId, account: keeper.address });
    const ids = first?.channelIds ?? [];
    expect(ids.length).above(0).and.below(8);
    expect(new Set(ids)).deep.equal(new Set(donors.slice(8 - ids.length).map(({ id }) => id)));
    await keeper.stop();
  });

  it("given a transaction would cost more than its cap, when it looks, it is not signed, and its channels are not to blame", async () => {
    const { round } = await scene();
    const keeper = await rig.keeper([round], { policy: eager, feeCeiling: 0n });
    const report = await keeper.pass();
    expect(report).to.deep.include({ sent: 0, quarantined: [] });
    expect(keeper.lines.some(({ message }) => message === "too dear for now")).equal(true);
    const { chainId } = rig.chain.escrow;
    expect(await round.store.journal.list({ chainId, account: keeper.address })).deep.equal([]);
    await keeper.stop();
  });

  it("given one round's node question fails, when it looks, the other round has its pass all the same", async () => {
    const { round: broken } = await scene(1);
    const { round: sound } = await scene(1);
    const node = lyingTransport(rig.chain.transport);
    let failing = false;
    node.lie = async (request, honest) => {
      const [call] = request.params as [{ to?: string } | undefined];
      if (failing && call?.to?.toLowerCase() === broken.pool) throw rpcError("internal error");
      return honest();
    };
    const keeper = await rig.keeper([broken, sound], { client: rig.client(node.transport), policy: eager });
    await keeper.planRounds();
    failing = true;
    const error = await keeper.pass().catch((reason: unknown) => reason);
    expect(error).to.include({ code: "chain-unavailable" });
    expect(await rig.given(broken, 1n)).equal(0n);
    await keeper.stop();
    expect(await rig.given(sound, 1n)).equal(100n);
  });

  it("given a host clock a day off, when it looks, it decides the same", async () => {
    for (const off of [-86_400_000, 86_400_000]) {
      const { round } = await scene(1);
      const keeper = await rig.keeper([round], { clock: () => Date.now() + off });
      await rig.untilEnd(round, margin + 600n);
      expect((await keeper.pass()).sent).equal(0);
      await rig.untilEnd(round, margin);
      expect((await keeper.pass()).sent).equal(1);
      await keeper.stop();
    }
  });

  it("given two keepers with one key, when both look, one leads and the other sends nothing", async () => {
    const { round } = await scene(1);
    const account = await rig.gasAccount();
    const leader = await rig.keeper([round], { policy: eager, account, holder: "first" });
    const other = await rig.keeper([round], { policy: eager, account, holder: "second" });
    expect((await leader.pass()).sent).equal(1);
    const error = await other.pass().catch((reason: unknown) => reason);
    expect(error).to.include({ code: "not-leader" });
    await leader.stop();
    expect((await other.pass()).sent).equal(0);
    await other.stop();
  });

  it("given two rounds in one keeper, when it looks, each is kept, and its metrics tell them apart", async () => {
    const { round: first } = await scene(1);
    const { round: second, donors } = await scene(2);
    const keeper = await rig.keeper([first, second]);
    await keeper.pass();
    const text = await keeper.metrics.registry.metrics();
    expect(text).contain(`farthing_keeper_round_unattributed{pool="${first.pool}"} 100`);
    expect(text).contain(`farthing_keeper_round_unattributed{pool="${second.pool}"} 200`);
    const left = (await keeper.metrics.roundEnd.get()).values.map(({ value }) => value);
    for (const value of left)
      expect(value)
        .above(29 * Number(day))
        .and.at.most(30 * Number(day));
    await keeper.stop();

    const paying = await rig.keeper([first, second], { policy: eager });
    await paying.pass();
    await paying.pass();
    const after = await paying.metrics.registry.metrics();
    expect(after).contain(`farthing_keeper_round_attributed_total{pool="${second.pool}"} 200`);
    expect(after).contain('farthing_keeper_channels_total{action="collect",outcome="collected"} 3');
    expect(after).contain(`farthing_keeper_round_unattributed{pool="${first.pool}"} 0`);
    expect(after).contain(`farthing_keeper_round_end_seconds{pool="${first.pool}"} +Inf`);
    expect(donors.length).equal(2);
    await paying.stop();
  });

  it("keeps signatures, allocations and raw transactions out of its log", async () => {
    const { round, donors } = await scene(3);
    const { signature = "", evidence = "" } = (await round.store.get(donors[0]?.id as Hex)) ?? {};
    const keeper = await rig.keeper([round], { policy: eager });
    await keeper.pass();
    const text = JSON.stringify(keeper.lines);
    expect(text.length).above(500);
    expect(text).not.contain(signature.slice(2, 60));
    expect(evidence.match(/"signature":"0x([0-9a-f]{60})/)?.[1], "an allocation's signature").a("string");
    expect(text).not.contain(evidence.match(/"signature":"0x([0-9a-f]{60})/)?.[1] ?? "");
    expect(text).not.match(/0x[0-9a-f]{80,}/);
    await keeper.stop();
  });
});
