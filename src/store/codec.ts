import type { Address, Hex } from "viem";
import type { Channel } from "../protocol/channel.ts";
import { chargesSchema } from "./charges.ts";
import { StoreCorruptError } from "./errors.ts";
import type { OfferedTicks, PayerRecord } from "./payerStore.ts";
import type { ChannelRecord, Reservation, RevealedTicks } from "./record.ts";
import {
  amount,
  boolean,
  type Fail,
  hex,
  integer,
  type Json,
  list,
  object,
  optional,
  type Schema,
  text,
  whole,
  word,
} from "./schema.ts";
import type { JournalEntry } from "./store.ts";

const address: Schema<Address> = hex(20);
const bytes32: Schema<Hex> = hex(32);
const signature: Schema<Hex> = hex();
const time = whole(2n ** 64n - 1n);
const wide = whole(2n ** 256n - 1n);

const escrow = object<ChannelRecord["escrow"]>({ address, chainId: integer });
const channel = object<Channel>({
  payer: address,
  payee: address,
  token: address,
  salt: bytes32,
  authorizedSigner: address,
});

/** What a payer signs of its ticks, without the channel. */
const offer = { cumulativeAmount: amount, tickRoot: bytes32, tickValue: amount, signature };

/** A payee's record of one channel. */
export const recordSchema: Schema<ChannelRecord> = object<ChannelRecord>({
  id: bytes32,
  escrow,
  channel,
  deposit: amount,
  settled: amount,
  closeRequestedAt: time,
  finalized: boolean,
  block: object<ChannelRecord["block"]>({ number: time, hash: bytes32 }),
  authorized: amount,
  spent: amount,
  signature: optional(signature),
  ticks: optional(object<RevealedTicks>({ ...offer, ticks: integer, link: bytes32 })),
  evidence: optional(text),
  charges: chargesSchema,
  reservations: optional(
    list(object<Reservation>({ key: text, cumulativeAmount: amount, amount, expiresAt: integer })),
  ),
  closeRequest: optional(object<NonNullable<ChannelRecord["closeRequest"]>>({ deposit: amount, signature })),
  closeAuthorization: optional(
    object<NonNullable<ChannelRecord["closeAuthorization"]>>({
      cumulativeAmount: amount,
      voucherSignature: signature,
      deadline: wide,
      signature,
    }),
  ),
});

/** One transaction of the journal. */
export const entrySchema: Schema<JournalEntry> = object<JournalEntry>({
  id: text,
  chainId: integer,
  account: address,
  nonce: integer,
  to: address,
  data: hex(),
  value: wide,
  purpose: text,
  channelIds: list(bytes32),
  attempts: list(object<JournalEntry["attempts"][number]>({ hash: bytes32, raw: hex(), maxFeePerGas: wide })),
  status: word("pending", "mined", "reverted", "dropped"),
  outcome: optional(
    object<NonNullable<JournalEntry["outcome"]>>({ hash: bytes32, blockNumber: time, gasUsed: time, fee: wide }),
  ),
  maxCost: optional(wide),
  createdAt: integer,
});

/** A payer's record of one channel. */
export const payerRecordSchema: Schema<PayerRecord> = object<PayerRecord>({
  id: bytes32,
  escrow,
  channel,
  deposit: amount,
  authorized: amount,
  signature: optional(signature),
  ticks: optional(object<OfferedTicks>({ ...offer, secret: bytes32, length: integer, ticks: integer })),
  evidence: optional(text),
  status: word("opening", "open", "closing", "closed"),
  spentToday: object<PayerRecord["spentToday"]>({ day: text, amount }),
});

/** A channel record as JSON: bigints are decimal strings, absent fields are absent. Read it with {@link decodeRecord}. */
export function encodeRecord(record: ChannelRecord): Json {
  return recordSchema.encode(recordSchema.canonical(record, ""));
}

/**
 * Reads what {@link encodeRecord} made, and nothing else.
 * @param where Names the store in the error.
 * @throws {@link StoreCorruptError} naming the field that is not as written.
 */
export function decodeRecord(json: unknown, where: string): ChannelRecord {
  return recordSchema.decode(json, "", corrupt(where));
}

/** What a {@link Schema} does with what no version of this library wrote. */
export function corrupt(where: string): Fail {
  return (path, expected) => {
    throw new StoreCorruptError(where, `${path || "a record"} is not ${expected}`);
  };
}
