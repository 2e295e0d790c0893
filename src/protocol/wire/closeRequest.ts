import type { Hex } from "viem";
import { formatAmount } from "../amount.ts";
import type { CloseRequestMessage } from "../close.ts";
import { FarthingError } from "../errors.ts";
import { fieldsOf } from "./fields.ts";
import { canonicalJson, parseJson } from "./json.ts";

/** A signed wish to leave: the body of `POST /close-requests`. */
export type SignedCloseRequest = CloseRequestMessage & {
  /** The payer's or its signer's, 65 bytes. */
  signature: Hex;
};

/** The JSON body of `POST /close-requests`. */
export function formatCloseRequest(request: SignedCloseRequest): string {
  const { channelId, deposit, signature } = request;
  return canonicalJson({ channelId, deposit: formatAmount(deposit), signature });
}

/**
 * Reads the body of `POST /close-requests`, `{ channelId, deposit, signature }`.
 * @throws {@link MalformedCloseRequestError} for anything else, or above 16 KiB.
 */
export function parseCloseRequest(body: string): SignedCloseRequest {
  if (typeof body !== "string") throw new MalformedCloseRequestError("the body is not a text");
  const fields = fieldsOf(parseJson(body), "body", (reason) => new MalformedCloseRequestError(reason));
  return {
    channelId: fields.hex("channelId", 32),
    deposit: fields.amount("deposit"),
    signature: fields.hex("signature", 65),
  };
}

/** A close request's body is not what it should be. */
export class MalformedCloseRequestError extends FarthingError {
  override readonly name = "MalformedCloseRequestError";
  constructor(reason: string) {
    super(
      "malformed-close-request",
      `The close request was refused: ${reason}. Send {"channelId","deposit","signature"} as JSON.`,
    );
  }
}
