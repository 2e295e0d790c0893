import "../../../support/seed.ts";
import { createHmac } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import {
  type Challenge,
  encodeBase64url,
  MalformedChallengeError,
  sealChallenge,
  verifyChallenge,
  WeakSecretError,
} from "../../../../src/protocol/index.ts";
import { challenge, request, secret } from "./samples.ts";

describe("sealed challenge", () => {
  it("given terms, when sealed, its id should be the HMAC of the seven slots as another implementation makes it", async () => {
    const { id, encodedRequest, expires, digest, opaque } = await challenge();
    const input = ["api.example.com", "evm", "session", encodedRequest, expires, digest, opaque].join("|");
    expect(id).to.equal(createHmac("sha256", secret).update(input).digest("base64url"));
    const bare = await sealChallenge(secret, { realm: "r", request });
    expect(bare.id).to.equal(
      createHmac("sha256", secret).update(`r|evm|session|${bare.encodedRequest}|||`).digest("base64url"),
    );
  });

  it("given a sealed challenge, when verified with its secret, it should be true; with another, false", async () => {
    const sealed = await challenge();
    const other = new Uint8Array(32).fill(8);
    expect(await verifyChallenge(secret, sealed)).to.equal(true);
    expect(await verifyChallenge(other, sealed)).to.equal(false);
  });

  it("given a rotated secret, when verified with the present and the former, it should be true", async () => {
    const sealed = await challenge();
    const present = new Uint8Array(32).fill(8);
    expect(await verifyChallenge([present, secret], sealed)).to.equal(true);
    expect(await verifyChallenge([present], sealed)).to.equal(false);
    expect(await verifyChallenge([], sealed)).to.equal(false);
  });

  const slots = ["realm", "method", "intent", "encodedRequest", "expires", "digest", "opaque"] as const;

  for (const slot of slots) {
    it(`given any other ${slot}, when verified, it should be false`, async () => {
      const sealed = await challenge();
      await fc.assert(
        fc.asyncProperty(fc.string(), async (value) => {
          fc.pre(value !== sealed[slot]);
          expect(await verifyChallenge(secret, { ...sealed, [slot]: value } as Challenge)).to.equal(false);
        }),
        { numRuns: 50 },
      );
    });
  }

  for (const slot of ["expires", "digest", "opaque"] as const) {
    it(`given ${slot} left out, when verified, it should be false`, async () => {
      const { [slot]: _, ...without } = await challenge();
      expect(await verifyChallenge(secret, without)).to.equal(false);
    });
  }

  it("given one slot's value moved to another, when verified, it should be false", async () => {
    const sealed = await challenge();
    const { digest, ...rest } = sealed;
    expect(await verifyChallenge(secret, { ...rest, opaque: digest } as Challenge)).to.equal(false);
    const barred = { ...sealed, realm: "api.example.com|evm", method: "session" } as unknown as Challenge;
    expect(await verifyChallenge(secret, barred)).to.equal(false);
  });

  it("given a value with the separator in it, when sealed, it should be refused, and even a right MAC over it be false", async () => {
    const refused = await challenge({ realm: "a|b" }).catch((error) => error);
    expect(refused).to.be.instanceOf(MalformedChallengeError);
    const { encodedRequest } = await challenge();
    const id = createHmac("sha256", secret).update(`a|b|evm|session|${encodedRequest}|||`).digest("base64url");
    const forged: Challenge = { id, realm: "a|b", method: "evm", intent: "session", request, encodedRequest };
    expect(await verifyChallenge(secret, forged)).to.equal(false);
  });

  it("given any other id, cut, stretched or of any text, when verified, it should be false", async () => {
    const sealed = await challenge();
    const ids = fc.oneof(
      fc.string(),
      fc.uint8Array({ maxLength: 64 }).map((bytes) => encodeBase64url(bytes)),
      fc.nat(sealed.id.length - 1).map((at) => sealed.id.slice(0, at)),
      fc.string({ minLength: 1 }).map((text) => sealed.id + text),
    );
    await fc.assert(
      fc.asyncProperty(ids, async (id) => {
        fc.pre(id !== sealed.id);
        expect(await verifyChallenge(secret, { ...sealed, id })).to.equal(false);
      }),
    );
  });

  it("given the description or the decoded request changed, when verified, it should still be true, for the id binds neither", async () => {
    const sealed = await challenge();
    expect(await verifyChallenge(secret, { ...sealed, description: "other" })).to.equal(true);
  });

  it("given a secret of 31 bytes, when sealed or verified, it should be refused", async () => {
    const weak = new Uint8Array(31);
    const sealed = await challenge();
    expect(await sealChallenge(weak, { realm: "r", request }).catch((error) => error)).to.be.instanceOf(
      WeakSecretError,
    );
    expect(await verifyChallenge(weak, sealed).catch((error) => error)).to.be.instanceOf(WeakSecretError);
  });

  it("given an expiry that is no time, when sealed, it should be refused", async () => {
    for (const expires of ["", "tomorrow", "2026-04-01", "2026-13-01T00:00:00Z", "2026-04-01T12:05:00"]) {
      expect(await challenge({ expires }).catch((error) => error), expires).to.be.instanceOf(MalformedChallengeError);
    }
  });
});
