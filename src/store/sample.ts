import type { Address, Hex } from "viem";
import type { OfferedTicks, PayerRecord } from "./payerStore.ts";
import type { ChannelRecord, RevealedTicks } from "./record.ts";
import type { JournalEntry } from "./store.ts";

/** The hash-like id of the n-th sample: ids are in no order of n. */
export function sampleId(n: number): Hex {
  return word(BigInt(n) * 0x9e3779b97f4a7c15n + 0xabcdefn);
}

/** An address of the n-th somebody. */
export function sampleAddress(n: number): Address {
  return `0x${(0xabcdef0000n + BigInt(n)).toString(16).padStart(40, "0")}`;
}

/** A well-formed record of a fresh channel, for tests; its id is no hash of its descriptor. */
export function sampleRecord(n: number, changes: Partial<ChannelRecord> = {}): ChannelRecord {
  return {
    id: sampleId(n),
    ...sampleDescriptor(n),
    deposit: 1_000_000n,
    settled: 0n,
    closeRequestedAt: 0n,
    finalized: false,
    block: { number: 7n, hash: word(7n) },
    authorized: 0n,
    spent: 0n,
    charges: [],
    ...changes,
  };
}

/** A well-formed payer's record, for tests. */
export function samplePayerRecord(n: number, changes: Partial<PayerRecord> = {}): PayerRecord {
  return {
    id: sampleId(n),
    ...sampleDescriptor(n),
    deposit: 1_000_000n,
    authorized: 0n,
    status: "open",
    spentToday: { day: "2026-11-20", amount: 0n },
    ...changes,
  };
}

/** Well-formed ticks of a payee's record, for tests; their link is of no chain. */
export function sampleTicks(changes: Partial<RevealedTicks> = {}): RevealedTicks {
  return { ...sampleOffer(), ticks: 3, link: word(5n), ...changes };
}

/** Well-formed ticks of a payer's record, for tests. */
export function sampleOfferedTicks(changes: Partial<OfferedTicks> = {}): OfferedTicks {
  return { ...sampleOffer(), secret: word(9n), length: 100, ticks: 3, ...changes };
}

/** A well-formed journal entry, for tests. */
export function sampleEntry(n: number, changes: Partial<JournalEntry> = {}): JournalEntry {
  return {
    id: `entry-${n}`,
    chainId: 31337,
    account: sampleAddress(9),
    nonce: n,
    to: sampleAddress(1),
    data: "0xabcdef",
    value: 0n,
    purpose: "settleBatch",
    channelIds: [sampleId(n)],
    attempts: [{ hash: word(BigInt(n)), raw: "0x02abcd", maxFeePerGas: 10n ** 9n }],
    status: "pending",
    createdAt: 1_700_000_000_000 + n,
    ...changes,
  };
}

function sampleDescriptor(n: number) {
  return {
    escrow: { address: sampleAddress(1), chainId: 31337 },
    channel: {
      payer: sampleAddress(1_000 + n),
      payee: sampleAddress(2),
      token: sampleAddress(3),
      salt: word(BigInt(n)),
      authorizedSigner: sampleAddress(4),
    },
  };
}

function sampleOffer() {
  return { cumulativeAmount: 7n, tickRoot: word(8n), tickValue: 2n, signature: `0x${"5a".repeat(65)}` as Hex };
}

function word(value: bigint): Hex {
  return `0x${(value % 2n ** 256n).toString(16).padStart(64, "0")}`;
}
