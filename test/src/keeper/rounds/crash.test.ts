import { expect } from "chai";
import type { PrivateKeyAccount } from "viem/accounts";
import { decodePoolEvents } from "../../../../src/chain/index.ts";
import type { ChannelStore } from "../../../../src/store/index.ts";
import { gifts } from "../../../support/roundStage.ts";
import { createFuse, type Fuse, fusedStore, fusedTransport } from "../fuse.ts";
import { eager, margin, type RoundRig, startRoundRig, type TestRound } from "./rig.ts";

describe("keeper of a round that dies between two steps", () => {
  let rig: RoundRig;
  let account: PrivateKeyAccount;
  let closer: PrivateKeyAccount;
  let now = 1_000_000;
  before(async () => {
    rig = await startRoundRig();
    account = await rig.gasAccount();
    closer = await rig.gasAccount();
  });
  after(() => rig.stop());

  /** Two donors who stay, one who leaves, a bad row, in a round that is ending: collected, closed, quarantined. */
  async function scene() {
    const round = await rig.round({ closer: closer.address });
    const donors = [await rig.donor(round), await rig.donor(round), await rig.donor(round)] as const;
    for (const donor of donors) await rig.give(round, donor, gifts([1n, 100n]));
    await rig.wish(round, donors[2]);
    const bad = await rig.donor(round, 10n);
    await rig.give(round, bad, gifts([1n, 50n]));
    return { round, donors, bad };
  }

  function keeper(round: TestRound, store: ChannelStore, fuse?: Fuse) {
    return rig.keeper([round], {
      account,
      policy: eager,
      clock: () => now,
      round: { closer, store: fuse ? fusedStore(store, fuse) : store, margin },
      ...(fuse && { client: rig.client(fusedTransport(rig.chain.transport, fuse)) }),
    });
  }

  /** Runs until it dies. A wait for a transaction would poll for ever on a dead node, so it is cut as a kill cuts it. */
  async function runUntilDeath(round: TestRound, store: ChannelStore, fuse: Fuse, blowAt: number): Promise<void> {
    const dying = await keeper(round, store, fuse);
    const passes = dying.pass();
    const dead = (async () => {
      while (fuse.steps() < blowAt) await new Promise((resolve) => setTimeout(resolve, 1));
    })();
    await Promise.race([passes, dead]).catch(() => undefined);
    await dying.stop().catch(() => undefined);
    await passes.catch(() => undefined);
  }

  async function countSteps(): Promise<number> {
    const { round } = await scene();
    const fuse = createFuse(Number.POSITIVE_INFINITY, false);
    const living = await keeper(round, rig.keeperStore(round), fuse);
    await living.pass();
    const steps = fuse.steps();
    await living.stop();
    return steps;
  }

  it("at any step, before or after it took effect: the next one collects all, each once, and quarantines only the bad", async function () {
    this.timeout(240_000);
    const steps = await countSteps();
    expect(steps).above(20);
    const nonce = (address: `0x${string}`) => rig.chain.client.getTransactionCount({ address });
    for (let step = 1; step <= steps; step++) {
      for (const happened of [false, true]) {
        const { round, donors, bad } = await scene();
        const store = rig.keeperStore(round);
        const before = [await nonce(account.address), await nonce(closer.address)] as const;
        await runUntilDeath(round, store, createFuse(step, happened), step);

        now += 60_001; // the dead keeper's lease runs out
        const heir = await keeper(round, store);
        let report = await heir.pass();
        for (let more = 0; more < 4 && report.sent > 0; more++) report = await heir.pass();
        const label = `died at step ${step}, ${happened ? "after" : "before"} it took effect`;
        expect(await rig.given(round, 1n), label).equal(300n);
        for (const donor of donors) expect(await rig.line(donor), label).deep.equal(gifts([1n, 100n]));
        expect((await rig.channelOf(donors[2])).finalized, label).equal(true);
        expect(
          report.quarantined.map(({ id }) => id),
          label,
        ).deep.equal([bad.id]);
        // One batch and one close; nothing was sent a second time.
        expect((await nonce(account.address)) - before[0], label).equal(1);
        expect((await nonce(closer.address)) - before[1], label).equal(1);
        const logs = await rig.chain.client.getLogs({ address: round.pool, fromBlock: 0n });
        const events = decodePoolEvents(logs, { address: round.pool }).map(({ eventName }) => eventName);
        expect(events.filter((name) => name === "Collected").length, label).equal(3);
        expect(events.includes("CollectSkipped"), label).equal(false);
        const { chainId } = rig.chain.escrow;
        expect(await store.journal.list({ chainId, status: "pending" }), label).deep.equal([]);
        await heir.stop();
      }
    }
  });
});
