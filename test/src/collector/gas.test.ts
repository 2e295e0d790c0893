import { expect } from "chai";
import { type Address, zeroAddress } from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { createPayer } from "../../../src/payer/index.ts";
import { channelId, formatCloseRequest, type Gift, signCloseRequest } from "../../../src/protocol/index.ts";
import { memoryPayerStore } from "../../../src/store/index.ts";
import { gifts } from "../../support/roundStage.ts";
import { type Answer, type Counter, type Donor, get, post, present, type Rig, startRig } from "./rig.ts";

describe("collector's gas", () => {
  let rig: Rig;
  before(async () => {
    rig = await startRig();
  });
  after(() => rig.stop());

  describe("for opening channels", () => {
    let counter: Counter;
    let relayer: Address;
    const maxCost = 10n ** 16n;
    before(async () => {
      const made = await rig.collectorOptions(await rig.newRound());
      const { relay, relayer: account } = await rig.relayOf(made.options.store, { maxCost, perDay: 4n * maxCost });
      relayer = account.address;
      counter = await rig.open(made.options.pool, { store: made.options.store, relay });
    });

    const nonce = () => rig.chain.client.getTransactionCount({ address: relayer });

    /** A donor without coin: wallet, authorization and the credential's payload for a first list of gifts. */
    async function poor(list: readonly Gift[], deposit = 500n, at = counter.pool) {
      const wallet = (await rig.chain.fundedAccount({ ether: 0n })) as PrivateKeyAccount;
      const signer = privateKeyToAccount(generatePrivateKey());
      const { escrow } = rig.chain;
      const payer = createPayer({ client: rig.chain.wallet(wallet), signer, store: memoryPayerStore(), escrow });
      const opening = await payer.openByAuthorization({ payee: at, token: rig.stage.token, deposit });
      const { descriptor: channel, authorization, signature } = opening;
      const person = wallet.address.toLowerCase() as Address;
      const donor = rig.donorOf({ person, wallet, signer, channel, hash: "0x", deposit });
      const signed = await donor.sign(list);
      const { cumulativeAmount, voucherSignature, allocation } = signed;
      const { salt, authorizedSigner } = channel;
      const payload = {
        action: "open",
        type: "authorization",
        channelId: donor.id,
        cumulativeAmount,
        salt,
        authorizedSigner,
        authorization,
        signature,
        voucherSignature,
        ...(list.length > 0 ? { allocation } : {}),
      } as const;
      return { donor, payload };
    }

    async function expectNothingSpent(answer: Answer, code: string, before: number) {
      expect(answer.code, JSON.stringify(answer.body)).to.equal(code);
      expect(await nonce(), "no gas was spent").to.equal(before);
    }

    it("is spent for a donor without coin, whose first gift comes with it", async () => {
      const { donor, payload } = await poor(gifts([1n, 20n]));
      const answer = await post(counter.url, payload, "first");
      expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
      expect(answer.body).to.include({ channelId: donor.id, cumulativeAmount: "20", amount: "20" });
      expect((await counter.store.get(donor.id))?.deposit).to.equal(500n);
      expect((await post(counter.url, payload, "first")).headers.get("idempotent-replayed")).to.equal("true");
      expect((await get(`${counter.url}/round`)).body.relay).to.deep.equal({
        minDeposit: "100",
        perPayer: 3,
        window: 3600,
      });
    });

    it("is not spent for a deposit below the least", async () => {
      const before = await nonce();
      const { payload } = await poor(gifts([1n, 20n]), 99n);
      await expectNothingSpent(await post(counter.url, payload, "key"), "insufficient-balance", before);
    });

    it("is not spent for a first gift that would be refused", async () => {
      const before = await nonce();
      const { payload } = await poor(gifts([99n, 20n]));
      await expectNothingSpent(await post(counter.url, payload, "key"), "gift-refused", before);
      const forged = await poor(gifts([1n, 20n]));
      const { allocation } = (await poor(gifts([1n, 20n]))).payload;
      const swapped = { ...forged.payload, ...(allocation ? { allocation } : {}) };
      await expectNothingSpent(await post(counter.url, swapped, "key"), "signer-mismatch", before);
    });

    it("is not spent outside of the round, not even for a channel alone", async () => {
      const start = (await rig.stage.now()) + 10_000n;
      const made = await rig.collectorOptions(await rig.newRound({ start }));
      const { relay, relayer: account } = await rig.relayOf(made.options.store, { maxCost });
      const early = await rig.open(made.options.pool, { store: made.options.store, relay });
      const { payload } = await poor([], 500n, early.pool);
      expect((await post(early.url, payload, "key")).code).to.equal("round-closed");
      expect(await rig.chain.client.getTransactionCount({ address: account.address })).to.equal(0);
    });

    it("is limited to so much a day, over a restart", async () => {
      const { journal } = counter.store;
      const [entry] = await journal.list({ chainId: rig.chain.escrow.chainId });
      if (!entry?.outcome) throw new Error("nothing was mined");
      await journal.put({ ...entry, id: "dear", nonce: 10_000, outcome: { ...entry.outcome, fee: 4n * maxCost } });
      const before = await nonce();
      const { payload } = await poor(gifts([1n, 20n]));
      const answer = await post(counter.url, payload, "key");
      await expectNothingSpent(answer, "Too Many Requests", before);
      expect(answer.body.detail).to.match(/has spent what it may in a day. Open the channel by a transaction/);
      expect(Number(answer.headers.get("retry-after"))).to.be.above(80_000);
    });
  });

  describe("for closing channels", () => {
    let counter: Counter;
    before(async () => {
      const closing = { leastRemainder: 50n, perPayer: 2 };
      counter = await rig.open(await rig.newRound(), { terms: { closing } });
    });

    async function leave(donor: Donor, by: PrivateKeyAccount = donor.signer): Promise<Answer> {
      const request = { channelId: donor.id, deposit: donor.deposit };
      const signature = await signCloseRequest(by, request, rig.chain.escrow);
      const body = formatCloseRequest({ ...request, signature });
      const response = await fetch(`${counter.url}/close-requests`, { method: "POST", body });
      const read = await response.json();
      return { status: response.status, code: read.title ?? "ok", headers: response.headers, body: read };
    }

    it("is promised for a channel that it knows, and kept for the keeper before the answer", async () => {
      const donor = await rig.donor(counter.pool);
      await present(counter.url, donor, await donor.sign(gifts([1n, 20n])));
      const answer = await leave(donor);
      expect([answer.status, answer.body]).to.deep.equal([202, { channelId: donor.id, status: "recorded" }]);
      expect((await counter.store.get(donor.id))?.closeRequest?.deposit).to.equal(donor.deposit);
    });

    it("is not promised for a channel that it does not know", async () => {
      const donor = await rig.donor(counter.pool);
      expect((await leave(donor)).status).to.equal(410);
    });

    it("is not promised where hardly anything would come back, and the donor is told what to do", async () => {
      const donor = await rig.donor(counter.pool, { deposit: 100n });
      await present(counter.url, donor, await donor.sign(gifts([1n, 60n])));
      const answer = await leave(donor);
      expect(answer.status).to.equal(422);
      expect(answer.body.detail).to.match(/give back 40, .* 50 or more. Call requestClose on the escrow yourself/);
      expect(await counter.store.get(donor.id)).to.not.have.property("closeRequest");
    });

    it("is promised to one address so many times a day; a stranger's forgeries use up nothing", async () => {
      const first = await rig.donor(counter.pool);
      const [second, third] = [
        await rig.donor(counter.pool, { payer: first.person }),
        await rig.donor(counter.pool, { payer: first.person }),
      ];
      for (const donor of [first, second, third]) await present(counter.url, donor);
      const stranger = privateKeyToAccount(generatePrivateKey());
      for (let count = 0; count < 5; count++) expect((await leave(first, stranger)).status).to.equal(402);
      expect((await leave(first)).status).to.equal(202);
      expect((await leave(first)).status, "asking again is harmless").to.equal(202);
      expect((await leave(second)).status).to.equal(202);
      const answer = await leave(third);
      expect(answer.status).to.equal(429);
      expect(answer.body.detail).to.match(/2 close requests of this payer .* call requestClose on the escrow yourself/);
      expect(channelId(third.channel, rig.chain.escrow)).to.equal(third.id);
      expect(third.channel.authorizedSigner).to.equal(zeroAddress);
    });
  });
});
