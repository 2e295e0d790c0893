import { formatAmount } from "../amount.ts";
import { type Channel, canonicalChannel } from "../channel.ts";
import { FarthingError } from "../errors.ts";
import { type HeldAllocation, readAllocation, writeAllocation } from "./allocation.ts";
import { fieldsOf } from "./fields.ts";
import { canonicalJson, parseJson } from "./json.ts";

/** What a collector holds of one channel, for anyone to check: one line of its export. */
export type Evidence = HeldAllocation & {
  /** Canonical; the channel's id follows from it. */
  readonly channel: Channel;
};

/** One line of an export, without its end. */
export function formatEvidence({ channel, cumulativeAmount, voucherSignature, allocation }: Evidence): string {
  return canonicalJson({
    channel: { ...channel },
    cumulativeAmount: formatAmount(cumulativeAmount),
    voucherSignature,
    allocation: writeAllocation(allocation),
  });
}

/** @throws {@link MalformedEvidenceError} for anything but a line of an export. */
export function parseEvidence(line: string): Evidence {
  const fields = fieldsOf(parseJson(line, { maxLength: maxEvidenceLength }), "evidence", malformed);
  const channel = fields.object("channel");
  return {
    channel: canonicalChannel({
      payer: channel.address("payer"),
      payee: channel.address("payee"),
      token: channel.address("token"),
      salt: channel.hex("salt", 32),
      authorizedSigner: channel.address("authorizedSigner"),
    }),
    cumulativeAmount: fields.amount("cumulativeAmount"),
    voucherSignature: fields.hex("voucherSignature", 65),
    allocation: readAllocation(fields.object("allocation")),
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
