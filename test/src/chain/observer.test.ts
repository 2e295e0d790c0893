import { expect } from "chai";
import { type Hex, type LocalAccount, numberToHex } from "viem";
import { ChainUnavailableError, WrongChainError } from "../../../src/chain/failure.ts";
import { type Disagreement, StaleChainError } from "../../../src/chain/observer/reader.ts";
import type { Pass } from "../../../src/chain/observer/watch.ts";
import { createObserver, type ObserverOptions } from "../../../src/chain/observer.ts";
import { signVoucher } from "../../../src/protocol/voucher.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import type { ChannelStore } from "../../../src/store/store.ts";
import { startChain, type TestChain } from "../../support/chain.ts";
import { type LyingNode, lyingTransport, rpcError } from "../../support/lyingTransport.ts";
import { clientOver, escrowWallet, failure, mineBlocks, openChannel, putRecord, until } from "./support.ts";

describe("observer", () => {
  let chain: TestChain;
  let payer: LocalAccount;
  let payee: LocalAccount;
  let node: LyingNode;
  let store: ChannelStore;

  before(async () => {
    chain = await startChain();
    [payer, payee] = await Promise.all([chain.fundedAccount(), chain.fundedAccount()]);
  });

  after(() => chain.stop());

  beforeEach(() => {
    node = lyingTransport(chain.transport);
    store = memoryStore();
  });

  const observe = (options: Partial<ObserverOptions> = {}) =>
    createObserver({
      client: clientOver(chain, node.transport),
      escrow: chain.escrow,
      confirmations: 0,
      ...options,
    });

  const wallet = () => escrowWallet(chain, payer);
  const cursorKey = () => `observer:${chain.escrow.chainId}:${chain.escrow.address}`;

  async function tracked(deposit = 1_000n) {
    const opened = await openChannel(chain, payer, payee.address, deposit);
    await putRecord(store, chain, opened.channel, { deposit: 0n });
    return opened;
  }

  async function settle(opened: Awaited<ReturnType<typeof tracked>>, cumulativeAmount: bigint) {
    const voucher = await signVoucher(payer, { channelId: opened.id, cumulativeAmount }, chain.escrow);
    await wallet().settle({ channel: opened.channel, ...voucher });
  }

  it("reads at the confirmation depth, not at the head", async () => {
    const { id } = await tracked();
    const observer = observe({ confirmations: 2 });
    expect((await observer.read([id]))[0]?.deposit).to.equal(0n);
    await mineBlocks(chain, 2);
    const [state] = await observer.read([id]);
    expect(state?.deposit).to.equal(1_000n);
    const head = await chain.client.getBlockNumber({ cacheTime: 0 });
    expect(state?.block).to.deep.equal(await observer.block());
    expect(state?.block.number).to.equal(head - 2n);
  });

  it("finds a payee's channels from logs alone, for an empty store", async () => {
    const other = await chain.fundedAccount();
    const { id, channel } = await openChannel(chain, payer, other.address, 77n);
    await openChannel(chain, payer, payee.address);
    const found = await observe({ chunk: 3n }).opened({ payee: other.address });
    expect(found.map((each) => [each.id, each.deposit])).to.deep.equal([[id, 77n]]);
    expect(found[0]?.channel.salt).to.equal(channel.salt);
  });

  describe("sync", () => {
    it("writes the observer's own fields of known records, and nothing else", async () => {
      const opened = await tracked();
      await putRecord(store, chain, opened.channel, { authorized: 900n, spent: 800n, evidence: "kept" });
      const observer = observe();
      await observer.sync(store);
      await settle(opened, 300n);
      const stranger = await openChannel(chain, payer, payee.address);
      const { touched, to } = await observer.sync(store);
      expect(touched).to.deep.equal([opened.id]);
      expect(await store.get(stranger.id)).to.equal(undefined);
      const record = await store.get(opened.id);
      expect(record).to.include({ settled: 300n, authorized: 900n, spent: 800n, evidence: "kept" });
      expect((record?.block.number ?? 0n) <= to).to.equal(true);
    });

    it("reads a deposit again instead of adding to it, however often a log is seen", async () => {
      const { channel, id } = await tracked();
      await observe().sync(store);
      const before = await store.meta.get(cursorKey());
      await wallet().topUp({ channel, additionalDeposit: 500n });
      await observe().sync(store);
      await store.meta.set(cursorKey(), before as string);
      await observe().sync(store);
      expect((await store.get(id))?.deposit).to.equal(1_500n);
    });

    it("moves the cursor only after the writes", async () => {
      const opened = await tracked();
      await observe().sync(store);
      const before = await store.meta.get(cursorKey());
      await settle(opened, 10n);
      const failing: ChannelStore = {
        ...bound(store),
        update: async () => {
          throw new Error("disk full");
        },
      };
      expect(await failure(observe().sync(failing))).to.be.instanceOf(Error);
      expect(await store.meta.get(cursorKey())).to.equal(before);
      await observe().sync(store);
      expect((await store.get(opened.id))?.settled).to.equal(10n);
      expect(await store.meta.get(cursorKey())).not.to.equal(before);
    });

    it("halves what a provider refuses to answer until it answers", async () => {
      const opened = await tracked();
      await observe().sync(store);
      await settle(opened, 20n);
      await mineBlocks(chain, 9);
      const widths: bigint[] = [];
      node.lie = async (request, honest) => {
        if (request.method !== "eth_getLogs") return honest();
        const [{ fromBlock, toBlock }] = request.params as [{ fromBlock: Hex; toBlock: Hex }];
        const width = BigInt(toBlock) - BigInt(fromBlock) + 1n;
        widths.push(width);
        if (width > 2n) throw rpcError("query exceeds max block range 2", -32005);
        return honest();
      };
      const { touched } = await observe().sync(store);
      expect(touched).to.deep.equal([opened.id]);
      expect(widths[0]).to.equal(10n);
      expect(widths.some((width) => width <= 2n)).to.equal(true);
      const head = await chain.client.getBlockNumber({ cacheTime: 0 });
      expect(await store.meta.get(cursorKey())).to.match(new RegExp(`^${head}:0x[0-9a-f]{64}$`));
    });

    it("fails, and leaves the cursor at the last good span, when logs are refused altogether", async () => {
      await tracked();
      await observe().sync(store);
      const before = await store.meta.get(cursorKey());
      await mineBlocks(chain, 3);
      node.lie = async (request, honest) => {
        if (request.method === "eth_getLogs") throw rpcError("not supported");
        return honest();
      };
      expect(await failure(observe().sync(store))).to.be.instanceOf(ChainUnavailableError);
      expect(await store.meta.get(cursorKey())).to.equal(before);
    });

    it("ignores logs of other contracts and of other blocks that a provider slips in", async () => {
      const opened = await tracked();
      const observer = observe();
      await observer.sync(store);
      await settle(opened, 5n);
      node.lie = async (request, honest) => {
        const answer = await honest();
        if (request.method !== "eth_getLogs") return answer;
        return (answer as object[]).flatMap((log) => [
          { ...log, address: chain.tokens.plain },
          { ...log, blockNumber: numberToHex(1) },
          { ...log, removed: true },
        ]);
      };
      expect((await observer.sync(store)).touched).to.deep.equal([]);
    });
  });

  describe("when log answers are dropped", () => {
    it("poll sees by state what sync could not see", async () => {
      const { channel, id } = await tracked();
      const observer = observe();
      await observer.sync(store);
      await wallet().requestClose({ channel });
      node.lie = async (request, honest) => (request.method === "eth_getLogs" ? [] : honest());
      expect((await observer.sync(store)).touched).to.deep.equal([]);
      expect((await store.get(id))?.closeRequestedAt).to.equal(0n);
      expect((await observer.poll(store)).touched).to.deep.equal([id]);
      expect(((await store.get(id))?.closeRequestedAt ?? 0n) > 0n).to.equal(true);
    });

    it("a poll reads all live records, page by page", async () => {
      const opened = [await tracked(), await tracked(), await tracked()];
      const small: ChannelStore = { ...bound(store), list: (query) => store.list({ ...query, limit: 2 }) };
      const { touched } = await observe().poll(small);
      expect([...touched].sort()).to.deep.equal(opened.map(({ id }) => id).sort());
    });
  });

  it("never lets an older block overwrite a newer one", async () => {
    const { channel, id } = await tracked();
    const number = (await chain.client.getBlockNumber({ cacheTime: 0 })) + 50n;
    await putRecord(store, chain, channel, { deposit: 5_000n, block: { number, hash: `0x${"ab".repeat(32)}` } });
    await observe().poll(store);
    expect((await store.get(id))?.deposit).to.equal(5_000n);
  });

  it("leaves the records of another escrow alone", async () => {
    const { channel, id } = await tracked();
    const elsewhere = { address: chain.tokens.plain, chainId: chain.escrow.chainId };
    await putRecord(store, chain, channel, { escrow: elsewhere, deposit: 123n });
    await observe().poll(store);
    await observe().sync(store);
    expect((await store.get(id))?.deposit).to.equal(123n);
  });

  describe("when the chain is reorganised", () => {
    it("undoes a close request that the new chain does not have", async () => {
      const { channel, id } = await tracked();
      const observer = observe();
      await observer.sync(store);
      const snapshot = await chain.client.snapshot();
      await wallet().requestClose({ channel });
      await observer.sync(store);
      expect(((await store.get(id))?.closeRequestedAt ?? 0n) > 0n).to.equal(true);

      await chain.client.revert({ id: snapshot });
      await mineBlocks(chain, 3, 7);
      const { touched } = await observer.sync(store);
      expect(touched).to.deep.equal([id]);
      expect((await store.get(id))?.closeRequestedAt).to.equal(0n);
    });

    it("reopens a channel that was closed on the chain that is gone", async () => {
      const opened = await tracked();
      const observer = observe();
      await observer.sync(store);
      const snapshot = await chain.client.snapshot();
      await escrowWallet(chain, payee).close({ channel: opened.channel, cumulativeAmount: 0n, signature: "0x" });
      await observer.poll(store);
      expect((await store.get(opened.id))?.finalized).to.equal(true);

      await chain.client.revert({ id: snapshot });
      await mineBlocks(chain, 2, 11);
      await observer.poll(store);
      expect((await store.get(opened.id))?.finalized).to.equal(false);
    });

    it("goes back to the fork and sees what the new chain has instead", async () => {
      const opened = await tracked();
      const observer = observe();
      await observer.sync(store);
      const snapshot = await chain.client.snapshot();
      await settle(opened, 100n);
      await observer.sync(store);
      await mineBlocks(chain, 1);
      await observer.sync(store);

      await chain.client.revert({ id: snapshot });
      await mineBlocks(chain, 1, 13);
      await settle(opened, 40n);
      await mineBlocks(chain, 2);
      const { from } = await observer.sync(store);
      expect((await store.get(opened.id))?.settled).to.equal(40n);
      expect(from <= (await chain.client.getBlockNumber({ cacheTime: 0 })) - 2n).to.equal(true);
    });

    it("steps back blindly when no block of its trail is left", async () => {
      const opened = await tracked();
      const observer = observe();
      await observer.sync(store);
      await settle(opened, 60n);
      await observer.sync(store);
      const { number } = await observer.block();
      const gone = `${number}:0x${"cd".repeat(32)}`;
      await store.meta.set(cursorKey(), gone);
      await store.meta.set(`${cursorKey()}:trail`, gone);
      await store.update(opened.id, (record) => record && { ...record, settled: 999n });
      await observer.sync(store);
      expect((await store.get(opened.id))?.settled).to.equal(60n);
    });

    it("between the question and the answer decides nothing", async () => {
      const { id } = await tracked();
      const observer = observe();
      node.lie = async (request, honest) => {
        const answer = await honest();
        if (request.method !== "eth_getBlockByNumber" || request.params[0] === "latest") return answer;
        return { ...(answer as object), hash: `0x${"ee".repeat(32)}` };
      };
      expect((await failure(observer.read([id]))).name).to.equal("ReplacedBlockError");
    });
  });

  describe("with an endpoint that cannot be trusted", () => {
    it("whose head falls back by more than a few blocks, throws StaleChainError", async () => {
      const observer = observe();
      await mineBlocks(chain, 12);
      await observer.block();
      const head = await chain.client.getBlockNumber({ cacheTime: 0 });
      node.lie = async (request, honest) =>
        request.params[0] === "latest"
          ? honest({ ...request, params: [numberToHex(head - 9n), ...request.params.slice(1)] })
          : honest();
      const error = await failure(observer.sync(store));
      expect(error).to.be.instanceOf(StaleChainError);
      expect(error.message).to.include(String(head));
      node.lie = async (request, honest) =>
        request.params[0] === "latest"
          ? honest({ ...request, params: [numberToHex(head - 2n), ...request.params.slice(1)] })
          : honest();
      expect((await observer.block()).number).to.equal(head - 2n);
    });

    it("that is down, throws ChainUnavailableError, and works again when it is back", async () => {
      const { id } = await tracked();
      const observer = observe();
      node.lie = async () => {
        throw rpcError("connection refused");
      };
      for (const attempt of [observer.block(), observer.read([id]), observer.sync(store), observer.poll(store)]) {
        expect(await failure(attempt)).to.be.instanceOf(ChainUnavailableError);
      }
      node.lie = undefined;
      expect((await observer.read([id]))[0]?.deposit).to.equal(1_000n);
    });

    it("of another chain, throws WrongChainError and writes nothing", async () => {
      const { id } = await tracked();
      node.lie = async (request, honest) => (request.method === "eth_chainId" ? "0x1" : honest());
      expect(await failure(observe().poll(store))).to.be.instanceOf(WrongChainError);
      expect((await store.get(id))?.deposit).to.equal(0n);
    });

    it("that hides a close request is overruled by the second one, whichever of the two hides it", async () => {
      const { channel, id } = await tracked();
      const past = await chain.client.getBlockNumber({ cacheTime: 0 });
      await wallet().requestClose({ channel });
      for (const liar of ["primary", "secondary"] as const) {
        const disagreements: Disagreement[] = [];
        const poisoned = lyingTransport(chain.transport);
        poisoned.lie = async (request, honest) =>
          request.method === "eth_call"
            ? honest({ ...request, params: [request.params[0], numberToHex(past)] })
            : honest();
        const [honest, lying] = [clientOver(chain, chain.transport), clientOver(chain, poisoned.transport)];
        const observer = observe({
          client: liar === "primary" ? lying : honest,
          secondary: liar === "primary" ? honest : lying,
          onDisagreement: (disagreement) => disagreements.push(disagreement),
        });
        const [state] = await observer.read([id]);
        expect((state?.closeRequestedAt ?? 0n) > 0n, liar).to.equal(true);
        expect(disagreements.map(({ field }) => field)).to.deep.equal(["closeRequestedAt"]);
      }
    });

    it("that calls a live channel closed cannot make it forgotten", async () => {
      const { id } = await tracked();
      await observe().sync(store);
      node.lie = async (request, honest) => {
        const answer = (await honest()) as Hex;
        return request.method === "eth_call" ? `${answer.slice(0, -1)}1` : answer;
      };
      const seen: Disagreement[] = [];
      const observer = observe({
        secondary: clientOver(chain, chain.transport),
        onDisagreement: (disagreement) => seen.push(disagreement),
      });
      await observer.poll(store);
      const record = await store.get(id);
      expect(record?.finalized).to.equal(false);
      expect((record?.closeRequestedAt ?? 0n) > 0n).to.equal(true);
      expect(seen[0]).to.include({ field: "finalized", primary: true, secondary: false });
    });

    it("as the second one, down, is reported and holds nothing up", async () => {
      const { id } = await tracked();
      const dead = lyingTransport(chain.transport);
      dead.lie = async () => {
        throw rpcError("connection refused");
      };
      const seen: Disagreement[] = [];
      const observer = observe({
        secondary: clientOver(chain, dead.transport),
        onDisagreement: (disagreement) => seen.push(disagreement),
      });
      expect((await observer.read([id]))[0]?.deposit).to.equal(1_000n);
      expect(seen.map(({ field }) => field)).to.deep.equal(["unavailable"]);
    });
  });

  describe("watch", () => {
    it("passes on new blocks and by interval, never two at once, and survives every error", async () => {
      const opened = await tracked();
      const passes: Pass[] = [];
      const errors: unknown[] = [];
      let failing = true;
      let [inside, most] = [0, 0];
      const counted: ChannelStore = {
        ...bound(store),
        list: async (query) => {
          inside += 1;
          most = Math.max(most, inside);
          await new Promise((resolve) => setTimeout(resolve, 5));
          inside -= 1;
          return store.list(query);
        },
      };
      node.lie = async (_, honest) => {
        if (failing) throw rpcError("connection refused");
        return honest();
      };
      const stop = observe().watch(counted, {
        intervalMs: 10,
        pollEvery: 2,
        onPass: (pass) => passes.push(pass),
        onError: (error) => {
          errors.push(error);
          throw new Error("a reporter that fails");
        },
      });
      await until(() => errors.length >= 3);
      failing = false;
      await until(async () => (await store.get(opened.id))?.deposit === 1_000n);
      await settle(opened, 70n);
      await until(async () => (await store.get(opened.id))?.settled === 70n);
      await until(() => new Set(passes.map(({ kind }) => kind)).size === 2);
      await stop();
      const count = passes.length;
      await new Promise((resolve) => setTimeout(resolve, 40));
      expect(passes.length).to.equal(count);
      expect(most).to.equal(1);
    });
  });
});

function bound(store: ChannelStore): ChannelStore {
  return {
    get: (id) => store.get(id),
    update: (id, change) => store.update(id, change),
    list: (query) => store.list(query),
    lease: (request) => store.lease(request),
    release: (name, holder) => store.release(name, holder),
    close: () => store.close(),
    meta: store.meta,
    journal: store.journal,
  };
}
