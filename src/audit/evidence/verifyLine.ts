import type { Client } from "viem";
import {
  type Allocation,
  allocationDigest,
  checkAllocation,
  InvalidAllocationError,
} from "../../protocol/allocation.ts";
import { channelSigner } from "../../protocol/channel.ts";
import { gateDataHash } from "../../protocol/donation.ts";
import { voucherDigest } from "../../protocol/voucher.ts";
import type { Fact, FactCode } from "../fact.ts";
import type { Books, RoundLedger } from "../round/ledger.ts";
import type { EvidenceLine } from "./read.ts";
import { standsBy } from "./signer.ts";

/**
 * Whether a channel's line stands by itself: a channel to this pool that the escrow knows, an allocation by the rules, both
 * signed by the channel's signer, covered by its deposit. The first thing that is not so; undefined if all is.
 */
export async function verifyLine(
  client: Client,
  books: Books,
  round: RoundLedger,
  line: EvidenceLine,
  blockNumber: bigint,
): Promise<Fact | undefined> {
  const { escrow } = books.ledger.rules;
  const { pool, terms } = round.rules;
  const { channel, channelId, cumulativeAmount, voucherSignature, allocation } = line;
  const fact = (code: FactCode, message: string, found: Partial<Fact> = {}): Fact => {
    return { code, message: `The export: ${message}`, pool, token: terms.token, channelId, ...found };
  };
  const known = books.ledger.channels.get(channelId);
  if (channel.payee !== pool || channel.token !== terms.token || !known) {
    return fact("foreign-evidence", `Channel ${channelId} is not one that was opened to this pool in its token.`);
  }
  const { gifts, gateData, signature } = allocation;
  const signed: Allocation = { channelId, cumulativeAmount, gateDataHash: gateDataHash(gateData), gifts };
  try {
    checkAllocation(signed);
  } catch (error) {
    if (error instanceof InvalidAllocationError) return fact("invalid-allocation", error.message);
    throw error;
  }
  const signer = channelSigner(channel);
  const voucher = { signer, digest: voucherDigest(line, escrow), signature: voucherSignature };
  if (!(await standsBy(client, voucher, blockNumber))) {
    const message = `${signer} did not sign the voucher of ${cumulativeAmount}.`;
    return fact("unsigned-voucher", message, { account: signer, actual: cumulativeAmount });
  }
  const digest = allocationDigest(signed, { address: pool, chainId: escrow.chainId });
  if (!(await standsBy(client, { signer, digest, signature }, blockNumber))) {
    const message = `${signer} did not sign the gifts of ${cumulativeAmount} under this gate data.`;
    return fact("unsigned-allocation", message, { account: signer, actual: cumulativeAmount });
  }
  if (cumulativeAmount > known.deposit) {
    const message = `The gifts are ${cumulativeAmount}, and the channel holds ${known.deposit}.`;
    return fact("evidence-above-deposit", message, { expected: known.deposit, actual: cumulativeAmount });
  }
  return undefined;
}
