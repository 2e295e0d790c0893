// The vectors were made with viem alone; the Solidity tests may read the same file.
import { expect } from "chai";
import { type Address, type Hex, hashTypedData, maxUint256, type TypedDataDefinition } from "viem";
import {
  allocationDigest,
  authorizationNonce,
  authorizationTypedData,
  type Channel,
  channelId,
  channelSigner,
  checkAllocation,
  closeAuthorizationDigest,
  closeRequestDigest,
  createTicks,
  type Escrow,
  escrowDomain,
  InvalidSignatureError,
  openPermitTypedData,
  recoverVoucher,
  tickVoucherDigest,
  topUpAuthorizationNonce,
  topUpPermitTypedData,
  typedData,
  verifyTick,
  voucherDigest,
} from "../../../src/protocol/index.ts";
import { jsVerifier } from "../../../src/verifier/index.ts";
import messages from "../../vectors/messages.json" with { type: "json" };

const verifier = jsVerifier();

for (const vector of messages.vectors) {
  const escrow = vector.escrow as Escrow;
  const channel = vector.channel as Channel;
  const id = vector.channelId as Hex;
  const voucher = { channelId: id, cumulativeAmount: BigInt(vector.voucher.cumulativeAmount) };
  const signature = vector.voucher.signature as Hex;

  describe(`vector "${vector.name}", ${vector.decimals} decimals`, () => {
    it("given the descriptor, when the id, nonce and signer are made, it should be the vector's", () => {
      expect(channelId(channel, escrow)).to.equal(vector.channelId);
      expect(authorizationNonce(channel)).to.equal(vector.authorizationNonce);
      expect(channelSigner(channel)).to.equal(vector.signer);
    });

    it("given each message, when its digest is laid by hand, it should be the vector's", () => {
      const { closeRequest, closeAuthorization } = vector;
      expect(voucherDigest(voucher, escrow)).to.equal(vector.voucher.digest);
      expect(closeRequestDigest({ channelId: id, deposit: BigInt(closeRequest.deposit) }, escrow)).to.equal(
        closeRequest.digest,
      );
      const consent = {
        channelId: id,
        cumulativeAmount: BigInt(closeAuthorization.cumulativeAmount),
        deadline: BigInt(closeAuthorization.deadline),
      };
      expect(closeAuthorizationDigest(consent, escrow)).to.equal(closeAuthorization.digest);
    });

    it("given an offer of ticks, when its digest is laid by hand and its links verified, it should be the vector's", async () => {
      const { tickVoucher } = vector;
      const tickRoot = tickVoucher.tickRoot as Hex;
      const offer = {
        channelId: id,
        cumulativeAmount: BigInt(tickVoucher.cumulativeAmount),
        tickRoot,
        tickValue: BigInt(tickVoucher.tickValue),
      };
      expect(tickVoucherDigest(offer, escrow)).to.equal(tickVoucher.digest);
      expect(await verifier.recover(tickVoucher.digest as Hex, tickVoucher.signature as Hex)).to.equal(vector.signer);
      const links = tickVoucher.links as Hex[];
      const chain = createTicks({ length: links.length - 1, secret: links.at(-1) as Hex });
      expect(links.map((_, ticks) => chain.link(ticks))).to.deep.equal(links);
      for (let ticks = 1; ticks < links.length; ticks += 1) {
        expect(verifyTick({ ticks: 0, link: tickRoot }, { ticks, link: links[ticks] as Hex })).to.equal(true);
      }
    });

    it("given what relays a deposit, when its nonce and typed data are made, it should be the vector's", async () => {
      const { topUpAuthorization, permit } = vector;
      const topUp = {
        channel,
        additionalDeposit: BigInt(topUpAuthorization.additionalDeposit),
        topUpSalt: topUpAuthorization.topUpSalt as Hex,
      };
      expect(topUpAuthorizationNonce(topUp, escrow)).to.equal(topUpAuthorization.nonce);
      const chosen = {
        amount: BigInt(permit.amount),
        nonce: BigInt(permit.nonce),
        deadline: BigInt(permit.deadline),
      };
      expect(hashTypedData(openPermitTypedData(channel, chosen, escrow))).to.equal(permit.open.digest);
      expect(hashTypedData(topUpPermitTypedData(channel, chosen, escrow))).to.equal(permit.topUp.digest);
      for (const message of [permit.open, permit.topUp]) {
        expect(await verifier.recover(message.digest as Hex, message.signature as Hex)).to.equal(permit.signedBy);
      }
    });

    it("given an allocation of gifts, when its digest is laid by hand and signed for, it should be the vector's", async () => {
      const { pool: address, gateDataHash, digest, signature: signed, gifts: list } = vector.allocation;
      const gifts = list.map((gift) => ({
        projectId: BigInt(gift.projectId),
        cumulativeAmount: BigInt(gift.cumulativeAmount),
      }));
      const allocation = { ...voucher, gateDataHash: gateDataHash as Hex, gifts };
      const pool = { address: address as Address, chainId: escrow.chainId };
      expect(allocationDigest(allocation, pool)).to.equal(digest);
      expect(() => checkAllocation(allocation)).not.to.throw();
      expect(await verifier.recover(digest as Hex, signed as Hex)).to.equal(vector.signer);
    });

    it("given an authorization of the token's, when its typed data is made, it should be the vector's", async () => {
      const { value, digest, signature: signed, signedBy } = vector.authorization;
      const domain = { name: "Demo Dollar", version: "1", chainId: escrow.chainId, verifyingContract: channel.token };
      const definition = authorizationTypedData(
        {
          ...{ from: channel.payer, to: escrow.address, value: BigInt(value), validAfter: 0n, validBefore: maxUint256 },
          nonce: authorizationNonce(channel),
        },
        domain,
      );
      expect(hashTypedData(definition)).to.equal(digest);
      expect(await verifier.recover(digest as Hex, signed as Hex)).to.equal(signedBy);
    });

    it("given our own types and domain, when viem hashes them, it should be the vector's", () => {
      const { Voucher } = typedData;
      const definition: TypedDataDefinition = {
        domain: escrowDomain(escrow),
        types: { Voucher },
        primaryType: "Voucher",
        message: voucher,
      };
      expect(hashTypedData(definition)).to.equal(vector.voucher.digest);
    });

    it("given the signature, when recovered both ways, it should be the signer in lower case", async () => {
      expect(await recoverVoucher({ ...voucher, signature }, escrow)).to.equal(vector.signer);
      expect(await verifier.recover(vector.voucher.digest as Hex, signature)).to.equal(vector.signer);
      for (const message of [vector.closeRequest, vector.closeAuthorization]) {
        expect(await verifier.recover(message.digest as Hex, message.signature as Hex)).to.equal(message.signedBy);
      }
    });

    for (const [copy, malleated] of Object.entries(vector.voucher.malleable)) {
      it(`given the ${copy} copy of the signature, when recovered both ways, it should be nobody`, async () => {
        expect(await verifier.recover(vector.voucher.digest as Hex, malleated as Hex)).to.equal(undefined);
        const refused = await recoverVoucher({ ...voucher, signature: malleated as Hex }, escrow).catch((e) => e);
        expect(refused).to.be.instanceOf(InvalidSignatureError);
        expect(refused.message).not.to.include(malleated.slice(2, 20));
      });
    }

    it("given the signature with the other parity, when recovered, it should not be the signer", async () => {
      const recovered: Address | undefined = await verifier.recover(
        vector.voucher.digest as Hex,
        vector.voucher.flipped as Hex,
      );
      expect(recovered).not.to.equal(vector.signer);
    });
  });
}

describe("vectors of tokens with 6 and 18 decimals", () => {
  it("given the same base units of both, when their vouchers are compared, the amounts should be one and the ids differ", () => {
    const [six, eighteen] = messages.vectors;
    expect(six?.voucher.cumulativeAmount).to.equal(eighteen?.voucher.cumulativeAmount);
    expect(six?.voucher.digest).not.to.equal(eighteen?.voucher.digest);
  });
});
