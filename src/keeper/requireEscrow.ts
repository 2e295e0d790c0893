import type { Escrow } from "../protocol/channel.ts";
import { FarthingError } from "../protocol/errors.ts";
import type { ChannelStore } from "../store/store.ts";

/**
 * A store of another escrow would be overwritten with what this one does not know of its channels: it is refused.
 * @throws {@link WrongStoreError}
 */
export async function requireEscrow(store: ChannelStore, escrow: Escrow): Promise<void> {
  const [first] = await store.list({ limit: 1 });
  if (!first) return;
  const { address, chainId } = first.escrow;
  if (chainId !== escrow.chainId || address.toLowerCase() !== escrow.address.toLowerCase()) {
    throw new WrongStoreError(first.escrow, escrow);
  }
}

/** A store belongs to another escrow or chain. */
export class WrongStoreError extends FarthingError {
  override readonly name = "WrongStoreError";
  constructor(actual: Escrow, expected: Escrow) {
    super(
      "wrong-store",
      `A store holds channels of ${actual.address} on chain ${actual.chainId}, but this keeper works for ${expected.address} on chain ${expected.chainId}. Give it that escrow, or another store.`,
    );
  }
}
