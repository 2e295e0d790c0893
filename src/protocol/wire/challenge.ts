import { FarthingError } from "../errors.ts";
import { type AuthChallenge, scanChallenges } from "./authParams.ts";
import { decodeBase64urlText } from "./base64url.ts";
import { maxHeaderLength, parseJson } from "./json.ts";
import { decodeSessionRequest, type SessionRequest } from "./sessionRequest.ts";
import { timestamp } from "./timestamp.ts";

/**
 * A demand for payment: what `WWW-Authenticate` carries, and what a credential echoes.
 * Source: draft-httpauth-payment-00, "Challenge"; draft-evm-session-00, "Request Schema".
 */
export type Challenge = {
  /** Binds the rest to its server; see `sealChallenge`. */
  readonly id: string;
  /** The protection space, printable ASCII. */
  readonly realm: string;
  readonly method: "evm";
  readonly intent: "session";
  readonly request: SessionRequest;
  /** `request` as it came or goes, base64url. It is echoed to the byte, unknown fields and all, and is what `id` binds. */
  readonly encodedRequest: string;
  /** RFC 3339. */
  readonly expires?: string;
  /** RFC 9530 digest of the request body that this challenge is for. */
  readonly digest?: string;
  /** The server's own correlation data, base64url, echoed as it is; see {@link decodeOpaque}. */
  readonly opaque?: string;
  /** For display alone: nothing may rely on it. */
  readonly description?: string;
};

/**
 * The value of a `WWW-Authenticate` header.
 * @throws {@link MalformedChallengeError} for a value that cannot stand in a header.
 */
export function formatChallenge(challenge: Challenge): string {
  const params: [string, string | undefined][] = [
    ["id", challenge.id],
    ["realm", challenge.realm],
    ["method", challenge.method],
    ["intent", challenge.intent],
    ["request", challenge.encodedRequest],
    ["expires", challenge.expires],
    ["digest", challenge.digest],
    ["opaque", challenge.opaque],
    ["description", challenge.description],
  ];
  const written = params.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${quoted(name, value)}`]));
  return `Payment ${written.join(", ")}`;
}

/**
 * Finds our challenges (method `evm`, intent `session`) in a `WWW-Authenticate` value, best first as the server ordered them, among
 * challenges of other schemes, methods and intents.
 * @throws {@link MalformedChallengeError} when the header is too long or not of its grammar, or when all that was ours was malformed.
 */
export function parseChallenges(header: string): Challenge[] {
  if (typeof header !== "string") throw new MalformedChallengeError("the header is not a text");
  if (header.length > maxHeaderLength) {
    throw new MalformedChallengeError(`the header is longer than ${maxHeaderLength} characters`);
  }
  const scanned = scanChallenges(header);
  if (!scanned) throw new MalformedChallengeError("the header is not of the grammar of WWW-Authenticate");
  const challenges: Challenge[] = [];
  let refused: MalformedChallengeError | undefined;
  for (const { params } of scanned.filter(isOurs)) {
    try {
      challenges.push(readChallenge((name) => params.get(name)));
    } catch (error) {
      if (!(error instanceof MalformedChallengeError)) throw error;
      refused ??= error;
    }
  }
  // One bad offer among good ones costs nobody anything; nothing but bad ones must not look like no offer at all.
  if (refused && challenges.length === 0) throw refused;
  return challenges;
}

/**
 * A challenge from its parameters, those of a header or those that a credential echoes.
 * @throws {@link MalformedChallengeError}
 */
export function readChallenge(param: (name: string) => string | undefined): Challenge {
  const required = (name: string): string => {
    const value = param(name);
    if (!value) throw new MalformedChallengeError(`${name} is missing or empty`);
    return value;
  };
  const optional = <Name extends string>(name: Name): { [key in Name]?: string } => {
    const found: { [key in Name]?: string } = {};
    const value = param(name);
    if (value !== undefined) found[name] = value;
    return found;
  };
  if (required("method") !== "evm") throw new MalformedChallengeError("method is not evm");
  if (required("intent") !== "session") throw new MalformedChallengeError("intent is not session");
  const encodedRequest = required("request");
  const challenge: Challenge = {
    id: required("id"),
    realm: required("realm"),
    method: "evm",
    intent: "session",
    request: decodeSessionRequest(encodedRequest, (reason) => new MalformedChallengeError(reason)),
    encodedRequest,
    ...optional("expires"),
    ...optional("digest"),
    ...optional("opaque"),
    ...optional("description"),
  };
  if (challenge.expires !== undefined && timestamp(challenge.expires) === undefined) {
    throw new MalformedChallengeError("expires is not an RFC 3339 time");
  }
  if (challenge.opaque !== undefined) decodeOpaque(challenge.opaque);
  return challenge;
}

/**
 * The server's correlation data in a challenge.
 * @throws {@link MalformedChallengeError} unless it is base64url of a flat object of texts.
 */
export function decodeOpaque(opaque: string): Readonly<Record<string, string>> {
  const text = decodeBase64urlText(opaque);
  const value = text === undefined ? undefined : parseJson(text, { maxDepth: 1 });
  const flat =
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string")
      : undefined;
  if (!flat || flat.length !== Object.keys(value as object).length) {
    throw new MalformedChallengeError("opaque is not base64url of a flat object of texts");
  }
  return Object.fromEntries(flat);
}

/** Whether a challenge is past its `expires` at `now`, Unix milliseconds of the server's clock. One without never expires. */
export function challengeExpired(challenge: Challenge, now: number): boolean {
  if (challenge.expires === undefined) return false;
  const expires = timestamp(challenge.expires);
  return expires === undefined || now > expires;
}

/** A challenge, or the header around it, is not what the draft defines. */
export class MalformedChallengeError extends FarthingError {
  override readonly name = "MalformedChallengeError";
  constructor(reason: string) {
    super("malformed-challenge", `The payment challenge was refused: ${reason}. The server must send a valid one.`);
  }
}

function isOurs({ scheme, params }: AuthChallenge): boolean {
  return scheme === "payment" && params.get("method") === "evm" && params.get("intent") === "session";
}

function quoted(name: string, value: string): string {
  if (!/^[\t\x20-\x7e]*$/.test(value)) {
    throw new MalformedChallengeError(`${name} has characters that cannot stand in a header, which is printable ASCII`);
  }
  return `"${value.replace(/["\\]/g, "\\$&")}"`;
}
