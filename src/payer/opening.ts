import type { Hash } from "viem";
import { nativeCoin } from "../protocol/channel.ts";
import { FarthingError } from "../protocol/errors.ts";
import type { OpenByAuthorization } from "../protocol/wire/payload.ts";
import type { PayerChannel } from "./channel.ts";
import type { OpenParameters, Payer } from "./payer.ts";

/** How a channel is shown to a server that does not know it yet. */
export type Opening =
  | { type: "hash"; hash: Hash }
  | ({ type: "authorization" } & Pick<OpenByAuthorization, "authorization" | "signature">);

/**
 * Opens a channel in the first of the ways that a server takes which is open to this payer: by a transaction of its own, or
 * by an authorization that the server relays.
 * @param types The server's credential types, best first.
 * @param request A salt whose channel is there already, or on its way, is the same channel.
 * @throws {@link CannotOpenError} where none of them is.
 */
export async function openBy(
  payer: Payer,
  types: readonly string[],
  request: OpenParameters & { validFor?: bigint | undefined },
): Promise<{ channel: PayerChannel; opening: Opening }> {
  const { validFor, ...parameters } = request;
  for (const type of types) {
    if (type === "authorization" && request.token !== nativeCoin) {
      const signed = await payer.openByAuthorization({ ...parameters, ...(validFor ? { validFor } : {}) });
      const { channel, authorization, signature } = signed;
      return { channel, opening: { type, authorization, signature } };
    }
    if (type === "hash" && (await payer.canSend())) {
      const { channel, hash } = await payer.open(parameters);
      const known = hash ?? (await channel.openedBy());
      if (known) return { channel, opening: { type, hash: known } };
    }
  }
  throw new CannotOpenError(types);
}

/** None of the ways that the server offers to open a channel is open to this payer. */
export class CannotOpenError extends FarthingError {
  override readonly name = "CannotOpenError";
  constructor(types: readonly string[]) {
    super(
      "cannot-open",
      `The server takes ${types.join(", ")} and this payer can do none of them: ` +
        "`hash` needs an account with coin for gas, `authorization` a token with EIP-3009.",
    );
  }
}

/** No channel to this payee, and none may be opened. */
export class NoChannelError extends FarthingError {
  override readonly name = "NoChannelError";
  constructor() {
    super(
      "no-channel",
      "There is no channel to this payee; open one first, or give `open: { deposit }` to let it be opened.",
    );
  }
}
