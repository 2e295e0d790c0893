import type { Address, Client } from "viem";
import { type BoundActions, bindActions } from "../bind.ts";
import { approve } from "../write.ts";
import * as reads from "./reads.ts";
import * as writes from "./writes.ts";

/** Every verb of a project registry with its address filled in; the stewards' are calls for their timelock. */
export type RegistryActions = BoundActions<typeof actions>;

/**
 * A project registry's verbs as client methods.
 * @example
 * const client = createWalletClient({ account, chain, transport }).extend(registryActions({ address }));
 * const { status, payout } = await client.getProject({ projectId: 7n });
 */
export function registryActions({ address }: { address: Address }): (client: Client) => RegistryActions {
  return bindActions(actions, address);
}

const actions = {
  getRegistryTerms: reads.getRegistryTerms,
  getProject: reads.getProject,
  getProjectCount: reads.getProjectCount,
  getAcceptedBits: reads.getAcceptedBits,
  getPayout: reads.getPayout,
  getStewards: reads.getStewards,
  getOwedDeposit: reads.getOwedDeposit,
  approve,
  submitProject: writes.submitProject,
  challengeProject: writes.challengeProject,
  acceptProject: writes.acceptProject,
  withdrawDeposit: writes.withdrawDeposit,
  changePayout: writes.changePayout,
  transferManager: writes.transferManager,
  acceptManager: writes.acceptManager,
  changeMetadata: writes.changeMetadata,
  closeProject: writes.closeProject,
};
