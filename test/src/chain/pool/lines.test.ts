import { expect } from "chai";
import { type Address, type Hex, zeroAddress } from "viem";
import {
  ChainUnavailableError,
  createLineReader,
  getGiftsHash,
  type LineReaderOptions,
  LinesNotReadError,
  ReplacedBlockError,
} from "../../../../src/chain/index.ts";
import { type Channel, channelId, giftsHash } from "../../../../src/protocol/index.ts";
import { startChain, type TestChain } from "../../../support/chain.ts";
import { type LyingNode, lyingTransport, rpcError } from "../../../support/lyingTransport.ts";
import { gifts, type RoundStage, setRoundStage } from "../../../support/roundStage.ts";
import { clientOver, failure, mineBlocks } from "../support.ts";

describe("lines", () => {
  let chain: TestChain;
  let stage: RoundStage;
  let node: LyingNode;
  let [ann, ben]: [Address, Address] = [zeroAddress, zeroAddress];

  before(async () => {
    chain = await startChain();
    stage = await setRoundStage(chain);
    await stage.acceptedProjects(3);
    [ann, ben] = [await stage.person(), await stage.person()];
  });
  after(() => chain.stop());
  beforeEach(() => {
    node = lyingTransport(chain.transport);
  });

  const newPool = async () => stage.createRound(await stage.terms(), [1n, 2n]);
  const read = (pool: Address, options: Partial<LineReaderOptions> = {}) =>
    createLineReader({
      client: clientOver(chain, node.transport),
      pool: { address: pool, chainId: chain.escrow.chainId },
      confirmations: 0,
      ...options,
    });
  const lineOf = (channel: Channel) => channelId(channel, chain.escrow);
  const widthOf = ({ params: [filter] }: { params: readonly unknown[] }) => {
    const { fromBlock, toBlock } = filter as { fromBlock: Hex; toBlock: Hex };
    return Number(BigInt(toBlock) - BigInt(fromBlock)) + 1;
  };

  /** The pool's own word on a line must be the hash of what the reader says. */
  async function expectAsOnChain(pool: Address, lineId: Hex, list: ReturnType<typeof gifts>) {
    expect(await getGiftsHash(chain.client, { address: pool, lineId })).to.equal(giftsHash(list));
  }

  it("given collects, a skipped gift and a refund, says the list that the pool holds after each", async () => {
    const pool = await newPool();
    const lines = read(pool);
    const channel = await stage.open(ann, pool, 1_000n);
    const id = lineOf(channel);
    expect((await lines.sync()).touched).to.deep.equal([]);
    expect(lines.standing(id).gifts).to.deep.equal([]);

    await stage.collect(channel, gifts([1n, 10n], [2n, 20n], [3n, 5n]));
    expect(await lines.sync()).to.deep.equal({ block: await chain.client.getBlockNumber(), touched: [id] });
    expect(lines.standing(id).gifts).to.deep.equal(gifts([1n, 10n], [2n, 20n]));
    await expectAsOnChain(pool, id, gifts([1n, 10n], [2n, 20n]));

    await stage.refund(channel, ann);
    await lines.sync();
    expect(lines.standing(id).gifts).to.deep.equal(gifts([0n, 5n], [1n, 10n], [2n, 20n]));
    await expectAsOnChain(pool, id, gifts([0n, 5n], [1n, 10n], [2n, 20n]));

    await stage.collect(channel, gifts([0n, 5n], [1n, 11n], [2n, 20n]));
    expect((await lines.sync()).touched).to.deep.equal([id]);
    expect(lines.standing(id.toUpperCase().replace("0X", "0x") as Hex).gifts).to.deep.equal(
      gifts([0n, 5n], [1n, 11n], [2n, 20n]),
    );
    expect((await lines.sync()).touched, "nothing new").to.deep.equal([]);
  });

  it("given a donation, says what stands on its line", async () => {
    const pool = await newPool();
    await stage.donate(ben, pool, gifts([2n, 7n]));
    const lines = read(pool);
    const { touched } = await lines.sync();
    expect(touched).to.have.length(1);
    expect(lines.standing(touched[0] as Hex).gifts).to.deep.equal(gifts([2n, 7n]));
  });

  it("given another pool's events, even from a node that ignores the filter, leaves them out", async () => {
    const [pool, other] = [await newPool(), await newPool()];
    const channel = await stage.open(ann, other, 1_000n);
    await stage.collect(channel, gifts([1n, 9n]));
    const lines = read(pool);
    node.lie = async ({ method, params }, honest) => {
      if (method !== "eth_getLogs") return honest();
      const { address: _own, ...filter } = params[0] as Record<string, unknown>;
      return honest({ method, params: [filter] });
    };
    expect((await lines.sync()).touched).to.deep.equal([]);
    expect(lines.standing(lineOf(channel)).gifts).to.deep.equal([]);
  });

  it("given a provider that refuses wide questions, asks narrow ones and misses nothing", async () => {
    const pool = await newPool();
    const made = await chain.client.getBlockNumber();
    const channels: Channel[] = [];
    for (const [index, donor] of [ann, ben, ann, ben].entries()) {
      const channel = await stage.open(donor, pool, 1_000n);
      await stage.collect(channel, gifts([1n, BigInt(index + 1)]));
      channels.push(channel);
    }
    const asked: number[] = [];
    node.lie = async (request, honest) => {
      if (request.method !== "eth_getLogs") return honest();
      asked.push(widthOf(request));
      if (widthOf(request) > 2) throw rpcError("query returned too many results");
      return honest();
    };
    const lines = read(pool, { fromBlock: made, chunk: 5n });
    expect((await lines.sync()).touched).to.have.length(4);
    for (const [index, channel] of channels.entries()) {
      expect(lines.standing(lineOf(channel)).gifts).to.deep.equal(gifts([1n, BigInt(index + 1)]));
    }
    expect(Math.max(...asked)).to.equal(5);
    asked.length = 0;
    await mineBlocks(chain, 1);
    await lines.sync();
    expect(asked, "only what is new").to.deep.equal([1]);
  });

  it("given a gift that is not deep enough, does not believe it yet", async () => {
    const pool = await newPool();
    const channel = await stage.open(ann, pool, 1_000n);
    await stage.collect(channel, gifts([1n, 3n]));
    const lines = read(pool, { confirmations: 2 });
    await lines.sync();
    expect(lines.standing(lineOf(channel)).gifts).to.deep.equal([]);
    await mineBlocks(chain, 2);
    await lines.sync();
    expect(lines.standing(lineOf(channel)).gifts).to.deep.equal(gifts([1n, 3n]));
  });

  describe("when the chain is reorganised", () => {
    it("takes back what the chain that is gone had said, and says what the new one does", async () => {
      const pool = await newPool();
      const [kept, lost] = [await stage.open(ann, pool, 1_000n), await stage.open(ben, pool, 1_000n)];
      const lines = read(pool);
      await stage.collect(kept, gifts([1n, 1n]));
      await lines.sync();
      const snapshot = await chain.client.snapshot();
      await stage.collect(kept, gifts([1n, 1n], [2n, 2n]));
      await lines.sync();
      await stage.collect(lost, gifts([2n, 8n]));
      await lines.sync();
      expect(lines.standing(lineOf(kept)).gifts).to.deep.equal(gifts([1n, 1n], [2n, 2n]));

      await chain.client.revert({ id: snapshot });
      await mineBlocks(chain, 1, 7);
      await stage.collect(kept, gifts([1n, 5n]));
      await mineBlocks(chain, 3);
      const { touched } = await lines.sync();
      expect(new Set(touched)).to.deep.equal(new Set([lineOf(kept), lineOf(lost)]));
      expect(lines.standing(lineOf(kept)).gifts).to.deep.equal(gifts([1n, 5n]));
      expect(lines.standing(lineOf(lost)).gifts).to.deep.equal([]);
    });

    it("goes back to a list that stood before the fork and was replaced after it", async () => {
      const pool = await newPool();
      const channel = await stage.open(ann, pool, 1_000n);
      const lines = read(pool);
      await stage.collect(channel, gifts([1n, 1n]));
      await mineBlocks(chain, 1);
      await lines.sync();
      const snapshot = await chain.client.snapshot();
      for (const amount of [2n, 3n, 4n]) {
        await stage.collect(channel, gifts([1n, amount]));
        await lines.sync();
      }
      await chain.client.revert({ id: snapshot });
      await mineBlocks(chain, 8, 5);
      await lines.sync();
      expect(lines.standing(lineOf(channel)).gifts).to.deep.equal(gifts([1n, 1n]));
    });

    it("in the midst of a sync, decides nothing, and reads again", async () => {
      const pool = await newPool();
      const channel = await stage.open(ann, pool, 1_000n);
      const lines = read(pool);
      await lines.sync();
      const snapshot = await chain.client.snapshot();
      await stage.collect(channel, gifts([1n, 6n]));
      node.lie = async ({ method }, honest) => {
        const logs = await honest();
        if (method !== "eth_getLogs") return logs;
        node.lie = undefined;
        await chain.client.revert({ id: snapshot });
        await mineBlocks(chain, 3, 9);
        return logs;
      };
      expect(await failure(lines.sync())).to.be.instanceOf(ReplacedBlockError);
      expect(lines.standing(lineOf(channel)).gifts).to.deep.equal([]);
      await lines.sync();
      expect(lines.standing(lineOf(channel)).gifts).to.deep.equal([]);
    });
  });

  it("before its first sync, throws rather than say that nothing stands; reset leads back there", async () => {
    const pool = await newPool();
    const channel = await stage.open(ann, pool, 1_000n);
    await stage.collect(channel, gifts([1n, 2n]));
    const lines = read(pool);
    expect(() => lines.standing(lineOf(channel))).to.throw(LinesNotReadError);
    await lines.sync();
    lines.reset();
    expect(() => lines.standing(lineOf(channel))).to.throw(LinesNotReadError);
    await lines.sync();
    expect(lines.standing(lineOf(channel)).gifts).to.deep.equal(gifts([1n, 2n]));
  });

  it("given a node that answers nothing, keeps what it knew", async () => {
    const pool = await newPool();
    const channel = await stage.open(ann, pool, 1_000n);
    await stage.collect(channel, gifts([1n, 2n]));
    const lines = read(pool);
    await lines.sync();
    await mineBlocks(chain, 1);
    node.lie = async () => {
      throw rpcError("gone");
    };
    expect(await failure(lines.sync())).to.be.instanceOf(ChainUnavailableError);
    expect(lines.standing(lineOf(channel)).gifts).to.deep.equal(gifts([1n, 2n]));
  });
});
