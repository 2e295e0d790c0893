import type { Hex } from "viem";
import { createGate, type Demand } from "../http/gate.ts";
import { limited } from "../http/limits.ts";
import { credentialDenial, type Denial, plainProblem, problemResponse, refused } from "../http/problemResponse.ts";
import { type Desk, settleCredential } from "../http/settleCredential.ts";
import type { Acceptance } from "../payee/types.ts";
import {
  type Credential,
  canonicalJson,
  formatAllocation,
  formatHeld,
  formatReceipt,
  type Gift,
  isPaymentCredential,
  type Json,
  type OpenCredential,
  parseAllocation,
  parseCredential,
  problem,
  problemCode,
} from "../protocol/index.ts";
import type { ChannelRecord } from "../store/index.ts";
import type { Appraiser } from "./appraiser.ts";
import { heldGifts, type Offer } from "./judge.ts";

export type GiftsOptions = {
  desk: Desk;
  demand: Demand;
  appraiser: Appraiser;
  /** A channel's record, to show its own donor what is held. */
  record: (id: Hex) => Promise<ChannelRecord | undefined>;
  clock: () => number;
  /** Told what came of each request: `accepted`, `replayed`, `opened`, `toppedUp`, or a problem's code. */
  onOutcome: (outcome: string) => void;
};

/**
 * `POST /gifts`: one credential with a voucher and its allocation. An `Idempotency-Key` names one wish: sent again, it gets its receipt
 * again.
 */
export function createGifts(pool: Hex, options: GiftsOptions): (request: Request) => Promise<Response> {
  const { desk, appraiser, clock, onOutcome } = options;
  const gate = createGate(options.demand, pool, desk.relay !== undefined, clock);

  async function deny(request: Request, denial: Denial): Promise<Response> {
    const { status, type } = denial.problem;
    onOutcome(problemCode(denial.problem) ?? (type === "about:blank" ? String(status) : type));
    return problemResponse(denial, status === 402 ? { "www-authenticate": await gate.demand(request, 0n) } : {});
  }

  async function answer(request: Request): Promise<Response> {
    const header = request.headers.get("authorization");
    if (header === null || !isPaymentCredential(header)) {
      const detail = "A gift is a voucher to this round's pool with its allocation. Answer the challenge with both.";
      return deny(request, { problem: problem("payment-required", detail) });
    }
    const key = request.headers.get("idempotency-key");
    if (key === null || !/^[\x21-\x7e]{1,255}$/.test(key)) {
      const detail = "Give an Idempotency-Key of 1 to 255 printable characters: one for each batch of gifts.";
      return deny(request, { problem: plainProblem(400, "Bad Request", detail) });
    }
    try {
      return await serve(request, parseCredential(header), key);
    } catch (error) {
      const denial = credentialDenial(error);
      if (denial) return deny(request, denial);
      throw error;
    }
  }

  async function serve(request: Request, credential: Credential, key: string): Promise<Response> {
    const fault = await gate.fault(request, 0n, credential.challenge);
    if (fault) return deny(request, { problem: fault });
    const { payload } = credential;
    const at = { channelId: payload.channelId };
    const wish = wishOf(credential);
    if ("problem" in wish) return deny(request, wish);
    const malformed = wish.offer && appraiser.shape(wish.offer, payload.channelId);
    if (malformed) return deny(request, refused(malformed, at));
    if (payload.action === "open" && payload.type === "authorization") {
      // Before gas is spent on the channel; an open that is known already is judged like any other gift.
      const closed = await appraiser.opening(credential as OpenCredential, wish.offer);
      if (closed) return deny(request, refused(closed, at));
    }
    const charge = { amount: "all", idempotencyKey: key } as const;
    const { evidence } = wish;
    const settled = await settleCredential(desk, credential, evidence === undefined ? {} : { charge, evidence });
    if ("problem" in settled) return deny(request, await withHeld(settled, payload.channelId));
    if ("toppedUp" in settled) {
      onOutcome("toppedUp");
      return new Response(null, { headers: { "cache-control": "no-store" } });
    }
    return receipted(credential, settled.acceptance, wish.offer?.allocation.gifts, settled.hash);
  }

  /** Whoever proved to be the channel's signer sees what is held, so that its devices can go on from it. */
  async function withHeld(denial: Denial, channelId: Hex): Promise<Denial> {
    if (problemCode(denial.problem) !== "allocation-diverges") return denial;
    const record = await options.record(channelId);
    if (record?.evidence === undefined || record.signature === undefined) return denial;
    return { ...denial, problem: { ...denial.problem, held: heldJson(record, record.signature, record.evidence) } };
  }

  function receipted(
    { challenge }: Credential,
    { record, charge, replayed }: Acceptance,
    offered: readonly Gift[] = [],
    txHash: Hex | undefined,
  ): Response {
    onOutcome(replayed ? "replayed" : charge ? "accepted" : "opened");
    const at = new Date(charge?.at ?? clock()).toISOString();
    const cumulativeAmount = charge?.cumulativeAmount ?? record.authorized;
    const sum = offered.reduce((total, gift) => total + gift.cumulativeAmount, 0n);
    const receipt = formatReceipt({
      challengeId: challenge.id,
      channelId: record.id,
      chainId: desk.escrow.chainId,
      acceptedCumulative: record.authorized,
      spent: charge?.spent ?? record.spent,
      timestamp: at,
      ...(txHash ? { txHash } : {}),
    });
    const body = canonicalJson({
      channelId: record.id,
      cumulativeAmount: cumulativeAmount.toString(),
      amount: (charge?.amount ?? 0n).toString(),
      // What was sent with an old key may be another list than the one that it was acknowledged for.
      gifts: sum === cumulativeAmount && isHeld(record, offered) ? giftsJson(offered) : undefined,
      at,
    });
    const headers = {
      "content-type": "application/json",
      "cache-control": "no-store",
      "payment-receipt": receipt,
      ...(replayed ? { "idempotent-replayed": "true" } : {}),
    };
    return new Response(body, { headers });
  }

  return async (incoming) => {
    const request = await limited(incoming, { maxBody: 0 });
    return request instanceof Request ? answer(request) : deny(incoming, request);
  };
}

/** What a credential wants kept: nothing, for one that only opens or tops up. */
function wishOf({ payload }: Credential): { offer?: Offer; evidence?: string } | Denial {
  const { channelId } = payload;
  if (payload.action === "topUp") return {};
  if (payload.action === "close") {
    const detail = "A pool signs no consent. Send a signed close request to /close-requests, or close on-chain.";
    return { problem: problem("method-unsupported", detail, { channelId }) };
  }
  if (payload.action === "tick") {
    const detail = "A pool takes no ticks: each of its vouchers comes with an allocation. Send a voucher.";
    return { problem: problem("method-unsupported", detail, { channelId }) };
  }
  const { cumulativeAmount, allocation } = payload;
  if (payload.action === "open" && cumulativeAmount === 0n) return {};
  if (!allocation) {
    const detail = "The voucher came without its allocation: sign where its money is meant to go, and send both.";
    return { problem: problem("invalid-allocation", detail, { channelId }) };
  }
  return { offer: { cumulativeAmount, allocation }, evidence: formatAllocation(allocation) };
}

function heldJson({ authorized }: ChannelRecord, voucherSignature: Hex, evidence: string): Json {
  const held = { cumulativeAmount: authorized, voucherSignature, allocation: parseAllocation(evidence) };
  return JSON.parse(formatHeld(held));
}

function isHeld(record: ChannelRecord, offered: readonly Gift[]): boolean {
  const held = new Map(heldGifts(record).map((gift) => [gift.projectId, gift.cumulativeAmount]));
  return offered.every(({ projectId, cumulativeAmount }) => (held.get(projectId) ?? 0n) >= cumulativeAmount);
}

function giftsJson(gifts: readonly Gift[]): Json {
  return gifts.map(({ projectId, cumulativeAmount }) => ({
    projectId: projectId.toString(),
    cumulativeAmount: cumulativeAmount.toString(),
  }));
}
