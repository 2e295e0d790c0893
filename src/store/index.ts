export { decodeRecord, encodeRecord } from "./codec.ts";
export { channelStoreConformance, type OpenChannelStore } from "./conformance.ts";
export type { ConformanceCase } from "./conformanceCase.ts";
export {
  InvalidRecordError,
  PayerLimitError,
  StoreClosedError,
  StoreCorruptError,
  StoreLockedError,
  StoreReplacedError,
  StoreSettingError,
  StoreUnavailableError,
  StoreVersionError,
} from "./errors.ts";
export { memoryStore } from "./memory.ts";
export { memoryPayerStore } from "./memoryPayer.ts";
export { type OpenPayerStore, payerStoreConformance } from "./payerConformance.ts";
export type { OfferedTicks, PayerRecord, PayerStore } from "./payerStore.ts";
export type { ChannelRecord, Charge, CloseAuthorization, CloseRequest, Reservation, RevealedTicks } from "./record.ts";
export { type OpenTwoStores, sharedStoreConformance } from "./sharedConformance.ts";
export type { ChannelQuery, ChannelStore, Journal, JournalEntry, Lease, LeaseRequest } from "./store.ts";
