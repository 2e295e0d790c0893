import type { Hex } from "viem";
import { isChannelId } from "./charge.ts";
import type { Context } from "./context.ts";
import { channelNotFound } from "./refusal.ts";
import type { Acceptance, ChargeRequest, MeterOptions, Refusal } from "./types.ts";

/** What an item is charged through: a payee's own `charge`, so that a stop reaches it. */
type Charge = (id: Hex, request: ChargeRequest & { idempotencyKey: string }) => Promise<Acceptance | Refusal>;

/** See {@link Payee.meter}. An item is made, charged durably, and only then given. */
export async function* meter<T>(
  context: Context,
  charge: Charge,
  ...[channelId, items, options]: [Hex, AsyncIterable<T> | Iterable<T>, MeterOptions<T>]
): AsyncGenerator<T, Refusal | undefined> {
  if (!isChannelId(channelId)) return channelNotFound;
  const id = channelId.toLowerCase() as Hex;
  const { price, idempotencyKey } = options;
  let position = 0;
  for await (const item of items) {
    const amount = typeof price === "bigint" ? price : price(item);
    const paid = await pay(context, charge, id, { amount, idempotencyKey: `${idempotencyKey}/${position}` }, options);
    position += 1;
    if (!paid.ok) return paid;
    // It was given before: its receipt is all that its key buys.
    if (!paid.replayed) yield item;
  }
  return undefined;
}

/** Charges an item, waiting for credit as long as the meter is patient. */
async function pay<T>(
  context: Context,
  charge: Charge,
  id: Hex,
  request: ChargeRequest & { idempotencyKey: string },
  { onNeed, patience = 60_000, signal }: MeterOptions<T>,
): Promise<Acceptance | Refusal> {
  const until = context.clock() + patience;
  let told: bigint | undefined;
  for (;;) {
    // Taken out before the charge: a voucher that comes between its refusal and the wait must not be slept through.
    const waiter = context.waiting.for(id);
    try {
      const answer = await charge(id, request);
      if (answer.ok || answer.code !== "insufficient-balance") return answer;
      const left = until - context.clock();
      if (signal?.aborted || left <= 0) return answer;
      if (answer.required !== told) onNeed?.(answer);
      told = answer.required;
      await awaken(context, waiter.woken, Math.min(left, lookAgain), signal);
    } finally {
      waiter.forget();
    }
  }
}

async function awaken(context: Context, woken: Promise<void>, most: number, signal?: AbortSignal): Promise<void> {
  const done = new AbortController();
  const stop = () => done.abort();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    await Promise.race([woken, context.sleep(most, done.signal)]);
  } finally {
    signal?.removeEventListener("abort", stop);
    done.abort();
  }
}

/** Milliseconds after which the store is looked into again, for vouchers that another process took. */
const lookAgain = 1_000;
