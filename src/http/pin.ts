import type { Address } from "viem";
import { type Challenge, type Escrow, FarthingError, requestedEscrow } from "../protocol/index.ts";

/** What a client has decided beforehand and no server can change. */
export type Pin = {
  chainId: number;
  escrow: Address;
  payee: Address;
  token: Address;
};

/** @throws {@link PinMismatchError} when a challenge asks for another chain, escrow, payee or token. */
export function assertPinned(challenge: Challenge, pin: Pin): void {
  const { currency, recipient } = challenge.request;
  const { address, chainId }: Escrow = requestedEscrow(challenge.request);
  const asked: Record<keyof Pin, string> = {
    chainId: String(chainId),
    escrow: address,
    payee: recipient,
    token: currency,
  };
  for (const field of ["chainId", "escrow", "payee", "token"] as const) {
    const pinned = String(pin[field]).toLowerCase();
    if (asked[field].toLowerCase() !== pinned) throw new PinMismatchError(field, pinned, asked[field]);
  }
}

/** @throws {@link InsecureTransportError}: credentials go over TLS, or stay on this machine. */
export function assertSecure(url: URL): void {
  const isLocal = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== "https:" && !isLocal) throw new InsecureTransportError(url.origin);
}

/** The server asks for something else than what the client pinned. Nothing was signed. */
export class PinMismatchError extends FarthingError {
  override readonly name = "PinMismatchError";
  readonly field: keyof Pin;
  constructor(field: keyof Pin, pinned: string, asked: string) {
    super(
      "pin-mismatch",
      `The server asks for ${field} ${asked} and ${pinned} is pinned. Nothing was signed; change the pin only if you know why.`,
    );
    this.field = field;
  }
}

/** Payment over a connection that others can read. */
export class InsecureTransportError extends FarthingError {
  override readonly name = "InsecureTransportError";
  constructor(origin: string) {
    super(
      "insecure-transport",
      `${origin} is not served over TLS: a credential sent there is money for whoever listens. Use https.`,
    );
  }
}
