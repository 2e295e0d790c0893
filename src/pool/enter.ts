import type { Address } from "viem";
import type { PayerChannel } from "../payer/channel.ts";
import { NoChannelError, type Opening, openBy } from "../payer/opening.ts";
import type { Payer } from "../payer/payer.ts";
import { channelSigner } from "../protocol/channel.ts";
import type { PayerRecord } from "../store/payerStore.ts";
import type { CollectorClient } from "./collectorClient.ts";

/** What a channel to a pool is found or opened by. Amounts are base units of the round's token. */
export type EnterOptions = {
  pool: Address;
  token: Address;
  collector: CollectorClient;
  /** How to open one where there is none; none is opened unless told. */
  open?: { deposit: bigint /** Seconds that a relayer has. */; validFor?: bigint } | undefined;
  /** The first block that may have opened one: 0 unless told. */
  fromBlock?: bigint | undefined;
};

/** A channel to give through. */
export type Entered = {
  channel: PayerChannel;
  /** Where the collector cannot know it yet. */
  opening?: Opening;
  /** Whether it was given through before, perhaps on another device. */
  known: boolean;
};

/**
 * Finds the donor's channel to a pool: in the payer's store, or, on a new device, on the chain; else one whose opening was
 * begun and is not on the chain, so that no other device can know it.
 */
export async function find(
  payer: Payer,
  { pool, token, fromBlock }: EnterOptions,
): Promise<{ open?: PayerChannel; unfinished?: PayerRecord }> {
  const stored = await usable(payer, pool, token);
  const records = stored.length > 0 ? stored : await discovered(payer, { pool, token, fromBlock });
  let unfinished: PayerRecord | undefined;
  for (const record of records) {
    const channel = await payer.resume(record.id);
    const { status } = await channel.state();
    if (status === "open") return { open: channel };
    if (status === "opening") unfinished ??= record;
  }
  return unfinished ? { unfinished } : {};
}

/** The channel to give through; where there is none, and the options allow, a new one. */
export async function enter(payer: Payer, options: EnterOptions): Promise<Entered> {
  const { pool: payee, token, collector } = options;
  const { open, unfinished } = await find(payer, options);
  if (open) return { channel: open, known: true };
  if (!options.open) throw new NoChannelError();
  const { deposit, validFor } = options.open;
  // The same salt is the same channel: an open that was begun, and perhaps went through unheard, is not made twice.
  const salt = unfinished ? { salt: unfinished.channel.salt } : {};
  const request = { payee, token, deposit: unfinished?.deposit ?? deposit, validFor, ...salt };
  return { ...(await openBy(payer, await collector.openings(), request)), known: false };
}

/** The donor's channel to a pool in whatever state: the open one, else one that is being left or was. */
export async function findAny(
  payer: Payer,
  { pool: payee, token, fromBlock }: Pick<EnterOptions, "pool" | "token" | "fromBlock">,
): Promise<PayerChannel | undefined> {
  const own = payer.signer.address.toLowerCase();
  const stored = await payer.list({ payee, token });
  const records = stored.length > 0 ? stored : await payer.discover({ payee, token, fromBlock });
  const [best] = records
    .filter(({ status, channel }) => status !== "opening" && channelSigner(channel) === own)
    .sort((a, b) => ending.indexOf(a.status) - ending.indexOf(b.status));
  return best && payer.resume(best.id);
}

const ending: readonly PayerRecord["status"][] = ["open", "closing", "closed"];

async function usable(payer: Payer, payee: Address, token: Address): Promise<PayerRecord[]> {
  const own = payer.signer.address.toLowerCase();
  const records = await payer.list({ payee, token });
  return records
    .filter(({ status, channel }) => (status === "open" || status === "opening") && channelSigner(channel) === own)
    .sort((a, b) => rank(b) - rank(a));
}

/** Where something waits for its answer first; then open ones with most of their deposit left. */
function rank({ status, evidence, deposit, authorized }: PayerRecord): number {
  if (status === "opening") return 0;
  return 1 + (evidence === undefined ? 0 : 1) + (deposit > authorized ? 2 : 0);
}

async function discovered(
  payer: Payer,
  { pool, token, fromBlock }: Pick<EnterOptions, "pool" | "token" | "fromBlock">,
): Promise<PayerRecord[]> {
  const records = await payer.discover({ payee: pool, token, fromBlock });
  return records.filter(({ status }) => status === "open");
}
