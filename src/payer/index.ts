export { TransactionRevertedError } from "../chain/mined.ts";
export { ForeignVoucherError } from "./adopt.ts";
export { type PayerChannel, type PayerChannelState, UnknownChannelError } from "./channel.ts";
export { type OpenedChannels, openedChannels } from "./discover.ts";
export { AllowanceChangedError, InsufficientFundsError, NoGasError } from "./funding.ts";
export { CannotOpenError, NoChannelError, type Opening, openBy } from "./opening.ts";
export {
  type AuthorizedOpen,
  createPayer,
  NotAuthorizableError,
  type OpenParameters,
  type Payer,
  type PayerParameters,
  WrongSignerError,
} from "./payer.ts";
export { BudgetExceededError, type Policy, TokenNotAllowedError } from "./policy.ts";
export { ChannelLeavingError, DepositExhaustedError, type Evidence, InvalidPaymentError } from "./sign.ts";
export { InvalidTickCountError, type PaidTick, type TickOptions } from "./tick.ts";
export { NoWalletError } from "./transact.ts";
