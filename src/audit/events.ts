import { type ContractEventName, type GetEventArgs, type Hex, toEventSelector } from "viem";
import { paymentChannelsAbi } from "../abi/paymentChannels.ts";
import { FarthingError } from "../protocol/errors.ts";

/** Where an event stands on the chain. */
export type Position = {
  readonly blockNumber: bigint;
  readonly logIndex: number;
  readonly transactionHash: Hex;
  /** Unix seconds of the block; undefined where nobody needed it. */
  readonly timestamp?: bigint;
};

/**
 * Who ended a channel, as far as its transaction shows it: `payee`, by sender or by its signature; `nobody`, when the
 * transaction is one that could not have had the payee's consent; `unproven`, when a contract in between hides it.
 */
export type Consent = "payee" | "nobody" | "unproven";

type Args<name extends ContractEventName<typeof paymentChannelsAbi>> = GetEventArgs<
  typeof paymentChannelsAbi,
  name,
  { EnableUnion: false; IndexedOnly: false; Required: true }
>;

/** One event of the escrow. Amounts are base units; addresses and ids are lower case. */
export type EscrowEvent = {
  [name in ContractEventName<typeof paymentChannelsAbi>]: {
    readonly name: name;
    readonly args: Args<name>;
    readonly at: Position;
    /** For `ChannelClosed` alone, and only where the grace period does not explain it. */
    readonly consent?: Consent;
  };
}[ContractEventName<typeof paymentChannelsAbi>];

/** A log as JSON-RPC gives it. */
export type RawLog = {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly blockNumber: Hex;
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
  readonly logIndex: Hex;
  readonly blockTimestamp?: Hex;
  readonly removed?: boolean;
};

/**
 * Decodes one log of the escrow, strictly: known event, exact number of topics, exact length, every unused bit zero.
 * @throws {@link UndecodableLogError} for anything else.
 */
export function decodeEvent(log: RawLog): EscrowEvent {
  const layout = layouts.get(log.topics[0] as Hex);
  if (!layout) throw new UndecodableLogError(log, "it is no event of the escrow");
  const { name, indexed, plain } = layout;
  if (log.topics.length !== indexed.length + 1) throw new UndecodableLogError(log, "it has a wrong number of topics");
  if (log.data.length !== 2 + 64 * plain.length) throw new UndecodableLogError(log, "its data has a wrong length");

  const args: Record<string, unknown> = {};
  for (const [index, field] of indexed.entries()) args[field.name] = read(log, field, log.topics[index + 1] ?? "", 2);
  for (const [index, field] of plain.entries()) args[field.name] = read(log, field, log.data, 2 + 64 * index);
  return { name, args, at: position(log) } as EscrowEvent;
}

/** Where a raw log stands. */
export function position(log: RawLog): Position {
  const { blockNumber, logIndex, transactionHash, blockTimestamp } = log;
  const at = { blockNumber: BigInt(blockNumber), logIndex: Number(logIndex), transactionHash };
  return blockTimestamp === undefined ? at : { ...at, timestamp: BigInt(blockTimestamp) };
}

type Field = { name: string; type: FieldType };
type FieldType = keyof typeof padding;

// Hex digits that must be zero: in front of numbers and addresses, behind short byte strings.
const padding = {
  address: { front: 24, back: 0 },
  uint128: { front: 32, back: 0 },
  uint256: { front: 0, back: 0 },
  bytes32: { front: 0, back: 0 },
  bytes4: { front: 0, back: 56 },
} as const;

const layouts = new Map(
  paymentChannelsAbi
    .filter((item) => item.type === "event")
    .map((item) => {
      const fields: readonly (Field & { indexed: boolean })[] = item.inputs.map(({ name, type, indexed }) => ({
        name,
        type,
        indexed,
      }));
      const indexed = fields.filter((field) => field.indexed);
      const plain = fields.filter((field) => !field.indexed);
      return [toEventSelector(item), { name: item.name, indexed, plain }] as const;
    }),
);

const zeros = "0".repeat(64);

function read(log: RawLog, field: Field, hex: string, start: number): Hex | bigint {
  const { front, back } = padding[field.type];
  const end = start + 64;
  if (hex.length < end) throw new UndecodableLogError(log, `its ${field.name} is cut short`);
  const clean =
    hex.slice(start, start + front) === zeros.slice(0, front) && hex.slice(end - back, end) === zeros.slice(0, back);
  if (!clean) throw new UndecodableLogError(log, `its ${field.name} does not fit ${field.type}`);
  const value: Hex = `0x${hex.slice(start + front, end - back)}`;
  return field.type === "uint128" || field.type === "uint256" ? BigInt(value) : (value.toLowerCase() as Hex);
}

/** A log of the escrow that its ABI does not explain: another contract, another version, or a faulty provider. */
export class UndecodableLogError extends FarthingError {
  override readonly name = "UndecodableLogError";
  constructor(log: Pick<RawLog, "transactionHash" | "logIndex">, why: string) {
    super(
      "undecodable-log",
      `Log ${Number(log.logIndex)} of transaction ${log.transactionHash} cannot be read: ${why}. ` +
        "Check the address, and ask another RPC provider.",
    );
  }
}
