import type { Address, Hex } from "viem";
import type { Channel } from "../protocol/channel.ts";
import type { TickPayment } from "../protocol/tick.ts";
import type { SignedVoucher } from "../protocol/voucher.ts";
import type { RefusalCode } from "../protocol/wire/problem.ts";
import type { ChannelRecord, Charge } from "../store/record.ts";

export type { RefusalCode };

export type Refusal = {
  ok: false;
  code: RefusalCode;
  /** What happened and what to do, for a person. Never a signature. */
  detail: string;
  /** For `insufficient-balance`: the least cumulative amount that would do. */
  required?: bigint;
};

export type Acceptance = {
  ok: true;
  record: ChannelRecord;
  /** The charge that this voucher paid for, when one was asked for. */
  charge?: Charge;
  /** True when the key was charged before: hand out the receipt, not the service. */
  replayed: boolean;
};

/** What a reservation leads to; without a `hold` where the key was charged before, and then with its receipt. */
export type Reserved = Acceptance & { hold?: Hold };

/** Value that is held for one request. It outlives a restart: reserve again with the same key to get it back. */
export type Hold = {
  readonly key: string;
  /** The most that can be committed, base units. */
  readonly amount: bigint;
  /** Unix milliseconds of the payee's clock from which it holds nothing; a commit then takes what credit is free, if that is enough. */
  readonly expiresAt: number;
  /** Charges what the request came to, at most {@link Hold.amount}, and gives the rest back; 0 gives back all. Once. */
  commit(actual: bigint): Promise<Acceptance | Refusal>;
  /** Gives all of it back. */
  release(): Promise<Acceptance | Refusal>;
};

export type MeterOptions<T> = {
  /** Of each item, base units, above 0. */
  price: bigint | ((item: T) => bigint);
  /** Names the whole stream; its items are charged under it with their position. Up to 230 printable ASCII characters. */
  idempotencyKey: string;
  /** Told when credit has run out: the place to ask the payer for a voucher of `required` or more. */
  onNeed?: (refusal: Refusal) => void;
  /** How long to wait for credit before it ends, milliseconds of the payee's clock; 60,000 unless told. */
  patience?: number;
  /** Ends the wait. */
  signal?: AbortSignal;
};

export type ChargeRequest = {
  /** The price, base units; `all` for whatever is left of what is authorized, the voucher that comes with it included. */
  amount: bigint | "all";
  /** One key is charged once; 1 to 255 printable ASCII characters, by default the voucher's cumulative amount in decimals. */
  idempotencyKey?: string;
};

/**
 * What a payee that keeps evidence asks of it before it raises anything: undefined where it is good, else the refusal. Asked inside
 * the write, of the record as it is there, so it is pure and quick, and may be asked again.
 * @param offered A verified voucher's amount, above the record's or not, and what came with it.
 */
export type EvidenceRule = (
  record: ChannelRecord,
  offered: { cumulativeAmount: bigint; evidence: string },
) => Refusal | undefined;

/**
 * What a payee that keeps evidence looks into before it writes, as long as it takes: whatever costs more than a look at the record.
 * Asked once the voucher's signature was good, and not for a kept key. The rule is asked all the same, inside the write.
 */
export type EvidenceAppraisal = (...parameters: Parameters<EvidenceRule>) => Promise<Refusal | undefined>;

/** Ticks as they stream in. Whatever is in it and was not kept is lost with the process, and the payer's links with it are still good. */
export type TickStream = {
  /** Ticks verified so far. */
  ticks(): number;
  /** Takes the next link, 32 bytes; resolves nothing, writes nothing. @returns Why it is not taken; undefined where it is. */
  accept(link: Uint8Array): Refusal | undefined;
  /** Writes what was taken, and the charge with it; durable when it resolves. */
  keep(options?: { charge?: ChargeRequest }): Promise<Acceptance | Refusal>;
};

/**
 * The receiving side. Bad input never throws: it is a {@link Refusal}. Whatever resolves with `ok: true` is durable.
 */
export type Payee = {
  readonly address: Address;
  /**
   * Compares the store with the chain, before anything is sold. Until a start that was refused succeeds, every verb answers
   * `unavailable`.
   * @throws `WrongStoreError` when the store is another chain's, escrow's or payee's; `StoreBehindChainError` when it is older
   * than the chain; `EmptyStoreError` when it is empty and the chain is not; whatever store and observer throw.
   */
  start(): Promise<void>;
  /** Learns of a channel from the chain, at the confirmation depth: what `open` and `topUp` credentials lead to. */
  register(channel: Channel): Promise<Acceptance | Refusal>;
  /** Reads a channel that is known already from the chain again: what a `topUp` credential, which has no descriptor, leads to. */
  refresh(id: Hex): Promise<Acceptance | Refusal>;
  /**
   * Verifies and keeps a voucher and, in the same durable write, its evidence, and makes the charge that came with it. With
   * evidence, a key that was charged before gets its receipt again and raises nothing.
   */
  accept(
    voucher: SignedVoucher,
    options?: { charge?: ChargeRequest; evidence?: string },
  ): Promise<Acceptance | Refusal>;
  /**
   * Accepts many of one caller, verifying only the newest of each channel (and the next when that is refused). Same order as
   * asked; nothing is charged. Never mix callers in one burst: who sent the newest is answered for the older ones too.
   */
  acceptMany(vouchers: readonly SignedVoucher[]): Promise<(Acceptance | Refusal)[]>;
  /**
   * Verifies and keeps a payment by ticks and makes the charge that came with it, in one durable write: one hash for each tick since
   * the last, and the offer's signature once. A link that is not newer buys nothing by itself, as a lower voucher. Not for a payee that
   * keeps evidence.
   */
  acceptTick(payment: TickPayment, options?: { charge?: ChargeRequest }): Promise<Acceptance | Refusal>;
  /**
   * The ticks of a channel that has an offer, to be verified in memory at a hash each: for streams. Nothing may be delivered on them
   * before they are kept.
   */
  openTicks(id: Hex): Promise<TickStream | Refusal>;
  /**
   * Charges what was accepted before. The caller vouches for the key: nothing here is signed, so never pass on a request
   * whose voucher was not accepted.
   */
  charge(id: Hex, request: ChargeRequest & { idempotencyKey: string }): Promise<Acceptance | Refusal>;
  /**
   * Holds the most that a request may cost before it is served, durably, so that nothing else spends it; `commit` then charges what it
   * came to. A key is held once and charged once. As for `charge`, the caller vouches for the key.
   * @param options.lifetime Milliseconds after which it lapses; the terms' unless told.
   * @example
   * const answer = await payee.reserve(id, 500n, { idempotencyKey });
   * if (answer.ok && answer.hold && !answer.replayed) await answer.hold.commit(await serve()); // at most 500 base units
   */
  reserve(id: Hex, amount: bigint, options: { idempotencyKey: string; lifetime?: number }): Promise<Reserved | Refusal>;
  /**
   * Gives items one by one, each charged durably before it is given; it makes one item ahead and no more. When credit runs out it
   * waits, and goes on with the next voucher. Ends with the refusal that it could not wait out, undefined when all was given. Items
   * that a stream of the same key was paid for before are left out.
   */
  meter<T>(
    id: Hex,
    items: AsyncIterable<T> | Iterable<T>,
    options: MeterOptions<T>,
  ): AsyncGenerator<T, Refusal | undefined>;
  /**
   * Brings back the record of a channel that a lost or old store does not know, or knows less of than the chain, by the payer's own
   * newest voucher: for nothing lower than what has settled. All that it signed counts as delivered, so it buys nothing; it is there to
   * be settled. Works before the start, which may be refused for want of it, and while the channel is closing.
   */
  heal(channel: Channel, voucher: SignedVoucher, options?: { evidence?: string }): Promise<Acceptance | Refusal>;
  /** Keeps a payer's signed close request for the keeper. */
  requestClose(id: Hex, signature: Hex): Promise<Acceptance | Refusal>;
  /** Signs the payee's consent to close at what is owed and keeps it for the keeper; nothing more is accepted then. */
  authorizeClose(id: Hex): Promise<Acceptance | Refusal>;
  /** Answers `unavailable` from now on, resolves when what is in flight has ended, and closes nothing that it was given. */
  stop(): Promise<void>;
};
