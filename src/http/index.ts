export { CannotOpenError, NoChannelError } from "../payer/opening.ts";
export { closeRequests } from "./closeRequests.ts";
export type { Demand } from "./gate.ts";
export { DishonestServerError } from "./lane.ts";
export type { Limits } from "./limits.ts";
export {
  CloseRefusedError,
  type PayFetchOptions,
  type PayingFetch,
  payFetch,
  UnopenedChannelError,
} from "./payFetch.ts";
export { type Payment, type PaywallOptions, paywall } from "./paywall.ts";
export { InsecureTransportError, type Pin, PinMismatchError } from "./pin.ts";
export {
  createRelay,
  type Relay,
  type Relayed,
  type RelayOptions,
  type RelayPolicy,
  type RelayRequest,
  RelayUnavailableError,
} from "./relay.ts";
export { RelayBudgetError } from "./relayBudget.ts";
