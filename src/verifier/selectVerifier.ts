import { FarthingError } from "../protocol/errors.ts";
import { jsVerifier } from "./js.ts";
import type { Verifier } from "./verifier.ts";

/**
 * Chooses a verifier: the first implementation of `order` that this build has. The choice is in the result's `name`. Nothing that
 * was not named is ever used, so asking for `native` alone fails loudly where there is none.
 * @throws {@link VerifierUnavailableError} when none of them is available.
 * @example
 * const verifier = selectVerifier({ order: ["js"] });
 * log.info({ verifier: verifier.name });
 */
export function selectVerifier(options: { order: readonly Verifier["name"][] }): Verifier {
  for (const name of options.order) {
    const make = implementations.get(name);
    if (make) return make();
  }
  throw new VerifierUnavailableError(options.order);
}

/** None of the implementations asked for is available. */
export class VerifierUnavailableError extends FarthingError {
  override readonly name = "VerifierUnavailableError";
  constructor(order: readonly string[]) {
    const asked = order.length > 0 ? order.join(", ") : "none";
    super(
      "verifier-unavailable",
      `No signature verifier is available of those asked for (${asked}). Add one of: ${[...implementations.keys()].join(", ")}.`,
    );
  }
}

const implementations = new Map<Verifier["name"], () => Verifier>([["js", jsVerifier]]);
