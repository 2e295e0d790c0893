import { expect } from "chai";
import { encodeFunctionData, erc20Abi, type Hex, type LocalAccount, numberToHex, parseTransaction } from "viem";
import { encodeSettle } from "../../../src/chain/channels/encode.ts";
import { WrongChainError } from "../../../src/chain/failure.ts";
import { createObserver } from "../../../src/chain/observer.ts";
import { PoolRevertError } from "../../../src/chain/pool/decodeError.ts";
import { CostAboveCapError, OutOfFundsError, WouldRevertError } from "../../../src/chain/sender/attempts.ts";
import { LeaseLostError, NotJournalledError } from "../../../src/chain/sender/book.ts";
import { createSender, type SenderOptions, type SendRequest } from "../../../src/chain/sender.ts";
import { signVoucher } from "../../../src/protocol/voucher.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import type { ChannelStore, JournalEntry } from "../../../src/store/store.ts";
import { startChain, type TestChain } from "../../support/chain.ts";
import { type LyingNode, lyingTransport, rpcError } from "../../support/lyingTransport.ts";
import { clientOver, failure, mineBlocks, openChannel, until } from "./support.ts";

describe("sender", () => {
  let chain: TestChain;
  let keeper: LocalAccount;
  let node: LyingNode;
  let store: ChannelStore;
  let now: number;

  before(async () => {
    chain = await startChain();
  });

  after(() => chain.stop());

  beforeEach(async () => {
    keeper = await chain.fundedAccount();
    node = lyingTransport(chain.transport);
    store = memoryStore();
    now = 1_700_000_000_000;
  });

  afterEach(() => mining(true));

  const create = (options: Partial<SenderOptions> = {}) =>
    createSender({
      client: clientOver(chain, node.transport),
      account: keeper,
      journal: store.journal,
      clock: () => now,
      confirmations: 0,
      ...options,
      policy: { pollMs: 5, bumpAfterMs: 60_000, rebroadcastAfterMs: 20_000, ...options.policy },
    });

  const request = (fields: Partial<SendRequest> = {}): SendRequest => ({
    to: chain.tokens.plain,
    data: encodeFunctionData({ abi: erc20Abi, functionName: "approve", args: [chain.escrow.address, 1n] }),
    purpose: "test",
    channelIds: [],
    ...fields,
  });

  async function unsigned() {
    const payer = await chain.fundedAccount();
    const { channel } = await openChannel(chain, payer, keeper.address);
    return { channel, cumulativeAmount: 1n, signature: "0x" as const };
  }

  const mining = (on: boolean) => chain.client.setAutomine(on);
  const broadcasts = () => node.asked.filter(({ method }) => method === "eth_sendRawTransaction");
  const journal = () => store.journal.list({ chainId: chain.escrow.chainId, account: keeper.address });

  it("journals before it broadcasts, and ends with what the transaction cost", async () => {
    const sender = create();
    let journalled: JournalEntry[] = [];
    node.lie = async (question, honest) => {
      if (question.method === "eth_sendRawTransaction") journalled = await journal();
      return honest();
    };
    const sent = await sender.send(request());
    expect(journalled).to.deep.equal([sent]);
    expect(sent).to.include({ status: "pending", nonce: 0, account: sender.address });
    expect(sent.attempts.map(({ raw }) => raw)).to.deep.equal(broadcasts().map(({ params }) => params[0]));

    const done = await sender.wait(sent);
    const hash = sent.attempts[0]?.hash as Hex;
    const receipt = await chain.client.getTransactionReceipt({ hash });
    expect(done.status).to.equal("mined");
    expect(done.outcome).to.deep.equal({
      hash,
      blockNumber: receipt.blockNumber,
      gasUsed: receipt.gasUsed,
      fee: receipt.gasUsed * receipt.effectiveGasPrice,
    });
    expect(await journal()).to.deep.equal([done]);
    expect(await sender.pending()).to.deep.equal([]);
  });

  it("counts the L1 data fee that a receipt carries", async () => {
    const sender = create();
    node.lie = async (question, honest) => {
      const answer = await honest();
      return question.method === "eth_getTransactionReceipt" && answer ? { ...answer, l1Fee: "0x3e8" } : answer;
    };
    const done = await sender.wait(await sender.send(request()));
    const receipt = await chain.client.getTransactionReceipt({ hash: done.outcome?.hash as Hex });
    expect(done.outcome?.fee).to.equal(receipt.gasUsed * receipt.effectiveGasPrice + 1_000n);
  });

  it("signs the gas that a request names, also in a replacement", async () => {
    const sender = create({ policy: { bumpAfterMs: 0 } });
    await mining(false);
    const sent = await sender.send(request({ gas: 777_777n }));
    const waiting = sender.wait(sent);
    now += 60_000;
    await until(async () => (await journal())[0]?.attempts.length === 2);
    await mining(true);
    await mineBlocks(chain, 1);
    expect((await waiting).status).to.equal("mined");
    const [entry] = await journal();
    expect(entry?.attempts.map(({ raw }) => parseTransaction(raw).gas)).to.deep.equal([777_777n, 777_777n]);
  });

  it("gives fifty sends at once fifty nonces without a gap", async () => {
    const sender = create();
    await mining(false);
    const sent = await Promise.all(Array.from({ length: 50 }, () => sender.send(request())));
    expect(sent.map(({ nonce }) => nonce)).to.deep.equal(Array.from({ length: 50 }, (_, index) => index));
    await mining(true);
    await mineBlocks(chain, 1);
    const done = await Promise.all(sent.map((entry) => sender.wait(entry)));
    expect(new Set(done.map(({ status }) => status))).to.deep.equal(new Set(["mined"]));
  });

  describe("refuses before anything is signed", () => {
    afterEach(async () => {
      expect(await journal()).to.deep.equal([]);
      expect(broadcasts()).to.deep.equal([]);
    });

    it("what would revert, with the contract's reason", async () => {
      const payer = await chain.fundedAccount();
      const { channel, id } = await openChannel(chain, payer, keeper.address);
      const voucher = await signVoucher(payer, { channelId: id, cumulativeAmount: 1_001n }, chain.escrow);
      const call = encodeSettle({ address: chain.escrow.address, channel, ...voucher });
      const error = await failure(create().send(request(call)));
      expect(error).to.be.instanceOf(WouldRevertError);
      expect((error as WouldRevertError).reason).to.include({ reason: "AmountExceedsDeposit" });
      expect(error.message).not.to.include(voucher.signature.slice(2, 66));
    });

    it("what reverts with the gas that the request names, which an estimate would have raised", async () => {
      const enough = await chain.client.estimateGas({ account: keeper.address, ...request() } as never);
      await failure(create().send(request({ gas: enough - 1_000n })));
      expect(await journal()).deep.equal([]);
      expect(broadcasts()).deep.equal([]);
    });

    it("what another contract refuses, with that contract's reason", async () => {
      const decode = () => new PoolRevertError("NotOpen", [1n, 2n, 3n]);
      const call = encodeSettle({ address: chain.escrow.address, ...(await unsigned()) });
      const error = await failure(create().send(request({ ...call, gas: 200_000n, decode })));
      expect((error as WouldRevertError).reason).to.include({ reason: "NotOpen" });
      expect(await journal()).deep.equal([]);
    });

    it("what costs more than its cap at the gas that the request names", async () => {
      const fees = await chain.client.estimateFeesPerGas();
      const maxCost = 1_000_000n * fees.maxFeePerGas;
      expect(await failure(create().send(request({ gas: 10_000_000n, maxCost })))).to.be.instanceOf(CostAboveCapError);
      expect(await journal()).deep.equal([]);
    });

    it("what costs more than its cap", async () => {
      expect(await failure(create().send(request({ maxCost: 1n })))).to.be.instanceOf(CostAboveCapError);
    });

    it("what the account cannot pay", async () => {
      await chain.client.setBalance({ address: keeper.address, value: 1_000n });
      expect(await failure(create().send(request()))).to.be.instanceOf(OutOfFundsError);
    });

    it("on another chain", async () => {
      node.lie = async (question, honest) => (question.method === "eth_chainId" ? "0x2105" : honest());
      expect(await failure(create().send(request()))).to.be.instanceOf(WrongChainError);
    });

    it("without the lease", async () => {
      const sender = create({ lease: async () => false });
      expect(await failure(sender.send(request()))).to.be.instanceOf(LeaseLostError);
      expect(await failure(sender.recover())).to.be.instanceOf(LeaseLostError);
    });

    it("when the lease is lost while it prepares", async () => {
      const answers = [true, false];
      const sender = create({ lease: async () => answers.shift() === true });
      expect(await failure(sender.send(request()))).to.be.instanceOf(LeaseLostError);
    });

    it("while the journal cannot be written", async () => {
      const broken = {
        ...store.journal,
        put: async () => {
          throw new Error("disk full");
        },
      };
      expect((await failure(create({ journal: broken }).send(request()))).message).to.equal("disk full");
    });
  });

  it("leaves room for what its pending transactions may still cost", async () => {
    await mining(false);
    const first = await create().send(request());
    const gas = parseTransaction(first.attempts[0]?.raw as Hex).gas as bigint;
    const cost = gas * (first.attempts[0]?.maxFeePerGas as bigint);
    await chain.client.setBalance({ address: keeper.address, value: (cost * 3n) / 2n });
    expect(await failure(create().send(request()))).to.be.instanceOf(OutOfFundsError);
  });

  describe("a nonce", () => {
    it("never comes from 'pending', whatever a node says of that", async () => {
      node.lie = async (question, honest) => {
        const isPending = question.method === "eth_getTransactionCount" && question.params[1] === "pending";
        return isPending ? "0x63" : honest();
      };
      await mining(false);
      const first = await create().send(request());
      const afterRestart = await create().send(request());
      expect([first.nonce, afterRestart.nonce]).to.deep.equal([0, 1]);
    });

    it("is not given twice when a lagging node still counts without the last transaction", async () => {
      const sender = create();
      await sender.wait(await sender.send(request()));
      node.lie = async (question, honest) => (question.method === "eth_getTransactionCount" ? "0x0" : honest());
      expect((await sender.send(request())).nonce).to.equal(1);
    });

    it("used by somebody else ends the entry as dropped", async () => {
      await mining(false);
      const sender = create();
      const sent = await sender.send(request());
      await chain.client.request({ method: "hardhat_dropTransaction", params: [sent.attempts[0]?.hash] } as never);
      const wallet = chain.wallet(keeper as never);
      await wallet.sendTransaction({ to: keeper.address, nonce: sent.nonce, value: 1n });
      await mineBlocks(chain, 1);
      expect(await sender.wait(sent)).to.include({ status: "dropped" });
      expect((await journal()).map(({ status }) => status)).to.deep.equal(["dropped"]);
    });

    it("that looks used for a moment, to a node that lags with receipts, drops nothing", async () => {
      const sender = create();
      const sent = await sender.send(request());
      let hidden = 0;
      node.lie = async (question, honest) =>
        question.method === "eth_getTransactionReceipt" && hidden++ < 2 ? null : honest();
      expect((await sender.wait(sent)).status).to.equal("mined");
    });
  });

  it("calls a mined transaction that failed reverted, never mined", async () => {
    const payer = await chain.fundedAccount();
    const { channel, id } = await openChannel(chain, payer, keeper.address);
    const voucher = await signVoucher(payer, { channelId: id, cumulativeAmount: 10n }, chain.escrow);
    const call = encodeSettle({ address: chain.escrow.address, channel, ...voucher });
    await mining(false);
    const sender = create();
    const first = await sender.send(request(call));
    node.lie = async (question, honest) => (question.method === "eth_estimateGas" ? numberToHex(90_000) : honest());
    const second = await sender.send(request(call));
    await mineBlocks(chain, 1);
    expect((await sender.wait(first)).status).to.equal("mined");
    const done = await sender.wait(second);
    expect(done.status).to.equal("reverted");
    expect((done.outcome?.gasUsed ?? 0n) > 21_000n).to.equal(true);
  });

  it("takes a success receipt's word, and leaves what it changed to the state that the asker reads", async () => {
    const payer = await chain.fundedAccount();
    const { channel, id } = await openChannel(chain, payer, keeper.address);
    const voucher = await signVoucher(payer, { channelId: id, cumulativeAmount: 10n }, chain.escrow);
    const idle = await create().wait(await create().send(request()));
    const question = { method: "eth_getTransactionReceipt", params: [idle.outcome?.hash] };
    const receipt: object = await chain.client.request(question as never);
    await mining(false);
    node.lie = async ({ method, params }, honest) =>
      method === "eth_getTransactionReceipt" ? { ...receipt, transactionHash: params[0], logs: [] } : honest();
    const sender = create();
    const call = encodeSettle({ address: chain.escrow.address, channel, ...voucher });
    const done = await sender.wait(await sender.send(request({ ...call, channelIds: [id] })));
    expect(done).to.include({ status: "mined" });
    const observer = createObserver({ client: chain.client, escrow: chain.escrow, confirmations: 0 });
    expect((await observer.read([id]))[0]?.settled).to.equal(0n);
  });

  describe("a transaction that is stuck", () => {
    it("is replaced with the same nonce and fees at least an eighth higher, and either hash ends it", async () => {
      await mining(false);
      const sender = create();
      const sent = await sender.send(request());
      const waiting = sender.wait(sent);
      now += 60_000;
      await until(async () => (await journal())[0]?.attempts.length === 2);
      const [entry] = await journal();
      const [first, second] = (entry?.attempts ?? []).map(({ raw }) => parseTransaction(raw));
      expect(second?.nonce).to.equal(first?.nonce);
      for (const fee of ["maxFeePerGas", "maxPriorityFeePerGas"] as const) {
        expect((second?.[fee] ?? 0n) * 8n >= (first?.[fee] ?? 0n) * 9n, fee).to.equal(true);
      }
      await mineBlocks(chain, 1);
      const done = await waiting;
      expect(done.status).to.equal("mined");
      expect(done.outcome?.hash).to.equal(entry?.attempts[1]?.hash);
    });

    it("is never raised above its cap, not even after a restart", async () => {
      await mining(false);
      await create().send(request());
      const like = await create().send(request());
      const gas = parseTransaction(like.attempts[0]?.raw as Hex).gas as bigint;
      const cost = gas * (like.attempts[0]?.maxFeePerGas as bigint);
      const capped = await create().send(request({ maxCost: (cost * 21n) / 20n }));
      const faults: string[] = [];
      const abort = new AbortController();
      const restarted = create({ onFault: ({ reason }) => faults.push(reason) });
      const waiting = restarted.wait(capped, { signal: abort.signal });
      now += 60_000;
      await until(() => faults.some((fault) => fault.includes("cap")));
      abort.abort();
      expect(await waiting).to.include({ status: "pending" });
      expect((await journal()).find(({ id }) => id === capped.id)?.attempts.length).to.equal(1);
    });

    it("lost by the node is broadcast again, since not found means pending", async () => {
      await mining(false);
      const sender = create();
      const sent = await sender.send(request());
      await chain.client.request({ method: "hardhat_dropTransaction", params: [sent.attempts[0]?.hash] } as never);
      const waiting = sender.wait(sent);
      now += 20_000;
      await until(() => broadcasts().length === 2);
      await mineBlocks(chain, 1);
      expect((await waiting).outcome?.hash).to.equal(sent.attempts[0]?.hash);
    });
  });

  describe("a restart", () => {
    it("broadcasts again what was journalled and never sent", async () => {
      await mining(false);
      node.lie = async (question, honest) => {
        if (question.method === "eth_sendRawTransaction") throw rpcError("connection reset");
        return honest();
      };
      const faults: string[] = [];
      const sent = await create({ onFault: ({ reason }) => faults.push(reason) }).send(request());
      expect(faults.length).to.equal(1);
      node.lie = undefined;

      const restarted = create();
      expect(await restarted.recover()).to.deep.equal([sent]);
      await mineBlocks(chain, 1);
      expect((await restarted.wait(sent)).status).to.equal("mined");
    });

    it("finds what was mined meanwhile", async () => {
      const sent = await create().send(request());
      const [entry] = await create().recover();
      expect(entry).to.include({ id: sent.id, status: "mined" });
      expect(await create().pending()).to.deep.equal([]);
    });
  });

  it("waits through an outage, and takes 'already known' and 'nonce too low' for what they are", async () => {
    const sender = create();
    const sent = await sender.send(request());
    let failures = 0;
    node.lie = async (_, honest) => {
      if (failures++ < 6) throw rpcError(failures % 2 ? "connection refused" : "nonce too low");
      return honest();
    };
    expect((await sender.wait(sent)).status).to.equal("mined");
  });

  it("believes a receipt only at the confirmation depth, and follows a reorganisation", async () => {
    const sender = create({ confirmations: 2 });
    const snapshot = await chain.client.snapshot();
    const sent = await sender.send(request());
    const waiting = sender.wait(sent);
    await until(() => node.asked.some(({ method }) => method === "eth_getTransactionReceipt"));
    await chain.client.revert({ id: snapshot });
    expect((await journal())[0]?.status).to.equal("pending");
    now += 20_000;
    await until(() => broadcasts().length === 2);
    await mineBlocks(chain, 2);
    expect((await waiting).status).to.equal("mined");
  });

  it("broadcasts again what a deep reorganisation took back, so that no gap blocks the next", async () => {
    const sender = create();
    const snapshot = await chain.client.snapshot();
    const first = await sender.wait(await sender.send(request()));
    await chain.client.revert({ id: snapshot });
    const second = await sender.wait(await sender.send(request()));
    expect([first.nonce, second.nonce]).to.deep.equal([0, 1]);
    expect(second.status).to.equal("mined");
  });

  it("twice over one journal and key never corrupts it: one transaction is mined, the other dropped", async () => {
    await mining(false);
    const gate = lyingTransport(chain.transport);
    const blind = { ...store.journal, list: async () => [] };
    const [one, other] = [create(), create({ client: clientOver(chain, gate.transport), journal: blind })];
    const first = await one.send(request());
    const second = await other.send(request({ purpose: "rival" }));
    expect(first.nonce).to.equal(second.nonce);
    await mineBlocks(chain, 1);
    const third = create();
    const ends = [await third.wait(first), await third.wait(second)].map(({ status }) => status);
    expect(ends.sort()).to.deep.equal(["dropped", "mined"]);
    expect((await journal()).length).to.equal(2);
  });

  it("stops waiting, and writes nothing more, once the lease is lost", async () => {
    await mining(false);
    let leading = true;
    const sender = create({ lease: async () => leading });
    const sent = await sender.send(request());
    const waiting = failure(sender.wait(sent));
    leading = false;
    expect(await waiting).to.be.instanceOf(LeaseLostError);
    expect(await journal()).to.deep.equal([sent]);
  });

  it("two waits on one entry agree, and neither undoes the other's replacement", async () => {
    await mining(false);
    const sender = create();
    const sent = await sender.send(request());
    const waits = [sender.wait(sent), sender.wait(sent)];
    now += 60_000;
    await until(async () => ((await journal())[0]?.attempts.length ?? 0) >= 2);
    await mineBlocks(chain, 1);
    const [a, b] = await Promise.all(waits);
    expect(a?.status).to.equal("mined");
    expect(a?.outcome).to.deep.equal(b?.outcome);
    expect(await sender.wait(sent)).to.include({ status: "mined" });
  });

  it("refuses an entry that its journal does not hold", async () => {
    const sent = await create().send(request());
    const stranger = create({ journal: memoryStore().journal });
    expect(await failure(stranger.wait(sent))).to.be.instanceOf(NotJournalledError);
  });
});
