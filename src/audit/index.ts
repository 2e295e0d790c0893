export { type AuditParameters, type AuditProgress, audit } from "./audit.ts";
export type { Checkpoint } from "./checkpoint.ts";
export { AuditError } from "./errors.ts";
export {
  type Consent,
  decodeEvent,
  type EscrowEvent,
  type Position,
  type RawLog,
  UndecodableLogError,
} from "./events.ts";
export { readTotals } from "./evidence/readTotals.ts";
export type {
  EvidenceParameters,
  EvidenceProject,
  EvidenceReport,
  PublishedTotals,
  UnattributedGift,
} from "./evidence/report.ts";
export type { Fact, FactCode } from "./fact.ts";
export { assumedL1, formatTable, type TableOptions } from "./formatTable.ts";
export { type L1DataFeeParameters, l1DataFee } from "./l1DataFee.ts";
export type { Ledger, LedgerChannel, LedgerCredit, LedgerPayee, LedgerRules, LedgerToken } from "./ledger.ts";
export { RangeRefusedError } from "./readRanges.ts";
export { type Movement, replay } from "./replay.ts";
export type { AuditReport, Costs, PayeeReport, TokenReport, Verdict } from "./report.ts";
export type { PoolEvent, RegistryEvent } from "./round/events.ts";
export type { RoundLedger, RoundLine } from "./round/ledger.ts";
export type { RegistryReport, RoundProjectReport, RoundReport } from "./round/report.ts";
export { toCsv } from "./toCsv.ts";
export { toJson } from "./toJson.ts";
