import type { Hash } from "viem";
import type { PayerChannel } from "../payer/channel.ts";
import type { Payer } from "../payer/payer.ts";
import { ChannelLeavingError } from "../payer/sign.ts";
import {
  type Challenge,
  challengeExpired,
  FarthingError,
  formatCredential,
  type Payload,
  type ProblemCode,
  type Receipt,
} from "../protocol/index.ts";
import { codeOf, demanded, isStale, receiptOf, routeOf } from "./answer.ts";
import { createLane, type LaneOptions } from "./lane.ts";
import { credentialOf, type Order, tickRefusal } from "./order.ts";
import { assertPinned, assertSecure, type Pin } from "./pin.ts";
import { type Repeatable, repeatable, sendAgain } from "./send.ts";

export type PayFetchOptions = Omit<LaneOptions, "pin"> & {
  /** Who is paid, in what. Chain and escrow are the payer's own unless told. */
  pin: Pick<Pin, "payee" | "token"> & Partial<Pin>;
  /** Told of every receipt that was checked: keep them where you keep accounts. */
  onReceipt?: (receipt: Receipt) => void | Promise<void>;
  /** A new `Idempotency-Key` for requests that bring none; a random UUID unless told. */
  idempotencyKey?: () => string;
  /** Unix milliseconds, only to see which cached challenge has expired. */
  clock?: () => number;
  sleep?: (milliseconds: number) => Promise<void>;
};

export type PayingFetch = {
  /** As `fetch`. Rejects with a `FarthingError` when paying is refused by the client's own rules; nothing was signed then. */
  (input: Request | string | URL, init?: RequestInit): Promise<Response>;
  /** Sends the last voucher and asks the payee to close at once; resolves with its receipt. */
  close(url: string | URL): Promise<Receipt>;
  /** The channel in use. */
  channel(): Promise<PayerChannel | undefined>;
};

/**
 * A `fetch` that pays: remembers each route's challenge and pays with the request itself, so that a paid request is one round
 * trip; opens or resumes the channel when first needed. Any number of requests may be in flight.
 *
 * A reply that is lost is asked for again with the same key and voucher. A challenge is answered once: a server that goes on
 * asking gets nothing more, and its 402 is handed to the caller. What a refused voucher was signed for pays the next request. A tick
 * that the server cannot follow is answered by a voucher over the same amount, once.
 * @example
 * const paid = payFetch(fetch, payer, { pin: { payee, token }, budget: { perRequest: 10_000n }, open: { deposit: 5_000_000n } });
 * const response = await paid("https://example.org/article"); // costs at most 0.01 of a token with 6 decimals
 */
export function payFetch(
  fetch: (request: Request) => Promise<Response>,
  payer: Payer,
  options: PayFetchOptions,
): PayingFetch {
  const { clock = Date.now, idempotencyKey = () => crypto.randomUUID(), onReceipt } = options;
  const sleep = options.sleep ?? ((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)));
  const pin: Pin = { chainId: payer.escrow.chainId, escrow: payer.escrow.address, ...options.pin };
  const lane = createLane(payer, { ...options, pin });
  const sending = { fetch, sleep };
  const challenges = new Map<string, Challenge>();
  const orders = new Map<string, Order>();

  async function paid(input: Request | string | URL, init?: RequestInit): Promise<Response> {
    const original = new Request(input, init);
    const route = routeOf(original);
    const key = original.headers.get("idempotency-key") ?? idempotencyKey();
    const request = await repeatable(original);
    const cached = cachedChallenge(route);
    if (cached) return pay(request, route, key, cached, true);
    const first = await fetch(request({}));
    const challenge = demanded(first);
    if (!challenge) return first;
    await first.body?.cancel();
    return pay(request, route, key, challenge, false);
  }

  async function pay(
    request: Repeatable,
    route: string,
    key: string,
    first: Challenge,
    mayRenew: boolean,
  ): Promise<Response> {
    let challenge = first;
    let order: Order | undefined;
    // Counted from before anything is signed, or a receipt of another request could take this one's voucher for credit.
    lane.began();
    try {
      order = await orderFor(request, key, challenge);
      let response = await send(request, key, challenge, order);
      let renewable = mayRenew;
      for (;;) {
        const code = await codeOf(response);
        const next = demanded(response);
        if (renewable && next && isStale(code)) {
          renewable = false;
          challenge = next;
          order = await reprice(request, key, order, next);
        } else if (code === "channel-not-found" && !order.opening) {
          order = await present(order);
          keep(key, order);
        } else if ("tickRoot" in order.proof && tickRefusal(code)) {
          if (tickRefusal(code) === "server") lane.withoutTicks();
          order = { ...order, proof: await order.channel.latest() };
          keep(key, order);
        } else {
          return await settle(response, route, key, challenge, order, code);
        }
        await response.body?.cancel();
        response = await send(request, key, challenge, order);
      }
    } catch (error) {
      if (order?.opening) lane.failed(error);
      throw error;
    } finally {
      lane.ended();
    }
  }

  async function orderFor(request: Repeatable, key: string, challenge: Challenge): Promise<Order> {
    assertSecure(new URL(request({}).url));
    assertPinned(challenge, pin);
    const price = challenge.request.amount;
    lane.assertAllowed(price);
    const known = orders.get(key);
    if (known && known.price >= price) return known;
    const { channel, opening } = await lane.enter(price, challenge.request.methodDetails.credentialTypes ?? ["hash"]);
    try {
      const tell = (topUp: { hash: Hash; added: bigint }) => presentTopUp(request, challenge, channel, topUp);
      const proof = await lane.order(channel, price, tell, opening !== undefined);
      const order: Order = { channel, proof, price, ...(opening ? { opening } : {}) };
      keep(key, order);
      return order;
    } catch (error) {
      if (opening) lane.failed(error);
      if (!(error instanceof ChannelLeavingError) || opening) throw error;
      // It was closed elsewhere: the store says so now, so that another one is taken.
      lane.forget();
      return orderFor(request, key, challenge);
    }
  }

  /** The same voucher answers a fresh challenge; only a price that rose, within the caps, is signed for, and only the rise. */
  async function reprice(request: Repeatable, key: string, order: Order, challenge: Challenge): Promise<Order> {
    assertPinned(challenge, pin);
    const price = challenge.request.amount;
    lane.assertAllowed(price);
    if (price <= order.price) {
      lane.refund(order.price - price);
      const cheaper = { ...order, price };
      keep(key, cheaper);
      return cheaper;
    }
    const { channel } = order;
    const rise = price - order.price;
    const tell = (topUp: { hash: Hash; added: bigint }) => presentTopUp(request, challenge, channel, topUp);
    const proof = await lane.order(channel, rise, tell, order.opening !== undefined);
    const dearer = { ...order, proof, price };
    keep(key, dearer);
    return dearer;
  }

  /** A server that does not know the channel (any more) is shown the transaction that opened it. */
  async function present(order: Order): Promise<Order> {
    const hash = await order.channel.openedBy();
    if (!hash) throw new UnopenedChannelError();
    const proof = "tickRoot" in order.proof ? await order.channel.latest() : order.proof;
    return { ...order, proof, opening: { type: "hash", hash } };
  }

  async function presentTopUp(
    request: Repeatable,
    challenge: Challenge,
    channel: PayerChannel,
    { hash, added }: { hash: Hash; added: bigint },
  ): Promise<void> {
    const payload = { action: "topUp", type: "hash", channelId: channel.id, hash, additionalDeposit: added } as const;
    const authorization = formatCredential({ challenge, source: source(), payload });
    const response = await sendAgain(sending, () => request({ authorization }), { patience });
    await response.body?.cancel();
  }

  function send(request: Repeatable, key: string, challenge: Challenge, order: Order): Promise<Response> {
    const shown = { ...order, isKnownRoot: lane.isKnownRoot(order.proof) };
    const authorization = formatCredential(credentialOf(challenge, shown, source()));
    const make = () => request({ authorization, "idempotency-key": key });
    return sendAgain(sending, make, { patience: order.opening ? patience : 0 });
  }

  async function settle(
    response: Response,
    route: string,
    key: string,
    challenge: Challenge,
    order: Order,
    code: ProblemCode | undefined,
  ): Promise<Response> {
    const { channel, opening, price } = order;
    if (response.ok) {
      challenges.set(route, challenge);
      orders.delete(key);
      lane.taken(order.proof);
      if (opening) {
        await channel.state();
        lane.presented(channel);
      }
      const receipt = receiptOf(response);
      if (receipt) {
        await lane.check(channel, receipt);
        await onReceipt?.(receipt);
      }
      return response;
    }
    challenges.delete(route);
    if (opening) lane.failed(new UnopenedChannelError());
    // A problem of the drafts says that nothing was charged; any other failure may come after the charge, so its key is kept.
    if (code) {
      orders.delete(key);
      lane.refund(price);
      if (code === "channel-finalized") lane.forget();
    }
    return response;
  }

  function cachedChallenge(route: string): Challenge | undefined {
    const challenge = challenges.get(route);
    if (!challenge || !challengeExpired(challenge, clock())) return challenge;
    challenges.delete(route);
    return undefined;
  }

  function keep(key: string, order: Order): void {
    orders.set(key, order);
    const [oldest] = orders.keys();
    if (orders.size > keptOrders && oldest !== undefined) orders.delete(oldest);
  }

  const source = () => ({ chainId: pin.chainId, address: payer.address });

  async function close(url: string | URL): Promise<Receipt> {
    const channel = await lane.channel();
    if (!channel) throw new UnopenedChannelError();
    const original = new Request(url);
    assertSecure(new URL(original.url));
    const request = await repeatable(original);
    const { channelId, cumulativeAmount, signature } = await channel.conclude();
    const payload: Payload = { action: "close", channelId, cumulativeAmount, signature };
    const route = routeOf(original);
    let challenge = cachedChallenge(route);
    for (let attempt = 0; attempt < 2; attempt++) {
      challenge ??= demanded(await fetch(request({})));
      if (!challenge) break;
      const authorization = formatCredential({ challenge, payload });
      const response = await sendAgain(sending, () => request({ authorization }));
      await response.body?.cancel();
      const receipt = response.ok ? receiptOf(response) : undefined;
      if (receipt) {
        lane.forget();
        return receipt;
      }
      challenge = undefined;
    }
    throw new CloseRefusedError();
  }

  return Object.assign(paid, { close, channel: async () => lane.channel() });
}

/** Waits for a transaction to become deep enough: at most half a minute at one second each. */
const patience = 30;

/** Unfinished orders that are remembered, the newest. */
const keptOrders = 1_000;

/** The channel that should be presented is not on the chain. */
export class UnopenedChannelError extends FarthingError {
  override readonly name = "UnopenedChannelError";
  constructor() {
    super("unopened-channel", "The channel is not open, or the server would not take it. Try again, or open another.");
  }
}

/** The server did not take the close. */
export class CloseRefusedError extends FarthingError {
  override readonly name = "CloseRefusedError";
  constructor() {
    super(
      "close-refused",
      "The server did not close the channel. Leave without it: `requestClose`, then `withdraw` after the grace period.",
    );
  }
}
