import type { Hash } from "viem";
import { mined } from "../chain/mined.ts";
import { PoolRevertError } from "../chain/pool/decodeError.ts";
import { collect, refund } from "../chain/pool/writes.ts";
import type { Payer } from "../payer/payer.ts";
import type { Pool } from "../protocol/allocation.ts";
import { FarthingError } from "../protocol/errors.ts";
import type { Lane } from "./lane.ts";
import { broughtByDonor } from "./ledger.ts";

/**
 * Brings the newest own pair of signatures on-chain by the donor's own wallet: the pending one, else the acknowledged one.
 * @throws {@link NothingGivenError} where nothing was ever signed; what the pool reverts with.
 */
export async function bringOnChain(payer: Payer, pool: Pool, lane: Lane): Promise<Hash> {
  const { client } = payer;
  const { channel } = lane.channel;
  const { pending, acknowledged } = await lane.ledger();
  const pair = pending?.pair ?? acknowledged;
  if (!pair) throw new NothingGivenError();
  const { gifts, gateData, signature: allocationSignature } = pair.allocation;
  const item = { channel, voucherSignature: pair.voucherSignature, gifts, gateData, allocationSignature };
  const hash = await withLine(lane, (previousGifts) =>
    collect(client, { address: pool.address, ...item, previousGifts }),
  );
  await mined(client, hash, "collecting a channel");
  await lane.refreshLine();
  if (pending) await lane.update((ledger) => broughtByDonor(ledger, pending));
  return hash;
}

/** Takes back what the pool has of the channel and attributed to no project. */
export async function takeBack(payer: Payer, pool: Pool, lane: Lane): Promise<Hash> {
  const { client } = payer;
  const { channel } = lane.channel;
  const hash = await withLine(lane, (attributedGifts) =>
    refund(client, { address: pool.address, channel, attributedGifts }),
  );
  await mined(client, hash, "taking back what was not attributed");
  await lane.refreshLine();
  return hash;
}

type List = ReturnType<Lane["line"]>;

/** The list that stands may have moved since it was read: then it is read again, once. */
async function withLine(lane: Lane, call: (standing: List) => Promise<Hash>): Promise<Hash> {
  try {
    return await call(await lane.refreshLine());
  } catch (error) {
    if (!(error instanceof PoolRevertError) || error.reason !== "GiftsMismatch") throw error;
    return call(await lane.refreshLine());
  }
}

/** The channel has no gift to collect. */
export class NothingGivenError extends FarthingError {
  override readonly name = "NothingGivenError";
  constructor() {
    super(
      "nothing-given",
      "No gift was signed on this channel, as far as this device knows: there is nothing to collect.",
    );
  }
}
