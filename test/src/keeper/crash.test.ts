import { expect } from "chai";
import type { Hex } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { profitable } from "../../../src/keeper/index.ts";
import { signCloseRequest } from "../../../src/protocol/index.ts";
import type { ChannelRecord, ChannelStore } from "../../../src/store/index.ts";
import { createFuse, type Fuse, fusedStore, fusedTransport } from "./fuse.ts";
import { type Rig, startRig } from "./rig.ts";

describe("keeper that dies between two steps", () => {
  let rig: Rig;
  let account: PrivateKeyAccount;
  let now = 1_000_000;
  before(async () => {
    rig = await startRig();
    account = await rig.gasAccount();
  });
  after(() => rig.stop());

  /** Two payees, a payer under a close, a payer who wishes to leave, one bad row: every loop has something to do. */
  async function scene() {
    const files = [rig.payeeStore(), rig.payeeStore()] as const;
    const good: ChannelRecord[] = [];
    for (const { store } of files) {
      good.push(await rig.openChannel(store, { authorized: 100n }), await rig.openChannel(store, { authorized: 50n }));
    }
    const [closing, leaving] = good as [ChannelRecord, ChannelRecord];
    await rig.requestClose(closing.channel);
    const request = { channelId: leaving.id, deposit: leaving.deposit };
    const signature = await signCloseRequest(rig.session, request, rig.chain.escrow);
    await files[0].store.update(leaving.id, (kept) => ({
      ...(kept as ChannelRecord),
      closeRequest: { deposit: leaving.deposit, signature },
    }));
    const bad = await rig.openChannel(files[1].store, {
      authorized: 5n,
      record: { signature: `0x${"11".repeat(64)}1b` },
    });
    return { files, good, leaving, bad };
  }

  async function keeper(stores: ChannelStore[], fuse?: Fuse) {
    return rig.keeper(fuse ? stores.map((store) => fusedStore(store, fuse)) : stores, {
      account,
      policy: profitable({ times: 0n }),
      clock: () => now,
      ...(fuse && { client: rig.client(fusedTransport(rig.chain.transport, fuse)) }),
    });
  }

  /** Runs until it dies. A wait for a transaction would poll for ever on a dead node, so it is cut as a kill cuts it. */
  async function runUntilDeath(stores: ChannelStore[], fuse: Fuse, blowAt: number): Promise<void> {
    const dying = await keeper(stores, fuse);
    const passes = (async () => {
      await dying.pass();
      await dying.pass();
    })();
    const dead = (async () => {
      while (fuse.steps() < blowAt) await new Promise((resolve) => setTimeout(resolve, 1));
    })();
    await Promise.race([passes, dead]).catch(() => undefined);
    await dying.stop().catch(() => undefined);
    await passes.catch(() => undefined);
  }

  async function countSteps(): Promise<number> {
    const { files } = await scene();
    const fuse = createFuse(Number.POSITIVE_INFINITY, false);
    const living = await keeper(
      files.map(({ path }) => rig.keeperStore(path)),
      fuse,
    );
    await living.pass();
    await living.pass();
    const steps = fuse.steps();
    await living.stop();
    return steps;
  }

  it("at any step, before or after it took effect: the next keeper pays all, nothing twice, and quarantines only the bad", async function () {
    this.timeout(240_000);
    const steps = await countSteps();
    expect(steps).above(20);
    for (let step = 1; step <= steps; step++) {
      for (const happened of [false, true]) {
        const { files, good, leaving, bad } = await scene();
        const stores = files.map(({ path }) => rig.keeperStore(path));
        const paidBefore = await rig.balanceOf(rig.payee);
        const nonceBefore = await rig.chain.client.getTransactionCount({ address: account.address });
        await runUntilDeath(stores, createFuse(step, happened), step);

        now += 60_001; // the dead keeper's lease runs out
        const heir = await keeper(stores);
        let report = await heir.pass();
        for (let more = 0; more < 4 && report.sent > 0; more++) report = await heir.pass();
        const label = `died at step ${step}, ${happened ? "after" : "before"} it took effect`;
        for (const { id, authorized } of good) expect(await rig.settledOf(id), label).equal(authorized);
        expect(await rig.balanceOf(rig.payee), label).equal(paidBefore + 300n);
        expect((await rig.stateOf(leaving.id)).closeRequestedAt > 0n, label).equal(true);
        expect(
          report.quarantined.map(({ id }) => id),
          label,
        ).deep.equal([bad.id]);
        expect(await rig.settledOf(bad.id), label).equal(0n);
        const nonces = await rig.chain.client.getTransactionCount({ address: account.address });
        // One batch for the payee and one close request; nothing was sent a second time.
        expect(nonces - nonceBefore, label).equal(2);
        const pending = await Promise.all(stores.map((store) => pendingOf(store)));
        expect(pending.flat(), label).deep.equal([]);
        await heir.stop();
      }
    }
  });

  async function pendingOf(store: ChannelStore): Promise<Hex[]> {
    const entries = await store.journal.list({ chainId: rig.chain.escrow.chainId, status: "pending" });
    return entries.flatMap(({ channelIds }) => channelIds);
  }
});
