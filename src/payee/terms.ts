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
   * Whether ERC-1271 contracts may sign vouchers. False unless told: such a signer can change its mind after service was given.
   * Where it is true, accept only as much from one channel as you can bear to lose.
   */
  acceptContractSigners?: boolean;
};

/** {@link Terms} with every default filled in. */
export type FullTerms = Required<Omit<Terms, "maxUnsettledPerChannel">> & { maxUnsettledPerChannel?: bigint };

/** Fills in the defaults. */
export function fullTerms(terms: Terms): FullTerms {
  const {
    tokens,
    minDeposit = 1n,
    minVoucherDelta = 0n,
    freshness = 10_000,
    maxInFlight = 10_000,
    acceptContractSigners = false,
  } = terms;
  const { maxUnsettledPerChannel } = terms;
  return {
    tokens: tokens.map((token) => token.toLowerCase() as Address),
    minDeposit,
    minVoucherDelta,
    freshness,
    maxInFlight,
    acceptContractSigners,
    ...(maxUnsettledPerChannel === undefined ? {} : { maxUnsettledPerChannel }),
  };
}
