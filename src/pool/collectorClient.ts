import type { Hash, Hex } from "viem";
import type { Opening } from "../payer/opening.ts";
import type { Channel } from "../protocol/channel.ts";
import type { SignedVoucher } from "../protocol/voucher.ts";
import type { AllocationPayload, HeldAllocation } from "../protocol/wire/allocation.ts";
import type { ProblemCode } from "../protocol/wire/problem.ts";

/** One batch of gifts, signed: what a collector is shown. */
export type SignedGifts = {
  /** One a batch: whoever asks again with it is charged nothing new. */
  key: string;
  channel: Channel;
  voucher: SignedVoucher;
  allocation: AllocationPayload;
  /**
   * The cumulative amount that the collector held, as far as the donor knows, when this was signed; 0 for nothing. A collector
   * that holds another one refuses: else a list of two devices' same project would contain the other's gift, and count it once.
   */
  buildsOn: bigint;
  /** Where the collector does not know the channel yet. */
  opening?: Opening;
};

/** A top-up that the donor made itself. */
export type TopUp = { channel: Channel; channelId: Hex; hash: Hash /** Base units. */; additionalDeposit: bigint };

/** What a collector says to a batch of gifts. None of it is believed beyond what the donor's own signatures prove. */
export type CollectorAnswer =
  | {
      type: "acknowledged";
      channelId: Hex;
      /** Base units. */
      cumulativeAmount: bigint;
      /** What the batch added to what was held, base units. */
      amount: bigint;
      /** The collector's time, Unix milliseconds. */
      at: number;
    }
  | {
      type: "diverged";
      /** What it holds instead, if anything. */
      held?: HeldAllocation;
      /** Whether an earlier sending of the same may have arrived without its answer. */
      repeated: boolean;
    }
  | { type: "refused"; code: ProblemCode /** For a person. */; detail: string }
  /** Nothing is known: it may have been taken. */
  | { type: "unanswered" /** For a person. */; reason: string };

/**
 * How a giver reaches its collector: over HTTP by `farthing/collector/client`. What an answer does not settle is `unanswered`, and
 * it rejects only for what asking again does not mend.
 */
export interface CollectorClient {
  /** The ways in which it lets channels be opened, best first: `authorization`, `hash`. */
  openings(): Promise<readonly string[]>;
  give(gifts: SignedGifts): Promise<CollectorAnswer>;
  /** Tells of a top-up; resolves when the collector has seen it. */
  present(topUp: TopUp): Promise<void>;
}
