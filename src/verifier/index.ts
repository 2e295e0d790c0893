export { jsVerifier } from "./js.ts";
export { selectVerifier, VerifierUnavailableError } from "./selectVerifier.ts";
export type { Verifier } from "./verifier.ts";
