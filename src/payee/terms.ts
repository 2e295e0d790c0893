import type { Address } from "viem";

/** What a payee asks of the channels that pay it. Amounts in base units of the channel's token. */
export type Terms = {
  /** Tokens taken; the zero address is the chain's native coin. */
  tokens: readonly Address[];
  /** Least deposit of a channel. 1 unless told. */
  minDeposit?: bigint;
  /** Least rise of a voucher above the highest that was accepted, `minVoucherDelta` of the draft. 0 unless told. */
  minVoucherDelta?: bigint;
  /** Age, in milliseconds of the payee's clock, from which the chain is read again before a sale. 10,000 unless told. */
  freshness?: number;
  /** Calls that may be under way at once; whatever is asked beyond is refused as `unavailable`. 10,000 unless told. */
  maxInFlight?: number;
  /** Most that a channel may owe, `authorized - settled`. No limit unless told. */
  maxUnsettledPerChannel?: bigint;
  /**
   * Most that a payer may owe over all of its channels of one token. No limit unless told. Exact, for several processes on one store
   * too, if it is the same for all of them.
   */
  maxUnsettledPerPayer?: bigint;
  /** How long a reservation holds, milliseconds of the payee's clock; after that it counts no more. 60,000 unless told. */
  reservationTime?: number;
  /**
   * Whether ERC-1271 contracts may sign vouchers. False unless told: such a signer can change its mind after service was given.
   * Where it is true, accept only as much from one channel as you can bear to lose.
   */
  acceptContractSigners?: boolean;
};

/** {@link Terms} with every default filled in. */
export type FullTerms = Required<Omit<Terms, Limits>> & Pick<Terms, Limits>;

type Limits = "maxUnsettledPerChannel" | "maxUnsettledPerPayer";

/** Fills in the defaults. */
export function fullTerms(terms: Terms): FullTerms {
  const { maxUnsettledPerChannel, maxUnsettledPerPayer } = terms;
  return {
    minDeposit: terms.minDeposit ?? 1n,
    minVoucherDelta: terms.minVoucherDelta ?? 0n,
    freshness: terms.freshness ?? 10_000,
    maxInFlight: terms.maxInFlight ?? 10_000,
    reservationTime: terms.reservationTime ?? 60_000,
    acceptContractSigners: terms.acceptContractSigners ?? false,
    tokens: terms.tokens.map((token) => token.toLowerCase() as Address),
    ...(maxUnsettledPerChannel === undefined ? {} : { maxUnsettledPerChannel }),
    ...(maxUnsettledPerPayer === undefined ? {} : { maxUnsettledPerPayer }),
  };
}
