import type { Hex } from "viem";
import { maxAmount } from "../protocol/channel.ts";
import { keptUnder } from "../store/charges.ts";
import type { Reservation } from "../store/record.ts";
import { withObserved } from "./chainState.ts";
import { isChannelId, isChargeRequest } from "./charge.ts";
import type { Context } from "./context.ts";
import { payerFault } from "./exposure.ts";
import { committed, released, reserved } from "./holds.ts";
import { exposureFault, type Posting } from "./ledger.ts";
import { channelNotFound, closePending, refusal } from "./refusal.ts";
import type { Acceptance, Payee, Refusal, Reserved } from "./types.ts";

type Run = (work: () => Promise<Acceptance | Refusal>) => Promise<Acceptance | Refusal>;

/**
 * See {@link Payee.reserve}.
 * @param run What commits and releases go through, so that a stop waits for them.
 */
export async function reserve(
  context: Context,
  run: Run,
  ...[channelId, amount, options]: Parameters<Payee["reserve"]>
): Promise<Reserved | Refusal> {
  const { idempotencyKey: key, lifetime = context.terms.reservationTime } = options ?? {};
  if (!isChannelId(channelId) || key === undefined || !isChargeRequest({ amount, idempotencyKey: key }))
    return malformed;
  if (!Number.isSafeInteger(lifetime) || lifetime <= 0) return malformed;
  const id = channelId.toLowerCase() as Hex;
  const known = await context.store.get(id);
  if (!known) return channelNotFound;

  const reading = context.chainState.fresh(id);
  let observed = reading && (await reading);
  // What would be refused for too much unsettled is asked of the chain itself, once, as for a charge.
  if (exposureFault(known, known.authorized, context.terms)) observed = await context.chainState.read(id);
  const isNew = !keptUnder(key, known.charges) && !known.reservations?.some((held) => held.key === key);
  const owing = isNew && (await payerFault(context, withObserved(known, observed), known.authorized));
  if (owing) return owing;
  const now = context.clock();
  const answer = await update(context, id, observed, (record) => {
    if (context.closing.has(id)) return { record, result: closePending };
    const wanted = { key, cumulativeAmount: record.authorized, amount, expiresAt: now + lifetime };
    return reserved(record, wanted, now, context);
  });
  if (!answer.ok || answer.charge) return answer;
  const held = answer.record.reservations?.find((each) => each.key === key);
  return held ? { ...answer, hold: hold(context, run, id, held) } : answer;
}

function hold(context: Context, run: Run, id: Hex, held: Reservation): NonNullable<Reserved["hold"]> {
  let isReleased = false;
  const release = () => run(() => update(context, id, undefined, (record) => released(record, held.key)));
  return {
    key: held.key,
    amount: held.amount,
    expiresAt: held.expiresAt,
    commit: async (actual) => {
      if (typeof actual !== "bigint" || actual < 0n || actual > maxAmount) return malformed;
      if (actual > held.amount) return aboveHold;
      if (isReleased) return gone;
      if (actual === 0n) return release();
      return run(() =>
        update(context, id, undefined, (record) => committed(record, held, { actual, now: context.clock() })),
      );
    },
    release: () => {
      isReleased = true;
      return release();
    },
  };
}

/** One durable write of what `decide` says of the record as it is there. */
async function update(
  context: Context,
  id: Hex,
  observed: Parameters<typeof withObserved>[1],
  decide: (record: Parameters<typeof withObserved>[0]) => Posting,
): Promise<Acceptance | Refusal> {
  let result: Acceptance | Refusal = channelNotFound;
  await context.store.update(id, (stored) => {
    const posting = stored && decide(withObserved(stored, observed));
    result = posting?.result ?? channelNotFound;
    return posting?.record;
  });
  context.waiting.wake(id);
  return result;
}

const malformed = refusal(
  "malformed",
  "The reservation is malformed: give a channel id of 32 bytes, an amount above 0, a key of 1 to 255 printable ASCII characters and a lifetime in milliseconds.",
);

const aboveHold = refusal(
  "malformed",
  "More than was reserved can not be committed. Reserve the most that a request may cost.",
);

const gone = refusal("malformed", "The reservation was given back: nothing can be committed on it any more.");
