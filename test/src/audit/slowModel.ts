import type { Address, Hex } from "viem";
import type { EscrowEvent } from "../../../src/audit/index.ts";
import { type Channel, channelId, type Escrow } from "../../../src/protocol/channel.ts";

/** One thing that someone tries; whether it can be done is the model's to say. `who` picks a channel by number. */
export type Attempt =
  | { act: "open"; payer: number; payee: number; token: number; deposit: bigint }
  | { act: "topUp" | "settle"; who: number; amount: bigint; refused: boolean }
  | { act: "close"; who: number; amount: bigint; refused: boolean }
  | { act: "requestClose"; who: number }
  | { act: "withdraw"; who: number; wait: bigint; refused: boolean }
  | { act: "withdrawCredit"; who: number };

/**
 * A second opinion of an escrow, written to be obvious and not fast: it keeps nothing but the list of what was done, and
 * answers each question by adding that list up again. `play` also tells the events that the escrow would have emitted.
 */
export function slowModel(escrow: Escrow, grace: bigint) {
  const done: Deed[] = [];
  const events: EscrowEvent[] = [];
  const channels: Channel[] = [];
  let now = 1_000n;
  let transactions = 0;

  const of = (channel: Channel) => done.filter((deed) => deed.channel === channel);
  const sum = (deeds: readonly Deed[], kind: Deed["kind"]) =>
    deeds.filter((deed) => deed.kind === kind).reduce((total, { amount }) => total + amount, 0n);
  const deposit = (channel: Channel) => sum(of(channel), "in");
  const settled = (channel: Channel) => sum(of(channel), "pay");
  const closed = (channel: Channel) => of(channel).some(({ kind }) => kind === "end");
  const asked = (channel: Channel) => {
    const last = of(channel).findLast(({ kind }) => kind === "ask" || kind === "cancel");
    return last?.kind === "ask" ? last.amount : 0n;
  };
  const credit = (token: Address, account: Address) => {
    const own = done.filter((deed) => deed.token === token && deed.account === account);
    return sum(own, "credit") - sum(own, "withdraw-credit");
  };

  function play(attempt: Attempt): void {
    transactions += 1;
    now += 1n;
    if (attempt.act === "open") open(attempt);
    else actOn(attempt);
  }

  function actOn(attempt: Exclude<Attempt, { act: "open" }>): void {
    const channel = channels[attempt.who % Math.max(channels.length, 1)];
    if (!channel) return;
    if (attempt.act === "withdrawCredit") withdrawCredit(channel);
    if (closed(channel)) return;
    if (attempt.act === "withdraw" && asked(channel) !== 0n) {
      now += attempt.wait;
      if (now >= asked(channel) + grace) end(channel, settled(channel), attempt.refused);
    } else if (attempt.act === "requestClose" && asked(channel) === 0n) {
      emit("CloseRequested", { channelId: id(channel), readyAt: now + grace });
      deed(channel, "ask", now);
    } else if (attempt.act === "topUp" && attempt.amount > 0n) {
      emit("ChannelToppedUp", { channelId: id(channel), deposit: deposit(channel) + attempt.amount });
      if (asked(channel) !== 0n) emit("CloseCancelled", { channelId: id(channel) });
      deed(channel, "in", attempt.amount);
      deed(channel, "cancel", 0n);
    } else if (attempt.act === "settle") {
      const increase = attempt.amount - settled(channel);
      if (increase <= 0n || attempt.amount > deposit(channel)) {
        emit("SettlementSkipped", { channelId: id(channel), reason: "0x12345678" });
        return;
      }
      emit("ChannelSettled", { channelId: id(channel), settled: attempt.amount });
      pay(channel, channel.payee, "pay", increase, attempt.refused);
    } else if (attempt.act === "close") {
      const target =
        attempt.amount > settled(channel) && attempt.amount <= deposit(channel) ? attempt.amount : settled(channel);
      end(channel, target, attempt.refused, "payee");
    }
  }

  function open({ payer, payee, token, deposit: amount }: Extract<Attempt, { act: "open" }>): void {
    if (amount === 0n) return;
    const salt: Hex = `0x${channels.length.toString(16).padStart(64, "0")}`;
    const channel: Channel = {
      payer: address(1, payer),
      payee: address(2, payee),
      token: address(3, token),
      salt,
      authorizedSigner: address(0, 0),
    };
    channels.push(channel);
    emit("ChannelOpened", { channelId: id(channel), ...channel, deposit: amount });
    deed(channel, "in", amount);
  }

  function end(channel: Channel, target: bigint, refused: boolean, consent?: "payee"): void {
    const increase = target - settled(channel);
    const refund = deposit(channel) - target;
    emit("ChannelClosed", { channelId: id(channel), settled: target, refunded: refund }, consent);
    deed(channel, "end", 0n);
    pay(channel, channel.payee, "pay", increase, refused);
    pay(channel, channel.payer, "refund", refund, refused);
  }

  function pay(channel: Channel, account: Address, kind: "pay" | "refund", amount: bigint, refused: boolean): void {
    deed(channel, kind, amount);
    if (!refused || amount === 0n) return;
    emit("Credited", { token: channel.token, account, amount });
    deed(channel, "credit", amount, account);
  }

  function withdrawCredit(channel: Channel): void {
    const { token, payee: account } = channel;
    const amount = credit(token, account);
    if (amount === 0n) return;
    emit("CreditWithdrawn", { token, account, to: account, amount });
    deed(channel, "withdraw-credit", amount, account);
  }

  function deed(channel: Channel, kind: Deed["kind"], amount: bigint, account = channel.payer): void {
    done.push({ channel, kind, amount, token: channel.token, account });
  }

  function emit(name: EscrowEvent["name"], args: object, consent?: "payee"): void {
    const transactionHash: Hex = `0x${transactions.toString(16).padStart(64, "0")}`;
    const at = { blockNumber: BigInt(transactions), logIndex: events.length, transactionHash, timestamp: now };
    events.push({ name, args, at, ...(consent ? { consent } : {}) } as unknown as EscrowEvent);
  }

  const id = (channel: Channel) => channelId(channel, escrow);
  return { play, events, channels, done, id, deposit, settled, closed, asked, credit, sum };
}

type Deed = {
  channel: Channel;
  kind: "in" | "pay" | "refund" | "credit" | "withdraw-credit" | "ask" | "cancel" | "end";
  amount: bigint;
  token: Address;
  account: Address;
};

function address(kind: number, index: number): Address {
  return `0x${(kind * 1_000 + (kind === 0 ? 0 : index + 1)).toString(16).padStart(40, "0")}`;
}
