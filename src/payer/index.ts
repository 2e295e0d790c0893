export { type PayerChannel, type PayerChannelState, UnknownChannelError } from "./channel.ts";
export { AllowanceChangedError, InsufficientFundsError, NoGasError } from "./funding.ts";
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
export { ChannelLeavingError, DepositExhaustedError, InvalidPaymentError } from "./sign.ts";
export { NoWalletError, TransactionRevertedError } from "./transact.ts";
