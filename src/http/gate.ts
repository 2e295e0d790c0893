import type { Address } from "viem";
import {
  type Challenge,
  type ChallengeSecret,
  challengeExpired,
  decodeOpaque,
  type Escrow,
  formatChallenge,
  type Problem,
  problem,
  requestedEscrow,
  sealChallenge,
  verifyChallenge,
} from "../protocol/index.ts";

/** What a server demands, apart from the price. Amounts are base units of `token`. */
export type Demand = {
  /** Protection space, printable ASCII without `|`. */
  realm: string;
  /** At least 32 random bytes; or the present secret and those before it, whose challenges still live. */
  secret: ChallengeSecret | readonly [ChallengeSecret, ...ChallengeSecret[]];
  escrow: Escrow;
  token: Address;
  /** What a new channel had best lock. */
  suggestedDeposit?: bigint;
  minVoucherDelta?: bigint;
  description?: string;
  unitType?: string;
  /** How long a challenge lives, seconds: 300 unless told. */
  lifetime?: number;
};

/** Hands out sealed challenges and takes back only its own. */
export type Gate = {
  /** A fresh challenge, as a `WWW-Authenticate` value. */
  demand(request: Request, price: bigint): Promise<string>;
  /** Why a challenge that came back is not good for this request at this price, or undefined. */
  fault(request: Request, price: bigint, challenge: Challenge): Promise<Problem | undefined>;
};

/** @param clock Unix milliseconds of the server, the only clock that a challenge is judged by. */
export function createGate(demand: Demand, payee: Address, relays: boolean, clock: () => number): Gate {
  const { realm, secret, escrow, token, lifetime = 300 } = demand;
  const secrets = secret instanceof Uint8Array ? ([secret] as const) : secret;
  const { suggestedDeposit, minVoucherDelta, description, unitType = "request" } = demand;

  return {
    async demand(request, price) {
      const challenge = await sealChallenge(secrets[0], {
        realm,
        request: {
          amount: price,
          unitType,
          ...(suggestedDeposit === undefined ? {} : { suggestedDeposit }),
          currency: token,
          recipient: payee,
          methodDetails: {
            chainId: escrow.chainId,
            escrowContract: escrow.address,
            ...(minVoucherDelta === undefined ? {} : { minVoucherDelta }),
            ...(relays ? { feePayer: true } : {}),
            credentialTypes: relays ? ["authorization", "hash"] : ["hash"],
          },
        },
        expires: new Date(clock() + lifetime * 1000).toISOString(),
        opaque: { route: routeOf(request) },
        ...(description === undefined ? {} : { description }),
      });
      return formatChallenge(challenge);
    },
    async fault(request, price, challenge) {
      if (!(await verifyChallenge(secrets, challenge)) || challenge.opaque === undefined) {
        return problem("invalid-challenge", "This server did not issue the challenge. Answer the fresh one.");
      }
      if (challengeExpired(challenge, clock())) {
        return problem("payment-expired", "The challenge has expired. Answer the fresh one; nothing was charged.");
      }
      if (decodeOpaque(challenge.opaque).route !== routeOf(request)) {
        return problem("invalid-challenge", "The challenge was issued for another route. Answer the fresh one.");
      }
      const { amount, currency, recipient } = challenge.request;
      const { address, chainId } = requestedEscrow(challenge.request);
      const same =
        amount === price &&
        currency === token.toLowerCase() &&
        recipient === payee &&
        address === escrow.address.toLowerCase() &&
        chainId === escrow.chainId;
      return same
        ? undefined
        : problem("invalid-challenge", "The price or the terms have changed. Answer the fresh challenge.");
    },
  };
}

/** HEAD asks for what GET would give, so they share a challenge; queries may change what is served, and the price tells. */
function routeOf(request: Request): string {
  const method = request.method === "HEAD" ? "GET" : request.method;
  return `${method} ${new URL(request.url).pathname}`;
}
