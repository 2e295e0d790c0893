import type { Address, Hex } from "viem";
import type { Observer } from "../chain/observer.ts";
import type { Escrow } from "../protocol/channel.ts";
import type { Signer } from "../protocol/signer.ts";
import { voucherHasher } from "../protocol/voucher.ts";
import type { ChannelStore } from "../store/store.ts";
import type { Verifier } from "../verifier/verifier.ts";
import { accept } from "./accept.ts";
import { acceptMany } from "./acceptMany.ts";
import { createChainState } from "./chainState.ts";
import { charge } from "./charge.ts";
import { authorizeClose, requestClose } from "./close.ts";
import type { Context } from "./context.ts";
import type { ContractSignerCheck } from "./contractSigner.ts";
import { createFailures } from "./failures.ts";
import { heal } from "./heal.ts";
import { createKnownKeys } from "./knownKeys.ts";
import { meter } from "./meter.ts";
import { overloaded, refusal, unavailable } from "./refusal.ts";
import { refresh, register } from "./register.ts";
import { reserve } from "./reserve.ts";
import { type StartOptions, start } from "./start.ts";
import { fullTerms, type Terms } from "./terms.ts";
import { acceptTick } from "./tick.ts";
import { openTicks } from "./tickStream.ts";
import type { Acceptance, EvidenceAppraisal, EvidenceRule, Payee, Refusal } from "./types.ts";
import { createWaiting } from "./waiting.ts";

/** All that a payee is made of. It closes none of it. */
export type PayeeOptions = StartOptions & {
  escrow: Escrow;
  /** The payee's address, and its signer where it can consent to closing channels. */
  account: { address: Address; signer?: Signer };
  observer: Observer;
  store: ChannelStore;
  verifier: Verifier;
  terms: Terms;
  /** What evidence must be; with it, every voucher that raises anything must bring some. Any evidence or none unless given. */
  evidence?: EvidenceRule;
  /** What is looked into before the write; nothing unless given. */
  appraise?: EvidenceAppraisal;
  /** Unix milliseconds; the system's unless given. Stamps receipts and ages chain readings; no money is decided by it. */
  clock?: () => number;
  /** How a meter waits for credit: resolves after so many milliseconds, or at once when the signal is aborted. A timer unless given. */
  sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** How contract signers are asked, `contractSignerCheck(client)`; needed where the terms accept them. */
  isValidSignature?: ContractSignerCheck;
  /**
   * Told of every store or chain failure behind an `unavailable`. The failure is the adapter's own: log its name and code, and
   * its message only if you know that adapter to keep its parameters to itself.
   */
  onFault?: (fault: unknown, verb: string) => void;
};

/**
 * The receiving side of any number of channels to one address on one escrow.
 * @example
 * const payee = createPayee({ escrow, account: { address }, observer, store, verifier, terms: { tokens: [usdc] } });
 * await payee.start();
 * const answer = await payee.accept(voucher, { charge: { amount: parseAmount("0.01", 6) } });
 * if (answer.ok && !answer.replayed) serve(); // 0.01 USDC, charged once
 */
export function createPayee(options: PayeeOptions): Payee {
  const { escrow, account, observer, store, verifier, clock = Date.now, isValidSignature, onFault } = options;
  const terms = fullTerms(options.terms);
  const context: Context = {
    escrow: { address: escrow.address.toLowerCase() as Address, chainId: escrow.chainId },
    address: account.address.toLowerCase() as Address,
    ...(account.signer && { signer: account.signer }),
    observer,
    store,
    verifier,
    ...(verifier.curve && { hashVoucher: voucherHasher(escrow, verifier.curve.keccak256) }),
    keys: createKnownKeys(),
    failures: createFailures(clock),
    waiting: createWaiting(),
    sleep: options.sleep ?? sleep,
    terms,
    ...(options.evidence && { evidence: options.evidence }),
    ...(options.appraise && { appraise: options.appraise }),
    clock,
    chainState: createChainState(observer, clock, terms.freshness),
    ...(isValidSignature && { isValidSignature }),
    closing: new Set<Hex>(),
  };
  let inFlight = 0;
  let ended: (() => void) | undefined;
  let halted: Refusal | undefined;

  /** Runs a verb: faults of store and chain become `unavailable`, and `stop` can wait for it. */
  async function run<T>(verb: string, work: () => Promise<T>, refused: (refusal: Refusal) => T): Promise<T> {
    // Only a store that is healed may be what the start is waiting for.
    if (halted && !(verb === "heal" && halted === notStarted)) return refused(halted);
    // What waits costs memory: past the limit it is better refused at once than answered late, or never.
    if (inFlight >= terms.maxInFlight) return refused(overloaded);
    inFlight += 1;
    try {
      return await work();
    } catch (fault) {
      onFault?.(fault, verb);
      return refused(unavailable);
    } finally {
      inFlight -= 1;
      if (inFlight === 0) ended?.();
    }
  }
  const one = (verb: string, work: () => Promise<Acceptance | Refusal>) => run(verb, work, (answer) => answer);

  const chargeOne: Payee["charge"] = (...parameters) => one("charge", () => charge(context, ...parameters));

  return {
    address: context.address,
    async start() {
      halted = notStarted;
      await start(context, options);
      halted = undefined;
    },
    register: (channel) => one("register", () => register(context, channel)),
    refresh: (id) => one("refresh", () => refresh(context, id)),
    accept: (...parameters) => one("accept", () => accept(context, ...parameters)),
    acceptMany: (vouchers) =>
      run(
        "acceptMany",
        () => acceptMany(context, vouchers),
        (answer) => (Array.isArray(vouchers) ? vouchers.map(() => answer) : []),
      ),
    acceptTick: (...parameters) => one("acceptTick", () => acceptTick(context, ...parameters)),
    openTicks: (id) =>
      run(
        "openTicks",
        () => openTicks(context, id, (work) => one("keep", work)),
        (answer) => answer,
      ),
    charge: chargeOne,
    reserve: (...parameters) =>
      run(
        "reserve",
        () => reserve(context, (work) => one("settle", work), ...parameters),
        (answer) => answer,
      ),
    meter: (...parameters) => meter(context, chargeOne, ...parameters),
    heal: (...parameters) => one("heal", () => heal(context, ...parameters)),
    requestClose: (id, signature) => one("requestClose", () => requestClose(context, id, signature)),
    authorizeClose: (id) => one("authorizeClose", () => authorizeClose(context, id)),
    async stop() {
      halted = stopped;
      // Meters that wait ask once more, and end.
      context.waiting.wakeAll();
      if (inFlight > 0)
        await new Promise<void>((resolve) => {
          ended = resolve;
        });
    },
  };
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const notStarted = refusal("unavailable", "The payee has not started: its store and the chain do not agree yet.");
const stopped = refusal("unavailable", "The payee is stopping. Try again in a moment with the same idempotency key.");
