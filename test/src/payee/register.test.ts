import { expect } from "chai";
import type { Address, Hex } from "viem";
import { checksumAddress, zeroAddress } from "viem";
import { createPayee } from "../../../src/payee/index.ts";
import { type Channel, nativeCoin } from "../../../src/protocol/channel.ts";
import { codeOf, type Fixture, fixture, newAccount } from "./fixture.ts";

describe("payee register", () => {
  let f: Fixture;
  let channel: Channel;
  beforeEach(async () => {
    f = await fixture({ terms: { minDeposit: 10n } });
    channel = {
      payer: newAccount().address.toLowerCase() as Address,
      payee: f.payee.address,
      token: nativeCoin,
      salt: `0x${"5a".repeat(32)}`,
      authorizedSigner: zeroAddress,
    };
  });

  it("given an open channel, keeps what the chain says of it", async () => {
    const id = f.chain.open(channel, 100n);
    expect(codeOf(await f.payee.register(channel))).to.equal("ok");
    expect(await f.store.get(id)).to.deep.include({
      id,
      channel,
      deposit: 100n,
      authorized: 0n,
      spent: 0n,
      charges: [],
    });
  });

  it("given two spellings, keeps one record", async () => {
    f.chain.open(channel, 100n);
    await f.payee.register(channel);
    const payer = checksumAddress(channel.payer);
    const salt = `0x${channel.salt.slice(2).toUpperCase()}` as Hex;
    expect(codeOf(await f.payee.register({ ...channel, payer, salt }))).to.equal("ok");
    expect(await f.store.list()).to.have.length(1);
  });

  it("given the same top-up twice, reads the deposit and adds nothing", async () => {
    const id = f.chain.open(channel, 100n);
    await f.payee.register(channel);
    f.chain.set(id, { deposit: 150n });
    await f.payee.register(channel);
    await f.payee.register(channel);
    await f.payee.refresh(id);
    expect((await f.store.get(id))?.deposit).to.equal(150n);
  });

  it("given a known channel, keeps what was authorized and spent", async () => {
    const { voucher, ...opened } = await f.open();
    await f.payee.accept(await voucher(5n), { charge: { amount: 3n } });
    await f.payee.register(opened.channel);
    expect(await f.store.get(opened.id)).to.include({ authorized: 5n, spent: 3n });
  });

  it("given a channel that the chain does not show at the confirmation depth, refuses and keeps nothing", async () => {
    expect(codeOf(await f.payee.register(channel))).to.equal("channel-not-found");
    expect(await f.store.list()).to.deep.equal([]);
  });

  const faults: [string, string, (id: Hex) => void][] = [
    ["a deposit below the least", "insufficient-balance", (id) => f.chain.set(id, { deposit: 9n })],
    ["a close pending from the start", "close-pending", (id) => f.chain.set(id, { closeRequestedAt: 1n })],
    ["a closed channel", "channel-finalized", (id) => f.chain.set(id, { finalized: true })],
  ];
  for (const [name, code, arrange] of faults) {
    it(`given ${name}, refuses and keeps nothing`, async () => {
      arrange(f.chain.open(channel, 100n));
      expect(codeOf(await f.payee.register(channel))).to.equal(code);
      expect(await f.store.list()).to.deep.equal([]);
    });
  }

  it("given another's channel or a token not taken, refuses without asking the chain", async () => {
    const { reads } = f.chain;
    const others = { payee: newAccount().address, token: newAccount().address };
    expect(codeOf(await f.payee.register({ ...channel, payee: others.payee }))).to.equal("malformed");
    expect(codeOf(await f.payee.register({ ...channel, token: others.token }))).to.equal("malformed");
    expect(f.chain.reads).to.equal(reads);
  });

  it("given anything else, refuses as malformed", async () => {
    const broken = [null, undefined, 7, "channel", {}, [], { ...channel, salt: "0x00" }, { ...channel, payer: 9 }];
    for (const value of [...broken, { ...channel, authorizedSigner: undefined }, { ...channel, payee: "0xzz" }]) {
      expect(codeOf(await f.payee.register(value as never))).to.equal("malformed");
    }
    expect(codeOf(await f.payee.refresh("0x" as Hex))).to.equal("channel-not-found");
  });

  it("given a channel that settled before this store knew it, sells nothing for what was settled", async () => {
    const { id, channel: known, voucher } = await f.open();
    await f.payee.accept(await voucher(60n), { charge: { amount: 60n } });
    f.chain.set(id, { settled: 60n });
    const fresh = await fixture({ chain: f.chain, payeeKey: f.account, payee: { allowEmptyStore: true } });
    expect(codeOf(await fresh.payee.register(known))).to.equal("ok");
    const old = await fresh.payee.accept(await voucher(60n), { charge: { amount: 60n } });
    expect(old).to.include({ code: "insufficient-balance", required: 120n });
    expect(codeOf(await fresh.payee.accept(await voucher(120n), { charge: { amount: 60n } }))).to.equal("ok");
    const restarted = createPayee({ ...fresh.settings });
    await restarted.start();
  });
});
