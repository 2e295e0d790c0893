import { expect } from "chai";
import type { RefusalCode as PayeeRefusalCode } from "../../../../src/payee/types.ts";
import {
  formatProblem,
  MalformedProblemError,
  type ProblemCode,
  parseProblem,
  problem,
  problemCode,
  type RefusalCode,
  refusalProblem,
} from "../../../../src/protocol/index.ts";

/** Every refusal of a payee, by both rooms' types: adding one to either alone does not compile. */
const refusals: Record<RefusalCode & PayeeRefusalCode, [ProblemCode, number]> &
  Record<Exclude<PayeeRefusalCode, RefusalCode> | Exclude<RefusalCode, PayeeRefusalCode>, never> = {
  malformed: ["malformed-credential", 402],
  "invalid-signature": ["invalid-signature", 402],
  "signer-mismatch": ["signer-mismatch", 402],
  "amount-exceeds-deposit": ["amount-exceeds-deposit", 402],
  "delta-too-small": ["delta-too-small", 402],
  "channel-not-found": ["channel-not-found", 410],
  "channel-finalized": ["channel-finalized", 410],
  "insufficient-balance": ["insufficient-balance", 402],
  "transaction-reverted": ["transaction-reverted", 409],
  "close-pending": ["channel-finalized", 410],
  "charge-forgotten": ["insufficient-balance", 402],
  "exposure-limit": ["unavailable", 503],
  "tick-mismatch": ["tick-mismatch", 402],
  "tick-root-unknown": ["tick-root-unknown", 402],
  "tick-root-retired": ["tick-root-retired", 402],
  "too-many-ticks": ["too-many-ticks", 402],
  "allocation-diverges": ["allocation-diverges", 409],
  "invalid-allocation": ["invalid-allocation", 422],
  "gift-refused": ["gift-refused", 422],
  "not-eligible": ["not-eligible", 422],
  "round-closed": ["round-closed", 403],
  unavailable: ["unavailable", 503],
};

describe("problem", () => {
  for (const [refusal, [code, status]] of Object.entries(refusals)) {
    it(`given the refusal ${refusal}, when it becomes a problem, it should be ${code} with status ${status}`, () => {
      expect(refusalProblem(refusal as RefusalCode)).to.equal(code);
      expect(problem(code, "detail").status).to.equal(status);
    });
  }

  it("given a session code and a core code, when made, the type should be the draft's URI", () => {
    expect(problem("invalid-signature", "d").type).to.equal(
      "https://paymentauth.org/problems/session/invalid-signature",
    );
    expect(problem("payment-required", "d").type).to.equal("https://paymentauth.org/problems/payment-required");
    expect(problem("method-unsupported", "d").status).to.equal(400);
    expect(problem("unavailable", "d")).to.deep.equal({
      type: "about:blank",
      title: "Service Unavailable",
      status: 503,
      detail: "d",
    });
  });

  it("given more members, when made, they should be there but never replace the four", () => {
    const made = problem("insufficient-balance", "d", { requiredCumulative: "300", status: 200, type: "x" });
    expect(made).to.include({ requiredCumulative: "300", status: 402, detail: "d" });
    expect(problemCode(made)).to.equal("insufficient-balance");
  });

  it("given a problem, when formatted and parsed, it should be the same and its code known", () => {
    for (const code of ["payment-required", "challenge-not-found", "unavailable"] as const) {
      const made = problem(code, "What happened and what to do.", { challengeId: "x" });
      expect(parseProblem(formatProblem(made))).to.deep.equal(made);
      expect(problemCode(made)).to.equal(code);
    }
    expect(problemCode({ type: "about:blank", status: 500 })).to.equal(undefined);
    expect(problemCode({ type: "https://elsewhere.example/x", status: 402 })).to.equal(undefined);
  });

  it("given a body that is no problem, when parsed, it should be refused with a typed error", () => {
    for (const body of ["", "[]", "null", "{}", '{"status":"402"}', '{"status":402,"type":7}', "x".repeat(20_000)]) {
      expect(() => parseProblem(body), body.slice(0, 20)).to.throw(MalformedProblemError);
    }
  });

  it("given members that are no plain values, when parsed, they should be left out", () => {
    expect(parseProblem('{"status":402,"a":null,"b":{},"c":1.5,"d":"kept"}')).to.deep.equal({
      type: "about:blank",
      title: "",
      status: 402,
      detail: "",
      d: "kept",
    });
  });
});
