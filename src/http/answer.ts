import {
  type Challenge,
  FarthingError,
  type ProblemCode,
  parseChallenges,
  parseProblem,
  parseReceipt,
  problemCode,
  type Receipt,
} from "../protocol/index.ts";

/** What a challenge is remembered for. */
export function routeOf({ method, url }: Request): string {
  const { origin, pathname } = new URL(url);
  return `${method} ${origin}${pathname}`;
}

/** The challenge of a 402, if it is one of ours. */
export function demanded(response: Response): Challenge | undefined {
  const header = response.status === 402 ? response.headers.get("www-authenticate") : null;
  return header === null ? undefined : parseChallenges(header)[0];
}

/** The word for a problem of the drafts; undefined for success and for anything else. The body stays readable. */
export async function codeOf(response: Response): Promise<ProblemCode | undefined> {
  if (response.ok || !response.headers.get("content-type")?.startsWith("application/problem+json")) return undefined;
  try {
    return problemCode(parseProblem(await response.clone().text()));
  } catch (error) {
    if (error instanceof FarthingError) return undefined;
    throw error;
  }
}

/** Whether a fresh challenge is all that was missing. */
export function isStale(code: ProblemCode | undefined): boolean {
  return code === "invalid-challenge" || code === "payment-expired" || code === "challenge-not-found";
}

/** The receipt of a paid response. */
export function receiptOf(response: Response): Receipt | undefined {
  const header = response.headers.get("payment-receipt");
  return header === null ? undefined : parseReceipt(header);
}
