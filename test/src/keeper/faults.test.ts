import { expect } from "chai";
import type { Address, Hex } from "viem";
import { decodeFunctionResult, encodeFunctionResult } from "viem";
import { paymentChannelsAbi as abi } from "../../../src/abi/paymentChannels.ts";
import { NotLeaderError, profitable, WrongStoreError } from "../../../src/keeper/index.ts";
import type { ChannelRecord, ChannelStore } from "../../../src/store/index.ts";
import { lyingTransport } from "../../support/lyingTransport.ts";
import { type Rig, startRig } from "./rig.ts";

const day = 86_400_000;

describe("keeper under faults", () => {
  let rig: Rig;
  before(async () => {
    rig = await startRig();
  });
  after(() => rig.stop());

  const eager = profitable({ times: 0n });

  /** Flips one bit of a stored signature, so that it recovers to somebody else or nobody. */
  async function forge(store: ChannelStore, record: ChannelRecord): Promise<void> {
    const signature = record.signature as Hex;
    const digit = signature[20] === "0" ? "1" : "0";
    await store.update(record.id, (kept) => ({
      ...(kept as ChannelRecord),
      signature: `${signature.slice(0, 20)}${digit}${signature.slice(21)}` as Hex,
    }));
  }

  it("ten bad rows among good ones: pays exactly the good ones in one batch and quarantines the bad with their reason", async () => {
    const { store, path } = rig.payeeStore();
    const good: ChannelRecord[] = [];
    const bad: ChannelRecord[] = [];
    for (let index = 0; index < 20; index++) {
      const record = await rig.openChannel(store, { authorized: 100n, deposit: 1_000n });
      (index % 2 === 0 ? good : bad).push(record);
    }
    for (const [index, record] of bad.entries()) {
      if (index < 5) await forge(store, record);
      else await store.update(record.id, (kept) => ({ ...(kept as ChannelRecord), authorized: 5_000n }));
    }
    const keeper = await rig.keeper([rig.keeperStore(path)], { policy: eager });
    const report = await keeper.pass();

    expect(report.sent).equal(1);
    for (const { id } of good) expect(await rig.settledOf(id)).equal(100n);
    for (const { id } of bad) expect(await rig.settledOf(id)).equal(0n);
    const reasons = new Map(report.quarantined.map(({ id, reason }) => [id, reason]));
    expect(new Set(reasons.keys())).deep.equal(new Set(bad.map(({ id }) => id)));
    expect([...bad.slice(0, 5)].map(({ id }) => reasons.get(id))).deep.equal(Array(5).fill("InvalidSignature"));
    expect([...bad.slice(5)].map(({ id }) => reasons.get(id))).deep.equal(Array(5).fill("AmountExceedsDeposit"));

    const spent = await rig.balanceOf(keeper.account.address);
    const again = await keeper.pass();
    expect(again.sent).equal(0);
    expect(again.decided.every(({ decision }) => decision.action === "wait")).equal(true);
    expect(await rig.balanceOf(keeper.account.address), "retries cost nothing").equal(spent);
    await keeper.stop();

    const other = await rig.keeper([rig.keeperStore(path)], { policy: eager, account: keeper.account });
    expect(
      (await other.plan()).every(({ decision }) => decision.action === "wait"),
      "survives a restart",
    ).equal(true);
  });

  it("a quarantined channel is tried again, and a healed signature ends its quarantine at once", async () => {
    const { store, path } = rig.payeeStore();
    const record = await rig.openChannel(store, { authorized: 100n });
    await forge(store, record);
    const keeper = await rig.keeper([rig.keeperStore(path)], { policy: eager });
    await keeper.pass();
    expect((await keeper.pass()).quarantined[0]?.failures).equal(1);
    await rig.chain.increaseTime(301n);
    expect((await keeper.pass()).quarantined[0]?.failures).equal(2);
    await rig.chain.increaseTime(301n);
    expect((await keeper.pass()).quarantined[0]?.failures, "the second wait is twice as long").equal(2);
    for (let tries = 0; tries < 10; tries++) {
      await rig.chain.increaseTime(86_400n);
      await keeper.pass();
    }
    expect((await keeper.pass()).quarantined[0]).to.include({ failures: 8, retryAt: undefined });

    await store.update(record.id, (kept) => ({
      ...(kept as ChannelRecord),
      ...(record.signature && { signature: record.signature }),
    }));
    const healed = await keeper.pass();
    expect(await rig.settledOf(record.id)).equal(100n);
    expect(healed.quarantined).deep.equal([]);
    await keeper.stop();
  });

  it("a contract signer, whom a batch cannot ask, is settled alone", async () => {
    const { store, path } = rig.payeeStore();
    // Answers every question with ERC-1271's magic value.
    const wallet: Address = `0x${"1271".repeat(10)}`;
    await rig.chain.client.setCode({ address: wallet, bytecode: "0x631626ba7e60e01b5f5260205ff3" });
    const record = await rig.openChannel(store, { authorized: 100n, authorizedSigner: wallet });
    const long = await rig.openChannel(store, { authorized: 100n, authorizedSigner: wallet });
    await store.update(long.id, (kept) => ({ ...(kept as ChannelRecord), signature: `0x${"ab".repeat(200)}` }));
    const plain = await rig.openChannel(store, { authorized: 100n });
    const keeper = await rig.keeper([rig.keeperStore(path)], { policy: eager });
    const report = await keeper.pass();
    expect(report.sent).equal(3);
    for (const { id } of [record, long, plain]) expect(await rig.settledOf(id)).equal(100n);
    await keeper.stop();
  });

  it("a payee's whole token refusing transfers stops no other batch, and costs nothing", async () => {
    const { store, path } = rig.payeeStore();
    const { plain } = rig.chain.tokens;
    await rig.chain.client.writeContract({
      address: plain,
      abi: erc20,
      functionName: "mint",
      args: [rig.chain.deployer, 10_000n],
      account: rig.chain.deployer,
      chain: rig.chain.chain,
    });
    await rig.chain.client.writeContract({
      address: plain,
      abi: erc20,
      functionName: "approve",
      args: [rig.chain.escrow.address, 10_000n],
      account: rig.chain.deployer,
      chain: rig.chain.chain,
    });
    const stuck: ChannelRecord[] = [];
    for (let index = 0; index < 3; index++) {
      stuck.push(await rig.openChannel(store, { token: plain, deposit: 1_000n, authorized: 10n }));
    }
    const native = await rig.openChannel(store, { authorized: 10n });
    const code = (await rig.chain.client.getCode({ address: plain })) as Hex;
    // A token that answers false to everything and moves nothing.
    await rig.chain.client.setCode({ address: plain, bytecode: "0x5f5f5260205ff3" });
    const keeper = await rig.keeper([rig.keeperStore(path)], {
      policy: eager,
      prices: new Map([[plain, { wei: 1n, units: 1n }]]),
    });
    const report = await keeper.pass();
    expect(report.sent).equal(1);
    expect(await rig.settledOf(native.id)).equal(10n);
    expect(report.quarantined.map(({ reason }) => reason)).deep.equal(Array(3).fill("TransferFailed"));

    await rig.chain.client.setCode({ address: plain, bytecode: code });
    await rig.chain.increaseTime(301n);
    expect((await keeper.pass()).quarantined).deep.equal([]);
    for (const { id } of stuck) expect(await rig.settledOf(id)).equal(10n);
    await keeper.stop();
  });

  it("a batch that reverts as a whole is halved until what can be paid is paid", async () => {
    const { store, path } = rig.payeeStore();
    const token = rig.chain.tokens.plain;
    const records: ChannelRecord[] = [];
    for (const authorized of [10n, 10n, 10n, 30n]) {
      records.push(await rig.openChannel(store, { token, deposit: 1_000n, authorized }));
    }
    // Confirms transfers below 26 units alone: push1 0x24, calldataload, push1 26, gt, return it.
    await rig.chain.client.setCode({ address: token, bytecode: "0x602435601a115f5260205ff3" });
    const keeper = await rig.keeper([rig.keeperStore(path)], {
      policy: eager,
      prices: new Map([[token, { wei: 1n, units: 1n }]]),
    });
    const report = await keeper.pass();
    const settled = await Promise.all(records.map(({ id }) => rig.settledOf(id)));
    expect(settled).deep.equal([10n, 10n, 10n, 0n]);
    expect(report.quarantined.map(({ id, reason }) => ({ id, reason }))).deep.equal([
      { id: records[3]?.id, reason: "TransferFailed" },
    ]);
    await keeper.stop();
  });

  it("two keepers with one key: one leads, the other sends nothing until the lease is free", async () => {
    const { store, path } = rig.payeeStore();
    const record = await rig.openChannel(store, { authorized: 100n });
    let now = 1_000_000;
    const clock = () => now;
    const account = await rig.gasAccount();
    const first = await rig.keeper([rig.keeperStore(path)], { policy: eager, account, clock });
    const second = await rig.keeper([rig.keeperStore(path)], { policy: eager, account, clock });
    await first.pass();
    const later = await rig.openChannel(store, { authorized: 100n });
    expect(await rejection(second.pass())).instanceOf(NotLeaderError);
    expect(await rejection(second.start())).instanceOf(NotLeaderError);
    expect(await rig.settledOf(later.id)).equal(0n);
    expect(second.health()).to.include({ ok: false, leader: false });

    now += 60_001; // the first is silent for longer than its lease
    await second.pass();
    expect(await rig.settledOf(later.id)).equal(100n);
    expect(await rejection(first.pass())).instanceOf(NotLeaderError);
    await first.stop();
    await second.stop();
    expect(await rig.settledOf(record.id)).equal(100n);
  });

  it("a running keeper that loses its lease ends itself with the reason", async () => {
    const { store, path } = rig.payeeStore();
    let now = 1_000_000;
    const keeper = await rig.keeper([rig.keeperStore(path)], {
      clock: () => now,
      intervals: { deadline: 5, exits: 5, economy: 5 },
    });
    await keeper.start();
    now += 60_001;
    const name = `keeper:${rig.chain.escrow.chainId}:${keeper.address}`;
    while (!(await store.lease({ name, holder: "rival", ttl: 60_000, now }))) now += 60_001;
    expect(await keeper.ended).instanceOf(NotLeaderError);
    await keeper.stop();
  });

  it("an endpoint that lies that no close was requested: a truthful second one makes it settle in time", async () => {
    const { store, path } = rig.payeeStore();
    const record = await rig.openChannel(store, { authorized: 100n });
    await rig.requestClose(record.channel);
    const liar = lyingTransport(rig.chain.transport);
    liar.lie = async (request, honest) => {
      const answer = await honest();
      if (request.method === "eth_getLogs") return [];
      if (request.method !== "eth_call") return answer;
      return withoutCloses(answer as Hex);
    };
    const alone = await rig.keeper([rig.keeperStore(path)], { client: rig.client(liar.transport) });
    expect((await alone.pass()).sent, "believed alone, the lie hides the deadline").equal(0);
    await alone.stop();

    const keeper = await rig.keeper([rig.keeperStore(path)], {
      client: rig.client(liar.transport),
      secondary: rig.client(),
    });
    expect((await keeper.pass()).sent).equal(1);
    expect(await rig.settledOf(record.id)).equal(100n);
    await keeper.stop();
  });

  it("an endpoint that says a good row is refused: the second one is believed", async () => {
    const { store, path } = rig.payeeStore();
    const record = await rig.openChannel(store, { authorized: 100n });
    const liar = lyingTransport(rig.chain.transport);
    liar.lie = async (request, honest) => {
      const answer = await honest();
      return request.method === "eth_call" ? withRefusals(answer as Hex) : answer;
    };
    const options = { client: rig.client(liar.transport), policy: eager };
    const keeper = await rig.keeper([rig.keeperStore(path)], { ...options, secondary: rig.client() });
    expect((await keeper.pass()).quarantined).deep.equal([]);
    expect(await rig.settledOf(record.id)).equal(100n);
    await keeper.stop();
  });

  it("an endpoint whose receipt says success for a call that did nothing is not believed", async () => {
    const { store, path } = rig.payeeStore();
    const record = await rig.openChannel(store, { authorized: 100n });
    const liar = lyingTransport(rig.chain.transport);
    liar.lie = async (request, honest) => {
      if (request.method !== "eth_sendRawTransaction") return honest();
      // Another transaction takes the place of ours; its receipt is shown for ours below.
      await rig.chain.client.mine({ blocks: 1 });
      return `0x${"00".repeat(32)}`;
    };
    const forged = async (request: { method: string; params: readonly unknown[] }, honest: () => Promise<unknown>) => {
      if (request.method === "eth_getTransactionCount") return "0x1";
      if (request.method !== "eth_getTransactionReceipt") return honest();
      const block = await rig.chain.client.getBlock();
      return {
        transactionHash: request.params[0],
        status: "0x1",
        blockNumber: `0x${block.number.toString(16)}`,
        blockHash: block.hash,
        transactionIndex: "0x0",
        from: keeper.address,
        to: rig.chain.escrow.address,
        gasUsed: "0x5208",
        cumulativeGasUsed: "0x5208",
        effectiveGasPrice: "0x1",
        logs: [],
        logsBloom: `0x${"00".repeat(256)}`,
        type: "0x2",
        contractAddress: null,
      };
    };
    const drop = liar.lie;
    liar.lie = (request, honest) =>
      request.method === "eth_sendRawTransaction"
        ? drop(request, honest).finally(() => {
            liar.lie = forged;
          })
        : honest();
    const keeper = await rig.keeper([rig.keeperStore(path)], { client: rig.client(liar.transport), policy: eager });
    const report = await keeper.pass();
    expect(await rig.settledOf(record.id)).equal(0n);
    expect(report.quarantined.map(({ id, reason }) => ({ id, reason }))).deep.equal([
      { id: record.id, reason: "ineffective" },
    ]);
    await keeper.stop();
  });

  for (const [skew, offset] of [
    ["a day ahead", day],
    ["a day behind", -day],
  ] as const) {
    it(`a host clock ${skew} changes no decision`, async () => {
      const { store, path } = rig.payeeStore();
      const record = await rig.openChannel(store, { authorized: 100n });
      await rig.requestClose(record.channel);
      const within = 3_600n;
      const keeper = await rig.keeper([rig.keeperStore(path)], {
        clock: () => Date.now() + offset,
        deadline: { within },
      });
      await rig.afterGrace(within + 60n);
      expect((await keeper.pass()).sent).equal(0);
      await rig.chain.increaseTime(61n);
      expect((await keeper.pass()).sent).equal(1);
      expect(await rig.settledOf(record.id)).equal(100n);
      await keeper.stop();
    });
  }

  it("a stuck transaction is replaced with a higher fee and pays once", async () => {
    const { store, path } = rig.payeeStore();
    const record = await rig.openChannel(store, { authorized: 100n });
    const node = lyingTransport(rig.chain.transport);
    const broadcasts: Hex[] = [];
    node.lie = async (request, honest) => {
      if (request.method !== "eth_sendRawTransaction") return honest();
      broadcasts.push(request.params[0] as Hex);
      // The first is swallowed, as a node under fee pressure does.
      if (broadcasts.length === 1) return `0x${"00".repeat(32)}`;
      return honest();
    };
    const keeper = await rig.keeper([rig.keeperStore(path)], {
      client: rig.client(node.transport),
      policy: eager,
      sender: { pollMs: 5, bumpAfterMs: 20, rebroadcastAfterMs: 1_000_000 },
    });
    await keeper.pass();
    expect(await rig.settledOf(record.id)).equal(100n);
    const [entry] = await store.journal.list({ chainId: rig.chain.escrow.chainId, account: keeper.address });
    expect(entry?.status).equal("mined");
    expect(entry?.attempts.length).at.least(2);
    const [first, second] = entry?.attempts ?? [];
    expect(second && first && second.maxFeePerGas * 100n >= first.maxFeePerGas * 110n).equal(true);
    await keeper.stop();
  });

  it("an empty keeper says so, quarantines nobody, and goes on when it has coin again", async () => {
    const { store, path } = rig.payeeStore();
    const record = await rig.openChannel(store, { authorized: 100n });
    const account = await rig.gasAccount(0n);
    const keeper = await rig.keeper([rig.keeperStore(path)], { policy: eager, account });
    const error = await rejection(keeper.pass());
    expect(error).to.include({ code: "out-of-funds" });
    await rig.chain.client.setBalance({ address: account.address, value: 10n ** 18n });
    expect((await keeper.pass()).quarantined).deep.equal([]);
    expect(await rig.settledOf(record.id)).equal(100n);
    await keeper.stop();
  });

  it("a store that others filled with lies is not believed: the chain is read again before each decision", async () => {
    const { store, path } = rig.payeeStore();
    const record = await rig.openChannel(store, { authorized: 100n });
    const keeper = await rig.keeper([rig.keeperStore(path)]);
    await rig.requestClose(record.channel);
    const stored = await store.get(record.id);
    expect(stored?.closeRequestedAt).equal(0n);
    const [decided] = await keeper.plan();
    expect(decided?.decision).to.include({ loop: "deadline", action: "settle" });
  });

  it("a transaction that would cost more than its cap is not signed, and its channels are not to blame", async () => {
    const { store, path } = rig.payeeStore();
    const record = await rig.openChannel(store, { authorized: 100n });
    const stores = [rig.keeperStore(path)];
    const account = await rig.gasAccount();
    // Nothing may cost more than the 100 wei that it moves.
    const miser = await rig.keeper(stores, { policy: eager, account, feeCeiling: 0n });
    expect(await miser.pass()).to.deep.include({ sent: 0, quarantined: [] });
    expect(miser.lines.some(({ message }) => message === "too dear for now")).equal(true);
    expect(await store.journal.list({ chainId: rig.chain.escrow.chainId, account: miser.address })).deep.equal([]);
    await miser.stop();
    const keeper = await rig.keeper(stores, { policy: eager, account });
    await keeper.pass();
    expect(await rig.settledOf(record.id)).equal(100n);
    await keeper.stop();
  });

  it("refuses a store of another escrow, before it writes into it", async () => {
    const { store, path } = rig.payeeStore();
    const record = await rig.openChannel(store, {
      record: { escrow: { address: `0x${"99".repeat(20)}`, chainId: 1 } },
    });
    const keeper = await rig.keeper([rig.keeperStore(path)]);
    expect(await rejection(keeper.pass())).instanceOf(WrongStoreError);
    expect((await store.get(record.id))?.deposit).equal(record.deposit);
    await keeper.stop();
  });

  it("keeps signatures and raw transactions out of its log", async () => {
    const { store, path } = rig.payeeStore();
    const good = await rig.openChannel(store, { authorized: 100n });
    const bad = await rig.openChannel(store, { authorized: 100n });
    await forge(store, bad);
    const keeper = await rig.keeper([rig.keeperStore(path)], { policy: eager });
    await keeper.pass();
    const text = JSON.stringify(keeper.lines);
    expect(text).contain(good.id);
    expect(text).not.contain((good.signature as Hex).slice(2, 66));
    expect(text).not.match(/0x[0-9a-f]{67,}/i);
    await keeper.stop();
  });
});

const erc20 = [
  {
    type: "function",
    name: "mint",
    stateMutability: "nonpayable",
    inputs: [{ type: "address" }, { type: "uint256" }],
    outputs: [],
  },
  {
    type: "function",
    name: "approve",
    stateMutability: "nonpayable",
    inputs: [{ type: "address" }, { type: "uint256" }],
    outputs: [],
  },
] as const;

/** An answer to `getChannels` with every close request taken out; any other answer as it is. */
function withoutCloses(data: Hex): Hex {
  try {
    const states = decodeFunctionResult({ abi, functionName: "getChannels", data });
    const result = states.map((state) => ({ ...state, closeRequestedAt: 0n }));
    const forged = encodeFunctionResult({ abi, functionName: "getChannels", result });
    return encodeFunctionResult({ abi, functionName: "getChannels", result: states }) === data ? forged : data;
  } catch {
    return data;
  }
}

/** An answer to `previewSettle` with every row refused; any other answer as it is. */
function withRefusals(data: Hex): Hex {
  try {
    const previews = decodeFunctionResult({ abi, functionName: "previewSettle", data });
    if (encodeFunctionResult({ abi, functionName: "previewSettle", result: previews }) !== data) return data;
    const result = previews.map((preview) => ({ ...preview, increase: 0n, reason: "0xdeadbeef" as const }));
    return encodeFunctionResult({ abi, functionName: "previewSettle", result });
  } catch {
    return data;
  }
}

async function rejection(promise: Promise<unknown>): Promise<Error> {
  const outcome = await promise.then(
    () => undefined,
    (error: Error) => error,
  );
  if (!outcome) throw new Error("it should have been refused, and was not");
  return outcome;
}
