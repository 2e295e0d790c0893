import { type Hex, parseAbi, toFunctionSelector } from "viem";
import { paymentChannelsAbi } from "../../abi/paymentChannels.ts";
import { FarthingError } from "../../protocol/errors.ts";
import { decodeRevert, revertMessage } from "../revert.ts";

type ErrorName = Extract<(typeof paymentChannelsAbi)[number], { type: "error" }>["name"];

/**
 * Permit2's errors, which the escrow passes on. `InvalidSignature()` is both's. Source: uniswap/permit2 `PermitErrors.sol`,
 * `SignatureVerification.sol`, `ISignatureTransfer.sol`.
 */
const permit2Errors = parseAbi([
  "error SignatureExpired(uint256 signatureDeadline)",
  "error InvalidNonce()",
  "error InvalidSigner()",
  "error InvalidSignatureLength()",
  "error InvalidContractSignature()",
]);

const errors = [...paymentChannelsAbi, ...permit2Errors];

/** Name of an error of the escrow or Permit2, `Error` for a reason in words, or `Unknown` for a selector of another contract. */
export type ChannelErrorName = ErrorName | (typeof permit2Errors)[number]["name"] | "Error" | "Unknown";

/**
 * The escrow's reason for a revert, from whatever a client threw or from raw revert data; undefined when the error is not
 * a revert.
 */
export function decodeChannelError(error: unknown): ChannelRevertError | undefined {
  const revert = decodeRevert(error, errors);
  return revert && new ChannelRevertError(revert.reason as ChannelErrorName, revert.args);
}

/** The name behind a selector, as `previewSettle` and `SettlementSkipped` give it; undefined for none of the escrow's. */
export function channelErrorName(selector: Hex): ErrorName | undefined {
  return selectors.get(selector.toLowerCase() as Hex);
}

/** The escrow, or a token or Permit2 that it called, reverted. `reason` and `args` are the contract's own; amounts are base units. */
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
  TickMismatch: "The link is not of the signed chain, or stands for another number of ticks.",
  TooManyTicks: "Settle fewer ticks, and sign a new root for more.",
  ClosePending: "The payer has asked to leave; only its own top-up withdraws that.",
  SignatureExpired: "Ask for a fresh signature.",
  InvalidNonce: "The permit was used or cancelled; ask for one with another nonce.",
  InvalidSigner: "The permit was signed by somebody else or for other parameters.",
  InvalidSignatureLength: "Permit2 takes signatures of 65 or 64 bytes.",
  InvalidContractSignature: "The payer's wallet disowns the permit.",
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
