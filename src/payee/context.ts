import type { Address, Hex } from "viem";
import type { Observer } from "../chain/observer.ts";
import type { Escrow } from "../protocol/channel.ts";
import type { Signer } from "../protocol/signer.ts";
import type { voucherHasher } from "../protocol/voucher.ts";
import type { ChannelStore } from "../store/store.ts";
import type { Verifier } from "../verifier/verifier.ts";
import type { ChainState } from "./chainState.ts";
import type { ContractSignerCheck } from "./contractSigner.ts";
import type { Failures } from "./failures.ts";
import type { KnownKeys } from "./knownKeys.ts";
import type { FullTerms } from "./terms.ts";
import type { EvidenceAppraisal, EvidenceRule } from "./types.ts";
import type { Waiting } from "./waiting.ts";

/** What every verb of one payee works with. */
export type Context = {
  readonly escrow: Escrow;
  /** Lower case. */
  readonly address: Address;
  readonly signer?: Signer;
  readonly observer: Observer;
  readonly store: ChannelStore;
  readonly verifier: Verifier;
  /** Vouchers' digests over bytes; absent where the verifier has text alone. */
  readonly hashVoucher?: ReturnType<typeof voucherHasher>;
  readonly keys: KnownKeys;
  readonly failures: Failures;
  readonly waiting: Waiting;
  /** Resolves after so many milliseconds, or at once when the signal is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly terms: FullTerms;
  /** Where it is given, nothing is raised without evidence. */
  readonly evidence?: EvidenceRule;
  readonly appraise?: EvidenceAppraisal;
  /** Unix milliseconds. */
  readonly clock: () => number;
  readonly chainState: ChainState;
  readonly isValidSignature?: ContractSignerCheck;
  /** Channels whose close is being signed at this moment: nothing new is let in, so that the amount stands still. */
  readonly closing: Set<Hex>;
};
