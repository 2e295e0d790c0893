// Where a transaction's gas goes, by every instruction that it ran.
import assert from "node:assert/strict";
import { type Address, type Hash, type Hex, hexToBytes } from "viem";
import type { Stage } from "./stage.ts";

/** One instruction. `gas` is what was left before it. */
type Step = { op: string; gas: number; gasCost: number; depth: number; stack?: string[] };

/** What gas was spent on. */
export type Purpose = "storage read" | "storage written" | "call" | "event" | "signature" | "computing";

/** Gas by the contract that spent it and what for; what no contract spends stands under the transaction itself. */
export type Spending = {
  base: number;
  calldata: number;
  /** What cleared storage gave back. */
  refunded: number;
  /** Gas of each purpose by address, the signatures' precompile counted to its caller. */
  contracts: Map<Address, Map<Purpose, number>>;
};

const purposes: [instructions: RegExp, purpose: Purpose][] = [
  [/^(SLOAD|TLOAD)$/, "storage read"],
  [/^(SSTORE|TSTORE)$/, "storage written"],
  [/^(CALL|STATICCALL|DELEGATECALL|EXTCODESIZE|EXTCODEHASH)$/, "call"],
  [/^LOG/, "event"],
];

const ecrecover = 1n;

/** The gas of a mined transaction, every unit of it by its purpose. */
export async function traceSpending({ client, transport }: Stage, hash: Hash): Promise<Spending> {
  const [{ input, to }, { gasUsed }] = await Promise.all([
    client.getTransaction({ hash }),
    client.getTransactionReceipt({ hash }),
  ]);
  assert.ok(to);
  const { structLogs } = (await transport({}).request({
    method: "debug_traceTransaction",
    params: [hash, { disableMemory: true, disableStorage: true }],
  })) as { structLogs: Step[] };
  const contracts = new Map<Address, Map<Purpose, number>>();
  const frames: Address[] = [to];
  let executed = 0;
  structLogs.forEach((step, index) => {
    frames.length = step.depth;
    const cost = ownCost(structLogs, index);
    const callee = calleeOf(step);
    const purpose = callee === ecrecover ? "signature" : purposeOf(step.op);
    const spent = contracts.get(frames[step.depth - 1] as Address) ?? new Map<Purpose, number>();
    contracts.set(frames[step.depth - 1] as Address, spent.set(purpose, (spent.get(purpose) ?? 0) + cost));
    if (callee !== undefined) frames.push(toAddress(callee));
    executed += cost;
  });
  const base = 21_000;
  const calldata = costOf(input);
  return { base, calldata, refunded: base + calldata + executed - Number(gasUsed), contracts };
}

/** What an instruction cost without what the frame that it opened spent: the gas before it less the gas after, less that. */
function ownCost(steps: readonly Step[], index: number): number {
  const step = steps[index] as Step;
  const next = steps[index + 1];
  if (!next || next.depth < step.depth) return step.gasCost;
  if (next.depth === step.depth) return step.gas - next.gas;
  let last = index + 1;
  while (last + 1 < steps.length && (steps[last + 1] as Step).depth > step.depth) last += 1;
  const after = steps[last + 1];
  const inner = steps[last] as Step;
  const spentInside = next.gas - (inner.gas - inner.gasCost);
  return step.gas - (after ? after.gas : inner.gas - inner.gasCost) - spentInside;
}

function purposeOf(op: string): Purpose {
  return purposes.find(([instructions]) => instructions.test(op))?.[1] ?? "computing";
}

/** Whom an instruction calls; undefined for one that calls nobody. */
function calleeOf({ op, stack = [] }: Step): bigint | undefined {
  if (!/^(CALL|STATICCALL|DELEGATECALL)$/.test(op)) return undefined;
  const word = stack.at(-2) ?? "0x0";
  return BigInt(word.startsWith("0x") ? word : `0x${word}`);
}

function toAddress(word: bigint): Address {
  return `0x${word.toString(16).padStart(40, "0")}`;
}

/** 4 gas a zero byte, 16 any other. Source: EIP-2028. */
function costOf(input: Hex): number {
  return hexToBytes(input).reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0);
}
