// How money comes to the escrow and leaves it.
import { moveCoins, pushCoins, transfer, transferFrom, wouldSucceed } from "./tokens.ts";
import { account, type Name, need, type Value } from "./types.ts";
import { balanceOf, change, creditOf, type World } from "./world.ts";

/** Takes a deposit from the caller: the coins that came with the call, or tokens by allowance. */
export function pull(world: World, token: Name, from: Name, amount: bigint, value: bigint): void {
  if (token === "zero") {
    need(value === amount, "TransferMismatch", amount, value);
    moveCoins(world, from, "escrow", value);
    return;
  }
  need(value === 0n, "TransferMismatch", 0n, value);
  requireArrived(world, token, amount, () =>
    need(transferFrom(world, token, "escrow", from, amount), "SafeERC20FailedOperation", account(token)),
  );
}

/** What was promised, no more and no less, has to arrive. */
export function requireArrived(world: World, token: Name, expected: bigint, take: () => void): void {
  need(world.tokens.has(token), "InvalidToken", account(token));
  const before = balanceOf(world, token, "escrow");
  take();
  const received = balanceOf(world, token, "escrow") - before;
  need(received === expected, "TransferMismatch", expected, received > 0n ? received : 0n);
}

/** A payout; one that reverts at the receiver's side waits as its credit. */
export function pay(world: World, token: Name, to: Name, amount: bigint): void {
  if (amount === 0n || push(world, token, to, amount, "payout")) return;
  change(world.credits, `${token}/${to}`, amount);
  emitTo(world, "Credited", account(token), account(to), amount);
}

/** Pays out a credit; where it does not go through, it stays. */
export function withdrawCredit(world: World, token: Name, owner: Name, to: Name): bigint {
  const amount = creditOf(world, token, owner);
  if (amount === 0n) return 0n;
  world.credits.delete(`${token}/${owner}`);
  emitTo(world, "CreditWithdrawn", account(token), account(owner), account(to), amount);
  need(push(world, token, to, amount, "all"), "TransferFailed", account(token), account(to), amount);
  return amount;
}

/** @returns false when the receiver or the token reverted. A token that answers without confirming ends the whole verb. */
function push(world: World, token: Name, to: Name, amount: bigint, gas: "payout" | "all"): boolean {
  if (token === "zero") return pushCoins(world, to, amount, gas);
  let confirmed = true;
  const pushed = wouldSucceed(() => {
    confirmed = transfer(world, token, "escrow", to, amount);
    return true;
  });
  need(confirmed, "TransferFailed", account(token), account(to), amount);
  return pushed;
}

function emitTo(world: World, name: string, ...args: Value[]): void {
  world.events.push({ name, args });
}
