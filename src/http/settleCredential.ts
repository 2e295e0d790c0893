import type { Hash, Hex, PublicActions } from "viem";
import { TransactionReceiptNotFoundError } from "viem";
import { decodeChannelEvents } from "../chain/index.ts";
import type { Acceptance, ChargeRequest, Payee, Refusal } from "../payee/types.ts";
import {
  type Credential,
  channelSigner,
  type Escrow,
  InvalidSignatureError,
  isPlainSignature,
  type OpenByAuthorization,
  type OpenByHash,
  openedChannel,
  problem,
  recoverVoucher,
  type SignedVoucher,
  type TopUpByHash,
} from "../protocol/index.ts";
import { type Denial, plainProblem, refused } from "./problemResponse.ts";
import type { Relay } from "./relay.ts";

/** What a credential leads to: a denial, an acceptance, or (a top-up, which nobody signed) a bare yes. */
export type Settled = { acceptance: Acceptance; hash?: Hash } | { toppedUp: Hash } | Denial;

export type Desk = {
  payee: Pick<Payee, "register" | "refresh" | "accept" | "acceptTick" | "authorizeClose">;
  escrow: Escrow;
  /** Reads the receipts of transactions that clients name. */
  client: { getTransactionReceipt: PublicActions["getTransactionReceipt"] };
  relay?: Relay | undefined;
};

/** What a voucher is accepted for. */
export type Sale = {
  /** What this request costs; absent when it only moves vouchers. */
  charge?: ChargeRequest;
  /** What is kept with the voucher. */
  evidence?: string;
};

/**
 * Does what a verified challenge's credential asks. Everything that grants or reveals anything comes after a signature.
 */
export async function settleCredential(desk: Desk, credential: Credential, sale: Sale): Promise<Settled> {
  const { payee } = desk;
  const { payload } = credential;
  const at = { channelId: payload.channelId };
  if (payload.action === "topUp") return topUp(desk, payload);
  if (payload.action === "open") return open(desk, credential as OpenCredential, sale);
  if (payload.action === "tick") {
    const taken = await payee.acceptTick(payload, sale.charge ? { charge: sale.charge } : {});
    return taken.ok ? { acceptance: taken } : refused(taken, at);
  }
  const { channelId, cumulativeAmount, signature } = payload;
  const accepted = await payee.accept(
    { channelId, cumulativeAmount, signature },
    payload.action === "voucher" ? sale : {},
  );
  if (payload.action === "voucher") return accepted.ok ? { acceptance: accepted } : voucherDenial(accepted, payload);
  // A channel whose close was agreed before refuses vouchers; whoever asks again with a good one gets the same consent.
  if (!accepted.ok && accepted.code !== "close-pending") return voucherDenial(accepted, payload);
  const closed = await payee.authorizeClose(channelId);
  return closed.ok ? { acceptance: closed } : refused(closed, at);
}

/** What came over the wire was read already, so a malformed voucher has 65 bytes that are no signature. */
function voucherDenial(refusal: Refusal, { channelId, signature }: { channelId: Hex; signature: Hex }): Denial {
  const isSignature = refusal.code !== "malformed" || isPlainSignature(signature);
  return refused(isSignature ? refusal : { ...refusal, code: "invalid-signature" }, { channelId });
}

type OpenCredential = Credential & { readonly payload: OpenByHash | OpenByAuthorization };

async function open(desk: Desk, credential: OpenCredential, sale: Sale): Promise<Settled> {
  const { payee, escrow, relay } = desk;
  const { payload } = credential;
  const { channelId, cumulativeAmount } = payload;
  const at = { channelId };
  const channel = openedChannel(credential);
  const signature = payload.type === "hash" ? payload.signature : payload.voucherSignature;
  const voucher: SignedVoucher = { channelId, cumulativeAmount, signature };

  let registered = await payee.register(channel);
  let hash = payload.type === "hash" ? payload.hash : undefined;
  if (isUnknown(registered)) {
    if (payload.type === "hash") {
      const shown = await shownBy(desk, payload.hash, channelId, "ChannelOpened");
      if ("problem" in shown) return shown;
    } else {
      if (!relay) {
        const detail = "This server relays no opens. Send the transaction yourself and name its hash.";
        return { problem: problem("method-unsupported", detail, at) };
      }
      const fault = await voucherFault(voucher, channelSigner(channel), escrow);
      if (fault) return fault;
      const { authorization, signature: authorizationSignature } = payload;
      const relayed = await relay.open({ channel, authorization, signature: authorizationSignature });
      if (!relayed.ok) return relayedDenial(relayed, at);
      hash = relayed.hash;
    }
    registered = await payee.register(channel);
  }
  // Mined, and not deep enough yet.
  if (isUnknown(registered)) return { ...refused(registered, at), retryAfter: 1 };
  if (!registered.ok) return refused(registered, at);

  // A first voucher above 0 pays for this very request; one of 0 only opens.
  const accepted = await payee.accept(voucher, cumulativeAmount > 0n ? sale : {});
  if (!accepted.ok) return voucherDenial(accepted, voucher);
  return { acceptance: accepted, ...(hash ? { hash } : {}) };
}

async function topUp(desk: Desk, { channelId, hash }: TopUpByHash): Promise<Settled> {
  const shown = await shownBy(desk, hash, channelId, "ChannelToppedUp");
  if ("problem" in shown) return shown;
  const refreshed = await desk.payee.refresh(channelId);
  if (!refreshed.ok) return refused(refreshed, { channelId });
  if (refreshed.record.deposit >= shown.deposit) return { toppedUp: hash };
  const detail = "The top-up is mined and not deep enough yet. Try again in a moment with the same credential.";
  return { problem: problem("unavailable", detail, { channelId }), retryAfter: 1 };
}

/** What a transaction that a client names did to the channel, or why it shows nothing. Only a hint: the deposit is read anew. */
async function shownBy(
  { client, escrow }: Desk,
  hash: Hash,
  channelId: Hex,
  eventName: "ChannelOpened" | "ChannelToppedUp",
): Promise<{ deposit: bigint } | Denial> {
  const receipt = await client.getTransactionReceipt({ hash }).catch((error: unknown) => {
    if (error instanceof TransactionReceiptNotFoundError) return undefined;
    throw error;
  });
  if (!receipt) {
    const detail = "The transaction is not mined yet. Try again in a moment with the same credential.";
    return { problem: problem("channel-not-found", detail, { channelId }), retryAfter: 1 };
  }
  const events = decodeChannelEvents(receipt.logs, { address: escrow.address });
  for (const event of events) {
    if (event.eventName === eventName && event.args.channelId === channelId) return { deposit: event.args.deposit };
  }
  const detail =
    receipt.status === "success"
      ? `The transaction did nothing to this channel on escrow ${escrow.address}. Name the right one.`
      : "The transaction was mined and reverted. Nothing was locked; send another.";
  return { problem: problem("transaction-reverted", detail, { channelId }) };
}

/** Gas is spent only for a payer that can pay: the first voucher must be good before the channel exists. */
async function voucherFault(voucher: SignedVoucher, signer: string, escrow: Escrow): Promise<Denial | undefined> {
  const { channelId } = voucher;
  try {
    if ((await recoverVoucher(voucher, escrow)) === signer.toLowerCase()) return undefined;
    const detail = `The first voucher is not signed by ${signer}, the channel's signer.`;
    return { problem: problem("signer-mismatch", detail, { channelId }) };
  } catch (error) {
    if (!(error instanceof InvalidSignatureError)) throw error;
    return { problem: problem("invalid-signature", error.message, { channelId }) };
  }
}

function relayedDenial(
  relayed: Exclude<Awaited<ReturnType<Relay["open"]>>, { ok: true }>,
  extra: { channelId: Hex },
): Denial {
  if (relayed.code !== "rate-limited") return refused({ ...relayed, code: relayed.code }, extra);
  return { problem: plainProblem(429, "Too Many Requests", relayed.detail), retryAfter: relayed.retryAfter };
}

function isUnknown(result: Acceptance | Refusal): result is Refusal {
  return !result.ok && result.code === "channel-not-found";
}
