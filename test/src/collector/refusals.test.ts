import { expect } from "chai";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { type Gift, openGateData } from "../../../src/protocol/index.ts";
import { gifts } from "../../support/roundStage.ts";
import { type Answer, type Counter, type Donor, give, post, present, type Rig, type Signing, startRig } from "./rig.ts";

describe("collector refuses", () => {
  let rig: Rig;
  let counter: Counter;
  let donor: Donor;
  before(async () => {
    rig = await startRig();
    counter = await rig.open(await rig.newRound(), { terms: { leastGift: 3n, mostGifts: 64 } });
  });
  after(() => rig.stop());
  beforeEach(async () => {
    donor = await rig.donor(counter.pool);
    expect((await present(counter.url, donor, await donor.sign(gifts([1n, 10n])))).status).to.equal(200);
  });

  /** A refusal that names the channel, grants nothing, shows no signature and leaves what was held. */
  async function expectRefused(answer: Answer, status: number, code: string, detail: RegExp) {
    expect([answer.status, answer.code], JSON.stringify(answer.body)).to.deep.equal([status, code]);
    expect(answer.body.detail)
      .to.match(detail)
      .and.not.match(/0x[0-9a-f]{65}/i);
    expect(answer.headers.get("payment-receipt")).to.equal(null);
    expect(await counter.store.get(donor.id)).to.include({ authorized: 10n, spent: 10n });
    expect(counter.collector.totals().sum).to.equal(await heldSum());
  }

  async function heldSum() {
    return (await counter.store.list()).reduce((sum, { authorized }) => sum + authorized, 0n);
  }

  const trying = async (list: readonly Gift[], fields: Partial<Signing> = {}) =>
    give(counter.url, await donor.sign(list, fields));

  describe("a gift to", () => {
    it("a project that nobody knows", async () => {
      await expectRefused(await trying(gifts([1n, 10n], [99n, 5n])), 422, "gift-refused", /Project 99 takes no gifts/);
    });
    it("a project of the registry that is not in the round", async () => {
      await expectRefused(await trying(gifts([1n, 10n], [4n, 5n])), 422, "gift-refused", /Project 4 takes no gifts/);
    });
    it("a project id as wide as can be", async () => {
      const wide = 2n ** 256n - 1n;
      await expectRefused(await trying(gifts([1n, 10n], [wide, 5n])), 422, "gift-refused", /takes no gifts/);
    });
    it("project 0, of which nothing was refunded", async () => {
      await expectRefused(await trying(gifts([0n, 5n], [1n, 10n])), 422, "gift-refused", /Project 0 is for what/);
    });
    it("a project below the least gift, however much the others get", async () => {
      const answer = await trying(gifts([1n, 12n], [2n, 50n]));
      await expectRefused(answer, 422, "gift-refused", /gift of 2 to project 1 is below 3/);
    });
  });

  describe("an allocation that", () => {
    it("is not sorted", async () => {
      await expectRefused(await trying(gifts([2n, 5n], [1n, 15n])), 422, "invalid-allocation", /by rising project/);
    });
    it("lists a project twice", async () => {
      await expectRefused(await trying(gifts([1n, 10n], [1n, 5n])), 422, "invalid-allocation", /stands after/);
    });
    it("has more gifts than any pool takes", async () => {
      const many = Array.from({ length: 65 }, (_, index): [bigint, bigint] => [BigInt(index + 1), 10n]);
      await expectRefused(
        await trying(gifts(...many)),
        402,
        "malformed-credential",
        /gifts is not a list of at most 64/,
      );
      const given = await counter.collector.give({ ...(await donor.sign(gifts(...many))), idempotencyKey: "key" });
      expect(given).to.include({ ok: false, code: "invalid-allocation" });
    });
    it("has more gifts than this collector takes", async () => {
      const few = await rig.open(counter.pool, { terms: { mostGifts: 2 }, allowEmptyStore: true });
      const answer = await present(few.url, donor, await donor.sign(gifts([1n, 1n], [2n, 2n], [3n, 3n])));
      await expectRefused(answer, 422, "gift-refused", /lists 3 gifts; this collector takes 2/);
    });
    it("gives a project nothing", async () => {
      await expectRefused(await trying(gifts([1n, 10n], [2n, 0n])), 422, "invalid-allocation", /is given 0/);
    });
    it("does not add up to the voucher", async () => {
      const answer = await trying(gifts([1n, 20n]), { cumulativeAmount: 21n });
      await expectRefused(answer, 422, "invalid-allocation", /add up to 20, and it says 21/);
    });
    it("is not there at all", async () => {
      const { cumulativeAmount, voucherSignature: signature } = await donor.sign(gifts([1n, 20n]));
      const voucher = { action: "voucher", channelId: donor.id, cumulativeAmount, signature } as const;
      await expectRefused(await post(counter.url, voucher, "key"), 422, "invalid-allocation", /without its allocation/);
    });
    it("was signed for another pool", async () => {
      const at = { ...donor.pool, address: await rig.newRound() };
      await expectRefused(await trying(gifts([1n, 20n]), { at }), 402, "signer-mismatch", /over this allocation/);
    });
    it("was signed for another chain", async () => {
      const at = { ...donor.pool, chainId: 10 };
      await expectRefused(await trying(gifts([1n, 20n]), { at }), 402, "signer-mismatch", /over this allocation/);
    });
    it("somebody else signed", async () => {
      const by = privateKeyToAccount(generatePrivateKey());
      await expectRefused(await trying(gifts([1n, 20n]), { by }), 402, "signer-mismatch", /over this allocation/);
    });
    it("a rival sends with other gate data than the donor signed", async () => {
      const signed = await donor.sign(gifts([1n, 20n]), { gateData: openGateData });
      for (const gateData of ["0x", "0xdead"] as const) {
        const swapped = { ...signed, allocation: { ...signed.allocation, gateData } };
        await expectRefused(await give(counter.url, swapped), 402, "signer-mismatch", /the gate data/);
      }
    });
    it("goes with a voucher that somebody else signed, and shows nothing of what is held", async () => {
      const voucherBy = privateKeyToAccount(generatePrivateKey());
      const answer = await trying(gifts([2n, 20n]), { voucherBy });
      await expectRefused(answer, 402, "signer-mismatch", /channel's signer's signature/);
      expect(answer.body.held).to.equal(undefined);
    });
    it("leaves out what was given before", async () => {
      const answer = await trying(gifts([2n, 20n]));
      await expectRefused(answer, 409, "allocation-diverges", /gives project 1 0, and 10/);
      expect(answer.body.held).to.include({ cumulativeAmount: "10" });
    });
    it("takes from one project to give to another", async () => {
      await expectRefused(await trying(gifts([1n, 9n], [2n, 20n])), 409, "allocation-diverges", /gives project 1 9/);
    });
    it("is older than what is held", async () => {
      await expectRefused(await trying(gifts([1n, 7n])), 409, "allocation-diverges", /gives project 1 7/);
    });
    it("adds nothing, under a new key", async () => {
      await expectRefused(await trying(gifts([1n, 10n])), 409, "allocation-diverges", /adds nothing to the 10 held/);
    });
    it("exceeds the deposit, until it is topped up", async () => {
      const signed = await donor.sign(gifts([1n, 10_001n]));
      await expectRefused(await give(counter.url, signed), 402, "amount-exceeds-deposit", /channel holds 10000/);
      const escrow = rig.stage.onEscrow(donor.person);
      await escrow.approve({ token: rig.stage.token, amount: 1n });
      await escrow.topUp({ channel: donor.channel, additionalDeposit: 1n });
      expect((await give(counter.url, signed)).status).to.equal(200);
    });
  });

  it("what would owe more than it holds for one channel, until somebody settles", async () => {
    const pool = await rig.newRound();
    const careful = await rig.open(pool, { terms: { maxUnsettledPerChannel: 20n } });
    const giver = await rig.donor(pool);
    const first = await giver.sign(gifts([1n, 15n]));
    expect((await present(careful.url, giver, first)).status).to.equal(200);
    const more = await giver.sign(gifts([1n, 15n], [2n, 6n]));
    const answer = await give(careful.url, more, "more");
    expect([answer.status, answer.headers.get("retry-after")]).to.deep.equal([503, "30"]);
    expect(answer.body.detail).to.match(/would owe 21 unsettled; this payee holds at most 20/);
    await rig.stage.collect(giver.channel, gifts([1n, 15n]), "0x");
    expect((await give(careful.url, more, "more")).status).to.equal(200);
  });

  describe("a request", () => {
    it("without a key", async () => {
      const { cumulativeAmount, voucherSignature: signature, allocation } = await donor.sign(gifts([1n, 20n]));
      const voucher = { action: "voucher", channelId: donor.id, cumulativeAmount, signature, allocation } as const;
      await expectRefused(await post(counter.url, voucher, undefined), 400, "Bad Request", /Idempotency-Key/);
    });
    it("with a body", async () => {
      const response = await fetch(`${counter.url}/gifts`, { method: "POST", body: "something" });
      expect(response.status).to.equal(413);
    });
    it("to close, which a pool cannot consent to", async () => {
      const { cumulativeAmount, voucherSignature: signature } = await donor.sign(gifts([1n, 20n]));
      const payload = { action: "close", channelId: donor.id, cumulativeAmount, signature } as const;
      await expectRefused(await post(counter.url, payload, "key"), 400, "method-unsupported", /\/close-requests/);
    });
    it("for a channel that it does not know", async () => {
      const stranger = await rig.donor(counter.pool);
      const answer = await give(counter.url, await stranger.sign(gifts([1n, 20n])));
      await expectRefused(answer, 410, "channel-not-found", /knows no such channel/);
    });
    it("for a channel to another pool", async () => {
      const stranger = await rig.donor(await rig.newRound());
      const answer = await present(counter.url, stranger, await stranger.sign(gifts([1n, 20n])));
      expect([answer.status, answer.code]).to.deep.equal([402, "malformed-credential"]);
    });
  });

  describe("from the block on in which", () => {
    it("the stewards suspend a project, gifts to it; what it was given stays, and others go on", async () => {
      const other = await rig.open(await rig.newRound());
      const giver = await rig.donor(other.pool);
      await present(other.url, giver, await giver.sign(gifts([1n, 5n], [2n, 5n])));
      await rig.suspend(2n);
      const answer = await give(other.url, await giver.sign(gifts([1n, 5n], [2n, 6n])));
      expect([answer.status, answer.code]).to.deep.equal([422, "gift-refused"]);
      expect(answer.body.detail).to.match(/Project 2 takes no gifts now/);
      const rest = await give(other.url, await giver.sign(gifts([1n, 6n], [2n, 5n])));
      expect(rest.body).to.include({ cumulativeAmount: "11", amount: "1" });
    });
    it("a project's manager closes it, gifts to it", async () => {
      const other = await rig.open(await rig.newRound());
      const giver = await rig.donor(other.pool);
      await rig.close(3n);
      const answer = await present(other.url, giver, await giver.sign(gifts([3n, 5n])));
      expect([answer.status, answer.code]).to.deep.equal([422, "gift-refused"]);
    });
  });
});
