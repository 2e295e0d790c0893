import type { Hash, Hex } from "viem";
import { chainNow } from "../chain/chainNow.ts";
import { readLine } from "../chain/pool/readLine.ts";
import type { Payer } from "../payer/payer.ts";
import { DepositExhaustedError } from "../payer/sign.ts";
import { checkAllocation, type Gift, type Pool, signAllocation } from "../protocol/allocation.ts";
import { donationSum, gateDataHash } from "../protocol/donation.ts";
import { FarthingError } from "../protocol/errors.ts";
import type { SignedVoucher } from "../protocol/voucher.ts";
import type { AllocationPayload, HeldAllocation } from "../protocol/wire/allocation.ts";
import type { CollectorClient } from "./collectorClient.ts";
import type { Entered } from "./enter.ts";
import { type Batch, formatLedger, type Ledger, parseLedger } from "./ledger.ts";
import { contains, raised, union } from "./list.ts";

export type LaneOptions = {
  payer: Payer;
  pool: Pool;
  collector: CollectorClient;
  /** What the round's gate asks for; `0x` gives without matching. */
  gateData: Hex;
  /** Adds so much, and at least what is missing, where the deposit does not cover a gift. Base units. */
  topUp?: { amount: bigint } | undefined;
  fromBlock?: bigint | undefined;
};

/** What is to be signed: a new batch, or one signed before. */
export type Unsigned = Pick<Batch, "key" | "wishes" | "attempts">;

/** The one channel that a giver gives through: what its ledger says, what stands on the chain, and how both are signed over. */
export type Lane = Awaited<ReturnType<typeof createLane>>;

export async function createLane({ channel, known, ...entered }: Entered, options: LaneOptions) {
  let opening = entered.opening;
  const { payer, pool, collector, gateData, topUp } = options;
  const at = { address: pool.address, channelId: channel.id, fromBlock: options.fromBlock };
  const read = () => readLine(payer.client, at);
  /** What stands on the chain. */
  let line = await read();

  const ledger = async (): Promise<Ledger> => parseLedger(await channel.evidence());

  /** The list that every new allocation contains. */
  const baseOf = ({ acknowledged }: Ledger): Gift[] => union(acknowledged?.allocation.gifts ?? [], line);

  async function allocate({ cumulativeAmount }: SignedVoucher, gifts: readonly Gift[]): Promise<AllocationPayload> {
    const allocation = { channelId: channel.id, cumulativeAmount, gateDataHash: gateDataHash(gateData), gifts };
    const { signature } = await signAllocation(payer.signer, allocation, pool);
    return { gateData, gifts, signature };
  }

  /**
   * Signs a batch and writes it down as pending, in one write with the mark: nothing of it is sent before.
   * @param options.list What a rebased batch is signed as; the base with its wishes on top unless told.
   * @param options.take What taking the batch up changes in the ledger: undefined where it is not there to be taken any more.
   * @throws {@link LedgerMovedError} when another giver on the same store was first; nothing was written then.
   */
  async function sign(
    batch: Unsigned,
    options: { list?: readonly Gift[]; take?: (ledger: Ledger) => Ledger | undefined } = {},
  ): Promise<void> {
    const evidence = await channel.evidence();
    const before = parseLedger(evidence);
    const { list, take = (ledger) => ledger } = options;
    const taken = take(before);
    // One batch at a time: what another giver has pending is not written over.
    if (!taken || taken.pending) throw new LedgerMovedError();
    const gifts = list ?? raised(baseOf(before), batch.wishes);
    const cumulativeAmount = donationSum(gifts);
    checkAllocation({ channelId: channel.id, cumulativeAmount, gateDataHash: gateDataHash(gateData), gifts });
    const { key, wishes } = batch;
    // The donor may have brought it on-chain while it was under way.
    const collected = before.pending?.key === key ? before.pending.collected : undefined;
    const attempts = [...batch.attempts, gifts];
    const pending = async (voucher: SignedVoucher, kept: string | undefined): Promise<string> => {
      if (kept !== evidence) throw new LedgerMovedError();
      const allocation = await allocate(voucher, gifts);
      const pair = { cumulativeAmount, voucherSignature: voucher.signature, allocation };
      const buildsOn = before.acknowledged?.cumulativeAmount ?? 0n;
      return formatLedger({
        ...taken,
        pending: { key, wishes, pair, buildsOn, attempts, ...(collected ? { collected } : {}) },
      });
    };
    try {
      await channel.payUpTo(cumulativeAmount, { evidence: pending });
    } catch (error) {
      if (!(error instanceof DepositExhaustedError) || !topUp || !(await payer.canSend())) throw error;
      const additionalDeposit = topUp.amount > error.topUp ? topUp.amount : error.topUp;
      const { hash } = await channel.topUp(additionalDeposit);
      await collector.present({ channel: channel.channel, channelId: channel.id, hash, additionalDeposit });
      await channel.payUpTo(cumulativeAmount, { evidence: pending });
    }
  }

  return {
    channel,
    /** How the channel is shown to a collector that cannot know it yet. */
    opening: () => opening,
    openedBy(hash: Hash): void {
      opening = { type: "hash", hash };
    },
    /** The collector has seen the channel, so it is on the chain. */
    async opened(): Promise<void> {
      if (!opening) return;
      opening = undefined;
      await channel.state();
    },
    chainTime: () => chainNow(payer.client),
    /** Whether another device may have given through it. */
    known,
    ledger,
    baseOf,
    sign,
    line: () => line,
    async refreshLine(): Promise<readonly Gift[]> {
      line = await read();
      return line;
    },
    /** Changes the ledger by a pure function of what it is; where that gives nothing, nothing is written. */
    async update(change: (before: Ledger) => Ledger | undefined): Promise<void> {
      await channel.keepEvidence((kept) => {
        const after = change(parseLedger(kept));
        return after && formatLedger(after);
      });
    },
    /** Takes over a pair of the own signer's that the collector holds, unless a newer one is known by now. */
    async adopt(held: HeldAllocation): Promise<void> {
      const { cumulativeAmount, voucherSignature: signature } = held;
      await channel.adopt({ channelId: channel.id, cumulativeAmount, signature }, (kept) => {
        const before = parseLedger(kept);
        const isNewer = contains(held.allocation.gifts, before.acknowledged?.allocation.gifts ?? []);
        return isNewer ? formatLedger({ ...before, acknowledged: held }) : undefined;
      });
    },
    /** The newest pair that gives nothing new: to be shown to a collector that may hold a newer one. */
    async latest(): Promise<HeldAllocation> {
      const before = await ledger();
      if (before.acknowledged) return before.acknowledged;
      const gifts = baseOf(before);
      const voucher = await channel.payUpTo(donationSum(gifts));
      const allocation = await allocate(voucher, gifts);
      return { cumulativeAmount: voucher.cumulativeAmount, voucherSignature: voucher.signature, allocation };
    },
  };
}

/** Another giver on the same store wrote first. Nothing was signed away. */
export class LedgerMovedError extends FarthingError {
  override readonly name = "LedgerMovedError";
  constructor() {
    super("ledger-moved", "Another giver on the same store was first: the channel's ledger has changed. Try again.");
  }
}
