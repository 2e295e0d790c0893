import { expect } from "chai";
import { maxUint256 } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { createObserver, createSender } from "../../../src/chain/index.ts";
import { createRelay, RelayBudgetError, type RelayPolicy, type RelayRequest } from "../../../src/http/index.ts";
import { createPayer } from "../../../src/payer/index.ts";
import { type Journal, memoryPayerStore, memoryStore } from "../../../src/store/index.ts";
import { startChain, type TestChain } from "../../support/chain.ts";

describe("relay", () => {
  let chain: TestChain;
  let relayer: PrivateKeyAccount;
  const faults: { code: string; message: string }[] = [];
  before(async () => {
    chain = await startChain();
    relayer = await chain.fundedAccount({ tokens: 0n });
  });
  after(() => chain.stop());

  function relay(
    policy: Partial<RelayPolicy> = {},
    options: { clock?: () => number; account?: PrivateKeyAccount; journal?: Journal } = {},
  ) {
    const { clock = Date.now, account = relayer, journal = memoryStore().journal } = options;
    const sender = createSender({
      client: chain.client,
      account,
      journal,
      clock,
      confirmations: 0,
    });
    const minDeposit = { [chain.tokens.authorization]: 100n };
    return createRelay({
      sender,
      client: chain.client,
      escrow: chain.escrow,
      clock,
      journal,
      policy: { minDeposit, ...policy },
      onFault: (fault) => faults.push(fault),
    });
  }

  /** What a payer without coin asks a relay for. */
  async function asking(deposit = 500n, wallet?: PrivateKeyAccount, validFor?: bigint): Promise<RelayRequest> {
    const account = wallet ?? (await chain.fundedAccount({ ether: 0n }));
    const { escrow } = chain;
    const payer = createPayer({ client: chain.wallet(account), signer: account, store: memoryPayerStore(), escrow });
    const { descriptor, authorization, signature } = await payer.openByAuthorization({
      payee: relayer.address,
      token: chain.tokens.authorization,
      deposit,
      ...(validFor === undefined ? {} : { validFor }),
    });
    return { channel: descriptor, authorization, signature };
  }

  const nonce = () => chain.client.getTransactionCount({ address: relayer.address });

  async function refusal(request: RelayRequest, at = relay()) {
    const before = await nonce();
    const answer = await at.open(request);
    expect(await nonce(), "no gas spent").to.equal(before);
    if (answer.ok) throw new Error("expected a refusal");
    expect(answer.detail).not.to.match(/[0-9a-f]{128}/i);
    return answer.code;
  }

  it("opens for a payer without coin, once for any number of askers at once", async () => {
    const request = await asking();
    const before = await nonce();
    const at = relay();
    const answers = await Promise.all(Array.from({ length: 10 }, () => at.open(request)));
    expect(new Set(answers.map((answer) => answer.ok && answer.hash)).size).to.equal(1);
    expect(answers[0]?.ok).to.equal(true);
    expect(await nonce()).to.equal(before + 1);
    const observer = createObserver({ client: chain.client, escrow: chain.escrow, confirmations: 0 });
    const opened = await observer.opened({ payee: relayer.address });
    expect(opened.some(({ deposit, channel }) => deposit === 500n && channel.salt === request.channel.salt)).to.equal(
      true,
    );
    // The channel is there: a second open would only burn gas.
    expect(await refusal(request, at)).to.equal("transaction-reverted");
  });

  it("refuses a deposit below the minimum, and tokens that it has none for", async () => {
    expect(await refusal(await asking(99n))).to.equal("insufficient-balance");
    expect(await refusal(await asking(), relay({ minDeposit: {} }))).to.equal("malformed");
  });

  it("refuses an authorization for another channel, escrow or payer", async () => {
    const { channel, authorization, signature } = await asking();
    const other = (await chain.fundedAccount()).address.toLowerCase() as `0x${string}`;
    for (const changed of [
      { channel: { ...channel, payee: other }, authorization, signature },
      { channel, authorization: { ...authorization, to: other }, signature },
      { channel: { ...channel, payer: other }, authorization, signature },
    ]) {
      expect(await refusal(changed)).to.equal("malformed");
    }
  });

  it("refuses a signature that is not the payer's before it spends gas", async () => {
    const { channel, authorization } = await asking();
    const { signature } = await asking();
    expect(await refusal({ channel, authorization, signature })).to.equal("insufficient-balance");
    const raised = { channel, authorization: { ...authorization, value: 501n }, signature };
    expect(await refusal(raised)).to.equal("insufficient-balance");
  });

  it("refuses an authorization that ends before it can be mined, or has not begun", async () => {
    const request = await asking(500n, undefined, 60n);
    expect(await refusal(request)).to.equal("transaction-reverted");
    const authorization = { ...request.authorization, validAfter: maxUint256 - 1n, validBefore: maxUint256 };
    expect(await refusal({ ...request, authorization })).to.equal("transaction-reverted");
  });

  it("refuses a payer that cannot cover the deposit any more", async () => {
    const wallet = await chain.fundedAccount({ tokens: 600n });
    const at = relay();
    const [first, second] = [await asking(500n, wallet), await asking(500n, wallet)];
    expect((await at.open(first)).ok).to.equal(true);
    expect(await refusal(second, at)).to.equal("insufficient-balance");
  });

  it("opens so many channels of one payer an hour and no more, and none for another's name", async () => {
    let now = Date.now();
    const at = relay({ perPayer: 2 }, { clock: () => now });
    const wallet = await chain.fundedAccount({ ether: 0n });
    const forged = { ...(await asking(500n, wallet)), signature: (await asking()).signature };
    for (let count = 0; count < 5; count++) expect(await refusal(forged, at)).to.equal("insufficient-balance");
    expect((await at.open(await asking(500n, wallet))).ok, "forgeries do not count").to.equal(true);
    expect((await at.open(await asking(500n, wallet))).ok).to.equal(true);
    const third = await asking(500n, wallet);
    const answer = await at.open(third);
    expect(answer).to.include({ ok: false, code: "rate-limited", retryAfter: 3600 });
    now += 3_600_000;
    expect((await at.open(third)).ok).to.equal(true);
  });

  describe("with a daily limit of gas", () => {
    const maxCost = 10n ** 16n;

    it("keeps to it over a restart and among many at once, and goes on a day later", async () => {
      let now = Date.now();
      const { journal } = memoryStore();
      const options = { clock: () => now, journal };
      const policy = { maxCost, perDay: 2n * maxCost };
      // What an open came to cost is far below what it might have: the limit counts the latter while it is under way.
      const many = await Promise.all([asking(), asking(), asking(), asking()]);
      const at = relay(policy, options);
      const answers = await Promise.all(many.map((request) => at.open(request)));
      expect(answers.filter(({ ok }) => ok).length).to.be.within(2, 4);
      const [entry] = await journal.list({ chainId: chain.escrow.chainId });
      if (!entry?.outcome) throw new Error("nothing was mined");
      const spent = { ...entry, id: "another", nonce: 10_000, outcome: { ...entry.outcome, fee: 2n * maxCost } };
      await journal.put(spent);
      const request = await asking();
      const before = await nonce();
      for (const relayer of [at, relay(policy, options)]) {
        const answer = await relayer.open(request);
        expect(answer).to.include({ ok: false, code: "rate-limited" });
        expect(!answer.ok && "retryAfter" in answer && answer.retryAfter).to.be.within(86_000, 86_400);
      }
      expect(await nonce(), "no gas spent").to.equal(before);
      now += 86_400_000;
      expect((await relay(policy, options).open(request)).ok).to.equal(true);
    });

    it("of less than one open may cost, opens none, however many ask at once", async () => {
      const at = relay({ maxCost, perDay: maxCost - 1n });
      const answers = await Promise.all([at.open(await asking()), at.open(await asking())]);
      expect(answers.map((answer) => !answer.ok && answer.code)).to.deep.equal(["rate-limited", "rate-limited"]);
    });

    it("of one open, sends one of two that ask at once", async () => {
      const at = relay({ maxCost, perDay: maxCost });
      const requests = [await asking(), await asking()];
      const answers = await Promise.all(requests.map((request) => at.open(request)));
      expect(answers.filter(({ ok }) => ok)).to.have.length(1);
    });

    it("that it could not keep to, is not made", () => {
      expect(() => relay({ perDay: 1n })).to.throw(RelayBudgetError);
    });
  });

  it("with a key that has no coin is unavailable, and says why without a signature", async () => {
    const account = await chain.fundedAccount({ ether: 0n, tokens: 0n });
    expect(await refusal(await asking(), relay({}, { account }))).to.equal("unavailable");
    expect(faults).to.have.length(1);
    expect(JSON.stringify(faults)).not.to.match(/[0-9a-f]{128}/i);
  });
});
