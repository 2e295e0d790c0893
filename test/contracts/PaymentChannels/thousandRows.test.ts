import { readFileSync } from "node:fs";
import { expect } from "chai";
import { erc20Abi, getAddress, type Hex, parseEventLogs, size, type TransactionReceipt } from "viem";
import { channelActions } from "../../../src/chain/channels/actions.ts";
import { channelErrorName } from "../../../src/chain/channels/decodeError.ts";
import { decodeChannelEvents } from "../../../src/chain/channels/decodeEvents.ts";
import * as encode from "../../../src/chain/channels/encode.ts";
import { channelId } from "../../../src/protocol/channel.ts";
import { generator } from "../../src/payee/random.ts";
import { startChain, type TestChain } from "../../support/chain.ts";
import { seed } from "../../support/seed.ts";
import { type Candidate, createRows, expectedOutcomes, forgeries, type Outcome } from "./thousandRows/rows.ts";
import { createStage, type Placed, type Stage } from "./thousandRows/stage.ts";

const page = readFileSync(new URL("../../../docs/gas.md", import.meta.url), "utf8");

const rowCount = 1_000;
const goodRows = 500;
const deposit = 1_000_000n;
/** What one transaction may use at most since EIP-7825, 2^24: less than the block's limit of any chain that matters (30 to 60 million). */
const transactionGas = 2n ** 24n;

describe(`a batch of 1,000 rows, half of them bad in every way there is (FARTHING_SEED=${seed})`, function () {
  this.timeout(300_000);
  const { integer, shuffle } = generator(seed);
  let chain: TestChain;
  let stage: Stage;
  let rows: ReturnType<typeof createRows>;
  /** What each channel of the stage had settled before the batch; -1 for a closed one, none for one that is not there. */
  let settledBefore: Map<Hex, bigint>;

  beforeEach(async () => {
    chain = await startChain();
    stage = createStage(chain, integer);
    rows = createRows(stage, integer);
    settledBefore = new Map();
  });

  afterEach(() => chain.stop());

  it("given every reason to skip a row a hundred times, when settled, exactly the good rows should be paid, in one transaction of less than 2^24 gas", async () => {
    const good = await openMany(goodRows);
    const goodBatch = await Promise.all(good.map((placed) => rows.good(placed)));
    const batch = shuffle([
      ...goodBatch,
      ...(await notFound(100)),
      ...(await finalized(100)),
      ...(await notIncreasing(goodBatch, 100)),
      ...(await Promise.all(good.slice(0, 100).map((placed) => rows.aboveDeposit(placed)))),
      ...(await Promise.all(good.slice(100, 200).map((placed, index) => forge(placed, index, good)))),
    ]);
    const expected = expectedOutcomes(batch, settledBefore, false);
    expect(tally(expected)).to.deep.equal({
      paid: 500,
      ChannelNotFound: 100,
      ChannelFinalized: 100,
      AmountNotIncreasing: 100,
      AmountExceedsDeposit: 100,
      InvalidSignature: 100,
    });

    const receipt = await run(encode.encodeSettleBatch, batch, expected);
    const mixed = receipt.gasUsed;
    const whole = await allGood();
    console.log(`      a row: ${whole / 1_000n} gas where all are good, ${mixed / 1_000n} where half are skipped`);
    remembered("all 1,000 rows good", whole);
    remembered("500 good rows and 100 skipped for each of five reasons", mixed);
  });

  it("given every reason to skip a row, when closed, exactly the good rows should be paid and refunded, in one transaction of less than 2^24 gas", async () => {
    const good = await openMany(goodRows);
    const goodBatch = await Promise.all(good.map((placed) => rows.good(placed)));
    for (let index = 0; index < 50; index++) {
      // The payee forgives what is left: not above what was settled, so no signature is asked for.
      goodBatch[index] = { ...(goodBatch[index] as Candidate), signed: false };
      const { row } = goodBatch[index] as Candidate;
      (goodBatch[index] as Candidate).row = { ...row, cumulativeAmount: 0n };
    }
    const sound = await openMany(50); // that bad rows alone name
    const batch = shuffle([
      ...goodBatch,
      ...goodBatch.slice(0, 75), // a copy meets its channel closed
      ...(await notFound(125)),
      ...(await finalized(50)),
      ...(await repeated(125, (index) => rows.aboveDeposit(sound[index % 50] as Placed))),
      ...(await repeated(125, (index) => forge(sound[index % 50] as Placed, index, good))),
    ]);
    const expected = expectedOutcomes(batch, settledBefore, true);
    expect(tally(expected)).to.deep.equal({
      paid: 500,
      ChannelNotFound: 125,
      ChannelFinalized: 125,
      AmountExceedsDeposit: 125,
      InvalidSignature: 125,
    });

    const { gasUsed } = await run(encode.encodeCloseBatch, batch, expected);
    console.log(`      a row: ${gasUsed / 1_000n} gas where half are closed, each with a refund to its payer`);
    remembered("500 rows closed, each with a refund, and 500 skipped", gasUsed);
  });

  async function openMany(count: number) {
    const placed: Placed[] = [];
    for (let index = 0; index < count; index++) placed.push(await stage.open(deposit));
    for (const { id } of placed) settledBefore.set(id, 0n);
    return placed;
  }

  async function repeated(count: number, make: (index: number) => Promise<Candidate>) {
    return Promise.all(Array.from({ length: count }, (_, index) => make(index)));
  }

  function forge(placed: Placed, index: number, others: readonly Placed[]) {
    return rows.forged(placed, others[others.length - 1 - index] as Placed, index % forgeries);
  }

  /** Channels that nobody opened, another payee's, and one in the native coin's token field: none is this payee's in this token. */
  async function notFound(count: number) {
    const foreign = await stage.open(deposit, { payee: stage.signer.address });
    return repeated(count, (index) => {
      const { channel, id, deposit: held } = index % 10 === 0 ? foreign : stage.describeOnly();
      const own = { ...channel, payee: stage.payee };
      return rows.rowOf({ channel: own, id: index % 10 === 0 ? channelId(own, chain.escrow) : id, deposit: held }, 9n);
    });
  }

  async function finalized(count: number) {
    const placed = await openMany(count);
    const batch = await Promise.all(placed.map((one) => rows.rowOf(one, 0n)));
    const call = encode.encodeCloseBatch({ ...batchOf(batch) });
    await stage.mustSend(call, transactionGas);
    for (const { id } of placed) settledBefore.set(id, -1n);
    return Promise.all(placed.map((one) => rows.good(one)));
  }

  /** Equal to what was settled, lower, nothing at all, and exact copies of good rows, of which the first to come is paid. */
  async function notIncreasing(good: readonly Candidate[], count: number) {
    const placed = await openMany(count - 25);
    const batch = await Promise.all(placed.map((one) => rows.rowOf(one, 500n)));
    await stage.mustSend(encode.encodeSettleBatch({ ...batchOf(batch) }), transactionGas);
    for (const { id } of placed) settledBefore.set(id, 500n);
    const late = await Promise.all(placed.map((one, index) => rows.rowOf(one, [500n, 499n, 0n][index % 3] as bigint)));
    return [...late, ...good.slice(-25)];
  }

  /** Settles 1,000 good rows. */
  async function allGood() {
    settledBefore.clear();
    const batch = await Promise.all((await openMany(rowCount)).map((placed) => rows.good(placed)));
    const { gasUsed } = await run(encode.encodeSettleBatch, batch, expectedOutcomes(batch, settledBefore, false));
    return gasUsed;
  }

  /** Sends the batch and holds events, balances and every channel to what was expected. */
  async function run(
    encoder: typeof encode.encodeSettleBatch,
    batch: readonly Candidate[],
    expected: readonly Outcome[],
  ): Promise<TransactionReceipt> {
    expect(batch).to.have.length(rowCount);
    const closing = encoder === encode.encodeCloseBatch;
    const escrow = chain.client.extend(channelActions({ address: chain.escrow.address }));
    const before = await balances();
    const call = encoder({ ...batchOf(batch) });
    expect(size(call.data), "bytes of calldata").to.equal(192_132);
    const receipt = await stage.mustSend(call, transactionGas);

    const events = decodeChannelEvents(receipt.logs, { address: chain.escrow.address });
    expect(
      events.map((event) => [
        "channelId" in event.args ? event.args.channelId : undefined,
        event.eventName === "SettlementSkipped" ? channelErrorName(event.args.reason) : event.eventName,
      ]),
    ).to.deep.equal(expected.map(({ id, reason }) => [id, reason ?? (closing ? "ChannelClosed" : "ChannelSettled")]));
    const sum = (field: "amount" | "refund") => expected.reduce((total, outcome) => total + outcome[field], 0n);
    const transfers = parseEventLogs({ abi: erc20Abi, logs: receipt.logs, eventName: "Transfer" });
    const payouts = expected.flatMap(({ refund }, index) =>
      refund === 0n ? [] : [[getAddress((batch[index] as Candidate).row.payer), refund]],
    );
    expect(transfers.map(({ args }) => [args.to, args.value])).to.deep.equal([
      [getAddress(stage.payee), sum("amount")],
      ...payouts,
    ]);
    const after = await balances();
    expect(after.payee - before.payee, "paid").to.equal(sum("amount"));
    expect(before.escrow - after.escrow, "left the escrow").to.equal(sum("amount") + sum("refund"));

    const paid = new Map<Hex, bigint>();
    for (const { id, amount } of expected) paid.set(id, (paid.get(id) ?? 0n) + amount);
    const ended = new Set(expected.filter(({ reason }) => closing && !reason).map(({ id }) => id));
    const ids = [...settledBefore.keys()];
    const states = await escrow.getChannels({ channelIds: ids });
    for (const [index, { settled, finalized }] of states.entries()) {
      const id = ids[index] as Hex;
      const was = settledBefore.get(id) as bigint;
      expect(settled).to.equal((was < 0n ? 0n : was) + (paid.get(id) ?? 0n));
      expect(finalized).to.equal(was < 0n || ended.has(id));
    }
    return receipt;
  }

  function batchOf(batch: readonly Candidate[]) {
    const { payee, token } = stage;
    return { address: chain.escrow.address, payee, token, rows: batch.map(({ row }) => row) };
  }

  async function balances() {
    const of = (account: Hex) =>
      chain.client.readContract({ address: stage.token, abi: erc20Abi, functionName: "balanceOf", args: [account] });
    return { payee: await of(stage.payee), escrow: await of(chain.escrow.address) };
  }
});

/** Holds a row of docs/gas.md, gas a row of the batch, to what was measured: within a hundredth, since salts and signatures differ. */
function remembered(name: string, gasUsed: bigint) {
  const figure = page.split("\n").find((line) => line.startsWith(`| ${name} |`));
  if (!figure) throw new Error(`docs/gas.md does not say what a row costs of: ${name}`);
  const stated = Number(figure.split("|")[2]?.replaceAll(",", ""));
  expect(Number(gasUsed) / rowCount, `gas a row of: ${name}`).to.be.closeTo(stated, stated / 100);
}

function tally(outcomes: readonly Outcome[]) {
  const counts: Record<string, number> = {};
  for (const { reason = "paid" } of outcomes) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}
