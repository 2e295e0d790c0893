import type { Address, Hex } from "viem";
import type { Acceptance, Payee } from "../payee/types.ts";
import {
  type Challenge,
  formatReceipt,
  isPaymentCredential,
  parseCredential,
  problem,
  type Receipt,
} from "../protocol/index.ts";
import { preflight, withCors } from "./cors.ts";
import { createFailedKeys } from "./failedKeys.ts";
import { createGate, type Demand } from "./gate.ts";
import { type Limits, limited } from "./limits.ts";
import { credentialDenial, type Denial, faultDenial, plainProblem, problemResponse } from "./problemResponse.ts";
import { type Desk, settleCredential } from "./settleCredential.ts";

export type PaywallOptions = Demand &
  Limits & {
    /**
     * Base units for one request, fixed or worked out from the request. 0 demands a channel and charges nothing: for handlers
     * that meter what they deliver.
     */
    price: bigint | ((request: Request) => bigint | Promise<bigint>);
    client: Desk["client"];
    /** Opens channels for clients without coin; without it they open their own. */
    relay?: Desk["relay"];
    /** Runs the handler again for a key that was served: for what costs nothing to give twice. False unless told. */
    redeliver?: boolean;
    /** `Access-Control-Allow-Origin`: any unless told. */
    origin?: string;
    /** Unix milliseconds; the system's unless told. */
    clock?: () => number;
    /** Told of handlers and services that threw. An error of a handler is its own affair: log it as you would any. */
    onFault?: (error: unknown) => void;
  };

/** What a handler knows of the payment. No signature. */
export type Payment = { channelId: Hex; payer: Address; amount: bigint; key: string; receipt: Receipt };

/**
 * Serves `handler` to whoever pays, on any runtime with `Request` and `Response`.
 *
 * One voucher and its charge are one durable write before the handler runs. An `Idempotency-Key` (by default the voucher's
 * cumulative amount) is charged once: asked again it gets its receipt, an empty body, `Idempotent-Replayed: true` and no new
 * service; unless the handler failed (threw, or answered 400 or above) or `redeliver` is set, then the same key runs it again
 * without a second charge. HEAD only takes a voucher. No error carries a `Payment-Receipt`.
 */
export function paywall(
  payee: Payee,
  options: PaywallOptions,
  handler: (request: Request, payment: Payment) => Response | Promise<Response>,
): (request: Request) => Promise<Response> {
  const { price, escrow, client, relay, redeliver = false, origin = "*", clock = Date.now, onFault } = options;
  const gate = createGate(options, payee.address, relay !== undefined, clock);
  const desk: Desk = { payee, escrow, client, relay };
  const failed = createFailedKeys();

  async function answer(incoming: Request): Promise<Response> {
    const request = await limited(incoming, options);
    if (!(request instanceof Request)) return problemResponse(request);
    const cost = typeof price === "bigint" ? price : await price(request);
    const deny = async (denial: Denial) =>
      problemResponse(
        denial,
        denial.problem.status === 402 ? { "www-authenticate": await gate.demand(request, cost) } : {},
      );

    const header = request.headers.get("authorization");
    if (header === null || !isPaymentCredential(header)) {
      return deny({ problem: problem("payment-required", `This costs ${cost} base units. Answer the challenge.`) });
    }
    const key = request.headers.get("idempotency-key") ?? undefined;
    if (key !== undefined && !/^[\x21-\x7e]{1,255}$/.test(key)) {
      return deny({
        problem: plainProblem(400, "Bad Request", "Give an Idempotency-Key of 1 to 255 printable characters."),
      });
    }
    try {
      const credential = parseCredential(header);
      const fault = await gate.fault(request, cost, credential.challenge);
      if (fault) return deny({ problem: fault });
      const isSold = request.method !== "HEAD" && cost > 0n;
      const charge = isSold ? { amount: cost, ...(key === undefined ? {} : { idempotencyKey: key }) } : undefined;
      const settled = await settleCredential(desk, credential, charge ? { charge } : {});
      if ("problem" in settled) return deny(settled);
      if ("toppedUp" in settled) return new Response(null, { headers: { "cache-control": "no-store" } });
      const receipt = receiptOf(credential.challenge, settled.acceptance, settled.hash);
      const isPayment = credential.payload.action === "voucher" || credential.payload.action === "tick";
      const isMetered = cost === 0n && request.method !== "HEAD" && isPayment;
      return serve(request, settled.acceptance, receipt, isMetered);
    } catch (error) {
      const denial = credentialDenial(error);
      if (denial) return deny(denial);
      throw error;
    }
  }

  async function serve(request: Request, acceptance: Acceptance, receipt: Receipt, isMetered: boolean) {
    const { record, charge, replayed } = acceptance;
    const { id } = record;
    if (!charge && !isMetered) return receipted(new Response(null), receipt);
    if (charge && replayed && !redeliver && !failed.take(id, charge.key)) {
      return receipted(new Response(null, { headers: { "idempotent-replayed": "true" } }), receipt);
    }
    const key = charge?.key ?? record.authorized.toString();
    const payment = { channelId: id, payer: record.channel.payer, amount: charge?.amount ?? 0n, key, receipt };
    try {
      const response = await handler(request, payment);
      if (response.status < 400) return receipted(response, receipt);
      if (charge) failed.add(id, key);
      return response;
    } catch (error) {
      onFault?.(error);
      if (charge) failed.add(id, key);
      const detail =
        "The service failed after it was paid for. Ask again with the same idempotency key: it is not charged twice.";
      const body = plainProblem(500, "Internal Server Error", detail);
      const { spent, acceptedCumulative } = receipt;
      const details = {
        channelId: id,
        spent: spent.toString(),
        acceptedCumulative: acceptedCumulative.toString(),
        idempotencyKey: key,
      };
      return problemResponse({ problem: { ...body, ...details } });
    }
  }

  function receiptOf(challenge: Challenge, { record, charge }: Acceptance, txHash: Hex | undefined): Receipt {
    return {
      challengeId: challenge.id,
      channelId: record.id,
      chainId: escrow.chainId,
      acceptedCumulative: record.authorized,
      spent: charge?.spent ?? record.spent,
      timestamp: new Date(charge?.at ?? clock()).toISOString(),
      ...(txHash ? { txHash } : {}),
    };
  }

  return async (request) => {
    if (request.method === "OPTIONS") return preflight(origin);
    try {
      return withCors(await answer(request), origin);
    } catch (error) {
      onFault?.(error);
      return withCors(problemResponse(faultDenial(error)), origin);
    }
  };
}

function receipted(response: Response, receipt: Receipt): Response {
  const headers = new Headers(response.headers);
  headers.set("payment-receipt", formatReceipt(receipt));
  if (!/\b(?:private|no-store)\b/.test(headers.get("cache-control") ?? "")) headers.set("cache-control", "private");
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
