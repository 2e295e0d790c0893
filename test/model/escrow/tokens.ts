// The tokens' and the coin's own rules, their errors with them: what the escrow meets when it moves money.
import { isAcceptedBy, recovers } from "./signatures.ts";
import { account, type Message, type Name, type Nonce, need, type Paper, Refused, type Value, write } from "./types.ts";
import { balanceOf, change, type TokenState, type World } from "./world.ts";

const unlimited = 2n ** 256n - 1n;
/** What arithmetic that is checked reverts with. */
const overflow = 0x11n;

export type Authorization = { from: Name; value: bigint; validAfter: bigint; validBefore: bigint; nonce: Nonce };
export type Permit = { owner: Name; token: Name; amount: bigint; nonce: bigint; deadline: bigint };

/** `transferFrom`, to the escrow. @returns what it answers: false is a refusal without a revert. */
export function transferFrom(world: World, token: Name, spender: Name, from: Name, amount: bigint): boolean {
  const state = tokenOf(world, token);
  if (state.kind === "FalseStillToken" && state.moody) return false;
  spend(state, from, spender, amount);
  move(world, token, from, "escrow", amount);
  return !(state.kind === "FalseMovingToken" && state.moody);
}

/** `transfer` by its holder. @returns what it answers. */
export function transfer(world: World, token: Name, from: Name, to: Name, amount: bigint): boolean {
  const state = tokenOf(world, token);
  if (state.kind === "FalseStillToken" && state.moody) return false;
  move(world, token, from, to, amount);
  return !(state.kind === "FalseMovingToken" && state.moody);
}

/** Coins from the escrow, with the gas of a payout or with all of it. @returns false when the receiver refuses. */
export function pushCoins(world: World, to: Name, amount: bigint, gas: "payout" | "all"): boolean {
  if (world.tokens.has(to)) return false;
  const appetite = world.wallets.get(to)?.appetite ?? "none";
  if (appetite === "endless" || (appetite === "large" && gas === "payout")) return false;
  moveCoins(world, "escrow", to, amount);
  return true;
}

export function moveCoins(world: World, from: Name, to: Name, amount: bigint): void {
  change(world.coins, from, -amount);
  change(world.coins, to, amount);
}

/** EIP-3009, into the escrow: by `(v, r, s)` for signatures of 64 or 65 bytes, else by `bytes`. */
export function receiveWithAuthorization(world: World, token: Name, authorization: Authorization, paper: Paper): void {
  const state = tokenOf(world, token);
  need(state.kind === "WalletAuthorizationToken", "");
  const { from, value, validAfter, validBefore, nonce } = authorization;
  const message: Message = { type: "Authorization", domain: token, ...authorization };
  const inTime = world.now > validAfter && world.now < validBefore;
  const line = `${from}/${write(nonce)}`;
  if (["long", "short", "highS", "oldV"].includes(paper.form)) {
    if (paper.form === "highS") throw new Refused("ECDSAInvalidSignatureS", undefined);
    need(paper.form !== "oldV", "ECDSAInvalidSignature");
    need(recovers(paper, message, ["long", "short"]) === from, "ERC3009InvalidSignature");
    need(inTime, "ERC3009InvalidAuthorizationTime", validAfter, validBefore);
    need(!state.used.has(line), "ERC3009UsedAuthorization", account(from), { is: "nonce", nonce });
  } else {
    // No plain account can sign so: 65 bytes go the other way.
    need(isAcceptedBy(world, from, message, paper) && inTime && !state.used.has(line), "Unauthorized");
  }
  state.used.add(line);
  move(world, token, from, "escrow", value);
}

/** Permit2's `permitWitnessTransferFrom`, into the escrow, of all that is permitted. Source: Uniswap/permit2. */
export function permitTransfer(world: World, permit: Permit, message: Message, paper: Paper): void {
  const { owner, token, amount, nonce, deadline } = permit;
  need(world.now <= deadline, "SignatureExpired", deadline);
  const line = `${owner}/${nonce}`;
  need(!world.permitNonces.has(line), "InvalidNonce");
  world.permitNonces.add(line);
  if (hasCode(world, owner)) {
    need(isAcceptedBy(world, owner, message, paper), "InvalidContractSignature");
  } else {
    need(!["trailed", "cut", "none"].includes(paper.form), "InvalidSignatureLength");
    need(paper.form !== "oldV", "InvalidSignature");
    // Permit2 takes the other `s` as well: its nonces, not its signatures, are used once.
    need(recovers(paper, message, ["long", "short", "highS"]) === owner, "InvalidSigner");
  }
  const moved = wouldSucceed(() => transferFrom(world, token, "permit2", owner, amount));
  need(moved, "Error", "TRANSFER_FROM_FAILED");
}

function move(world: World, token: Name, from: Name, to: Name, amount: bigint): void {
  const state = tokenOf(world, token);
  const { kind, moody, denied } = state;
  if (kind === "PausableToken") need(!moody, "Paused");
  if (kind === "DenyListToken") {
    need(!denied.has(from), "Denied", account(from));
    need(!denied.has(to), "Denied", account(to));
  }
  const fee = kind === "SwitchedFeeToken" && moody ? amount / 100n : 0n;
  takeFrom(world, token, from, amount - fee);
  change(state.balances, to, amount - fee);
  takeFrom(world, token, from, fee);
}

function takeFrom(world: World, token: Name, from: Name, amount: bigint): void {
  const balance = balanceOf(world, token, from);
  if (tokenOf(world, token).kind === "NoReturnToken") need(balance >= amount, "Panic", overflow);
  need(balance >= amount, "ERC20InsufficientBalance", account(from), balance, amount);
  change(tokenOf(world, token).balances, from, -amount);
}

function spend(state: TokenState, owner: Name, spender: Name, amount: bigint): void {
  const line = `${owner}/${spender}`;
  const allowance = state.allowances.get(line) ?? 0n;
  if (state.kind === "NoReturnToken") need(allowance >= amount, "Panic", overflow);
  else if (allowance === unlimited) return;
  const carried: Value[] = [account(spender), allowance, amount];
  need(allowance >= amount, "ERC20InsufficientAllowance", ...carried);
  state.allowances.set(line, allowance - amount);
}

export function hasCode(world: World, name: Name): boolean {
  return world.wallets.has(name) || world.tokens.has(name) || name === "escrow";
}

export function tokenOf(world: World, token: Name): TokenState {
  const state = world.tokens.get(token);
  if (!state) throw new Error(`There is no token ${token}.`);
  return state;
}

/** For callers that undo everything, or that pass no reason on. */
export function wouldSucceed(attempt: () => boolean): boolean {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}
