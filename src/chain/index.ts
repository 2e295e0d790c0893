export { askGate } from "./askGate.ts";
export { chainNow } from "./chainNow.ts";
export { type ChannelActions, channelActions } from "./channels/actions.ts";
export {
  type ChannelErrorName,
  ChannelRevertError,
  channelErrorName,
  decodeChannelError,
} from "./channels/decodeError.ts";
export { type ChannelEvent, decodeChannelEvents } from "./channels/decodeEvents.ts";
export * from "./channels/encode.ts";
export * from "./channels/reads.ts";
export { type SettleRow, toSettleRow, UnusableSignatureError } from "./channels/settleRow.ts";
export * from "./channels/writes.ts";
export { checkEscrow, NotAnEscrowError } from "./checkEscrow.ts";
export { type FactoryActions, factoryActions } from "./factory/actions.ts";
export * from "./factory/rounds.ts";
export { ChainUnavailableError, WalletRefusedError, WrongChainError } from "./failure.ts";
export { mined, TransactionRevertedError } from "./mined.ts";
export { type Disagreement, ReplacedBlockError, StaleChainError } from "./observer/reader.ts";
export type { Pass, Watch } from "./observer/watch.ts";
export { createObserver, type Observed, type Observer, type ObserverOptions } from "./observer.ts";
export { type PoolActions, poolActions } from "./pool/actions.ts";
export { decodePoolError, type PoolErrorName, PoolRevertError } from "./pool/decodeError.ts";
export { decodePoolEvents, type PoolEvent } from "./pool/decodeEvents.ts";
export * from "./pool/encode.ts";
export {
  createLineReader,
  type Line,
  type LineReader,
  type LineReaderOptions,
  type LineSync,
  LinesNotReadError,
} from "./pool/lines.ts";
export { LineMismatchError, readLine } from "./pool/readLine.ts";
export * from "./pool/reads.ts";
export * from "./pool/writes.ts";
export { type RegistryActions, registryActions } from "./registry/actions.ts";
export { decodeRegistryError, type RegistryErrorName, RegistryRevertError } from "./registry/decodeError.ts";
export { decodeRegistryEvents, type RegistryEvent } from "./registry/decodeEvents.ts";
export * from "./registry/encode.ts";
export * from "./registry/reads.ts";
export * from "./registry/writes.ts";
export { CostAboveCapError, OutOfFundsError, WouldRevertError } from "./sender/attempts.ts";
export { LeaseLostError, NotJournalledError } from "./sender/book.ts";
export type { Policy } from "./sender/policy.ts";
export { createSender, type Sender, type SenderOptions, type SendRequest } from "./sender.ts";
export { weighDonor } from "./weighDonor.ts";
