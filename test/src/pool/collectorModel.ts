// An honest collector in memory: what it promises, and nothing of how it is built.
import { type Hex, recoverAddress } from "viem";
import type { CollectorAnswer, SignedGifts } from "../../../src/pool/index.ts";
import { allocationDigest, checkAllocation, type Gift, type Pool } from "../../../src/protocol/allocation.ts";
import { channelId, channelSigner, type Escrow } from "../../../src/protocol/channel.ts";
import { gateDataHash } from "../../../src/protocol/donation.ts";
import { recoverVoucher } from "../../../src/protocol/voucher.ts";
import type { HeldAllocation } from "../../../src/protocol/wire/allocation.ts";

/** What the collector reads of the chain. */
export type ChainView = {
  escrow: Escrow;
  pool: Pool;
  /** Base units; 0 for a channel that is not there. */
  deposit: (id: Hex) => bigint | Promise<bigint>;
  /** What stands on the channel's line. */
  standing: (id: Hex) => readonly Gift[] | Promise<readonly Gift[]>;
};

export type CollectorModel = ReturnType<typeof collectorModel>;

export function collectorModel(chain: ChainView, options: { ignoresBase?: boolean } = {}) {
  const { escrow, pool } = chain;
  const { ignoresBase = false } = options;
  const held = new Map<Hex, HeldAllocation>();
  const charges = new Map<Hex, { key: string; cumulativeAmount: bigint; amount: bigint }[]>();
  /** Every list that it acknowledged, in order. */
  const acknowledged: (readonly Gift[])[] = [];
  const closedProjects = new Set<bigint>();
  let isOpen = true;

  async function give({ key, channel, voucher, allocation, buildsOn }: SignedGifts): Promise<CollectorAnswer> {
    const id = channelId(channel, escrow);
    const { gifts, gateData, signature } = allocation;
    const { cumulativeAmount } = voucher;
    const message = { channelId: id, cumulativeAmount, gateDataHash: gateDataHash(gateData), gifts };
    checkAllocation(message);
    const signers = [
      await recoverVoucher(voucher, escrow),
      (await recoverAddress({ hash: allocationDigest(message, pool), signature })).toLowerCase(),
    ];
    if (signers.some((signer) => signer !== channelSigner(channel))) return refused("signer-mismatch");
    const [deposit, standing] = [await chain.deposit(id), await chain.standing(id)];
    if (deposit === 0n) return refused("channel-not-found");
    // From here on it is one durable write.
    const kept = charges.get(id) ?? [];
    const before = held.get(id);
    const again = kept.find((charge) => charge.key === key);
    if (again) return { type: "acknowledged", channelId: id, ...again, at: 1 };
    if (!isOpen) return refused("round-closed");
    const least = union(before?.allocation.gifts ?? [], standing);
    const amount = cumulativeAmount - (before?.cumulativeAmount ?? 0n);
    const isBuilt = ignoresBase || buildsOn === (before?.cumulativeAmount ?? 0n);
    if (!isBuilt || amount <= 0n || !contains(gifts, least)) {
      return { type: "diverged", repeated: false, ...(before ? { held: before } : {}) };
    }
    const closed = gifts.find((gift) => closedProjects.has(gift.projectId) && !contains(least, [gift]));
    if (closed) return refused("gift-refused");
    if (cumulativeAmount > deposit) return refused("amount-exceeds-deposit");
    held.set(id, { cumulativeAmount, voucherSignature: voucher.signature, allocation });
    charges.set(id, [...kept, { key, cumulativeAmount, amount }].slice(-256));
    acknowledged.push(gifts);
    return { type: "acknowledged", channelId: id, cumulativeAmount, amount, at: 1 };
  }

  return {
    give,
    held: (id: Hex) => held.get(id),
    acknowledged,
    closedProjects,
    close: (closed: boolean) => {
      isOpen = !closed;
    },
  };
}

const refused = (code: Extract<CollectorAnswer, { type: "refused" }>["code"]): CollectorAnswer => ({
  type: "refused",
  code,
  detail: "No.",
});

// Written again on purpose: a fault in the giver's own arithmetic of lists must not hide here.
export function contains(list: readonly Gift[], other: readonly Gift[]): boolean {
  return other.every((gift) => amountOf(list, gift.projectId) >= gift.cumulativeAmount);
}

export function amountOf(list: readonly Gift[], projectId: bigint): bigint {
  return list.find((gift) => gift.projectId === projectId)?.cumulativeAmount ?? 0n;
}

export function union(list: readonly Gift[], other: readonly Gift[]): Gift[] {
  const ids = new Set([...list, ...other].map((gift) => gift.projectId));
  return [...ids].map((projectId) => {
    const [a, b] = [amountOf(list, projectId), amountOf(other, projectId)];
    return { projectId, cumulativeAmount: a > b ? a : b };
  });
}
