// The vectors were made with viem alone; the Solidity tests may read the same file.
import { expect } from "chai";
import { type Address, type Hex, hashTypedData, type TypedDataDefinition } from "viem";
import {
  authorizationNonce,
  type Channel,
  channelId,
  channelSigner,
  closeAuthorizationDigest,
  closeRequestDigest,
  type Escrow,
  escrowDomain,
  InvalidSignatureError,
  recoverVoucher,
  typedData,
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
