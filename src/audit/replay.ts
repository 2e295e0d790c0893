import { type Address, zeroAddress } from "viem";
import { channelId, maxDeposit } from "../protocol/channel.ts";
import type { EscrowEvent, Position } from "./events.ts";
import type { Fact, FactCode } from "./fact.ts";
import {
  createLedger,
  creditOf,
  type Ledger,
  type LedgerChannel,
  type LedgerRules,
  owedTo,
  payeeOf,
  tokenOf,
} from "./ledger.ts";

/**
 * Money that an event claims to have moved: a deposit came in from `account`, anything else went out to it. `amount` is
 * base units; that of a credit is negative, a payout taken back.
 */
export type Movement = {
  kind: "deposit" | "payment" | "refund" | "credit" | "credit-withdrawal";
  token: Address;
  account: Address;
  amount: bigint;
  at: Position;
};

/**
 * Rebuilds the books of an escrow from its events, in chain order: a pure state machine. An impossible transition is
 * noted in `facts` and then followed as the event tells it, so that later numbers can still be compared with the chain.
 */
export function replay(events: Iterable<EscrowEvent>, rules: LedgerRules): Ledger {
  const ledger = createLedger(rules);
  for (const event of events) apply(ledger, event);
  return ledger;
}

/** Enters one event into the books and tells which money it claims to have moved. */
export function apply(ledger: Ledger, event: EscrowEvent): Movement[] {
  ledger.counts.set(event.name, (ledger.counts.get(event.name) ?? 0) + 1);
  if (ledger.owed.transactionHash !== event.at.transactionHash) {
    ledger.owed.transactionHash = event.at.transactionHash;
    ledger.owed.amounts.clear();
  }
  switch (event.name) {
    case "ChannelOpened":
      return open(ledger, event);
    case "ChannelToppedUp":
      return topUp(ledger, event);
    case "ChannelSettled":
      return settle(ledger, event);
    case "SettlementSkipped":
      return []; // Evidence of nothing: anyone can cause one.
    case "CloseRequested":
      return requestClose(ledger, event);
    case "CloseCancelled":
      return cancelClose(ledger, event);
    case "ChannelClosed":
      return close(ledger, event);
    case "Credited":
      return credit(ledger, event);
    case "CreditWithdrawn":
      return withdrawCredit(ledger, event);
    case "EIP712DomainChanged":
      broken(ledger, event, "impossible-event", "The escrow's domain changed, which it has no code for.");
      return [];
  }
}

type Event<name extends EscrowEvent["name"]> = Extract<EscrowEvent, { name: name }>;

function open(ledger: Ledger, event: Event<"ChannelOpened">): Movement[] {
  const { channelId: id, deposit, payer, payee, token, salt, authorizedSigner } = event.args;
  const { escrow } = ledger.rules;
  const channel = { payer, payee, token, salt, authorizedSigner };
  const expectedId = channelId(channel, escrow);
  if (expectedId !== id) broken(ledger, event, "id-mismatch", `Its descriptor belongs to ${expectedId}.`, { token });
  if (ledger.channels.has(id)) broken(ledger, event, "reopened", "The channel's id was opened before.", { token });
  if ([zeroAddress, payer, token, escrow.address.toLowerCase()].includes(payee)) {
    broken(ledger, event, "invalid-open", `No channel can pay ${payee}.`, { token });
  }
  if (deposit === 0n) broken(ledger, event, "invalid-open", "The channel was opened with nothing.", { token });
  if (deposit > maxDeposit) tooLarge(ledger, event, token, deposit);

  ledger.channels.set(id, { channel, deposit, settled: 0n, refunded: 0n, readyAt: 0n, finalized: false });
  const totals = tokenOf(ledger, token);
  totals.channels += 1;
  totals.opened += deposit;
  payeeOf(ledger, token, payee).channels += 1;
  return [{ kind: "deposit", token, account: payer, amount: deposit, at: event.at }];
}

function topUp(ledger: Ledger, event: Event<"ChannelToppedUp">): Movement[] {
  const state = live(ledger, event);
  if (!state) return [];
  const { token, payer } = state.channel;
  const { deposit } = event.args;
  if (deposit <= state.deposit) {
    const message = `The deposit went from ${state.deposit} to ${deposit}: a top-up adds.`;
    broken(ledger, event, "deposit-not-increasing", message, { token, expected: state.deposit, actual: deposit });
  }
  if (deposit > maxDeposit) tooLarge(ledger, event, token, deposit);
  const added = deposit - state.deposit;
  state.deposit = deposit;
  tokenOf(ledger, token).toppedUp += added;
  return [{ kind: "deposit", token, account: payer, amount: added, at: event.at }];
}

function settle(ledger: Ledger, event: Event<"ChannelSettled">): Movement[] {
  const state = live(ledger, event);
  if (!state) return [];
  const { settled } = event.args;
  if (settled <= state.settled) {
    const message = `The settled amount went from ${state.settled} to ${settled}: it only grows.`;
    const { token } = state.channel;
    broken(ledger, event, "settled-not-increasing", message, { token, expected: state.settled, actual: settled });
  }
  return payPayee(ledger, event, state, settled);
}

function requestClose(ledger: Ledger, event: Event<"CloseRequested">): Movement[] {
  const state = live(ledger, event);
  if (!state) return [];
  const { token } = state.channel;
  const { readyAt } = event.args;
  if (state.readyAt !== 0n) {
    const message = "A close was pending already: a second request moves nothing and has no event.";
    broken(ledger, event, "close-already-requested", message, { token });
  }
  const { timestamp } = event.at;
  const expected = timestamp === undefined ? readyAt : timestamp + ledger.rules.gracePeriod;
  if (readyAt !== expected) {
    const message = `The grace period ends at ${expected}, the event says ${readyAt}.`;
    broken(ledger, event, "wrong-ready-time", message, { token, expected, actual: readyAt });
  }
  state.readyAt = readyAt;
  return [];
}

function cancelClose(ledger: Ledger, event: Event<"CloseCancelled">): Movement[] {
  const state = live(ledger, event);
  if (!state) return [];
  if (state.readyAt === 0n) {
    const { token } = state.channel;
    broken(ledger, event, "no-close-to-cancel", "No close was pending.", { token });
  }
  state.readyAt = 0n;
  return [];
}

function close(ledger: Ledger, event: Event<"ChannelClosed">): Movement[] {
  const state = live(ledger, event);
  if (!state) return [];
  const { token, payer } = state.channel;
  const { settled, refunded } = event.args;
  judgeClose(ledger, event, state);
  if (settled < state.settled) {
    const message = `The channel closed at ${settled}, below ${state.settled} that was settled.`;
    broken(ledger, event, "settled-not-increasing", message, { token, expected: state.settled, actual: settled });
  }
  const movements = settled === state.settled ? [] : payPayee(ledger, event, state, settled);
  const expected = settled < state.deposit ? state.deposit - settled : 0n;
  if (refunded !== expected) {
    const message = `The payer's remainder is ${expected}, the event says ${refunded}.`;
    broken(ledger, event, "wrong-refund", message, { token, expected, actual: refunded });
  }
  state.refunded = refunded;
  state.finalized = true;
  const totals = tokenOf(ledger, token);
  totals.closed += 1;
  totals.refunded += refunded;
  owedTo(ledger, token, payer).asPayer += refunded;
  movements.push({ kind: "refund", token, account: payer, amount: refunded, at: event.at });
  return movements;
}

/** Before the end of grace only the payee can close; after it, anyone. */
function judgeClose(ledger: Ledger, event: Event<"ChannelClosed">, state: LedgerChannel): void {
  if (graceIsOver(state, event.at) || event.consent === "payee") return;
  if (event.consent !== "nobody") {
    ledger.unprovenCloses += 1;
    return;
  }
  const { token } = state.channel;
  const { timestamp } = event.at;
  const when = state.readyAt === 0n ? "no close was requested" : `the grace period ended only at ${state.readyAt}`;
  broken(ledger, event, "early-refund", `The payer was refunded without the payee's consent, and ${when}.`, {
    token,
    ...(timestamp === undefined ? {} : { expected: state.readyAt, actual: timestamp }),
  });
}

/** Whether anyone may end this channel at that time. */
export function graceIsOver(state: LedgerChannel, at: Position): boolean {
  return state.readyAt !== 0n && at.timestamp !== undefined && at.timestamp >= state.readyAt;
}

function credit(ledger: Ledger, event: Event<"Credited">): Movement[] {
  const { token, account, amount } = event.args;
  const owed = owedTo(ledger, token, account);
  const asPayee = amount <= owed.asPayee ? amount : 0n;
  const owing = asPayee === 0n ? owed.asPayer : owed.asPayee;
  if (amount > owing) {
    const message = `${account} was credited ${amount} where this transaction owed it ${owing}.`;
    broken(ledger, event, "credit-unowed", message, { token, account, expected: owing, actual: amount });
  }
  owed.asPayee -= asPayee;
  owed.asPayer -= amount - asPayee;

  tokenOf(ledger, token).credited += amount;
  const credit = creditOf(ledger, token, account);
  credit.amount += amount;
  credit.asPayee += asPayee;
  return [{ kind: "credit", token, account, amount: -amount, at: event.at }];
}

function withdrawCredit(ledger: Ledger, event: Event<"CreditWithdrawn">): Movement[] {
  const { token, account, to, amount } = event.args;
  const credit = creditOf(ledger, token, account);
  if (amount !== credit.amount) {
    const message = `A credit of ${credit.amount} was withdrawn as ${amount}.`;
    const found = { token, account, expected: credit.amount, actual: amount };
    broken(ledger, event, "wrong-credit-withdrawal", message, found);
  }
  credit.amount -= amount;
  credit.asPayee = 0n;
  tokenOf(ledger, token).creditWithdrawn += amount;
  return [{ kind: "credit-withdrawal", token, account: to, amount, at: event.at }];
}

function payPayee(ledger: Ledger, event: EscrowEvent, state: LedgerChannel, settled: bigint): Movement[] {
  const { token, payee } = state.channel;
  if (settled > state.deposit) {
    const message = `${settled} was settled of a deposit of ${state.deposit}.`;
    broken(ledger, event, "settled-above-deposit", message, { token, expected: state.deposit, actual: settled });
  }
  const increase = settled - state.settled;
  state.settled = settled;
  tokenOf(ledger, token).settled += increase;
  payeeOf(ledger, token, payee).settled += increase;
  owedTo(ledger, token, payee).asPayee += increase;
  return [{ kind: "payment", token, account: payee, amount: increase, at: event.at }];
}

function live(
  ledger: Ledger,
  event: Exclude<EscrowEvent, { name: "EIP712DomainChanged" | "Credited" | "CreditWithdrawn" }>,
) {
  const state = ledger.channels.get(event.args.channelId);
  if (!state) {
    broken(ledger, event, "unknown-channel", "No such channel was opened.");
  } else if (state.finalized) {
    broken(ledger, event, "after-close", "The channel was closed for good.", { token: state.channel.token });
  }
  return state;
}

function tooLarge(ledger: Ledger, event: EscrowEvent, token: Address, deposit: bigint): void {
  const message = `A deposit of ${deposit} does not fit the escrow's 104 bits.`;
  broken(ledger, event, "deposit-too-large", message, { token, expected: maxDeposit, actual: deposit });
}

function broken(ledger: Ledger, event: EscrowEvent, code: FactCode, message: string, found: Partial<Fact> = {}): void {
  const { blockNumber, transactionHash } = event.at;
  const channel = "channelId" in event.args ? { channelId: event.args.channelId } : {};
  ledger.facts.push({ code, message: `${event.name}: ${message}`, ...channel, ...found, blockNumber, transactionHash });
}
