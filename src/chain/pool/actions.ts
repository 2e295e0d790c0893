import type { Address, Client } from "viem";
import { type BoundActions, bindActions } from "../bind.ts";
import { approve } from "../write.ts";
import * as reads from "./reads.ts";
import * as writes from "./writes.ts";

/** Every verb of a donation pool with its address filled in. */
export type PoolActions = BoundActions<typeof actions>;

/**
 * A donation pool's verbs as client methods.
 * @example
 * const client = createWalletClient({ account, chain, transport }).extend(poolActions({ address }));
 * await client.claim({ projectId: 7n }); // pays gifts and match, base units of the round's token
 */
export function poolActions({ address }: { address: Address }): (client: Client) => PoolActions {
  return bindActions(actions, address);
}

const actions = {
  getRoundTerms: reads.getRoundTerms,
  getRoundId: reads.getRoundId,
  getRoundEscrow: reads.getRoundEscrow,
  getRoundStatus: reads.getRoundStatus,
  getPot: reads.getPot,
  getRoundProjects: reads.getRoundProjects,
  getProjectState: reads.getProjectState,
  getMatch: reads.getMatch,
  getGiftsHash: reads.getGiftsHash,
  getStanding: reads.getStanding,
  getVoice: reads.getVoice,
  getReceipt: reads.getReceipt,
  getReceiptCount: reads.getReceiptCount,
  getSettlement: reads.getSettlement,
  poolAllocationDigest: reads.poolAllocationDigest,
  findPair: reads.findPair,
  approve,
  collect: writes.collect,
  collectBatch: writes.collectBatch,
  collectAndClose: writes.collectAndClose,
  closeChannel: writes.closeChannel,
  donate: writes.donate,
  donateWithAuthorization: writes.donateWithAuthorization,
  sponsor: writes.sponsor,
  settleRound: writes.settleRound,
  switchToRefunds: writes.switchToRefunds,
  claim: writes.claim,
  refund: writes.refund,
  refundDonation: writes.refundDonation,
  refundSponsor: writes.refundSponsor,
};
