import {
  type Call,
  encodeCloseWithAuthorization,
  encodeRequestCloseWithSignature,
  encodeWithdraw,
} from "../chain/channels/encode.ts";
import type { ChannelRecord } from "../store/record.ts";
import { type Preparation, type PrepareContext, type Prepared, simulate } from "./prepare.ts";

/** An action of the exits loop that is not a settlement. */
export type ExitAction = "close" | "requestClose" | "withdraw";

/** Simulates one exit; the same rules as for settlements. */
export async function prepareExit(
  record: ChannelRecord,
  action: ExitAction,
  context: PrepareContext,
): Promise<Preparation> {
  const exit = encodeExit(record, action, context);
  if (!exit) return { calls: [], refused: [{ record, reason: "nothing signed is stored for it" }], done: [] };
  const revert = await simulate(exit.call, context);
  if (!revert) return { calls: [{ ...exit, records: [record] }], refused: [], done: [] };
  if (revert.reason === "ChannelFinalized") return { calls: [], refused: [], done: [record] };
  return { calls: [], refused: [{ record, reason: revert.reason }], done: [] };
}

function encodeExit(
  record: ChannelRecord,
  action: ExitAction,
  { escrow: address }: PrepareContext,
): { purpose: Prepared["purpose"]; call: Call } | undefined {
  const { channel, closeAuthorization: consent, closeRequest: wish } = record;
  if (action === "withdraw") return { purpose: "withdraw", call: encodeWithdraw({ address, channel }) };
  if (action === "requestClose") {
    return (
      wish && {
        purpose: "requestCloseWithSignature",
        call: encodeRequestCloseWithSignature({ address, channel, signature: wish.signature }),
      }
    );
  }
  if (!consent) return undefined;
  const { cumulativeAmount, voucherSignature, deadline, signature: payeeSignature } = consent;
  const close = { address, channel, cumulativeAmount, signature: voucherSignature, deadline, payeeSignature };
  return { purpose: "closeWithAuthorization", call: encodeCloseWithAuthorization(close) };
}
