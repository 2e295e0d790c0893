import { expect } from "chai";
import { createClient, custom, type Hex, http } from "viem";
import { type ContractSignerCheck, contractSignerCheck } from "../../../src/payee/index.ts";
import { signVoucher } from "../../../src/protocol/voucher.ts";
import { codeOf, escrow, fixture, newAccount } from "./fixture.ts";

const wallet = `0x${"c0".repeat(20)}` as const;
const proof = `0x${"ab".repeat(100)}` as Hex;

describe("payee and contract signers", () => {
  /** A wallet that stands by `proof`, and a record of what was asked. */
  function counted(answer: (signature: Hex) => boolean | Promise<boolean> = (signature) => signature === proof) {
    const asked: Hex[] = [];
    const isValidSignature: ContractSignerCheck = async ({ signer, signature }) => {
      asked.push(signer);
      return answer(signature);
    };
    return { asked, isValidSignature };
  }

  it("given terms that do not accept them, refuses with a sentence and asks no contract", async () => {
    const { asked, isValidSignature } = counted();
    const f = await fixture({ payee: { isValidSignature } });
    const { id } = await f.open(1_000n, { authorizedSigner: wallet });
    const long = await f.payee.accept({ channelId: id, cumulativeAmount: 1n, signature: proof });
    expect(codeOf(long)).to.equal("malformed");
    const owner = await signVoucher(newAccount(), { channelId: id, cumulativeAmount: 1n }, escrow);
    const answer = await f.payee.accept(owner);
    expect(codeOf(answer)).to.equal("signer-mismatch");
    expect(!answer.ok && answer.detail).to.contain("contract wallets are not accepted");
    expect(asked).to.deep.equal([]);
  });

  it("given terms that do, asks the contract and keeps its voucher", async () => {
    const { asked, isValidSignature } = counted();
    const f = await fixture({ terms: { acceptContractSigners: true }, payee: { isValidSignature } });
    const { id } = await f.open(1_000n, { authorizedSigner: wallet });
    expect(codeOf(await f.payee.accept({ channelId: id, cumulativeAmount: 5n, signature: proof }))).to.equal("ok");
    expect(asked).to.deep.equal([wallet]);
    expect(await f.store.get(id)).to.include({ authorized: 5n, signature: proof });
    const other = { channelId: id, cumulativeAmount: 6n, signature: `${proof}00` as Hex };
    expect(codeOf(await f.payee.accept(other))).to.equal("signer-mismatch");
  });

  it("given a signer's own key, recovers and asks no contract, whatever code the account has gained", async () => {
    const { asked, isValidSignature } = counted(() => false);
    const f = await fixture({ terms: { acceptContractSigners: true }, payee: { isValidSignature } });
    const { voucher } = await f.open();
    expect(codeOf(await f.payee.accept(await voucher(5n)))).to.equal("ok");
    expect(asked).to.deep.equal([]);
  });

  it("given an ERC-6492 wrapper, refuses clearly, whatever the terms", async () => {
    for (const acceptContractSigners of [false, true]) {
      const { asked, isValidSignature } = counted(() => true);
      const f = await fixture({ terms: { acceptContractSigners }, payee: { isValidSignature } });
      const { id } = await f.open(1_000n, { authorizedSigner: wallet });
      const wrapped = `${proof}${"6492".repeat(16)}` as Hex;
      const answer = await f.payee.accept({ channelId: id, cumulativeAmount: 5n, signature: wrapped });
      expect(codeOf(answer)).to.equal("invalid-signature");
      expect(!answer.ok && answer.detail).to.contain("ERC-6492");
      expect(asked).to.deep.equal([]);
    }
  });

  it("given more than 4 KiB of signature, refuses as malformed", async () => {
    const { asked, isValidSignature } = counted(() => true);
    const f = await fixture({ terms: { acceptContractSigners: true }, payee: { isValidSignature } });
    const { id } = await f.open(1_000n, { authorizedSigner: wallet });
    const signature = `0x${"ab".repeat(4_097)}` as Hex;
    expect(codeOf(await f.payee.accept({ channelId: id, cumulativeAmount: 5n, signature }))).to.equal("malformed");
    expect(asked).to.deep.equal([]);
  });

  it("given a chain that cannot be asked, charges nothing", async () => {
    const { isValidSignature } = counted(() => Promise.reject(new Error("timeout")));
    const f = await fixture({ terms: { acceptContractSigners: true }, payee: { isValidSignature } });
    const { id } = await f.open(1_000n, { authorizedSigner: wallet });
    const answer = await f.payee.accept({ channelId: id, cumulativeAmount: 5n, signature: proof });
    expect(codeOf(answer)).to.equal("unavailable");
    expect((await f.store.get(id))?.authorized).to.equal(0n);
  });

  describe("contractSignerCheck", () => {
    const query = { signer: wallet, digest: `0x${"01".repeat(32)}`, signature: proof } as const;
    const over = (respond: () => Promise<unknown>) =>
      contractSignerCheck(createClient({ transport: custom({ request: respond }, { retryCount: 0 }) }));
    const revert = Object.assign(new Error("execution reverted"), { code: 3, data: "0x" });

    it("given the magic value, holds", async () => {
      expect(await over(async () => `0x1626ba7e${"00".repeat(28)}`)(query)).to.equal(true);
    });

    const others: [string, () => Promise<unknown>][] = [
      ["another value", async () => `0xffffffff${"00".repeat(28)}`],
      ["no code", async () => "0x"],
      ["a revert", () => Promise.reject(revert)],
      ["a contract that burns all gas", () => Promise.reject(Object.assign(new Error("out of gas"), { code: -32000 }))],
      ["four bytes", async () => "0x1626ba7e"],
      ["an answer of a kilobyte", async () => `0x${"11".repeat(1_024)}`],
    ];
    for (const [name, respond] of others) {
      it(`given ${name}, does not hold`, async () => {
        expect(await over(respond)(query)).to.equal(false);
      });
    }

    it("given a node's internal error, throws: the wallet said nothing", async () => {
      let thrown: unknown;
      await over(() => Promise.reject(Object.assign(new Error("Internal error"), { code: -32603 })))(query).catch(
        (error) => {
          thrown = error;
        },
      );
      expect(thrown).to.be.instanceOf(Error);
    });

    it("given an endpoint that does not answer, throws, without the signature", async () => {
      const check = contractSignerCheck(createClient({ transport: http("http://127.0.0.1:9/", { retryCount: 0 }) }));
      let thrown: unknown;
      await check(query).catch((error: unknown) => {
        thrown = error;
      });
      expect(thrown).to.be.instanceOf(Error).and.not.have.property("cause");
      expect(String(thrown)).not.to.contain("abababab");
    });
  });
});
