import { expect } from "chai";
import { type Address, erc20Abi, type Log, parseEventLogs } from "viem";
import { decodePoolEvents } from "../../../../src/chain/pool/decodeEvents.ts";

/** One outgoing transfer of a pool. */
export type Payment = { verb: "Claimed" | "Refunded" | "SponsorRefunded"; receiver: Address; amount: bigint };

/** Tokens that left an account, in order. */
export function outgoing(logs: readonly Log[], token: Address, from: Address): { receiver: Address; amount: bigint }[] {
  const own = logs.filter((log) => log.address.toLowerCase() === token);
  return parseEventLogs({ abi: erc20Abi, logs: own, eventName: "Transfer" })
    .filter(({ args }) => args.from.toLowerCase() === from)
    .map(({ args }) => ({ receiver: args.to.toLowerCase() as Address, amount: args.value }));
}

/**
 * What a pool paid in a transaction. Every token that left it must be exactly one of the three payments that its events
 * tell, to the same receiver and of the same amount, in the same order.
 */
export function paymentsOf(logs: readonly Log[], token: Address, pool: Address): Payment[] {
  const told = decodePoolEvents(logs as Log[], { address: pool }).flatMap((event): Payment[] => {
    const pay = (receiver: Address, amount: bigint) =>
      [{ verb: event.eventName, receiver: receiver.toLowerCase(), amount }] as Payment[];
    if (event.eventName === "Claimed") return pay(event.args.payout, event.args.amount);
    if (event.eventName === "Refunded") return pay(event.args.donor, event.args.amount);
    if (event.eventName === "SponsorRefunded") return pay(event.args.sponsor, event.args.amount);
    return [];
  });
  const moved = outgoing(logs, token, pool);
  expect(moved, "what left the pool, and what its events say").to.deep.equal(
    told.map(({ receiver, amount }) => ({ receiver, amount })),
  );
  return told;
}
