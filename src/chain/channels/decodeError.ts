import { BaseError, decodeErrorResult, type Hex, isHex, toFunctionSelector } from "viem";
import { paymentChannelsAbi } from "../../abi/paymentChannels.ts";
import { FarthingError } from "../../protocol/errors.ts";

type ErrorName = Extract<(typeof paymentChannelsAbi)[number], { type: "error" }>["name"];

/** Name of an error of the escrow, `Error` for a reason in words, or `Unknown` for a selector of another contract. */
export type ChannelErrorName = ErrorName | "Error" | "Unknown";

/**
 * The escrow's reason for a revert, from whatever a client threw or from raw revert data; undefined when the error is not
 * a revert.
 */
export function decodeChannelError(error: unknown): ChannelRevertError | undefined {
  const data = revertData(error);
  if (data === undefined) return undefined;
  try {
    const { errorName, args } = decodeErrorResult({ abi: paymentChannelsAbi, data });
    return new ChannelRevertError(errorName as ChannelErrorName, (args ?? []) as readonly unknown[]);
  } catch {
    // Not one of the escrow's: a token's own error, or none at all. The selector is what can be said of it.
    return new ChannelRevertError("Unknown", data === "0x" ? [] : [data.slice(0, 10)]);
  }
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
    super(
      "reverted",
      `The contract refuses with ${reason}(${args.map(String).join(", ")}). ${advice[reason] ?? ""}`.trim(),
    );
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

function revertData(error: unknown): Hex | undefined {
  if (isHex(error)) return error;
  if (!(error instanceof Error)) return undefined;
  const seen = new Set<unknown>();
  let reverted = false;
  for (let at: unknown = error; at instanceof Error && !seen.has(at); at = at.cause) {
    seen.add(at);
    const data = hexData((at as { raw?: unknown }).raw) ?? hexData((at as { data?: unknown }).data);
    if (data !== undefined) return data;
    reverted ||= isRevert(at);
  }
  return reverted ? "0x" : undefined;
}

function hexData(value: unknown): Hex | undefined {
  if (isHex(value)) return value;
  if (typeof value === "object" && value !== null) return hexData((value as { data?: unknown }).data);
  return undefined;
}

function isRevert(error: Error): boolean {
  if ((error as { code?: unknown }).code === 3) return true;
  return error instanceof BaseError
    ? ["ExecutionRevertedError", "ContractFunctionRevertedError"].includes(error.name)
    : /revert/i.test(error.message);
}
