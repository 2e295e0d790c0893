import type { Hash, Hex } from "viem";
import { getContractEvents } from "viem/actions";
import { paymentChannelsAbi } from "../abi/paymentChannels.ts";
import { getChannel } from "../chain/channels/reads.ts";
import { requestClose, topUp, withdraw } from "../chain/channels/writes.ts";
import { chainFailure } from "../chain/failure.ts";
import { type Channel, type Escrow, maxDeposit } from "../protocol/channel.ts";
import { signCloseRequest } from "../protocol/close.ts";
import { FarthingError } from "../protocol/errors.ts";
import type { SignedVoucher } from "../protocol/voucher.ts";
import type { PayerRecord } from "../store/payerStore.ts";
import { adopt } from "./adopt.ts";
import type { PayerContext } from "./context.ts";
import { approveExactly, assertFunds, assertGas } from "./funding.ts";
import { type Evidence, InvalidPaymentError, signLatest, signNext, signUpTo } from "./sign.ts";
import { lastTick, type PaidTick, payTicks, type TickOptions } from "./tick.ts";
import { transact } from "./transact.ts";

/** A payer's handle on one of its channels. Amounts are base units of the channel's token. */
export type PayerChannel = {
  readonly id: Hex;
  readonly channel: Channel;
  readonly escrow: Escrow;
  /**
   * Signs a voucher over the own last mark plus `amount`; durable before it resolves. Calls in parallel give distinct,
   * increasing vouchers. A crash after it resolved leaves the mark raised: send {@link PayerChannel.latest} again.
   * @throws {@link DepositExhaustedError}, {@link BudgetExceededError}, {@link ChannelLeavingError}.
   */
  pay(amount: bigint, options?: { evidence?: Evidence }): Promise<SignedVoucher>;
  /**
   * As `pay`, over exactly this cumulative amount. At or below the own mark it gives nothing new away and needs no budget:
   * what was signed for and refused buys something else.
   */
  payUpTo(cumulativeAmount: bigint, options?: { evidence?: Evidence }): Promise<SignedVoucher>;
  /**
   * Pays `tickValue` base units by revealing the next link of a hash chain, or several times that; durable before it resolves. The
   * first tick of a chain signs its root; the rest sign nothing. A voucher paid in between retires the chain, and the next tick begins
   * a new one.
   * @throws as {@link PayerChannel.pay}.
   */
  tick(tickValue: bigint, options?: TickOptions): Promise<PaidTick>;
  /** What proves the own mark, raising nothing: the newest tick where ticks were paid last, else as {@link PayerChannel.latest}. */
  proof(): Promise<SignedVoucher | PaidTick>;
  /** The own mark, from the store alone. */
  mark(): Promise<bigint>;
  /**
   * Takes over a mark that the own signer signed on another device, without a budget. Resolves with the own mark.
   * @param evidence What to keep with it, in the same write.
   * @throws {@link ForeignVoucherError} unless the voucher's signature proves it.
   */
  adopt(voucher: SignedVoucher, evidence?: (kept: string | undefined) => string | undefined): Promise<bigint>;
  /** What is kept with the vouchers. */
  evidence(): Promise<string | undefined>;
  /** Changes what is kept with the vouchers, and nothing else. `change` is pure and may run again. */
  keepEvidence(change: (kept: string | undefined) => string | undefined): Promise<string | undefined>;
  /**
   * The voucher over the own last mark, raising nothing: for an initial voucher of 0, and for a payee that lost its copy. Retires the
   * chain of ticks, if one was in use.
   */
  latest(): Promise<SignedVoucher>;
  /** As `latest`, and from then on nothing more is signed: what a `close` credential carries. */
  conclude(): Promise<SignedVoucher>;
  /** Adds `additionalDeposit` and waits until mined; cancels a pending close. */
  topUp(additionalDeposit: bigint): Promise<{ hash: Hash; deposit: bigint }>;
  /** Asks to leave, by a transaction of the payer; the grace period starts. */
  requestClose(): Promise<Hash>;
  /** Asks to leave without gas: anyone may submit what this gives. A later top-up voids it. */
  signCloseRequest(): Promise<{ channelId: Hex; deposit: bigint; signature: Hex }>;
  /** Takes the remainder back after the grace period. */
  withdraw(): Promise<Hash>;
  /** The transaction that opened the channel, from the chain's logs; undefined while there is none. */
  openedBy(): Promise<Hash | undefined>;
  /** Reads the chain, keeps what it says, and resolves with both sides of the channel. */
  state(): Promise<PayerChannelState>;
};

export type PayerChannelState = {
  id: Hex;
  status: PayerRecord["status"];
  deposit: bigint;
  settled: bigint;
  /** Own mark: the most that the payee can ever claim. */
  authorized: bigint;
  /** Still to be signed away. */
  available: bigint;
  /** Unix seconds of block time; 0 while no close is pending. */
  closeRequestedAt: bigint;
  finalized: boolean;
};

export function createPayerChannel(context: PayerContext, record: PayerRecord): PayerChannel {
  const { id, channel, escrow } = record;
  const { store, client, signer } = context;

  const at = { address: escrow.address, channel };
  const setStatus = (status: PayerRecord["status"]) => store.update(id, (kept) => kept && { ...kept, status });

  async function state(): Promise<PayerChannelState> {
    const onChain = await getChannel(client, { address: escrow.address, channelId: id });
    const kept = await store.update(id, (before) => before && observed(before, onChain));
    if (!kept) throw new UnknownChannelError(id);
    const { status, deposit, authorized } = kept;
    const { settled, closeRequestedAt, finalized } = onChain;
    const available = finalized || authorized > deposit ? 0n : deposit - authorized;
    return { id, status, deposit, settled, authorized, available, closeRequestedAt, finalized };
  }

  return {
    id,
    channel,
    escrow,
    state,
    pay: async (amount, { evidence } = {}) =>
      amount === 0n && !evidence
        ? signLatest(context, id)
        : signNext({ context, id, refresh: state, evidence }, amount),
    payUpTo: async (cumulativeAmount, { evidence } = {}) =>
      signUpTo({ context, id, refresh: state, evidence }, cumulativeAmount),
    tick: async (tickValue, options = {}) => payTicks({ context, id, refresh: state }, tickValue, options),
    proof: async () => (await lastTick(context, id)) ?? (await signLatest(context, id)),
    async mark() {
      const kept = await store.get(id);
      if (!kept) throw new UnknownChannelError(id);
      return kept.authorized;
    },
    adopt: (voucher, evidence) => adopt(context, record, voucher, evidence),
    evidence: async () => (await store.get(id))?.evidence,
    async keepEvidence(change) {
      const kept = await store.update(id, (before) => {
        if (!before) return undefined;
        const evidence = change(before.evidence);
        return evidence === undefined || evidence === before.evidence ? undefined : { ...before, evidence };
      });
      return kept?.evidence;
    },
    latest: () => signLatest(context, id),
    async conclude() {
      await setStatus("closing");
      return signLatest(context, id);
    },
    topUp: (additionalDeposit) =>
      context.funding(async () => {
        if (additionalDeposit <= 0n || additionalDeposit > maxDeposit) throw new InvalidPaymentError(additionalDeposit);
        await assertFunds(context, channel.token, additionalDeposit);
        await assertGas(context);
        await approveExactly(context, channel.token, additionalDeposit);
        const hash = await transact(context, "topping up a channel", () => topUp(client, { ...at, additionalDeposit }));
        await setStatus("open");
        const { deposit } = await state();
        return { hash, deposit };
      }),
    async openedBy() {
      const opened = await getContractEvents(client, {
        address: escrow.address,
        abi: paymentChannelsAbi,
        eventName: "ChannelOpened",
        args: { channelId: id },
        fromBlock: 0n,
      }).catch((error: unknown) => {
        throw chainFailure(error, "looking for a channel's opening");
      });
      return opened[0]?.transactionHash;
    },
    async requestClose() {
      const hash = await transact(context, "requesting a close", () => requestClose(client, at));
      await setStatus("closing");
      return hash;
    },
    async signCloseRequest() {
      const { deposit } = await state();
      await setStatus("closing");
      return { channelId: id, deposit, signature: await signCloseRequest(signer, { channelId: id, deposit }, escrow) };
    },
    async withdraw() {
      const hash = await transact(context, "withdrawing", () => withdraw(client, at));
      await setStatus("closed");
      return hash;
    },
  };
}

type OnChain = { deposit: bigint; settled: bigint; closeRequestedAt: bigint; finalized: boolean };

/** The chain is right about the deposit; `settled` above the own mark means an old store, and that it was signed before. */
function observed(record: PayerRecord, onChain: OnChain): PayerRecord {
  const { signature, ticks, ...rest } = record;
  const exists = onChain.deposit > 0n;
  const behind = onChain.settled > record.authorized;
  return {
    ...rest,
    ...(signature && !behind ? { signature } : {}),
    ...(ticks && !behind ? { ticks } : {}),
    authorized: behind ? onChain.settled : record.authorized,
    deposit: exists ? onChain.deposit : record.deposit,
    status: statusOf(record.status, onChain),
  };
}

function statusOf(before: PayerRecord["status"], onChain: OnChain): PayerRecord["status"] {
  if (onChain.finalized) return "closed";
  if (onChain.closeRequestedAt > 0n) return "closing";
  return before === "opening" && onChain.deposit > 0n ? "open" : before;
}

/** The payer's store has no such channel. */
export class UnknownChannelError extends FarthingError {
  override readonly name = "UnknownChannelError";
  constructor(id: Hex) {
    super(
      "unknown-channel",
      `The payer's store has no channel ${id}; open one, or use the store that it was opened with.`,
    );
  }
}
