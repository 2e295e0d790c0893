// The escrow, slow and plain, written from the specification in IPaymentChannels alone. A verb that throws is undone by its
// caller, who keeps the world as it was.
import { pay, pull, requireArrived, withdrawCredit } from "./money.ts";
import { isSignedBy } from "./signatures.ts";
import { type Authorization, permitTransfer, receiveWithAuthorization } from "./tokens.ts";
import {
  account,
  type Channel,
  idOf,
  type Link,
  type Message,
  type Name,
  type Nonce,
  nameOf,
  need,
  type Paper,
  Refused,
  same,
  type Value,
} from "./types.ts";
import { type ChannelState, findChannel, maxDeposit, type World } from "./world.ts";

export type Relayed = Pick<Authorization, "validAfter" | "validBefore" | "nonce"> & { paper: Paper };
export type Permitted = { nonce: bigint; deadline: bigint; paper: Paper };
export type Ticks = { cumulativeAmount: bigint; tickRoot: Link; tickValue: bigint; ticks: bigint; preimage: Link };

const maxTicks = 65_535n;
const maxAmount = 2n ** 128n - 1n;
const minGracePeriod = 600n;
const maxGracePeriod = 365n * 86_400n;

/** What the constructor asks. */
export function requireGracePeriod(gracePeriod: bigint): void {
  need(gracePeriod >= minGracePeriod, "GracePeriodTooShort", minGracePeriod, gracePeriod);
  need(gracePeriod <= maxGracePeriod, "GracePeriodTooLong", maxGracePeriod, gracePeriod);
}

/* OPEN AND TOP UP */

/** @param channel Its payer is the caller. */
export function open(world: World, channel: Channel, deposit: bigint, value: bigint): Value {
  create(world, channel, deposit);
  pull(world, channel.token, channel.payer, deposit, value);
  return idOf(channel);
}

export function openWithAuthorization(world: World, channel: Channel, deposit: bigint, by: Relayed): Value {
  requireNonce({ of: "open", channel }, by.nonce);
  create(world, channel, deposit);
  takeByAuthorization(world, channel, deposit, by);
  return idOf(channel);
}

export function openWithPermit2(world: World, channel: Channel, deposit: bigint, by: Permitted): Value {
  create(world, channel, deposit);
  const message = { type: "OpenPermit", domain: "permit2", channel, amount: deposit } as const;
  takeByPermit(world, channel, deposit, by, { ...message, nonce: by.nonce, deadline: by.deadline });
  return idOf(channel);
}

export function topUp(world: World, caller: Name, channel: Channel, amount: bigint, value: bigint): void {
  need(caller === channel.payer, "NotPayer", account(channel.payer), account(caller));
  need(amount !== 0n, "ZeroDeposit");
  const state = live(world, channel);
  const pending = state.closeRequestedAt !== undefined;
  raise(world, state, amount);
  state.closeRequestedAt = undefined;
  if (pending) emit(world, "CloseCancelled", idOf(channel));
  pull(world, channel.token, caller, amount, value);
}

export function topUpWithAuthorization(
  world: World,
  channel: Channel,
  amount: bigint,
  salt: number,
  by: Relayed,
): void {
  raiseBySignature(world, channel, amount);
  requireNonce({ of: "topUp", channel, amount, salt }, by.nonce);
  takeByAuthorization(world, channel, amount, by);
}

export function topUpWithPermit2(world: World, channel: Channel, amount: bigint, by: Permitted): void {
  raiseBySignature(world, channel, amount);
  const message = { type: "TopUpPermit", domain: "permit2", channel, amount } as const;
  takeByPermit(world, channel, amount, by, { ...message, nonce: by.nonce, deadline: by.deadline });
}

/* SETTLE */

export function settle(world: World, channel: Channel, cumulativeAmount: bigint, paper: Paper): void {
  const state = live(world, channel);
  requireVoucher(world, state, cumulativeAmount, paper);
  const increase = cumulativeAmount - state.settled;
  state.settled = cumulativeAmount;
  emit(world, "ChannelSettled", idOf(channel), cumulativeAmount);
  pay(world, channel.token, channel.payee, increase);
}

export function settleTicks(world: World, channel: Channel, claim: Ticks, paper: Paper): void {
  const state = live(world, channel);
  const { cumulativeAmount, tickRoot, tickValue, ticks, preimage } = claim;
  need(ticks <= maxTicks, "TooManyTicks", maxTicks, ticks);
  const owed = cumulativeAmount + ticks * tickValue;
  need(owed > state.settled, "AmountNotIncreasing", state.settled, owed);
  need(owed <= state.deposit, "AmountExceedsDeposit", state.deposit, owed < maxAmount ? owed : maxAmount);
  const voucher = { type: "TickVoucher", domain: "escrow", channel, cumulativeAmount, tickRoot, tickValue } as const;
  need(isSignedBy(world, signerOf(channel), voucher, paper), "InvalidSignature");
  const root = { chain: preimage.chain, index: preimage.index - Number(ticks) };
  need(same(root, tickRoot), "TickMismatch", { is: "link", link: tickRoot }, { is: "link", link: root });
  const increase = owed - state.settled;
  state.settled = owed;
  emit(world, "ChannelSettled", idOf(channel), owed);
  pay(world, channel.token, channel.payee, increase);
}

/* CLOSE */

export function close(world: World, caller: Name, channel: Channel, amount: bigint, paper: Paper): void {
  need(caller === channel.payee, "NotPayee", account(channel.payee), account(caller));
  closeAt(world, live(world, channel), amount, paper);
}

export function closeWithAuthorization(
  world: World,
  channel: Channel,
  amount: bigint,
  paper: Paper,
  deadline: bigint,
  payeePaper: Paper,
): void {
  need(world.now <= deadline, "AuthorizationExpired", deadline, world.now);
  const state = live(world, channel);
  const consent = {
    type: "CloseAuthorization",
    domain: "escrow",
    channel,
    cumulativeAmount: amount,
    deadline,
  } as const;
  need(isSignedBy(world, channel.payee, consent, payeePaper), "InvalidSignature");
  closeAt(world, state, amount, paper);
}

export function requestClose(world: World, caller: Name, channel: Channel): void {
  need(caller === channel.payer, "NotPayer", account(channel.payer), account(caller));
  request(world, live(world, channel));
}

export function requestCloseWithSignature(world: World, channel: Channel, paper: Paper): void {
  const state = live(world, channel);
  const wish = { type: "CloseRequest", domain: "escrow", channel, deposit: state.deposit } as const;
  const signed = isSignedBy(world, channel.payer, wish, paper) || isSignedBy(world, signerOf(channel), wish, paper);
  need(signed, "InvalidSignature");
  request(world, state);
}

export function withdraw(world: World, channel: Channel): void {
  const state = live(world, channel);
  const requestedAt = state.closeRequestedAt;
  if (requestedAt === undefined) throw new Refused("CloseNotReady", [0n]);
  const readyAt = requestedAt + world.closeGracePeriod;
  need(world.now >= readyAt, "CloseNotReady", readyAt);
  pay(world, channel.token, channel.payer, finalize(world, state));
}

export function withdrawCreditTo(world: World, caller: Name, token: Name, to: Name): bigint {
  need(to !== "zero" && to !== "escrow", "InvalidReceiver", account(to));
  return withdrawCredit(world, token, caller, to);
}

/* WHAT THE VERBS SHARE */

/** A channel that was opened and not closed. */
export function live(world: World, channel: Channel): ChannelState {
  const state = findChannel(world, channel);
  if (!state) throw new Refused("ChannelNotFound", [idOf(channel)]);
  need(!state.finalized, "ChannelFinalized", idOf(channel));
  return state;
}

/** What `settle` asks of an amount and its voucher. */
export function requireVoucher(world: World, state: ChannelState, amount: bigint, paper: Paper): void {
  const { channel, settled, deposit } = state;
  need(amount > settled, "AmountNotIncreasing", settled, amount);
  need(amount <= deposit, "AmountExceedsDeposit", deposit, amount);
  const voucher: Message = { type: "Voucher", domain: "escrow", channel, cumulativeAmount: amount };
  need(isSignedBy(world, signerOf(channel), voucher, paper), "InvalidSignature");
}

/** Ends a channel. @returns what is left for its payer. */
export function finalize(world: World, state: ChannelState): bigint {
  state.finalized = true;
  const refunded = state.deposit - state.settled;
  emit(world, "ChannelClosed", idOf(state.channel), state.settled, refunded);
  return refunded;
}

export function signerOf({ payer, authorizedSigner }: Channel): Name {
  return authorizedSigner === "zero" ? payer : authorizedSigner;
}

export function emit(world: World, name: string, ...args: Value[]): void {
  world.events.push({ name, args });
}

function create(world: World, channel: Channel, deposit: bigint): void {
  const { payer, payee, token, salt, authorizedSigner } = channel;
  need(!["zero", payer, token, "escrow"].includes(payee), "InvalidPayee", account(payee));
  need(deposit !== 0n, "ZeroDeposit");
  need(deposit <= maxDeposit, "DepositOverflow", maxDeposit, deposit);
  need(findChannel(world, channel) === undefined, "ChannelAlreadyExists", idOf(channel));
  const fresh = { channel, deposit, settled: 0n, closeRequestedAt: undefined, finalized: false };
  world.channels.set(nameOf(channel), fresh);
  const parties = [account(payer), account(payee), account(token)];
  emit(world, "ChannelOpened", idOf(channel), ...parties, { is: "salt", salt }, account(authorizedSigner), deposit);
}

function raise(world: World, state: ChannelState, amount: bigint): void {
  const deposit = state.deposit + amount;
  need(deposit <= maxDeposit, "DepositOverflow", maxDeposit, deposit);
  state.deposit = deposit;
  emit(world, "ChannelToppedUp", idOf(state.channel), deposit);
}

function raiseBySignature(world: World, channel: Channel, amount: bigint): void {
  need(amount !== 0n, "ZeroDeposit");
  const state = live(world, channel);
  need(state.closeRequestedAt === undefined, "ClosePending", idOf(channel));
  raise(world, state, amount);
}

function closeAt(world: World, state: ChannelState, amount: bigint, paper: Paper): void {
  const { payer, payee, token } = state.channel;
  let increase = 0n;
  if (amount > state.settled) {
    requireVoucher(world, state, amount, paper);
    increase = amount - state.settled;
    state.settled = amount;
  }
  const refunded = finalize(world, state);
  pay(world, token, payee, increase);
  pay(world, token, payer, refunded);
}

function request(world: World, state: ChannelState): void {
  if (state.closeRequestedAt !== undefined) return;
  state.closeRequestedAt = world.now;
  emit(world, "CloseRequested", idOf(state.channel), world.now + world.closeGracePeriod);
}

function requireNonce(expected: Nonce, actual: Nonce): void {
  need(same(expected, actual), "NonceMismatch", { is: "nonce", nonce: expected }, { is: "nonce", nonce: actual });
}

function takeByAuthorization(world: World, { payer, token }: Channel, value: bigint, by: Relayed): void {
  const { paper, ...terms } = by;
  requireArrived(world, token, value, () =>
    receiveWithAuthorization(world, token, { from: payer, value, ...terms }, paper),
  );
}

function takeByPermit(world: World, { payer, token }: Channel, amount: bigint, by: Permitted, message: Message): void {
  const { paper, nonce, deadline } = by;
  const permit = { owner: payer, token, amount, nonce, deadline };
  requireArrived(world, token, amount, () => permitTransfer(world, permit, message, paper));
}
