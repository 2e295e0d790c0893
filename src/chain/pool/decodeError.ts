import { donationPoolAbi } from "../../abi/donationPool.ts";
import { donationPoolFactoryAbi } from "../../abi/donationPoolFactory.ts";
import { paymentChannelsAbi } from "../../abi/paymentChannels.ts";
import { FarthingError } from "../../protocol/errors.ts";
import { decodeRevert, revertMessage } from "../revert.ts";

const abi = [...donationPoolAbi, ...donationPoolFactoryAbi, ...paymentChannelsAbi];

type ErrorName = Extract<(typeof abi)[number], { type: "error" }>["name"];

/**
 * Name of an error of a pool, of the factory that makes it, or of the escrow that it settles through; `Error` for a reason in
 * words, or `Unknown` for a selector of another contract.
 */
export type PoolErrorName = ErrorName | "Error" | "Unknown";

/**
 * A pool's or the factory's reason for a revert, from whatever a client threw or from raw revert data; undefined when the
 * error is not a revert.
 */
export function decodePoolError(error: unknown): PoolRevertError | undefined {
  const revert = decodeRevert(error, abi);
  return revert && new PoolRevertError(revert.reason as PoolErrorName, revert.args);
}

/** A pool, or a contract it called, reverted. `reason` and `args` are the contract's own; amounts are base units. */
export class PoolRevertError extends FarthingError {
  override readonly name = "PoolRevertError";
  readonly reason: PoolErrorName;
  readonly args: readonly unknown[];

  constructor(reason: PoolErrorName, args: readonly unknown[]) {
    super("reverted", revertMessage({ reason, args }, advice[reason]));
    this.reason = reason;
    this.args = args;
  }
}

const advice: Partial<Record<PoolErrorName, string>> = {
  InvalidTerms: "Correct the term that it names.",
  InvalidChannels: "Name an escrow that is deployed.",
  NotOpen: "The round takes gifts from its first second of giving to its last.",
  TooEarly: "Wait until then.",
  TooLate: "The time for this is over.",
  NotMatching: "This round has no pot.",
  WrongStatus: "The round is running (0), refunding (1) or settled (2).",
  NotSteward: "Let the stewards' timelock call it.",
  NotCloser: "Only the round's closer may do this.",
  NotDonor: "Before the round's end only the donor may take money back.",
  NotOwnChannel: "Open a channel to this pool in its token.",
  CloseNotRequested: "Bring the donor's close request.",
  ProjectNotAdmitted: "The project takes no part in this round.",
  ProjectAlreadyAdmitted: "Leave the project out.",
  InvalidProjectId: "Ids start at 1 and have 32 bits.",
  TooManyProjects: "The round has no room for more.",
  ProjectNotAccepted: "The project takes no gifts now; give to others.",
  ProjectIsDisqualified: "The stewards took the project out; its donors can take their gifts back.",
  TooManyGifts: "Give to fewer projects.",
  GiftsNotAscending: "List gifts by rising project.",
  ZeroAmount: "Give more than nothing.",
  GiftsMismatch: "Take the list from the line's last event.",
  AllocationDiverges: "Sign again from the newest allocation, with what was refunded under project 0.",
  AllocationExceedsCash: "Bring the voucher of the same amount.",
  InvalidSignature: "The signature is malformed or not by whom it must be.",
  NotEligible: "Bring better gate data, or sign without matching.",
  DonationExists: "Choose a new salt.",
  CreditRemains: "The token refuses to pay the pool; try again when it does not.",
  TransferMismatch: "What arrived is not what was promised; the token may take a fee.",
  WrongPair: "Find the pair from the round's present subsidies.",
  AlreadyRefunded: "Nothing is left of this receipt.",
  ReceiptNotFound: "Read the number of receipts.",
  Unknown: "The reason is not one of the pool's; look at the token.",
};
