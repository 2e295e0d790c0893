import { type Hex, toFunctionSelector } from "viem";
import { paymentChannelsAbi } from "../../abi/paymentChannels.ts";
import { FarthingError } from "../../protocol/errors.ts";
import { decodeRevert, revertMessage } from "../revert.ts";

type ErrorName = Extract<(typeof paymentChannelsAbi)[number], { type: "error" }>["name"];

/** Name of an error of the escrow, `Error` for a reason in words, or `Unknown` for a selector of another contract. */
export type ChannelErrorName = ErrorName | "Error" | "Unknown";

/**
 * The escrow's reason for a revert, from whatever a client threw or from raw revert data; undefined when the error is not
 * a revert.
 */
export function decodeChannelError(error: unknown): ChannelRevertError | undefined {
  const revert = decodeRevert(error, paymentChannelsAbi);
  return revert && new ChannelRevertError(revert.reason as ChannelErrorName, revert.args);
}

/** The name behind a selector, as `previewSettle` and `SettlementSkipped` give it; undefined for none of the escrow's. */
export function channelErrorName(selector: Hex): ErrorName | undefined {
  return selectors.get(selector.toLowerCase() as Hex);
}

/** The escrow, or a token it called, reverted. `reason` and `args` are the contract's own; amounts are base units. */
export class ChannelRevertError extends FarthingError {
  override readonly name = "ChannelRevertError";
  readonly reason: ChannelErrorName;
  readonly args: readonly unknown[];

  constructor(reason: ChannelErrorName, args: readonly unknown[]) {
    super("reverted", revertMessage({ reason, args }, advice[reason]));
    this.reason = reason;
    this.args = args;
  }
}

const advice: Partial<Record<ChannelErrorName, string>> = {
  ChannelAlreadyExists: "Choose a new salt.",
  ChannelNotFound: "No such channel was opened on this escrow; check the descriptor.",
  ChannelFinalized: "The channel is closed for good; open a new one.",
  NotPayer: "Only the channel's payer may do this.",
  NotPayee: "Only the channel's payee may do this.",
  InvalidPayee: "The payee can be neither zero, the payer, the token nor the escrow.",
  InvalidReceiver: "A credit can go neither to the zero address nor to the escrow.",
  InvalidToken: "The token's address has no code.",
  ZeroDeposit: "Deposit more than nothing.",
  DepositOverflow: "Deposit less.",
  TransferMismatch: "What arrived is not what was promised; the token may take a fee.",
  TransferFailed: "The token did not confirm the transfer.",
  AmountNotIncreasing: "This much is settled already.",
  AmountExceedsDeposit: "Top up first, or settle a lower voucher.",
  InvalidSignature: "The signature is malformed or not by whom it must be.",
  NonceMismatch: "The authorization was signed for other parameters.",
  AuthorizationExpired: "Ask for a fresh signature.",
  CloseNotReady: "Request a close and wait for the grace period to end.",
  Unknown: "The reason is not one of the escrow's; look at the token.",
};

const selectors = new Map<Hex, ErrorName>(
  paymentChannelsAbi
    .filter((item) => item.type === "error")
    .map((item) => [
      toFunctionSelector(`${item.name}(${item.inputs.map((input) => input.type).join(",")})`),
      item.name as ErrorName,
    ]),
);
