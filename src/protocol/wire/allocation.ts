import type { Hex } from "viem";
import type { Gift } from "../allocation.ts";
import { formatAmount } from "../amount.ts";
import { FarthingError } from "../errors.ts";
import { type Fields, fieldsOf } from "./fields.ts";
import { canonicalJson, type Json, parseJson } from "./json.ts";

/**
 * What goes with a voucher to a donation pool, as an extension of the draft: where its money is meant to go. Its amount is the
 * voucher's. Shape alone is checked here; the pool's rules are `checkAllocation`'s.
 */
export type AllocationPayload = {
  /** What the round's gate asks for; `0x` gives without matching. At most {@link maxGateData} bytes. */
  readonly gateData: Hex;
  /** Cumulative, base units. */
  readonly gifts: readonly Gift[];
  /** The allocation's, 65 bytes. With its voucher it is money: never log it. */
  readonly signature: Hex;
  /**
   * The cumulative amount that the collector held, as far as the donor knew, when this was signed; 0 for nothing. Not signed: a
   * collector that holds another one refuses it as diverging. Without it two devices' gifts to one project, signed on the same
   * base, contain each other, and both would be acknowledged for the larger alone.
   */
  readonly buildsOn?: bigint;
};

/** What a donor last signed and a collector holds: shown to the donor's other devices, which build on it. */
export type HeldAllocation = {
  /** Base units: the voucher's amount and the sum of the gifts. */
  readonly cumulativeAmount: bigint;
  readonly voucherSignature: Hex;
  readonly allocation: AllocationPayload;
};

/** Longest gate data that travels, bytes: a proof in a tree of 2^60 leaves. */
export const maxGateData = 2_048;

/** An allocation as one canonical text: the evidence that a payee keeps with a channel, and a payer with its own mark. */
export function formatAllocation(allocation: AllocationPayload): string {
  return canonicalJson(writeAllocation(allocation));
}

/** @throws {@link MalformedAllocationError} for anything but an allocation in canonical form. */
export function parseAllocation(text: string): AllocationPayload {
  return readAllocation(fieldsOf(parseJson(text), "allocation", malformed));
}

/** The `held` member of a problem `allocation-diverges`. */
export function formatHeld({ cumulativeAmount, voucherSignature, allocation }: HeldAllocation): string {
  return canonicalJson({
    cumulativeAmount: formatAmount(cumulativeAmount),
    voucherSignature,
    allocation: writeAllocation(allocation),
  });
}

/** @throws {@link MalformedAllocationError} for anything but a voucher's amount and signature with an allocation. */
export function parseHeld(text: string): HeldAllocation {
  const fields = fieldsOf(parseJson(text), "held", malformed);
  return {
    cumulativeAmount: fields.amount("cumulativeAmount"),
    voucherSignature: fields.hex("voucherSignature", 65),
    allocation: readAllocation(fields.object("allocation")),
  };
}

/** Reads an allocation that is a part of something else, which says what to throw. */
export function readAllocation(fields: Fields): AllocationPayload {
  const gifts = fields.objects("gifts").map((gift) => ({
    projectId: gift.amount("projectId", { max: maxProjectId }),
    cumulativeAmount: gift.amount("cumulativeAmount"),
  }));
  return {
    gateData: fields.bytes("gateData", maxGateData),
    gifts,
    signature: fields.hex("signature", 65),
    ...fields.optional("buildsOn", fields.amount),
  };
}

/** An allocation as it travels. */
export function writeAllocation({ gateData, gifts, signature, buildsOn }: AllocationPayload): Json {
  return {
    gateData,
    gifts: gifts.map(({ projectId, cumulativeAmount }) => ({
      projectId: formatAmount(projectId, { max: maxProjectId }),
      cumulativeAmount: formatAmount(cumulativeAmount),
    })),
    signature,
    buildsOn: buildsOn === undefined ? undefined : formatAmount(buildsOn),
  };
}

const maxProjectId = 2n ** 256n - 1n;

const malformed = (reason: string) => new MalformedAllocationError(reason);

/** A text is no allocation. The reason never quotes it, because it may hold signatures. */
export class MalformedAllocationError extends FarthingError {
  override readonly name = "MalformedAllocationError";
  constructor(reason: string) {
    super("malformed-allocation", `The allocation could not be read: ${reason}. Take it as it was written, whole.`);
  }
}
