import { expect } from "chai";
import fc from "fast-check";
import { GiftRefusedError, GiftUnresolvedError, type Wish } from "../../../src/pool/index.ts";
import { channelId } from "../../../src/protocol/channel.ts";
import { amountOf, contains, union } from "./collectorModel.ts";
import { escrow } from "./fakeChain.ts";
import { createWorld, type Device, deposit } from "./world.ts";
import "../../support/seed.ts";

/** One thing that happens to the donor's devices, or to the round. */
type Step =
  | { kind: "give"; device: number; projectId: bigint; amount: bigint }
  | { kind: "crash"; device: number }
  /** The keeper brings what the collector holds on-chain. */
  | { kind: "collect" }
  /** A device brings the newest pair that it signed on-chain itself. */
  | { kind: "bring"; device: number }
  /** A project stops taking gifts, or takes them again. */
  | { kind: "project"; projectId: bigint }
  /** Everything that is under way goes on for a while. */
  | { kind: "wait"; turns: number };

const device = fc.nat({ max: 2 });
const projects = [1n, 2n, 3n, 4n];
const projectId = fc.constantFrom(...projects);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant("give" as const),
      device,
      projectId,
      amount: fc.bigInt({ min: 1n, max: 20n }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("wait" as const), turns: fc.nat({ max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("crash" as const), device }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("collect" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("project" as const), projectId }) },
);

const historyOf = (steps: fc.Arbitrary<Step>, ...faults: number[]) =>
  fc.record({
    seed: fc.nat(),
    devices: fc.integer({ min: 1, max: 3 }),
    /** Whether the first two are tabs of one browser. */
    tabs: fc.boolean(),
    faults: fc.constantFrom(...faults),
    steps: fc.array(steps, { minLength: 1, maxLength: 30 }),
  });
const orBring = fc.oneof(
  { weight: 3, arbitrary: step },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("bring" as const), device }) },
);

const runs = Number(process.env.FARTHING_RUNS ?? 120);

describe("a donor's devices under any interleaving, with an honest collector", () => {
  it("have every acknowledged gift in the final allocation exactly once, and never sign more than was asked for", async function () {
    this.timeout(1_700 * runs);
    const seen = { asked: 0, acknowledged: 0, refused: 0, unresolved: 0 };
    await fc.assert(
      fc.asyncProperty(historyOf(step, 0, 0, 15, 40), async (of) => {
        const { asked, acknowledged, refused, unresolved, given, final } = await play(of);
        for (const projectId of projects) {
          expect(amountOf(final, projectId), `project ${projectId}`).to.equal(sum(given, projectId));
        }
        seen.asked += asked;
        seen.acknowledged += acknowledged;
        seen.refused += refused;
        seen.unresolved += unresolved;
      }),
      { numRuns: runs, endOnFailure: true },
    );
    // A giver that gave nothing would pass all of the above.
    expect(seen.acknowledged, JSON.stringify(seen)).to.be.greaterThan(seen.asked / 2);
    expect(seen.refused + seen.unresolved, JSON.stringify(seen)).to.be.greaterThan(0);
  });

  // What stands on the chain and what the collector holds may count different gifts to one project then: the greater one stands, so
  // that the donor may give less than was acknowledged, and never more than was asked for.
  it("never sign more than was asked for when a device brings its gifts on-chain itself", async function () {
    this.timeout(1_700 * runs);
    let acknowledged = 0;
    const property = fc.asyncProperty(historyOf(orBring, 50, 80), async (of) => {
      const played = await play(of);
      acknowledged += played.acknowledged;
      for (const projectId of projects) {
        const most = sum(played.wished, projectId);
        expect(amountOf(played.final, projectId) <= most, `project ${projectId} has more than ${most}`).to.equal(true);
      }
    });
    await fc.assert(property, { numRuns: runs, endOnFailure: true });
    expect(acknowledged).to.be.greaterThan(0);
  });
});

async function play({
  seed,
  devices: count,
  tabs,
  faults,
  steps,
}: {
  seed: number;
  devices: number;
  tabs: boolean;
  faults: number;
  steps: readonly Step[];
}) {
  const world = createWorld(seed, { faults });
  const { chain, model, receipts, givenUp } = world;
  const id = channelId(world.channel, escrow);
  const devices: Device[] = [];
  for (let index = 0; index < count; index++) {
    devices.push(world.device(tabs && index === 1 ? devices[0]?.store : undefined));
  }
  const failures: unknown[] = [];
  const expected = (error: unknown) => {
    if (!(error instanceof GiftRefusedError) && !(error instanceof GiftUnresolvedError)) failures.push(error);
  };
  const asked: { projectId: bigint; amount: bigint }[] = [];

  async function perform(one: Step): Promise<void> {
    switch (one.kind) {
      case "give": {
        const { projectId, amount } = one;
        asked.push({ projectId, amount });
        devices[one.device % count]?.giver.give(projectId, amount).catch(expected);
        return;
      }
      case "crash": {
        const index = one.device % count;
        const crashed = devices[index];
        if (!crashed) return;
        crashed.crash();
        const next = world.device(crashed.store);
        devices[index] = next;
        next.giver.resume().catch(expected);
        return;
      }
      case "collect": {
        const held = model.held(id);
        if (held) chain.collect(id, held.allocation.gifts);
        return;
      }
      case "bring":
        await devices[one.device % count]?.bring();
        return;
      case "project":
        if (!model.closedProjects.delete(one.projectId)) model.closedProjects.add(one.projectId);
        return;
      case "wait":
        await world.wait(one.turns);
    }
  }

  for (const one of steps) await perform(one);
  world.repair();
  await world.settle();
  for (const { giver } of [...devices, ...devices]) await world.run(giver.resume().catch(expected));

  expect(failures).to.deep.equal([]);
  expect(world.twice).to.deep.equal([]);
  const final = model.held(id)?.allocation.gifts ?? [];
  // A crash may come between a receipt's writing and its telling.
  const written = await Promise.all(devices.map(async ({ giver }) => (await giver.gifts())?.receipts ?? []));
  const given = new Map([...receipts.values(), ...written.flat()].map((receipt) => [receipt.id, receipt]));
  for (const list of model.acknowledged) expect(contains(final, list)).to.equal(true);
  for (const { giver, store } of devices) {
    const mark = (await store.get(id))?.authorized ?? 0n;
    expect(mark <= deposit && mark <= sum(asked), `a mark of ${mark}, ${sum(asked)} asked for`).to.equal(true);
    const gifts = await giver.gifts();
    expect(contains(union(final, chain.standing(id)), gifts?.acknowledged ?? [])).to.equal(true);
    expect(gifts?.pending ?? []).to.deep.equal([]);
  }
  const unresolved = givenUp.filter(({ error }) => error instanceof GiftUnresolvedError).length;
  const counts = { asked: asked.length, acknowledged: given.size, refused: givenUp.length - unresolved, unresolved };
  return { ...counts, given: [...given.values()], wished: asked, final };
}

/** Of all projects, unless one is named. */
function sum(list: readonly Pick<Wish, "projectId" | "amount">[], of?: bigint): bigint {
  return list
    .filter(({ projectId }) => of === undefined || projectId === of)
    .reduce((total, { amount }) => total + amount, 0n);
}
