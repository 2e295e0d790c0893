import { expect } from "chai";
import { type Address, createPublicClient, type Hex, zeroAddress } from "viem";
import { LineMismatchError, readLine } from "../../../../src/chain/index.ts";
import { channelId } from "../../../../src/protocol/index.ts";
import { startChain, type TestChain } from "../../../support/chain.ts";
import { lyingTransport, type RpcRequest, rpcError } from "../../../support/lyingTransport.ts";
import { gifts, type RoundStage, setRoundStage } from "../../../support/roundStage.ts";
import { failure } from "../support.ts";

describe("readLine", () => {
  let chain: TestChain;
  let stage: RoundStage;
  let pool: Address = zeroAddress;
  before(async () => {
    chain = await startChain();
    stage = await setRoundStage(chain);
    await stage.acceptedProjects(2);
    pool = await stage.createRound(await stage.terms(), [1n, 2n]);
  });
  after(() => chain.stop());

  async function opened() {
    const channel = await stage.open(await stage.person(), pool, 1_000n);
    return { channel, id: channelId(channel, stage.escrow) };
  }

  function node() {
    const lying = lyingTransport(chain.transport);
    const client = createPublicClient({ chain: chain.chain, transport: lying.transport, cacheTime: 0 });
    return { lying, client, read: (id: Hex, more = {}) => readLine(client, { address: pool, channelId: id, ...more }) };
  }

  const spanOf = ({ params }: RpcRequest) => {
    const [{ fromBlock, toBlock }] = params as [{ fromBlock: Hex; toBlock: Hex }];
    return BigInt(toBlock) - BigInt(fromBlock) + 1n;
  };

  it("given a line without gifts, when read, it is empty and no log was asked for", async () => {
    const { id } = await opened();
    const { lying, read } = node();
    expect(await read(id)).to.deep.equal([]);
    expect(lying.asked.map(({ method }) => method)).to.not.include("eth_getLogs");
  });

  it("given gifts, a skipped one and a refund, when read after each, it is what stands, under project 0 too", async () => {
    const { channel, id } = await opened();
    const { read } = node();
    await stage.collect(channel, gifts([1n, 10n], [7n, 5n]));
    expect(await read(id)).to.deep.equal(gifts([1n, 10n]));
    await stage.refund(channel, channel.payer);
    expect(await read(id)).to.deep.equal(gifts([0n, 5n], [1n, 10n]));
    await stage.collect(channel, gifts([0n, 5n], [1n, 11n], [2n, 1n]));
    expect(await read(id)).to.deep.equal(gifts([0n, 5n], [1n, 11n], [2n, 1n]));
  });

  it("given other lines of the pool, when read, they do not show", async () => {
    const [one, other] = [await opened(), await opened()];
    await stage.collect(one.channel, gifts([1n, 3n]));
    await stage.collect(other.channel, gifts([2n, 4n]));
    await stage.donate(await stage.person(), pool, gifts([1n, 9n]));
    const { read } = node();
    expect(await read(one.id)).to.deep.equal(gifts([1n, 3n]));
    expect(await read(other.id)).to.deep.equal(gifts([2n, 4n]));
  });

  it("given a block of the past, when read, it is what stood then", async () => {
    const { channel, id } = await opened();
    await stage.collect(channel, gifts([1n, 3n]));
    const blockNumber = await chain.client.getBlockNumber({ cacheTime: 0 });
    await stage.collect(channel, gifts([1n, 8n]));
    expect(await node().read(id, { blockNumber })).to.deep.equal(gifts([1n, 3n]));
  });

  it("given a provider that refuses wide spans, when read, it asks for narrower ones from the newest block back", async () => {
    const { channel, id } = await opened();
    await stage.collect(channel, gifts([1n, 3n]));
    for (let block = 0; block < 9; block++) await chain.client.mine({ blocks: 1 });
    const { lying, read } = node();
    lying.lie = (request, honest) => {
      if (request.method === "eth_getLogs" && spanOf(request) > 4n) throw rpcError("query exceeds the range");
      return honest();
    };
    expect(await read(id)).to.deep.equal(gifts([1n, 3n]));
    const logs = lying.asked.filter(({ method }) => method === "eth_getLogs");
    const served = logs.filter((request) => spanOf(request) <= 4n);
    // Ten blocks back in spans of at most four, two queries each.
    expect(served.length).to.be.within(6, 12);
  });

  it("given a chunk, when read, no query is wider", async () => {
    const { channel, id } = await opened();
    await stage.collect(channel, gifts([1n, 3n]));
    const { lying, read } = node();
    expect(await read(id, { chunk: 1n })).to.deep.equal(gifts([1n, 3n]));
    for (const request of lying.asked.filter(({ method }) => method === "eth_getLogs"))
      expect(spanOf(request)).to.equal(1n);
  });

  it("given a provider that refuses everything, when read, it says so instead of an empty line", async () => {
    const { channel, id } = await opened();
    await stage.collect(channel, gifts([1n, 3n]));
    const { lying, read } = node();
    lying.lie = (request, honest) => {
      if (request.method === "eth_getLogs") throw rpcError("no");
      return honest();
    };
    expect(await failure(read(id))).to.have.property("code", "chain-unavailable");
  });

  it("given a provider that leaves the newest event out, or a first block after it, when read, no older list passes for the line", async () => {
    const { channel, id } = await opened();
    await stage.collect(channel, gifts([1n, 3n]));
    await stage.collect(channel, gifts([1n, 8n]));
    const { lying, read } = node();
    lying.lie = async (request, honest) => {
      const answer = await honest();
      return request.method === "eth_getLogs" && Array.isArray(answer) ? answer.slice(0, -1) : answer;
    };
    expect(await failure(read(id))).to.be.instanceOf(LineMismatchError);
    lying.lie = undefined;
    const fromBlock = await chain.client.getBlockNumber({ cacheTime: 0 });
    await chain.client.mine({ blocks: 1 });
    expect(await failure(read(id, { fromBlock: fromBlock + 1n }))).to.be.instanceOf(LineMismatchError);
  });
});
