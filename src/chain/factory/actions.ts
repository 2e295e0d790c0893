import type { Address, Client } from "viem";
import { type BoundActions, bindActions } from "../bind.ts";
import * as rounds from "./rounds.ts";

/** Every verb of a factory of rounds with its address filled in. */
export type FactoryActions = BoundActions<typeof actions>;

/**
 * A factory's verbs as client methods.
 * @example
 * const client = createWalletClient({ account, chain, transport }).extend(factoryActions({ address }));
 * const hash = await client.createRound({ terms, projectIds: [1n, 2n], salt });
 */
export function factoryActions({ address }: { address: Address }): (client: Client) => FactoryActions {
  return bindActions(actions, address);
}

const actions = {
  createRound: rounds.createRound,
  previewRound: rounds.previewRound,
  isRound: rounds.isRound,
  getRound: rounds.getRound,
  getRoundCount: rounds.getRoundCount,
  getFactoryEscrow: rounds.getFactoryEscrow,
};
