import { FarthingError } from "../errors.ts";
import { decodeBase64url, encodeBase64url } from "./base64url.ts";
import { type Challenge, MalformedChallengeError } from "./challenge.ts";
import { canonicalJson } from "./json.ts";
import { decodeSessionRequest, encodeSessionRequest, type SessionRequest } from "./sessionRequest.ts";
import { timestamp } from "./timestamp.ts";

/** What a server keeps to itself: at least 32 random bytes. */
export type ChallengeSecret = Uint8Array<ArrayBuffer>;

/** What a server asks for, before it is sealed. */
export type ChallengeTerms = {
  realm: string;
  request: SessionRequest;
  /** RFC 3339. */
  expires?: string;
  /** RFC 9530 digest of the request body. */
  digest?: string;
  /** Whatever the server wants back unchanged, such as the route and its price. */
  opaque?: Readonly<Record<string, string>>;
  description?: string;
};

/**
 * Makes a challenge whose id is the HMAC-SHA256 of everything that matters in it, so that the server need not remember it: realm,
 * method, intent, request, expires, digest, opaque. Source: draft-httpauth-payment-00, "Recommended: HMAC-SHA256 Binding".
 * @throws {@link MalformedChallengeError} for terms that cannot be bound without doubt.
 * @throws {@link WeakSecretError} for a secret below 32 bytes.
 */
export async function sealChallenge(secret: ChallengeSecret, terms: ChallengeTerms): Promise<Challenge> {
  const { realm, request, expires, digest, opaque, description } = terms;
  if (expires !== undefined && timestamp(expires) === undefined) {
    throw new MalformedChallengeError("expires is not an RFC 3339 time");
  }
  const encodedRequest = encodeSessionRequest(request);
  const unsealed = {
    realm,
    method: "evm",
    intent: "session",
    request: decodeSessionRequest(encodedRequest, (reason) => new MalformedChallengeError(reason)),
    encodedRequest,
    ...(expires === undefined ? {} : { expires }),
    ...(digest === undefined ? {} : { digest }),
    ...(opaque === undefined ? {} : { opaque: encodeBase64url(canonicalJson(opaque)) }),
    ...(description === undefined ? {} : { description }),
  } as const;
  const input = binding(unsealed);
  if (!input) throw new MalformedChallengeError("a value of it is empty or has a vertical bar, which separates values");
  const mac = await globalThis.crypto.subtle.sign("HMAC", await hmacKey(secret), input);
  return { id: encodeBase64url(new Uint8Array(mac)), ...unsealed };
}

/**
 * Whether a challenge that a credential echoes is one that this server sealed, in every bound value. Compares in constant time.
 * Says nothing of expiry: see `challengeExpired`.
 * @param secrets The secret, or the present one and those before it whose challenges have not expired yet.
 */
export async function verifyChallenge(
  secrets: ChallengeSecret | readonly ChallengeSecret[],
  challenge: Challenge,
): Promise<boolean> {
  const mac = decodeBase64url(challenge.id);
  const input = binding(challenge);
  if (!mac || !input) return false;
  for (const secret of secrets instanceof Uint8Array ? [secrets] : secrets) {
    if (await globalThis.crypto.subtle.verify("HMAC", await hmacKey(secret), mac, input)) return true;
  }
  return false;
}

/** The secret could be guessed. */
export class WeakSecretError extends FarthingError {
  override readonly name = "WeakSecretError";
  constructor() {
    super("weak-secret", "The challenge secret is too short: give at least 32 random bytes.");
  }
}

/** The seven slots; undefined where a value could be read as two slots or none. */
function binding(challenge: Omit<Challenge, "id">): Uint8Array<ArrayBuffer> | undefined {
  const { realm, method, intent, encodedRequest, expires, digest, opaque } = challenge;
  const required = [realm, method, intent, encodedRequest];
  const optional = [expires, digest, opaque];
  if (required.includes("") || optional.includes("")) return undefined;
  const slots = [...required, ...optional.map((value) => value ?? "")];
  if (slots.some((slot) => slot.includes("|"))) return undefined;
  return new TextEncoder().encode(slots.join("|"));
}

const keys = new WeakMap<ChallengeSecret, Promise<CryptoKey>>();

function hmacKey(secret: ChallengeSecret): Promise<CryptoKey> {
  if (secret.length < 32) throw new WeakSecretError();
  const known = keys.get(secret);
  if (known) return known;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = globalThis.crypto.subtle.importKey("raw", secret, algorithm, false, ["sign", "verify"]);
  keys.set(secret, key);
  return key;
}
