import { FarthingError } from "../protocol/errors.ts";
import { jsVerifier } from "./js.ts";
import type { Offer, Skipped, Verifier, VerifierName } from "./verifier.ts";

/**
 * Chooses a verifier: the first implementation of `order` that is there. The choice is in the result's `name`, and in `skipped` why
 * each before it was not taken: show both. Nothing that was not named is ever used, so asking for `native` alone fails loudly where
 * there is none. `js` is always there; the others are offered by their own subpaths, since they bring native parts along.
 * @throws {@link VerifierUnavailableError} when none of them is there.
 * @example
 * const offers = [await nativeVerifier(), await wasmVerifier()]; // farthing/verifier/native, farthing/verifier/wasm
 * const verifier = selectVerifier({ order: ["native", "wasm", "js"], offers });
 * log.info({ verifier: verifier.name, skipped: verifier.skipped });
 */
export function selectVerifier(options: { order: readonly VerifierName[]; offers?: readonly Offer[] }): Verifier {
  const { order, offers = [] } = options;
  const skipped: Skipped[] = [];
  for (const name of order) {
    const offer = offers.find((each) => each.name === name) ?? builtIn(name);
    if (offer.verifier) return { ...offer.verifier, skipped };
    skipped.push({ name, reason: offer.missing });
  }
  throw new VerifierUnavailableError(order, skipped);
}

function builtIn(name: VerifierName): Offer {
  if (name === "js") return { name, verifier: jsVerifier() };
  return { name, missing: `it was not offered: pass \`await ${name}Verifier()\` of farthing/verifier/${name}` };
}

/** None of the implementations asked for is available. */
export class VerifierUnavailableError extends FarthingError {
  override readonly name = "VerifierUnavailableError";
  constructor(order: readonly string[], skipped: readonly Skipped[] = []) {
    const asked = order.length > 0 ? order.join(", ") : "none";
    const reasons = skipped.map(({ name, reason }) => ` ${name}: ${reason}.`).join("");
    super(
      "verifier-unavailable",
      `No signature verifier is available of those asked for (${asked}).${reasons} js is always there: add it last.`,
    );
  }
}
