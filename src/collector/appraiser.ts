import type { Address, Hex } from "viem";
import type { EvidenceAppraisal, EvidenceRule } from "../payee/index.ts";
import type { Refusal } from "../payee/types.ts";
import {
  allocationDigest,
  type Channel,
  channelSigner,
  type Escrow,
  gateDataHash,
  isPlainSignature,
  type OpenCredential,
  openedChannel,
  type Pool,
} from "../protocol/index.ts";
import type { ChannelRecord, ChannelStore } from "../store/index.ts";
import type { Verifier } from "../verifier/index.ts";
import type { Eligibility } from "./eligibility.ts";
import { giftFault, type Offer, readOffer, refuse, shapeFault, windowFault } from "./judge.ts";
import type { FullCollectorTerms } from "./options.ts";
import type { Round, RoundFacts } from "./round.ts";

/** Judges what donors offer: cheap questions first, and nothing that costs a look at the chain before the donor's signature. */
export type Appraiser = {
  /** What is wrong with an allocation before anybody looks who signed it. */
  shape(offer: Offer, channelId: Hex): Refusal | undefined;
  /** Everything but the write: the allocation's signature, the round, the gifts, the gate. */
  appraise: EvidenceAppraisal;
  /** Inside the write. */
  rule: EvidenceRule;
  /** Why no gas is spent on a channel that a donor asks to have opened, or undefined. */
  opening(credential: OpenCredential, offer: Offer | undefined): Promise<Refusal | undefined>;
};

/** How old facts may be, at most, that refuse a gift, milliseconds: what was changed a moment ago is seen, and nobody can make us ask faster. */
const recheck = 1_000;

export function createAppraiser(options: {
  round: Round;
  eligibility: Eligibility;
  verifier: Verifier;
  store: Pick<ChannelStore, "get">;
  pool: Address;
  escrow: Escrow;
  terms: FullCollectorTerms;
}): Appraiser {
  const { round, eligibility, verifier, store, escrow, terms } = options;
  const pool: Pool = { address: options.pool, chainId: escrow.chainId };

  const shape: Appraiser["shape"] = (offer, channelId) => shapeFault(offer, channelId, terms);

  const appraise: EvidenceAppraisal = async (record, offered) => {
    const offer = readOffer(offered);
    if ("ok" in offer) return offer;
    return shape(offer, record.id) ?? (await look(record, offer));
  };

  async function look(record: ChannelRecord, offer: Offer): Promise<Refusal | undefined> {
    const { channel, id } = record;
    const forged = await signatureFault(channel, id, offer);
    if (forged) return forged;
    const fault = await factsFault((facts) => closedFault(facts) ?? giftFault(record, offer, facts, terms));
    if (fault) return fault;
    if (await eligibility.counts(channel.payer, offer.allocation.gateData)) return undefined;
    return refuse(
      "not-eligible",
      "The round's gate gives this donor no weight for these data. Sign again with better ones, or with none to give without matching.",
    );
  }

  const closedFault = (facts: RoundFacts) => windowFault(round.terms, terms.margin, facts);

  /** A refusal by facts that are fresh enough to sell by is looked into once more by newer ones. */
  async function factsFault(judge: (facts: RoundFacts) => Refusal | undefined): Promise<Refusal | undefined> {
    const facts = await round.atMost(terms.freshness);
    const fault = judge(facts);
    if (!fault) return undefined;
    const newer = await round.atMost(Math.min(recheck, terms.freshness));
    return newer === facts ? fault : judge(newer);
  }

  async function signatureFault(channel: Channel, channelId: Hex, offer: Offer): Promise<Refusal | undefined> {
    const { cumulativeAmount, allocation } = offer;
    const { gifts, gateData, signature } = allocation;
    const message = { channelId, cumulativeAmount, gateDataHash: gateDataHash(gateData), gifts };
    const digest = allocationDigest(message, pool);
    const signer = isPlainSignature(signature) ? await verifier.recover(digest, signature) : undefined;
    if (signer === undefined) {
      return refuse("invalid-signature", "The allocation's signature recovers to no account. Sign it again.");
    }
    if (signer.toLowerCase() === channelSigner(channel)) return undefined;
    return refuse(
      "signer-mismatch",
      "This is not the channel's signer's signature over this allocation. Check the key, the pool, the chain, the gate data and the gifts.",
    );
  }

  return {
    shape,
    appraise,
    rule(record, offered) {
      const offer = readOffer(offered);
      if ("ok" in offer) return offer;
      const facts = round.last();
      return closedFault(facts) ?? giftFault(record, offer, facts, terms);
    },
    async opening(credential, offer) {
      const channel = openedChannel(credential);
      const { channelId } = credential.payload;
      if (await store.get(channelId)) return undefined;
      return offer ? look(unopened(channelId, channel, escrow), offer) : factsFault(closedFault);
    },
  };
}

/** What a channel is judged as before there is one. */
function unopened(id: Hex, channel: Channel, escrow: Escrow): ChannelRecord {
  const nothing = { deposit: 0n, settled: 0n, closeRequestedAt: 0n, finalized: false, authorized: 0n, spent: 0n };
  return { id, escrow, channel, ...nothing, block: { number: 0n, hash: `0x${"00".repeat(32)}` }, charges: [] };
}
