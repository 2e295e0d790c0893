import type { Address, Hex } from "viem";
import { type Call, type Write, type WriteParameters, write } from "../write.ts";
import { decodeRegistryError } from "./decodeError.ts";
import * as encode from "./encode.ts";

/** Applies for a project; the sender becomes its manager. The deposit's token needs `approve` first. */
export const submitProject: Write<encode.SubmitParameters> = verb(encode.encodeSubmitProject, "submitting a project");

/** Challenges an application. The deposit's token needs `approve` first. */
export const challengeProject: Write<encode.ReasonedParameters> = verb(
  encode.encodeChallengeProject,
  "challenging a project",
);

/** Accepts a project by silence. Anyone may. */
export const acceptProject: Write<{ projectId: bigint }> = verb(encode.encodeAcceptProject, "accepting a project");

/** Pays an account the deposits that it is owed. Anyone may. */
export const withdrawDeposit: Write<{ owner: Address }> = verb(encode.encodeWithdrawDeposit, "withdrawing a deposit");

/** Sends the project's money elsewhere from the registry's delay on. Its manager alone may. */
export const changePayout: Write<{ projectId: bigint; newPayout: Address }> = verb(
  encode.encodeChangePayout,
  "changing a payout",
);

/** Offers the manager's place to another; the zero address withdraws the offer. */
export const transferManager: Write<{ projectId: bigint; newManager: Address }> = verb(
  encode.encodeTransferManager,
  "offering a manager's place",
);

/** Takes the manager's place that was offered to the sender. */
export const acceptManager: Write<{ projectId: bigint }> = verb(encode.encodeAcceptManager, "taking a manager's place");

/** Changes the project's description. Its manager alone may. */
export const changeMetadata: Write<{ projectId: bigint; metadataHash: Hex }> = verb(
  encode.encodeChangeMetadata,
  "changing a description",
);

/** Ends a project for good. Its manager alone may. */
export const closeProject: Write<{ projectId: bigint }> = verb(encode.encodeCloseProject, "closing a project");

function verb<parameters>(
  encodeCall: (parameters: WriteParameters & NoInfer<parameters>) => Call,
  doing: string,
): Write<parameters> {
  return (client, parameters) => write(client, parameters, encodeCall(parameters), doing, decodeRegistryError);
}
