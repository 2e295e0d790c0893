import type { Hex } from "viem";
import { formatAmount } from "../amount.ts";
import { type Channel, canonicalChannel } from "../channel.ts";
import { FarthingError } from "../errors.ts";
import { type HeldAllocation, maxGateData, readGifts, writeGifts } from "./allocation.ts";
import { fieldsOf } from "./fields.ts";
import { canonicalJson, parseJson } from "./json.ts";

/** What a collector holds of one channel, for anyone to check: one line of its export. */
export type Evidence = HeldAllocation & {
  /** As the collector says it; it follows from the descriptor, and whoever reads it checks that it does. */
  readonly channelId: Hex;
  /** Canonical. */
  readonly channel: Channel;
};

/** One line of an export, without its end. */
export function formatEvidence(evidence: Evidence): string {
  const { channelId, channel, cumulativeAmount, voucherSignature, allocation } = evidence;
  return canonicalJson({
    channelId,
    descriptor: { ...channel },
    cumulativeAmount: formatAmount(cumulativeAmount),
    voucherSignature,
    gifts: writeGifts(allocation.gifts),
    gateData: allocation.gateData,
    allocationSignature: allocation.signature,
  });
}

/** @throws {@link MalformedEvidenceError} for anything but a line of an export. */
export function parseEvidence(line: string): Evidence {
  const fields = fieldsOf(parseJson(line, { maxLength: maxEvidenceLength }), "evidence", malformed);
  const channel = fields.object("descriptor");
  return {
    channelId: fields.hex("channelId", 32),
    channel: canonicalChannel({
      payer: channel.address("payer"),
      payee: channel.address("payee"),
      token: channel.address("token"),
      salt: channel.hex("salt", 32),
      authorizedSigner: channel.address("authorizedSigner"),
    }),
    cumulativeAmount: fields.amount("cumulativeAmount"),
    voucherSignature: fields.hex("voucherSignature", 65),
    allocation: {
      gateData: fields.bytes("gateData", maxGateData),
      gifts: readGifts(fields),
      signature: fields.hex("allocationSignature", 65),
    },
  };
}

/** Longest line that is read, characters: 64 gifts with the longest of everything. */
const maxEvidenceLength = 32_768;

const malformed = (reason: string) => new MalformedEvidenceError(reason);

/** A line is not of a collector's export. The reason never quotes it, because it holds signatures. */
export class MalformedEvidenceError extends FarthingError {
  override readonly name = "MalformedEvidenceError";
  constructor(reason: string) {
    super("malformed-evidence", `The evidence could not be read: ${reason}. Take it as the collector wrote it, whole.`);
  }
}
