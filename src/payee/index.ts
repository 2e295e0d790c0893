export { keptCharges } from "../store/charges.ts";
export { consentPeriod } from "./close.ts";
export { type ContractSignerCheck, contractSignerCheck } from "./contractSigner.ts";
export { createPayee, type PayeeOptions } from "./createPayee.ts";
export { EmptyStoreError, type StartOptions, StoreBehindChainError, WrongStoreError } from "./start.ts";
export type { Terms } from "./terms.ts";
export type {
  Acceptance,
  ChargeRequest,
  EvidenceAppraisal,
  EvidenceRule,
  Hold,
  MeterOptions,
  Payee,
  Refusal,
  RefusalCode,
  Reserved,
  TickStream,
} from "./types.ts";
