import type { SignedVoucher } from "../protocol/voucher.ts";
import { accept } from "./accept.ts";
import { isChannelId } from "./charge.ts";
import type { Context } from "./context.ts";
import { refusal } from "./refusal.ts";
import type { Acceptance, Refusal } from "./types.ts";

/** See {@link Payee.acceptMany}. */
export async function acceptMany(
  context: Context,
  vouchers: readonly SignedVoucher[],
): Promise<(Acceptance | Refusal)[]> {
  if (!Array.isArray(vouchers)) return [];
  const results: (Acceptance | Refusal)[] = vouchers.map(() => malformed);
  const channels = new Map<string, number[]>();
  for (const [index, voucher] of vouchers.entries()) {
    if (!isSortable(voucher)) continue;
    const id = voucher.channelId.toLowerCase();
    const indexes = channels.get(id);
    if (indexes) indexes.push(index);
    else channels.set(id, [index]);
  }
  await Promise.all(
    [...channels.values()].map(async (indexes) => {
      const newestFirst = indexes.toSorted((a, b) => compareAmounts(vouchers[b], vouchers[a]));
      let accepted: Acceptance | undefined;
      for (const index of newestFirst) {
        const result = accepted ?? (await accept(context, vouchers[index] as SignedVoucher));
        results[index] = result;
        if (result.ok) accepted = result;
      }
    }),
  );
  return results;
}

function isSortable(voucher: unknown): voucher is SignedVoucher {
  if (typeof voucher !== "object" || voucher === null) return false;
  const { channelId, cumulativeAmount } = voucher as Partial<SignedVoucher>;
  return isChannelId(channelId) && typeof cumulativeAmount === "bigint";
}

function compareAmounts(a: SignedVoucher | undefined, b: SignedVoucher | undefined): number {
  const [left, right] = [a?.cumulativeAmount ?? 0n, b?.cumulativeAmount ?? 0n];
  return left < right ? -1 : left > right ? 1 : 0;
}

const malformed = refusal(
  "malformed",
  "The voucher is malformed: give a channelId of 32 bytes and a cumulativeAmount of base units.",
);
