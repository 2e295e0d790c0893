import { projectRegistryAbi } from "../../abi/projectRegistry.ts";
import { FarthingError } from "../../protocol/errors.ts";
import { decodeRevert, revertMessage } from "../revert.ts";

type ErrorName = Extract<(typeof projectRegistryAbi)[number], { type: "error" }>["name"];

/** Name of an error of the registry, `Error` for a reason in words, or `Unknown` for a selector of another contract. */
export type RegistryErrorName = ErrorName | "Error" | "Unknown";

/**
 * The registry's reason for a revert, from whatever a client threw or from raw revert data; undefined when the error is not
 * a revert.
 */
export function decodeRegistryError(error: unknown): RegistryRevertError | undefined {
  const revert = decodeRevert(error, projectRegistryAbi);
  return revert && new RegistryRevertError(revert.reason as RegistryErrorName, revert.args);
}

/** The registry, or its token, reverted. `reason` and `args` are the contract's own; amounts are base units. */
export class RegistryRevertError extends FarthingError {
  override readonly name = "RegistryRevertError";
  readonly reason: RegistryErrorName;
  readonly args: readonly unknown[];

  constructor(reason: RegistryErrorName, args: readonly unknown[]) {
    super("reverted", revertMessage({ reason, args }, advice[reason]));
    this.reason = reason;
    this.args = args;
  }
}

const advice: Partial<Record<RegistryErrorName, string>> = {
  ProjectNotFound: "No project has this id.",
  InvalidStatus:
    "A project is submitted (1), challenged (2), accepted (3), suspended (4), rejected (5) or closed (6); read it again.",
  NotAdmitted: "The project must be accepted or suspended.",
  NotManager: "Only the project's manager may do this.",
  NotPendingManager: "Only who was offered the place may take it.",
  NotSteward: "Let the stewards' timelock call it.",
  WindowClosed: "The time for this is over.",
  WindowOpen: "Wait until then.",
  InvalidPayout: "A payout is neither the zero address nor the registry.",
  InvalidStewards: "Name an OpenZeppelin timelock.",
  StewardsTooSlow: "The timelock's delay leaves no time to decide; name a faster one.",
  TransferMismatch: "What arrived is not the deposit; the token may take a fee.",
  RegistryFull: "Every id is taken.",
  Unknown: "The reason is not one of the registry's; look at the token.",
};
