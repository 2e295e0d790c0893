import { expect } from "chai";
import { type Abi, type AbiFunction, type Address, encodeFunctionData, type Hex } from "viem";
import { donationPoolAbi } from "../../../src/abi/donationPool.ts";
import { paymentChannelsAbi } from "../../../src/abi/paymentChannels.ts";
import { projectRegistryAbi } from "../../../src/abi/projectRegistry.ts";
import { audit } from "../../../src/audit/index.ts";
import { decodePoolEvents } from "../../../src/chain/pool/decodeEvents.ts";
import { channelId } from "../../../src/protocol/channel.ts";
import { donationId } from "../../../src/protocol/line.ts";
import { generator } from "../../src/payee/random.ts";
import { seed } from "../../support/seed.ts";
import { type Everybody, setEverybody } from "./transfers/everybody.ts";
import { collectKnowledge, drawCalls } from "./transfers/hostileArguments.ts";
import { paymentsOf } from "./transfers/payments.ts";
import { setWorld, type World } from "./transfers/world.ts";

describe("A donation pool loses no unit, whatever is called with whatever is known,", () => {
  for (const together of [false, true]) {
    for (const cancels of [true, false]) {
      const who = together ? "one key with every role" : "the roles, each with its own key";
      it(`by ${who}, where stewards ${cancels ? "may" : "never"} cancel`, async function () {
        this.timeout(300_000);
        const world = await setWorld(together);
        const everybody = await setEverybody(world);
        await attack(world, everybody, cancels);
        await world.chain.stop();
      });
    }
  }
});

/** @param cancels Whether stewards may; where they never do, a stranger settles, so that there is a match to be had too. */
async function attack(world: World, everybody: Everybody, cancels: boolean) {
  const { stage, addresses, chain, token } = world;
  const { pool, act, ben } = everybody;
  const dice = generator(seed);
  const proposer = addresses.creator;
  const successors = await chain.deploy("test/contracts/support/Timelock.sol:Timelock", [0n, [proposer]]);
  const known = await collectKnowledge(world, everybody, successors);
  const callers = [...new Set([...Object.values(addresses), successors])];
  const verbs = [
    ...verbsOf(pool, donationPoolAbi),
    ...verbsOf(stage.registry, projectRegistryAbi),
    ...verbsOf(chain.escrow.address, paymentChannelsAbi),
  ].filter(({ item }) => cancels || item.name !== "cancel");
  const honest = ["ann", "ben", "sue", "first", "second"];
  const atFirst = await everybody.holdings();
  let last = atFirst;
  let passed = 0;

  // Twice while gifts are taken: most can be done then.
  for (const time of [undefined, undefined, everybody.end + 3_600n, everybody.challengeEnd, everybody.settleBy]) {
    if (time === everybody.settleBy && !cancels) await settle();
    else if (time !== undefined && (await stage.now()) < time) await stage.at(time);
    for (const { to, item } of dice.shuffle(verbs)) {
      for (const caller of callers) {
        for (const args of drawCalls(item, known, dice)) await tryOnce(caller, to, item, args);
      }
    }
  }
  expect(passed, "attacks that went through, and changed something").to.be.greaterThan(20);
  await requireDue();

  async function settle() {
    if ((await act.getRoundStatus()) === "running") await stage.mined(await act.settleRound(await act.findPair()));
  }

  async function tryOnce(caller: Address, to: Address, item: AbiFunction, args: readonly unknown[]) {
    const data = encodeFunctionData({ abi: [item], functionName: item.name, args });
    const passes = await chain.client.call({ account: caller, to, data }).then(
      () => true,
      () => false,
    );
    if (!passes) return;
    const receipt = await send(caller, { to, data });
    if (!receipt || receipt.logs.length === 0) return;
    passed += 1;
    const story = `${item.name} by ${caller} with ${JSON.stringify(args, (_, value) => (typeof value === "bigint" ? `${value}` : value))}, FARTHING_SEED=${seed}`;
    paymentsOf(receipt.logs, token, pool);
    const now = await everybody.holdings();
    for (const name of honest) {
      expect((now[name] ?? 0n) >= (last[name] ?? 0n), `${name} lost nothing by ${story}`).to.equal(true);
    }
    last = now;
  }

  async function send(caller: Address, call: { to: Address; data: Hex }) {
    if (caller === successors) return world.sendThrough(successors, proposer, call);
    if (caller !== stage.stewards) return world.send(caller, call);
    // A timelock's hour can make a call too late that was not when it was proposed.
    return world.send(caller, call).catch(() => undefined);
  }

  /** Everybody who did nothing hostile has what is its own, to the unit, and an audit finds nothing. */
  async function requireDue() {
    const left = await everybody.finish();
    const now = await everybody.holdings();
    const logs = await chain.client.getLogs({ address: pool, fromBlock: 0n });
    /** What a hostile manager had its own project's money sent to somebody: a present, and nobody else's money. */
    const presents = (name: string) =>
      decodePoolEvents(logs, { address: pool })
        .filter(({ eventName }) => eventName === "Claimed")
        .map(({ args }) => args as { projectId: bigint; payout: Address; amount: bigint })
        .filter(({ projectId, payout }) => projectId === 3n && payout.toLowerCase() === everybody.watched[name])
        .reduce((sum, { amount }) => sum + amount, 0n);
    const gain = (name: string) => (now[name] ?? 0n) - (atFirst[name] ?? 0n) - presents(name);
    const kept = async (line: `0x${string}`) =>
      (await stage.standing(pool, line))
        .filter(({ projectId }) => projectId !== 0n)
        .map((gift) => gift.cumulativeAmount)
        .reduce((sum, amount) => sum + amount, 0n);
    const annsGifts = await kept(channelId(everybody.channel, chain.escrow));
    const bensGifts = await kept(donationId(ben, everybody.salt));
    expect(gain("ann"), `Ann's, FARTHING_SEED=${seed}`).to.equal(1_000n - annsGifts);
    expect(gain("ben"), `Ben's, FARTHING_SEED=${seed}`).to.equal(100n - bensGifts);
    for (const [projectId, name] of [
      [1n, "first"],
      [2n, "second"],
    ] as const) {
      const { gifts, paid } = await act.getProjectState({ projectId });
      expect(gain(name), `${name} project's, FARTHING_SEED=${seed}`).to.equal(paid);
      const match = await act.getMatch({ projectId });
      if (paid > 0n) expect(paid).to.equal(gifts + match);
    }
    expect(annsGifts <= 190n, "Ann gave no more than she signed").to.equal(true);
    expect(left, "what is left in the pool").to.equal(0n);
    const report = await audit({
      ...{ client: chain.client, escrow: chain.escrow.address, factory: stage.factory, fees: false, tokens: [token] },
    });
    expect(report.facts, `an audit, FARTHING_SEED=${seed}`).to.deep.equal([]);
  }
}

/** Every verb of a contract that is not a view. */
function verbsOf(to: Address, abi: Abi): { to: Address; item: AbiFunction }[] {
  return abi
    .filter((item) => item.type === "function" && !["view", "pure"].includes(item.stateMutability))
    .map((item) => ({ to, item: item as AbiFunction }));
}
