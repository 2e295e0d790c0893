import type { Hex } from "viem";
import type { Gift } from "../protocol/allocation.ts";
import type { AllocationPayload, HeldAllocation } from "../protocol/wire/allocation.ts";
import { corrupt } from "../store/codec.ts";
import { amount, hex, integer, list, object, optional, type Schema, text, whole, word } from "../store/schema.ts";
import { contains, lowered } from "./list.ts";

/** One gift as it was asked for. Base units. */
export type Wish = { readonly id: string; readonly projectId: bigint; readonly amount: bigint };

/** Wishes that are signed for together. */
export type Batch = {
  /** The idempotency key, the same until a definite answer. */
  readonly key: string;
  readonly pair: HeldAllocation;
  /** The cumulative amount of what the collector held, as far as was known, when the pair was signed. */
  readonly buildsOn: bigint;
  readonly wishes: readonly Wish[];
  /** Every list that was ever signed with any of these wishes in it, the present one last. */
  readonly attempts: readonly (readonly Gift[])[];
  /** The donor brought one of the lists on-chain itself. */
  readonly collected?: "by-donor";
};

/** What a collector acknowledged of one gift. Base units. */
export type GiftReceipt = Wish & {
  readonly channelId: Hex;
  /** Of the allocation that has it. */
  readonly cumulativeAmount: bigint;
  /** The collector's time, Unix milliseconds. */
  readonly at: number;
};

/**
 * What a giver keeps of one channel, as the evidence of the payer's own record: whatever is sent is in it before.
 * Every change is one write, with the mark where the mark rises.
 */
export type Ledger = {
  /** The newest pair of signatures that is known to be accepted: the collector said so, or showed it. */
  readonly acknowledged?: HeldAllocation;
  /** Signed, and as far as is known unanswered. */
  readonly pending?: Batch;
  /** What is left of a batch that was refused: each is tried alone. `base` is what the batch was put on top of when it was refused. */
  readonly alone?: Pick<Batch, "wishes" | "attempts"> & { readonly base: readonly Gift[] };
  /** The newest, oldest first; at most {@link keptReceipts}. */
  readonly receipts: readonly GiftReceipt[];
};

/** How many receipts a ledger holds; hand older ones on by `onReceipt`. */
export const keptReceipts = 256;

export const emptyLedger: Ledger = { receipts: [] };

/** A ledger as one canonical text. It holds signatures, which are money: never log it. */
export function formatLedger(ledger: Ledger): string {
  return JSON.stringify(ledgerSchema.encode(ledgerSchema.canonical(ledger, "ledger")));
}

/**
 * Reads what {@link formatLedger} made; no text is an empty ledger.
 * @throws `StoreCorruptError` for anything else.
 */
export function parseLedger(evidence: string | undefined): Ledger {
  if (evidence === undefined) return emptyLedger;
  const fail = corrupt("the evidence of a giver's channel");
  let value: unknown;
  try {
    value = JSON.parse(evidence);
  } catch {
    // Without the parser's own message, which quotes the text: it holds signatures.
    return fail("", "a ledger");
  }
  return ledgerSchema.decode(value, "ledger", fail);
}

/**
 * What is pending is given: each of its wishes has a receipt.
 * @param accepted The pair that has it, where it is known: the newest, unless a newer one was taken over before.
 */
export function acknowledged(
  { pending: _, ...before }: Ledger,
  receipts: readonly GiftReceipt[],
  accepted?: HeldAllocation,
): Ledger {
  const newest = before.acknowledged?.allocation.gifts ?? [];
  const isNewer = accepted && contains(accepted.allocation.gifts, newest);
  const after = { ...before, receipts: [...before.receipts, ...receipts].slice(-keptReceipts) };
  return isNewer ? { ...after, acknowledged: accepted } : after;
}

/**
 * The wishes of a batch that is not pending any more and was accepted after all: its request was under way still when another giver
 * on the same store heard that it was refused.
 * @returns The ledger with a receipt for each that has none and is not signed for again; undefined where there is none such.
 */
export function acknowledgedLate(
  ledger: Ledger,
  receipts: readonly GiftReceipt[],
  accepted: HeldAllocation,
): { ledger: Ledger; receipts: readonly GiftReceipt[] } | undefined {
  const { pending, alone } = ledger;
  const known = idsOf([...ledger.receipts, ...(pending?.wishes ?? [])]);
  const late = receipts.filter(({ id }) => !known.has(id));
  if (late.length === 0) return undefined;
  const { alone: _, ...after } = acknowledged(ledger, late, accepted);
  const wishes = alone?.wishes.filter(({ id }) => !idsOf(late).has(id)) ?? [];
  return {
    ledger: {
      ...after,
      ...(pending ? { pending } : {}),
      ...(alone && wishes.length > 0 ? { alone: { ...alone, wishes } } : {}),
    },
    receipts: late,
  };
}

const idsOf = (wishes: readonly Wish[]): ReadonlySet<string> => new Set(wishes.map(({ id }) => id));

/** The batch's pair is held, and what of it the batch added is not known: no wish of it has a receipt. */
export function absorbed(ledger: Ledger, batch: Batch): Ledger {
  const { pending: _, ...rest } = ledger;
  return { ...rest, acknowledged: batch.pair };
}

/** The batch is not accepted: what was signed for it is credit under the mark. Of several, each is to be tried alone. */
export function dropped(ledger: Ledger, batch: Batch, again: boolean): Ledger {
  const { pending: _, ...rest } = ledger;
  if (!again) return rest;
  const { wishes, attempts } = batch;
  return { ...rest, alone: { wishes, attempts, base: baseOf(batch) } };
}

/** What the present list of a batch puts its wishes on top of. */
export function baseOf({ pair, wishes }: Pick<Batch, "pair" | "wishes">): Gift[] {
  return lowered(pair.allocation.gifts, wishes);
}

/** The donor brought a list of the batch on-chain; it may have been signed again meanwhile. */
export function broughtByDonor({ pending, ...rest }: Ledger, { key }: Batch): Ledger | undefined {
  return pending?.key === key ? { ...rest, pending: { ...pending, collected: "by-donor" } } : undefined;
}

/** The list of a batch that the donor brought on-chain itself, if it did and the line has it: the batch is certainly given. */
export function broughtList({ collected, attempts }: Batch, line: readonly Gift[]): readonly Gift[] | undefined {
  return collected && attempts.find((attempt) => contains(line, attempt));
}

/**
 * Whether a list may have wishes in it that are not known to be: it contains a list that they were signed in. One that `base`
 * contains already says nothing: `base` was judged before anything was signed on top of it.
 */
export function mayHave(
  list: readonly Gift[],
  { attempts, base }: Pick<Batch, "attempts"> & { readonly base: readonly Gift[] },
): boolean {
  return attempts.some((attempt) => contains(list, attempt) && !contains(base, attempt));
}

/** None of the lone wishes is tried any more. */
export function withoutAlone({ alone: _, ...rest }: Ledger): Ledger {
  return rest;
}

/** The first of the lone wishes is taken up, or given up. */
export function withoutFirstAlone({ alone, ...rest }: Ledger): Ledger {
  const wishes = alone?.wishes.slice(1) ?? [];
  return alone && wishes.length > 0 ? { ...rest, alone: { ...alone, wishes } } : rest;
}

const wide = whole(2n ** 256n - 1n);
const gift = object<Gift>({ projectId: wide, cumulativeAmount: amount });
const pair = object<HeldAllocation>({
  cumulativeAmount: amount,
  voucherSignature: hex(65),
  allocation: object<AllocationPayload>({
    gateData: hex(),
    gifts: list(gift),
    signature: hex(65),
    buildsOn: optional(amount),
  }),
});
const wishFields = { id: text, projectId: wide, amount };
const wish: Schema<Wish> = object<Wish>(wishFields);
const attempts = list(list(gift));

const ledgerSchema: Schema<Ledger> = object<Ledger>({
  acknowledged: optional(pair),
  pending: optional(
    object<Batch>({
      key: text,
      pair,
      buildsOn: amount,
      wishes: list(wish),
      attempts,
      collected: optional(word("by-donor")),
    }),
  ),
  alone: optional(object<NonNullable<Ledger["alone"]>>({ wishes: list(wish), attempts, base: list(gift) })),
  receipts: list(object<GiftReceipt>({ ...wishFields, channelId: hex(32), cumulativeAmount: amount, at: integer })),
});
