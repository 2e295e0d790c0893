import { expect } from "chai";
import { type Address, encodeFunctionData, erc20Abi, parseAbi } from "viem";
import { audit, formatTable, type TokenReport, toCsv, toJson } from "../../../src/audit/index.ts";
import { encodeClose } from "../../../src/chain/channels/encode.ts";
import { nativeCoin } from "../../../src/protocol/channel.ts";
import { type Stage, setStage } from "../../broken/stage.ts";
import { gracePeriod, startChain, type TestChain } from "../../support/chain.ts";

const switches = parseAbi(["function deny(address account, bool listed)", "function accept()"]);

describe("audit of a chain", () => {
  let chain: TestChain;
  let stage: Stage;
  let token: Address;

  beforeEach(async () => {
    chain = await startChain();
    stage = await setStage(chain);
    token = chain.tokens.plain;
  });

  afterEach(() => chain.stop());

  const run = (options: Partial<Parameters<typeof audit>[0]> = {}) =>
    audit({ client: chain.client, escrow: stage.escrow.address, ...options });

  async function send(to: Address, data: `0x${string}`, value = 0n) {
    const hash = await chain.client.sendTransaction({ account: chain.deployer as Address, to, data, value });
    await stage.mined(hash);
  }

  it("given an escrow never used, when audited, it should be balanced with nothing in it", async () => {
    const report = await run();
    expect(report.verdict).to.equal("balanced");
    expect(report.tokens).to.deep.equal([]);
    expect(report.fromBlock).to.equal(1n);
  });

  it("given every verb in two currencies, when audited, it should account for each unit", async () => {
    const [ann, ben, shop] = [await stage.person(), await stage.person(), await stage.person()];
    for (const currency of [token, nativeCoin]) await history(currency, ann, ben, shop);

    const report = await run();

    expect(report.facts).to.deep.equal([]);
    expect(report.verdict).to.equal("balanced");
    for (const currency of [token, nativeCoin]) {
      const row = report.tokens.find((one) => one.token === currency) as TokenReport;
      // Opened 100 + 200 + 300 + 400 + 500, and 50 on top.
      expect(row).to.deep.include({ channels: 5, closed: 3, deposited: 1_550n, toppedUp: 50n });
      // Settled 60, 70, 80, 0 and 90 of them; the closed three, of 150, 300 and 500, return what is left.
      expect(row).to.deep.include({ settled: 300n, given: 300n, refunded: 720n, locked: 530n });
      expect(row).to.deep.include({ credits: 0n, balance: 530n, surplus: 0n, verdict: "balanced" });
      expect(await stage.balance(currency, stage.escrow.address)).to.equal(530n);
    }
    const sums = { received: 1_550n, sent: 1_020n };
    expect(report.tokens.map(({ transfers }) => transfers)).to.deep.equal([sums, undefined]);
    expect(report.payees.map(({ given, channels }) => [given, channels])).to.deep.equal([
      [300n, 5],
      [300n, 5],
    ]);
    expect(report.events).to.deep.include({ ChannelOpened: 10, SettlementSkipped: 8, ChannelClosed: 6 });
    expect(report.unprovenCloses).to.equal(0);
  });

  /** Opens, tops up, settles alone and in batches with skipped rows, closes in each way. */
  async function history(currency: Address, ann: Address, ben: Address, shop: Address) {
    const first = await stage.open(ann, shop, 100n, currency);
    const second = await stage.open(ben, shop, 200n, currency);
    const third = await stage.open(ann, shop, 300n, currency);
    const fourth = await stage.open(ben, shop, 400n, currency);
    const fifth = await stage.open(ann, shop, 500n, currency);
    await stage.requestClose(first);
    await stage.topUp(first, 50n);
    await stage.settle(first, 60n);
    await stage.settleBatch(shop, currency, [
      [first, 60n], // Not above what is settled: skipped.
      [second, 70n],
      [third, 301n], // Above the deposit: skipped.
      [third, 20n],
    ]);
    await stage.requestClose(third);
    await chain.increaseTime(gracePeriod);
    await stage.settle(third, 80n);
    await stage.withdraw(third);
    await stage.close(first, 0n);
    await stage.closeByAuthorization(fifth, 90n);
    await stage.settleBatch(shop, currency, [
      [third, 90n], // Closed: skipped.
      [fourth, 401n], // Above the deposit: skipped.
    ]);
  }

  it("given its receipts, when audited, it should add up the fees that were paid", async () => {
    const [ann, shop] = [await stage.person(), await stage.person()];
    const channel = await stage.open(ann, shop, 100n);
    const settled = await stage.settle(channel, 10n);
    const closed = await stage.close(channel, 30n);
    const receipts = [settled, closed].map((receipt) => receipt as NonNullable<typeof receipt>);

    const { costs } = await run();

    expect(costs?.transactions).to.equal(3);
    expect(costs?.settling).to.deep.include({
      transactions: 2,
      settlements: 2,
      gasUsed: receipts.reduce((sum, { gasUsed }) => sum + gasUsed, 0n),
      fee: receipts.reduce((sum, { gasUsed, effectiveGasPrice }) => sum + gasUsed * effectiveGasPrice, 0n),
    });
    expect((await run({ fees: false })).costs).to.equal(undefined);
  });

  it("given receivers that refuse, when audited, it should keep their money as credits until they take it", async () => {
    const [ann, shop] = [await stage.person(), await stage.person()];
    const refuser = await chain.deploy("RevertingReceiver");
    const denying = await chain.deploy("DenyListToken");
    await send(denying, encodeFunctionData({ abi: mintAbi, functionName: "mint", args: [ann, 1_000n] }));
    const coins = await stage.open(ann, refuser, 100n);
    const listed = await stage.open(ann, shop, 100n, denying);
    await stage.settle(coins, 40n);
    await send(denying, encodeFunctionData({ abi: switches, functionName: "deny", args: [ann, true] }));
    await send(denying, encodeFunctionData({ abi: switches, functionName: "deny", args: [shop, true] }));
    await stage.close(listed, 30n);

    const waiting = await run();
    expect(waiting.facts).to.deep.equal([]);
    expect(waiting.tokens[0]).to.deep.include({ settled: 40n, given: 0n, locked: 60n, credits: 40n, balance: 100n });
    expect(waiting.tokens[1]).to.deep.include({ settled: 30n, given: 0n, refunded: 70n, credits: 100n, balance: 100n });

    await send(refuser, encodeFunctionData({ abi: switches, functionName: "accept" }));
    await send(denying, encodeFunctionData({ abi: switches, functionName: "deny", args: [shop, false] }));
    await stage.withdrawCredit(nativeCoin, refuser);
    await stage.withdrawCredit(denying, shop);

    const taken = await run();
    expect(taken.facts).to.deep.equal([]);
    expect(taken.tokens[0]).to.deep.include({ given: 40n, credits: 0n, balance: 60n });
    expect(taken.tokens[1]).to.deep.include({ given: 30n, credits: 70n, balance: 70n });
    expect(taken.payees.map(({ given }) => given)).to.deep.equal([40n, 30n]);
  });

  it("given gifts to the escrow itself, when audited, it should report them as surplus and stay balanced", async () => {
    const [ann, shop] = [await stage.person(), await stage.person()];
    await stage.open(ann, shop, 100n, token);
    await stage.open(ann, shop, 100n);
    const args = [stage.escrow.address, 7n] as const;
    await stage.mined(
      await stage.as(ann).writeContract({ address: token, abi: erc20Abi, functionName: "transfer", args }),
    );
    await chain.client.setBalance({ address: stage.escrow.address, value: 109n });

    const { verdict, tokens } = await run();

    expect(verdict).to.equal("balanced");
    expect(tokens.map(({ surplus }) => surplus)).to.deep.equal([7n, 9n]);
  });

  it("given transfers of nothing in the escrow's name, when audited, it should not take them for payouts", async () => {
    const [ann, shop] = [await stage.person(), await stage.person()];
    await stage.open(ann, shop, 100n, token);
    const args = [stage.escrow.address, ann, 0n] as const;
    await stage.mined(
      await stage.as(ann).writeContract({ address: token, abi: erc20Abi, functionName: "transferFrom", args }),
    );
    expect((await run()).verdict).to.equal("balanced");
  });

  it("given money gone from the escrow, when audited, it should say how much is short", async () => {
    const [ann, shop] = [await stage.person(), await stage.person()];
    await stage.open(ann, shop, 100n);
    await chain.client.setBalance({ address: stage.escrow.address, value: 99n });

    const report = await run();

    expect(report.verdict).to.equal("broken");
    expect(report.facts).to.have.length(1);
    expect(report.facts[0]).to.deep.include({ code: "shortage", token: nativeCoin, expected: 100n, actual: 99n });
    expect(formatTable(report)).to.include("shortage: The escrow owes 100 and holds 99.");
  });

  it("given tokens taken out behind the escrow's back, when audited, it should name the transaction", async () => {
    const [ann, shop] = [await stage.person(), await stage.person()];
    await stage.open(ann, shop, 100n, token);
    await chain.client.impersonateAccount({ address: stage.escrow.address });
    await chain.client.setBalance({ address: stage.escrow.address, value: 10n ** 18n });
    const data = encodeFunctionData({ abi: erc20Abi, functionName: "transfer", args: [shop, 5n] });
    const hash = await chain.client.sendTransaction({ account: stage.escrow.address, to: token, data });

    const { facts } = await run();

    expect(facts.map(({ code }) => code)).to.deep.equal(["payout-mismatch", "shortage"]);
    expect(facts[0]).to.deep.include({ account: shop, expected: 0n, actual: 5n, transactionHash: hash });
  });

  it("given another token that lies about itself, when only ours matter, it should be balanced", async () => {
    const [ann, shop] = [await stage.person(), await stage.person()];
    await stage.open(ann, shop, 100n, token);
    const fake = await chain.deploy("PlainToken");
    await send(fake, encodeFunctionData({ abi: mintAbi, functionName: "mint", args: [ann, 1_000n] }));
    await stage.open(ann, shop, 100n, fake);
    await chain.client.setCode({ address: fake, bytecode: "0x60006000f3" }); // Answers nothing at all.

    const all = await run();
    expect([all.verdict, all.tokens.map(({ verdict }) => verdict)]).to.deep.equal(["unknown", ["balanced", "unknown"]]);
    expect(all.doubts[0]).to.include(fake);
    expect((await run({ tokens: [token] })).verdict).to.equal("balanced");
    expect((await run({ tokens: [fake] })).verdict).to.equal("unknown");
  });

  it("given a past block, when audited, it should answer for that block", async () => {
    const [ann, shop] = [await stage.person(), await stage.person()];
    const channel = await stage.open(ann, shop, 100n, token);
    const then = await chain.client.getBlockNumber({ cacheTime: 0 });
    await stage.close(channel, 30n);

    const before = await run({ toBlock: then });
    expect(before.verdict).to.equal("balanced");
    expect(before.tokens[0]).to.deep.include({ settled: 0n, locked: 100n });
    expect((await run()).tokens[0]).to.deep.include({ settled: 30n, locked: 0n });
  });

  it("given a report, when written as JSON and CSV, it should keep every digit", async () => {
    const [ann, shop] = [await stage.person(), await stage.person()];
    const huge = 2n ** 60n + 1n;
    await chain.client.setBalance({ address: ann, value: 2n ** 70n });
    await stage.open(ann, shop, huge);
    const report = await run();

    expect(JSON.parse(toJson(report)).tokens[0]).to.deep.include({
      locked: `${huge}`,
      verdict: "balanced",
      channels: 1,
    });
    const [head, ...rows] = toCsv(report).trimEnd().split("\n");
    const column = head?.split(",").indexOf("locked") ?? -1;
    expect(rows.map((row) => row.split(",").length)).to.deep.equal([26, 26]);
    expect(rows[0]?.split(",")[column]).to.equal(`${huge}`);
  });

  it("given a payee's wallet contract that closes, when audited, it should count what it cannot see", async () => {
    const ann = await stage.person();
    const shop = await stage.person();
    const channel = await stage.open(ann, shop, 100n, token);
    // The payee's account delegates to code that passes everything on, and calls itself: a wallet with a batch verb.
    const call = { address: stage.escrow.address, channel, cumulativeAmount: 0n, signature: "0x" } as const;
    const { data } = encodeClose(call);
    const forward = `0x365f5f375f5f365f5f73${stage.escrow.address.slice(2)}5af1005b` as const;
    await chain.client.setCode({ address: shop, bytecode: forward });
    await send(shop, data);

    const report = await run();

    expect(report.facts).to.deep.equal([]);
    expect(report.unprovenCloses).to.equal(1);
    expect(formatTable(report)).to.include("consent cannot be seen");
  });
});

const mintAbi = parseAbi(["function mint(address to, uint256 amount)"]);
