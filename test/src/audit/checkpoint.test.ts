import { expect } from "chai";
import {
  type Address,
  createClient,
  custom,
  encodeAbiParameters,
  type Hex,
  numberToHex,
  pad,
  toEventSelector,
} from "viem";
import { paymentChannelsAbi } from "../../../src/abi/paymentChannels.ts";
import { audit, type RawLog } from "../../../src/audit/index.ts";
import { channelId } from "../../../src/protocol/channel.ts";
import { setStage } from "../../broken/stage.ts";
import { startChain, type TestChain } from "../../support/chain.ts";

const count = 12_000;

/** A real escrow whose provider tells of many more channels than it has: long histories without mining them. */
describe("audit of a long history", () => {
  let chain: TestChain;
  let logs: RawLog[];
  let asked: { from: bigint; to: bigint }[];

  before(async () => {
    chain = await startChain();
    const stage = await setStage(chain);
    await stage.open(await stage.person(), await stage.person(), 5n);
    const block = await chain.client.getBlock();
    const opened = paymentChannelsAbi.find((item) => item.type === "event" && item.name === "ChannelOpened");
    const topic = toEventSelector(opened as never);
    logs = Array.from({ length: count }, (_, index) => forged(topic, index, block.number, block.hash));
  });

  after(() => chain.stop());

  beforeEach(() => {
    asked = [];
  });

  function forged(topic: Hex, index: number, number: bigint, blockHash: Hex): RawLog {
    const [payer, payee, token]: Address[] = [`0x${"a1".repeat(20)}`, `0x${"b2".repeat(20)}`, pad("0x", { size: 20 })];
    const salt = numberToHex(index, { size: 32 });
    const authorizedSigner = token as Address;
    const channel = {
      payer: payer as Address,
      payee: payee as Address,
      token: token as Address,
      salt,
      authorizedSigner,
    };
    return {
      address: chain.escrow.address,
      topics: [topic, channelId(channel, chain.escrow), pad(channel.payer), pad(channel.payee)],
      data: encodeAbiParameters(
        [{ type: "address" }, { type: "bytes32" }, { type: "address" }, { type: "uint128" }],
        [channel.token, salt, authorizedSigner, 1n],
      ),
      blockNumber: numberToHex(number),
      blockHash,
      transactionHash: numberToHex(index + 1, { size: 32 }),
      logIndex: numberToHex(index),
    };
  }

  function client(change: (hash: unknown) => unknown = (block) => block) {
    const request = async ({ method, params }: { method: string; params?: unknown }) => {
      const pass = () => chain.client.request({ method, params } as never) as Promise<unknown>;
      if (method === "eth_getBlockByNumber") return change(await pass());
      if (method !== "eth_getLogs") return pass();
      const [{ fromBlock, toBlock }] = params as [{ fromBlock: Hex; toBlock: Hex }];
      const [from, to] = [BigInt(fromBlock), BigInt(toBlock)];
      asked.push({ from, to });
      return logs.filter(({ blockNumber }) => BigInt(blockNumber) >= from && BigInt(blockNumber) <= to);
    };
    return createClient({ transport: custom({ request }, { retryCount: 0 }) });
  }

  it("given a checkpoint, when audited again later, it should read only what is new and end with the same report", async () => {
    let kept: string | undefined;
    let saved = 0;
    const checkpoint = {
      load: async () => kept,
      save: async (text: string) => {
        kept = text;
        saved += 1;
      },
    };
    const escrow = chain.escrow.address;
    const first = await audit({ client: client(), escrow, fees: false, checkpoint });
    expect(saved).to.equal(1);
    // What was forged is not in the escrow: one shortage, and each channel's word.
    expect(first.broken).to.equal(count + 1);
    await chain.client.mine({ blocks: 1 });
    asked = [];

    const again = await audit({ client: client(), escrow, fees: false, checkpoint });

    expect(asked).to.deep.equal([{ from: first.block.number + 1n, to: first.block.number + 1n }]);
    expect({ ...again, block: 0 }).to.deep.equal({ ...first, block: 0 });

    asked = [];
    const before = kept;
    await audit({ client: client(), escrow, fees: false, tokens: [escrow], checkpoint });
    expect(asked[0]?.from).to.equal(first.fromBlock, "another question starts afresh");
    asked = [];
    kept = before;
    const replaced = (block: unknown) => {
      const { number } = block as { number: Hex };
      return BigInt(number) === first.block.number ? { ...(block as object), hash: pad("0x1") } : block;
    };
    await audit({ client: client(replaced), escrow, fees: false, checkpoint });
    expect(asked[0]?.from).to.equal(first.fromBlock, "a replaced block starts afresh");
  });
});
