// Holds what the chain did to what it had to do, step by step.
import {
  type AbiEvent,
  type AbiParameter,
  decodeErrorResult,
  decodeEventLog,
  encodeAbiParameters,
  encodeEventTopics,
  type Hex,
  slice,
  toEventSelector,
} from "viem";
import type { Command, Outcome, Step } from "../command.ts";
import { type Answer, type Event, type Refusal, write } from "../types.ts";
import type { Look, Picture } from "./picture.ts";
import type { Stage } from "./stage.ts";

export type Log = { address: Hex; topics: [Hex, ...Hex[]]; data: Hex };

export const topics = { played: toEventSelector("Played(bool,bytes,bytes)"), seen: toEventSelector("Seen(bytes)") };

/** @returns what is wrong with the first step that differs, and which it is; undefined when none does. */
export function compare(
  stage: Stage,
  picture: Picture,
  steps: readonly Step[],
  logs: readonly Log[],
): { index: number; faults: string[] } | undefined {
  let events: Log[] = [];
  let index = 0;
  let stands = "";
  for (const log of logs) {
    if (log.address === stage.escrow.address) events.push(log);
    if (log.topics[0] === topics.seen) {
      const last = steps[index - 1];
      const faults = last ? stateFaults(picture.once, last.outcome, readBytes(log.data, 0)) : [];
      if (faults.length > 0) return { index: index - 1, faults };
    }
    if (log.topics[0] !== topics.played) continue;
    const step = steps[index];
    if (!step) throw new Error("The chain did more than it was asked.");
    const { ok, answer, state } = readPlayed(log.data);
    // A refused call is undone: what stood before has to be what the model has still.
    if (ok || state !== "") stands = state;
    const faults = [
      ...answerFaults(stage, step, ok, answer),
      ...eventFaults(stage, step.outcome.events, events),
      ...stateFaults(picture.often, step.outcome, stands),
    ];
    if (faults.length > 0) return { index, faults };
    events = [];
    index += 1;
  }
  if (index !== steps.length) throw new Error(`The chain answered ${index} of ${steps.length} steps.`);
  return undefined;
}

function answerFaults(stage: Stage, { command, outcome }: Step, ok: boolean, answer: Hex): string[] {
  const { refusal } = outcome;
  const wanted = refusal ? refusalData(stage, refusal) : answerData(stage, command, outcome.answer);
  const whole =
    refusal?.args !== undefined || !refusal ? answer : slice(answer, 0, Math.min(4, (answer.length - 2) / 2));
  const matches = wanted === undefined || wanted === whole;
  if (ok === !refusal && matches) return [];
  const model = refusal
    ? `refused with ${refusal.error || "no reason"} ${write(refusal.args ?? "")}`
    : `done, ${wanted}`;
  return [`model: ${model}; contract: ${ok ? "done, " : "refused with "}${describe(stage, ok, answer)}`];
}

/** Nobody asks what a token's own verbs answer. */
function answerData(stage: Stage, { verb }: Command, answer: Answer): Hex | undefined {
  const { words, abis } = stage;
  const item = abis.escrow.find((each) => each.type === "function" && each.name === verb);
  if (item?.type !== "function") return undefined;
  if (answer === undefined) return "0x";
  const value = Array.isArray(answer)
    ? answer.map(({ channelId, increase, reason }) => ({
        channelId: words.real(channelId),
        increase,
        reason: words.real(reason),
      }))
    : words.real(answer);
  return encodeAbiParameters(item.outputs as AbiParameter[], [value]);
}

function refusalData({ words, abis }: Stage, { error, args }: Refusal): Hex {
  if (error === "") return "0x";
  const selector = words.selector(error);
  if (args === undefined || args.length === 0) return selector;
  const item = abis.errors.find((each) => each.type === "error" && each.name === error);
  const inputs = item?.type === "error" ? (item.inputs as AbiParameter[]) : [];
  return `${selector}${encodeAbiParameters(inputs, args.map(words.real)).slice(2)}`;
}

function eventFaults(stage: Stage, wanted: readonly Event[], logs: readonly Log[]): string[] {
  const model = wanted.map((event) => encodeEvent(stage, event));
  const chain = logs.map((log) => [...log.topics, log.data].join());
  if (model.join(";") === chain.join(";")) return [];
  const names = logs.map(({ topics: all, data }) =>
    write(decodeEventLog({ abi: stage.abis.escrow, topics: all, data })),
  );
  return [`model's events: ${write(wanted)}; contract's: ${names.join(" ")}`];
}

function encodeEvent({ words, abis }: Stage, { name, args }: Event): string {
  const item = abis.escrow.find((each): each is AbiEvent => each.type === "event" && each.name === name);
  if (!item) throw new Error(`No event is called ${name}.`);
  const values = args.map(words.real);
  const indexed = values.filter((_, index) => item.inputs[index]?.indexed);
  const rest = values.filter((_, index) => !item.inputs[index]?.indexed);
  const made = encodeEventTopics({ abi: [item], args: indexed } as never) as Hex[];
  const inputs = item.inputs.filter((input) => !input.indexed) as AbiParameter[];
  return [...made, encodeAbiParameters(inputs, rest)].join();
}

function stateFaults({ names, words }: Look, { world }: Outcome, state: string): string[] {
  const wanted = words(world);
  if (state === wanted.map((word) => word.toString(16).padStart(64, "0")).join("")) return [];
  if (state.length !== 64 * wanted.length)
    return [`the views answered ${state.length / 64} words, not ${wanted.length}`];
  return wanted.flatMap((value, index) => {
    const actual = BigInt(`0x${state.slice(64 * index, 64 * (index + 1))}`);
    return actual === value ? [] : [`${names[index]} is ${actual}, and should be ${value}`];
  });
}

function describe({ abis }: Stage, ok: boolean, answer: Hex): string {
  if (ok || answer === "0x") return answer;
  try {
    const { errorName, args } = decodeErrorResult({ abi: abis.errors, data: answer });
    return `${errorName} ${write(args ?? [])}`;
  } catch (error) {
    return `${answer} (${error instanceof Error ? error.name : error})`;
  }
}

/** Takes the data of a `Played` apart; the state is left in hexadecimal without 0x. */
function readPlayed(data: Hex): { ok: boolean; answer: Hex; state: string } {
  return { ok: wordAt(data, 0) === 1n, answer: `0x${readBytes(data, 1)}`, state: readBytes(data, 2) };
}

/** The bytes that an event's word says where to find, without 0x. */
function readBytes(data: Hex, index: number): string {
  const at = Number(wordAt(data, index)) / 32;
  return data.slice(66 + 64 * at, 66 + 64 * at + 2 * Number(wordAt(data, at)));
}

function wordAt(data: Hex, index: number): bigint {
  return BigInt(`0x${data.slice(2 + 64 * index, 66 + 64 * index)}`);
}
