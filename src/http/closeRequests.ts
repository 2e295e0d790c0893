import type { Payee } from "../payee/types.ts";
import {
  MalformedCloseRequestError,
  maxHeaderLength,
  parseCloseRequest,
  type SignedCloseRequest,
} from "../protocol/index.ts";
import { preflight, withCors } from "./cors.ts";
import { limited } from "./limits.ts";
import { type Denial, faultDenial, plainProblem, problemResponse, refused } from "./problemResponse.ts";

/**
 * `POST /close-requests`: a payer's signed wish to leave, kept for the keeper to submit. Answers 202 once it is durable.
 * Asking again is harmless.
 */
export function closeRequests(
  payee: Pick<Payee, "requestClose">,
  options: {
    origin?: string;
    onFault?: (error: unknown) => void;
    /** Asked before a signature is looked at: why such a request is not taken, or undefined. */
    deny?: (request: SignedCloseRequest) => Promise<Denial | undefined>;
  } = {},
): (request: Request) => Promise<Response> {
  const { origin = "*", onFault, deny } = options;

  async function answer(incoming: Request): Promise<Response> {
    if (incoming.method !== "POST") {
      const problem = plainProblem(405, "Method Not Allowed", "Send a close request by POST.");
      return problemResponse({ problem }, { allow: "POST, OPTIONS" });
    }
    const request = await limited(incoming, { maxBody: maxHeaderLength });
    if (!(request instanceof Request)) return problemResponse(request);
    try {
      const signed = parseCloseRequest(await request.text());
      const { channelId, signature } = signed;
      const denied = await deny?.(signed);
      if (denied) return problemResponse(denied);
      const kept = await payee.requestClose(channelId, signature);
      if (!kept.ok) return problemResponse(refused(kept, { channelId }));
      return Response.json(
        { channelId, status: "recorded" },
        { status: 202, headers: { "cache-control": "no-store" } },
      );
    } catch (error) {
      if (!(error instanceof MalformedCloseRequestError)) throw error;
      return problemResponse({ problem: plainProblem(400, "Bad Request", error.message) });
    }
  }

  return async (request) => {
    if (request.method === "OPTIONS") return preflight(origin);
    try {
      return withCors(await answer(request), origin);
    } catch (error) {
      onFault?.(error);
      return withCors(problemResponse(faultDenial(error)), origin);
    }
  };
}
