import type { Account, Address, Chain, Client, Hex, Transport } from "viem";
import type { Escrow } from "../protocol/channel.ts";
import type { Random } from "../protocol/salt.ts";
import type { Signer } from "../protocol/signer.ts";
import type { TickChain } from "../protocol/tickChain.ts";
import type { PayerStore } from "../store/payerStore.ts";
import type { Policy } from "./policy.ts";

/** What every verb of one payer shares. */
export type PayerContext = {
  client: Client<Transport, Chain | undefined, Account | undefined>;
  signer: Signer;
  store: PayerStore;
  escrow: Escrow;
  policy: Policy;
  /** Unix milliseconds of the payer's own clock: for the days of a budget, never for deadlines. */
  clock: () => number;
  random: Random;
  /** Who locks the deposit: the client's account, or the signer where the client has none. Lower case. */
  address: Address;
  /** Hash chains in use, by channel: what of them this process has walked. The store has all that cannot be lost. */
  chains: Map<Hex, TickChain>;
  /** One at a time: check, sign and persist as one step. */
  signing: Exclusive;
  /** One at a time: an approval and what spends it. */
  funding: Exclusive;
};

/** Runs tasks one after the other, in the order asked; one that fails does not stop the next. */
export type Exclusive = <result>(task: () => Promise<result>) => Promise<result>;

export function exclusive(): Exclusive {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const next = last.then(task, task);
    last = next.catch(() => undefined);
    return next;
  };
}
