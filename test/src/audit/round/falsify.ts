import {
  type Abi,
  type Address,
  decodeEventLog,
  decodeFunctionResult,
  encodeAbiParameters,
  encodeEventTopics,
  encodeFunctionResult,
  type Hex,
  numberToHex,
  pad,
  toEventSelector,
  toFunctionSelector,
} from "viem";
import { donationPoolAbi } from "../../../../src/abi/donationPool.ts";
import { projectRegistryAbi } from "../../../../src/abi/projectRegistry.ts";
import type { RawLog } from "../../../../src/audit/index.ts";
import type { Lie } from "../../../support/lyingTransport.ts";

// biome-ignore lint/suspicious/noExplicitAny: arguments of any event, changed by tests that know which
type Args = any;

const abi: Abi = [...donationPoolAbi, ...projectRegistryAbi];
const transferTopic = toEventSelector("Transfer(address,address,uint256)");

/** Passes a contract's logs through a change of all that it ever wrote. */
export function changeLogs(address: Address, change: (logs: RawLog[]) => RawLog[]): Lie {
  return async ({ method, params }, honest) => {
    const answer = await honest();
    if (method !== "eth_getLogs" || (params[0] as { topics?: unknown }).topics) return answer;
    const logs = answer as RawLog[];
    const others = logs.filter((log) => log.address.toLowerCase() !== address);
    const own = change(logs.filter((log) => log.address.toLowerCase() === address));
    return own.length + others.length === 0 ? [] : inOrder([...others, ...own]);
  };
}

/** Changes the arguments of one event of a contract, the `nth` of that name. */
export function alter(address: Address, name: string, change: (args: Args) => Args, nth = 0): Lie {
  return changeLogs(address, (logs) => {
    let seen = 0;
    return logs.map((log) => (isNamed(log, name) && seen++ === nth ? encode(log, name, change) : log));
  });
}

/** Leaves one event out. */
export function drop(address: Address, name: string, nth = 0): Lie {
  return changeLogs(address, (logs) => {
    let seen = 0;
    return logs.filter((log) => !(isNamed(log, name) && seen++ === nth));
  });
}

/** Tells one event a second time, at the end of its block. */
export function repeat(address: Address, name: string, nth = 0): Lie {
  return changeLogs(address, (logs) => {
    const log = logs.filter((each) => isNamed(each, name))[nth];
    return log ? [...logs, { ...log, logIndex: "0xffff" }] : logs;
  });
}

/** Moves one event's block to another time. */
export function retime(address: Address, name: string, timestamp: bigint, nth = 0): Lie {
  return changeLogs(address, (logs) => {
    let seen = 0;
    return logs.map((log) => {
      return isNamed(log, name) && seen++ === nth ? { ...log, blockTimestamp: numberToHex(timestamp) } : log;
    });
  });
}

/** Adds a transfer to the token's logs, in the block of the last one between these. */
export function addTransfer(token: Address, from: Address, to: Address, amount: bigint): Lie {
  return async ({ method, params }, honest) => {
    const answer = (await honest()) as RawLog[];
    const filter = params[0] as { address?: Address; topics?: (Hex[] | Hex | null)[] };
    if (method !== "eth_getLogs" || filter.address !== token || !filter.topics || answer.length === 0) return answer;
    const [, senders, receivers] = filter.topics;
    const asked = senders ? [senders].flat().includes(pad(from)) : [receivers].flat().includes(pad(to));
    const last = answer.at(-1) as RawLog;
    const data = numberToHex(amount, { size: 32 });
    const log = { ...last, topics: [transferTopic, pad(from), pad(to)], data, logIndex: "0xfffe" } as RawLog;
    return asked ? [...answer, log] : answer;
  };
}

/** Leaves a token's transfers out of or into an account. */
export function dropTransfers(token: Address, direction: "from" | "to", account: Address): Lie {
  return async ({ method, params }, honest) => {
    const answer = await honest();
    const filter = params[0] as { address?: Address; topics?: unknown };
    if (method !== "eth_getLogs" || filter.address !== token || !filter.topics) return answer;
    return (answer as RawLog[]).filter((log) => log.topics[direction === "from" ? 1 : 2] !== pad(account));
  };
}

/** Changes what a view of a contract answers. */
export function answer(address: Address, name: string, change: (result: Args, data: Hex) => Args, of: Abi = abi): Lie {
  const item = of.find((each) => each.type === "function" && each.name === name);
  if (item?.type !== "function") throw new Error(`no view ${name}`);
  return async ({ method, params }, honest) => {
    const result = await honest();
    const { to, data = "0x" } = (params[0] ?? {}) as { to?: Address; data?: Hex };
    if (method !== "eth_call" || to?.toLowerCase() !== address || !data.startsWith(toFunctionSelector(item))) {
      return result;
    }
    const decoded = decodeFunctionResult({ abi: [item], data: result as Hex });
    return encodeFunctionResult({ abi: [item], functionName: name, result: change(decoded, data) } as never);
  };
}

function isNamed(log: RawLog, name: string): boolean {
  const item = abi.find(
    (each) => each.type === "event" && each.name === name && toEventSelector(each) === log.topics[0],
  );
  return item !== undefined;
}

function encode(log: RawLog, name: string, change: (args: Args) => Args): RawLog {
  const { args } = decodeEventLog({ abi, data: log.data, topics: log.topics as [Hex] }) as { args: Args };
  const changed = change(structuredClone(args));
  const item = abi.find((each) => each.type === "event" && each.name === name);
  const plain = item?.type === "event" ? item.inputs.filter(({ indexed }) => !indexed) : [];
  const topics = encodeEventTopics({ abi, eventName: name, args: changed } as never) as Hex[];
  const data = encodeAbiParameters(
    plain,
    plain.map((input) => changed[input.name ?? ""]),
  );
  return { ...log, topics, data };
}

function inOrder(logs: RawLog[]): RawLog[] {
  return logs.toSorted(
    (a, b) => Number(a.blockNumber) - Number(b.blockNumber) || Number(a.logIndex) - Number(b.logIndex),
  );
}
