export { jsVerifier } from "./js.ts";
export { selectVerifier, VerifierUnavailableError } from "./selectVerifier.ts";
export type { Curve, Offer, Skipped, Verifier, VerifierName } from "./verifier.ts";
