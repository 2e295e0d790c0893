import type { Address } from "viem";
import { codeOf, demanded, isStale } from "../http/answer.ts";
import { readUpTo } from "../http/limits.ts";
import { credentialOf } from "../http/order.ts";
import { assertPinned, assertSecure, type Pin } from "../http/pin.ts";
import { repeatable, sendAgain } from "../http/send.ts";
import type { CollectorAnswer, CollectorClient, SignedGifts } from "../pool/collectorClient.ts";
import {
  type Challenge,
  type Credential,
  challengeExpired,
  FarthingError,
  formatCredential,
  parseProblem,
} from "../protocol/index.ts";
import { readAcknowledged, readHeld, UnreadableAnswerError } from "./readAnswer.ts";

export { UnreadableAnswerError } from "./readAnswer.ts";

export type CollectorClientOptions = {
  /** Where the collector is, such as `https://collector.example.org`; `/gifts` is under it. */
  url: string | URL;
  /** What the donor decided beforehand and no collector can change: the pool is the payee. */
  pin: Pin;
  /** Who gives: who shows a channel by its transaction. */
  donor: Address;
  fetch?: (request: Request) => Promise<Response>;
  /** Unix milliseconds, only to see when the remembered challenge has expired. */
  clock?: () => number;
  sleep?: (milliseconds: number) => Promise<void>;
};

/**
 * Reaches a collector over HTTP. The challenge is asked for once and remembered, so that a gift is one round trip; a lost reply is
 * asked for again with the very same request.
 *
 * Its verbs throw {@link UnreadableAnswerError} for what no collector says, and `PinMismatchError` and {@link PricedGiftError} for
 * a challenge that asks for something else than a gift.
 * @throws `InsecureTransportError`
 * @example
 * const collector = collectorClient({ url, donor: payer.address, pin: { chainId, escrow, payee: pool, token } });
 * const giver = createGiver(payer, pool, { collector });
 */
export function collectorClient(options: CollectorClientOptions): CollectorClient {
  const { pin, donor, fetch = (request) => globalThis.fetch(request), clock = Date.now } = options;
  const sleep = options.sleep ?? ((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)));
  const base = new URL(options.url);
  const gifts = new URL(`${base.pathname.replace(/\/$/, "")}/gifts`, base);
  assertSecure(gifts);
  const source = { chainId: pin.chainId, address: donor };
  let remembered: Challenge | undefined;
  let asking: Promise<Challenge> | undefined;

  /** The challenge that every credential answers. */
  async function challenge(): Promise<Challenge> {
    if (remembered && !challengeExpired(remembered, clock())) return remembered;
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  }

  async function ask(): Promise<Challenge> {
    const sending = { fetch: reach, sleep };
    const response = await sendAgain(sending, () => new Request(gifts, { method: "POST" }));
    const found = demanded(response);
    await response.body?.cancel();
    if (found) return remember(found);
    assertAnswered(response);
    throw new UnreadableAnswerError(`it answered ${response.status} without a challenge`);
  }

  function remember(found: Challenge): Challenge {
    assertPinned(found, pin);
    if (found.request.amount !== 0n) throw new PricedGiftError(found.request.amount);
    remembered = found;
    return found;
  }

  async function reach(request: Request): Promise<Response> {
    try {
      const response = await fetch(request);
      const body = response.body ? await readUpTo(response.body, longestAnswer) : undefined;
      if (response.body && !body) throw new UnreadableAnswerError(`it is longer than ${longestAnswer} bytes`);
      const { status, headers } = response;
      return new Response(body?.size ? body : null, { status, headers });
    } catch (error) {
      if (error instanceof FarthingError) throw error;
      throw new NoAnswerError(error instanceof Error ? error.message : String(error));
    }
  }

  /** Sends one credential, and once more for a fresh challenge. */
  async function send(make: (challenge: Challenge) => Credential, key: string, patience: number) {
    let sent = 0;
    const counted = (request: Request) => {
      sent += 1;
      return reach(request);
    };
    const request = await repeatable(new Request(gifts, { method: "POST" }));
    for (let isRenewed = false; ; isRenewed = true) {
      const authorization = formatCredential(make(await challenge()));
      const headers = { authorization, "idempotency-key": key };
      const response = await sendAgain({ fetch: counted, sleep }, () => request(headers), { patience });
      const code = await codeOf(response);
      const next = demanded(response);
      if (next) remember(next);
      if (isRenewed || !next || !isStale(code)) return { response, code, repeated: sent > (isRenewed ? 2 : 1) };
    }
  }

  async function give(signed: SignedGifts): Promise<CollectorAnswer> {
    const { channel, voucher, opening, key, buildsOn } = signed;
    const allocation = { ...signed.allocation, buildsOn };
    const order = { channel: { channel }, proof: voucher, allocation, ...(opening ? { opening } : {}) };
    const make = (to: Challenge) => credentialOf(to, order, source);
    const { response, code, repeated } = await send(make, key, opening ? patience : 0);
    const text = await response.text();
    if (response.ok) return readAcknowledged(text);
    assertAnswered(response);
    if (code === "allocation-diverges") return { type: "diverged", ...readHeld(text), repeated };
    if (code) return { type: "refused", code, detail: parseProblem(text).detail };
    throw new UnreadableAnswerError(`it answered ${response.status} with no problem of a collector`);
  }

  return {
    async openings() {
      return (await challenge()).request.methodDetails.credentialTypes ?? ["hash"];
    },
    async give(signed) {
      try {
        return await give(signed);
      } catch (error) {
        if (error instanceof NoAnswerError) return { type: "unanswered", reason: error.message };
        throw error;
      }
    },
    async present({ channelId, hash, additionalDeposit }) {
      const payload = { action: "topUp", type: "hash", channelId, hash, additionalDeposit } as const;
      const { response, code } = await send((to) => ({ challenge: to, source, payload }), hash, patience);
      if (!response.ok) throw new TopUpUnseenError(code ?? String(response.status));
    },
  };
}

/** Waits for a transaction to become deep enough: at most half a minute at one second each. */
const patience = 30;

/** Bytes of an answer that are read: an allocation of 64 gifts with the longest gate data is a tenth of it. */
const longestAnswer = 131_072;

/** A server that fails, is not ready or asks to come back has not answered: the same may be asked again. */
function assertAnswered({ status, headers }: Response): void {
  if (headers.has("retry-after") || status >= 500 || status === 408 || status === 425 || status === 429)
    throw new NoAnswerError(`it answered ${status}`);
}

/** The collector was not reached, or does not answer now. It may have taken what was sent. */
export class NoAnswerError extends FarthingError {
  override readonly name = "NoAnswerError";
  constructor(reason: string) {
    super(
      "no-answer",
      `The collector did not answer: ${reason}. Whatever was sent may have arrived; it is sent again.`,
    );
  }
}

/** A collector asks for a price, and a gift has none. Nothing was sent. */
export class PricedGiftError extends FarthingError {
  override readonly name = "PricedGiftError";
  constructor(price: bigint) {
    super(
      "priced-gift",
      `The collector asks ${price} base units for taking a gift, which costs nothing. Nothing was sent.`,
    );
  }
}

/** The collector did not take notice of a top-up. The deposit is on the chain all the same. */
export class TopUpUnseenError extends FarthingError {
  override readonly name = "TopUpUnseenError";
  constructor(reason: string) {
    super(
      "top-up-unseen",
      `The collector did not see the top-up (${reason}). The deposit is on the chain; give again in a moment.`,
    );
  }
}
