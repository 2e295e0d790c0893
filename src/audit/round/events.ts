import {
  type Abi,
  type Address,
  type ContractEventName,
  decodeEventLog,
  encodeAbiParameters,
  type GetEventArgs,
  type Hex,
  toEventSelector,
} from "viem";
import { donationPoolAbi } from "../../abi/donationPool.ts";
import { donationPoolFactoryAbi } from "../../abi/donationPoolFactory.ts";
import { projectRegistryAbi } from "../../abi/projectRegistry.ts";
import { type Position, position, type RawLog, UndecodableLogError } from "../events.ts";

type Args<abi extends Abi, name extends ContractEventName<abi>> = GetEventArgs<
  abi,
  name,
  { EnableUnion: false; IndexedOnly: false; Required: true }
>;

type EventOf<kind extends string, abi extends Abi> = {
  [name in ContractEventName<abi>]: {
    readonly of: kind;
    readonly contract: Address;
    readonly name: name;
    readonly args: Args<abi, name>;
    readonly at: Position;
  };
}[ContractEventName<abi>];

/** One event of a donation pool. Amounts are base units; addresses and hashes are lower case. */
export type PoolEvent = EventOf<"pool", typeof donationPoolAbi>;
/** One event of a project registry. */
export type RegistryEvent = EventOf<"registry", typeof projectRegistryAbi>;
/** One event of a factory of rounds. */
export type FactoryEvent = EventOf<"factory", typeof donationPoolFactoryAbi>;

/** @throws {@link UndecodableLogError} for what is no event of a pool, to the last bit. */
export const decodePoolLog = (log: RawLog) => decodeLog(log, "pool", donationPoolAbi) as PoolEvent;
/** @throws {@link UndecodableLogError} for what is no event of a registry, to the last bit. */
export const decodeRegistryLog = (log: RawLog) => decodeLog(log, "registry", projectRegistryAbi) as RegistryEvent;
/** @throws {@link UndecodableLogError} for what is no event of a factory, to the last bit. */
export const decodeFactoryLog = (log: RawLog) => decodeLog(log, "factory", donationPoolFactoryAbi) as FactoryEvent;

function decodeLog(log: RawLog, of: string, abi: Abi) {
  const decoded = decode(log, abi);
  // Encoded again it must be the same bytes: a decoder forgives what a contract never writes.
  const item = abi.find((each) => each.type === "event" && toEventSelector(each) === log.topics[0]);
  const inputs = item?.type === "event" ? item.inputs : [];
  const plain = inputs.filter(({ indexed }) => !indexed);
  const args = decoded.args as Record<string, unknown>;
  const data = encodeAbiParameters(
    plain,
    plain.map(({ name }) => args[name ?? ""]),
  );
  if (data !== log.data.toLowerCase()) throw new UndecodableLogError(log, "its data is not as a contract writes it");
  const contract = log.address.toLowerCase() as Address;
  return { of, contract, name: decoded.eventName, args: lowercase(args), at: position(log) };
}

function decode({ topics, data, ...log }: RawLog, abi: Abi): { eventName: string; args: unknown } {
  try {
    const decoded = decodeEventLog({ abi, data, topics: topics as [Hex, ...Hex[]], strict: true });
    return { eventName: String(decoded.eventName), args: decoded.args ?? {} };
  } catch {
    throw new UndecodableLogError(log, "it is no event of the contract that is audited");
  }
}

function lowercase(value: unknown): unknown {
  if (typeof value === "string") return value.toLowerCase();
  if (Array.isArray(value)) return value.map(lowercase);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, lowercase(field)]));
}
