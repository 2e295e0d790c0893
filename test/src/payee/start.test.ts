import { expect } from "chai";
import { createPayee, EmptyStoreError, StoreBehindChainError, WrongStoreError } from "../../../src/payee/index.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { codeOf, escrow, fixture, newAccount } from "./fixture.ts";

describe("payee start", () => {
  it("given the same chain, escrow and payee again, starts", async () => {
    const f = await fixture();
    await f.open();
    await createPayee(f.settings).start();
  });

  it("given the store of another chain, escrow or payee, refuses with a sentence", async () => {
    const f = await fixture();
    const others = [
      { escrow: { ...escrow, chainId: 10 } },
      { escrow: { ...escrow, address: newAccount().address } },
      { account: { address: newAccount().address } },
    ];
    for (const other of others) {
      const payee = createPayee({ ...f.settings, ...other });
      const error = await failure(payee.start());
      expect(error).to.be.instanceOf(WrongStoreError).with.property("code", "wrong-store");
      expect(error.message).to.match(/belongs to payee 0x.* not to payee 0x.* on chain/);
    }
  });

  it("given a record of another payee in a store without a name, refuses", async () => {
    const f = await fixture();
    const { id } = await f.open();
    const record = await f.store.get(id);
    const unnamed = memoryStore();
    await unnamed.update(id, () => record);
    const payee = createPayee({ ...f.settings, store: unnamed, account: { address: newAccount().address } });
    expect(await failure(payee.start())).to.be.instanceOf(WrongStoreError);
    expect(await unnamed.meta.get("payee")).to.equal(undefined);
  });

  it("given a store older than the chain, refuses, names the channel and answers unavailable until it is mended", async () => {
    const f = await fixture();
    const { id, voucher } = await f.open();
    await f.payee.accept(await voucher(40n), { charge: { amount: 10n } });
    f.chain.set(id, { settled: 60n });
    const restored = createPayee(f.settings);
    const error = await failure(restored.start());
    expect(error).to.be.instanceOf(StoreBehindChainError).and.include({ code: "store-behind-chain", id });
    expect(error.message).to.contain(id).and.contain("Restore the newest copy");
    expect(codeOf(await restored.accept(await voucher(80n)))).to.equal("unavailable");
    expect(await f.store.get(id)).to.include({ authorized: 40n, spent: 10n });

    // The payer's own copy heals it.
    expect(codeOf(await f.payee.accept(await voucher(60n)))).to.equal("ok");
    await restored.start();
    expect(codeOf(await restored.accept(await voucher(80n)))).to.equal("ok");
  });

  it("given a channel that the operator accepts from the chain, takes what was settled as spent", async () => {
    const f = await fixture();
    const { id, voucher } = await f.open();
    await f.payee.accept(await voucher(40n), { charge: { amount: 10n } });
    f.chain.set(id, { settled: 60n });
    const payee = createPayee({ ...f.settings, acceptChainFor: [id] });
    await payee.start();
    expect(await f.store.get(id))
      .to.include({ authorized: 60n, spent: 60n, settled: 60n })
      .and.not.have.property("signature");
    expect(codeOf(await payee.accept(await voucher(61n), { charge: { amount: 1n } }))).to.equal("ok");
  });

  it("given an empty store while the chain shows a live channel, refuses unless that is allowed", async () => {
    const f = await fixture();
    const { id } = await f.open();
    const lost = { ...f.settings, store: memoryStore() };
    const error = await failure(createPayee(lost).start());
    expect(error).to.be.instanceOf(EmptyStoreError).and.include({ code: "store-empty", id });
    expect(await lost.store.meta.get("payee")).to.equal(undefined);
    await createPayee({ ...lost, allowEmptyStore: true }).start();
    f.chain.set(id, { finalized: true });
    await createPayee({ ...f.settings, store: memoryStore() }).start();
  });

  it("given a chain that was reset, refuses", async () => {
    const f = await fixture();
    const { id } = await f.open();
    f.chain.forget(id);
    const error = await failure(createPayee(f.settings).start());
    expect(error).to.be.instanceOf(WrongStoreError);
    expect(error.message).to.contain(id);
  });

  it("given more channels than a page, compares the last one too", async () => {
    const f = await fixture();
    const { id, voucher } = await f.open();
    await f.payee.accept(await voucher(1n));
    const record = await f.store.get(id);
    if (!record) throw new Error("no record");
    for (let index = 0; index < 501; index++) {
      const channel = { ...record.channel, salt: `0x${index.toString(16).padStart(64, "0")}` as const };
      const opened = f.chain.open(channel, 10n);
      await f.store.update(opened, () => ({ ...record, id: opened, channel, deposit: 10n }));
    }
    await createPayee(f.settings).start();
    const last = (await f.store.list({ limit: 1_000 })).at(-1);
    if (!last) throw new Error("no record");
    f.chain.set(last.id, { settled: 9n });
    expect(await failure(createPayee(f.settings).start())).to.include({ code: "store-behind-chain", id: last.id });
  });

  it("given an unreachable chain, throws and stays shut", async () => {
    const f = await fixture();
    const { voucher } = await f.open();
    f.chain.isDown = true;
    const payee = createPayee(f.settings);
    expect((await failure(payee.start())).message).to.equal("connection refused");
    f.chain.isDown = false;
    expect(codeOf(await payee.accept(await voucher(1n)))).to.equal("unavailable");
    await payee.start();
    expect(codeOf(await payee.accept(await voucher(1n)))).to.equal("ok");
  });
});

async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("it did not fail");
}
