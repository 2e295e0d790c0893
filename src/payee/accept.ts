import type { Hex } from "viem";
import { channelSigner, maxAmount, maxDeposit } from "../protocol/channel.ts";
import type { SignedVoucher } from "../protocol/voucher.ts";
import { isChannelId, isChargeRequest } from "./charge.ts";
import type { Context } from "./context.ts";
import type { Entry } from "./ledger.ts";
import { channelNotFound, refusal, tooManyForgeries } from "./refusal.ts";
import { signatureShapeFault, voucherFault } from "./signature.ts";
import type { Acceptance, Payee, Refusal } from "./types.ts";
import { write } from "./write.ts";

/** See {@link Payee.accept}. Order: shape, known channel, signature, chain, one write. */
export async function accept(
  context: Context,
  ...[voucher, options = {}]: Parameters<Payee["accept"]>
): Promise<Acceptance | Refusal> {
  const malformed = shapeFault(context, voucher, options);
  if (malformed) return malformed;
  const { cumulativeAmount, signature } = voucher;
  const id = voucher.channelId.toLowerCase() as Hex;

  // The signer stays; the rest is judged on what is stored, in the write.
  const record = await context.store.get(id, { atHand: true });
  if (!record) return channelNotFound;

  if (!context.failures.allows(id)) return tooManyForgeries;
  const checking = voucherFault(context, channelSigner(record.channel), { channelId: id, cumulativeAmount, signature });
  const fault = checking instanceof Promise ? await checking : checking;
  if (fault) {
    context.failures.count(id);
    return fault;
  }

  const { charge, evidence } = options;
  const entry: Entry = {
    voucher: { cumulativeAmount, signature, ...(evidence === undefined ? {} : { evidence }) },
    ...(charge && {
      charge: {
        key: charge.idempotencyKey ?? cumulativeAmount.toString(),
        amount: charge.amount,
        at: context.clock(),
      },
    }),
  };
  return write(context, record, entry, { isAtHand: true });
}

/** Why a voucher is not even worth a look-up, or undefined. */
function shapeFault(
  context: Context,
  voucher: SignedVoucher,
  options: NonNullable<Parameters<Payee["accept"]>[1]>,
): Refusal | undefined {
  if (!isVoucher(voucher)) return badVoucher;
  const { cumulativeAmount, signature } = voucher;
  if (cumulativeAmount > maxDeposit) return aboveEveryDeposit;
  if (typeof options !== "object" || options === null) return badOptions;
  if (options.charge !== undefined && !isChargeRequest(options.charge)) return badOptions;
  if (options.evidence !== undefined && !isEvidence(options.evidence)) return badOptions;
  return signatureShapeFault(context, signature);
}

/** An id and an amount, whatever its signature is. */
export function isVoucher(value: unknown): value is SignedVoucher {
  if (typeof value !== "object" || value === null) return false;
  const { channelId, cumulativeAmount } = value as Record<string, unknown>;
  if (!isChannelId(channelId) || typeof cumulativeAmount !== "bigint") return false;
  return cumulativeAmount >= 0n && cumulativeAmount <= maxAmount;
}

/** Text that every store gives back as it got it. */
function isEvidence(value: unknown): boolean {
  return typeof value === "string" && value.length <= longestEvidence && !/[\0\p{Surrogate}]/u.test(value);
}

/** 64 KiB of text. */
const longestEvidence = 65_536;

const badVoucher = refusal(
  "malformed",
  "The voucher is malformed: give a channelId of 32 bytes and a cumulativeAmount of base units from 0 to 2^128 - 1.",
);

const badOptions = refusal(
  "malformed",
  "The charge is malformed: give an amount above 0, a key of 1 to 255 printable ASCII characters, and evidence of at most 65,536.",
);

const aboveEveryDeposit = refusal("amount-exceeds-deposit", "No channel can hold that much: a deposit has 104 bits.");
