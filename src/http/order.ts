import type { PayerChannel } from "../payer/channel.ts";
import type { Opening } from "../payer/opening.ts";
import type { PaidTick } from "../payer/tick.ts";
import type {
  AllocationPayload,
  Challenge,
  Credential,
  ProblemCode,
  SignedVoucher,
  Source,
} from "../protocol/index.ts";

/** What was signed for one idempotency key: asked again, the same key costs nothing new. */
export type Order = {
  channel: PayerChannel;
  /** With an opening it is a voucher. */
  proof: SignedVoucher | PaidTick;
  price: bigint;
  opening?: Opening;
};

/** What an order shows of itself; on a channel to a donation pool, with where the money goes. */
export type Shown = Omit<Order, "channel" | "price"> & {
  channel: Pick<PayerChannel, "channel">;
  allocation?: AllocationPayload;
  /** The server has taken a tick of this root before, and so holds its offer. */
  isKnownRoot?: boolean;
};

/** The credential that answers a challenge with an order: an `open` where the server does not know the channel yet. */
export function credentialOf(challenge: Challenge, order: Shown, source: Source): Credential {
  const { channel, proof, opening, allocation, isKnownRoot } = order;
  if ("tickRoot" in proof) {
    const { channelId, tickRoot, ticks, link, offer } = proof;
    const tick = { channelId, tickRoot, ticks, link, ...(isKnownRoot ? {} : { offer }) };
    return { challenge, payload: { action: "tick", ...tick } };
  }
  const { channelId, cumulativeAmount, signature } = proof;
  const paid = { channelId, cumulativeAmount, ...(allocation ? { allocation } : {}) };
  if (!opening) return { challenge, payload: { action: "voucher", ...paid, signature } };
  const { salt, authorizedSigner } = channel.channel;
  const common = { action: "open", ...paid, salt, authorizedSigner } as const;
  if (opening.type === "hash") return { challenge, source, payload: { ...common, ...opening, signature } };
  return { challenge, payload: { ...common, ...opening, voucherSignature: signature } };
}

/**
 * Why a tick was not taken that a voucher over what is owed answers: its chain is done with, or the server takes no ticks at all.
 * Undefined for every other problem.
 */
export function tickRefusal(code: ProblemCode | undefined): "chain" | "server" | undefined {
  switch (code) {
    case "tick-mismatch":
    case "tick-root-unknown":
    case "tick-root-retired":
    case "too-many-ticks":
      return "chain";
    // A server of the draft alone does not know the action.
    case "malformed-credential":
    case "method-unsupported":
      return "server";
    default:
      return undefined;
  }
}
