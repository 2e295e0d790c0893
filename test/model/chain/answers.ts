// What the contracts have to answer to a command, and what they did answer.
import { type Abi, type Hex, toFunctionSelector } from "viem";
import type { Command, Outcome } from "../history.ts";
import type { Reason } from "../types.ts";
import { hex } from "./picture.ts";
import type { Round, Stage } from "./stage.ts";

/** In hexadecimal without 0x. */
export type Answer = {
  /** Whether every call of the command went through. */
  ok: boolean;
  /** What the last call returned, or the refusal: its selector and, of `WrongStatus`, the status. */
  data: string;
  /** Selectors of the errors for which a batch passed over items. */
  passed: string[];
};

/** The pool's one error for a round in another state, and the state that it names. */
const states: Partial<Record<Reason, bigint>> = { NotSettled: 0n, Refunding: 1n, AlreadySettled: 2n };

export function answerOf(stage: Stage, round: Round, command: Command, outcome: Outcome): Answer {
  const refusal = (reason: Reason) => {
    const state = states[reason];
    return state === undefined ? selectorOf(stage, reason) : selectorOf(stage, "WrongStatus") + hex(state);
  };
  if ("refused" in outcome) return { ok: false, data: refusal(outcome.refused), passed: [] };
  return { ok: true, data: returned(round, command, outcome.returned), passed: (outcome.passed ?? []).map(refusal) };
}

function returned(round: Round, command: Command, value: bigint): string {
  switch (command.verb) {
    case "openChannel":
    case "donate":
      return round.id(command.line).slice(2);
    case "collectBatch":
    case "sponsor":
    case "claim":
    case "refund":
    case "refundSponsor":
      return hex(value);
    default:
      return "";
  }
}

/** Takes the data of a `Played` apart. @returns the answer, and the words of the views in a row. */
export function readPlayed(stage: Stage, data: Hex, passed: string[]): { answer: Answer; state: string } {
  const ok = wordAt(data, 0) === 1n;
  const bytes = readBytes(data, 1);
  const whole = ok || bytes.startsWith(selectorOf(stage, "WrongStatus"));
  return { answer: { ok, data: whole ? bytes : bytes.slice(0, 8), passed }, state: readBytes(data, 2) };
}

/** The bytes that an event's word says where to find, without 0x. */
export function readBytes(data: Hex, index: number): string {
  const at = Number(wordAt(data, index)) / 32;
  return data.slice(66 + 64 * at, 66 + 64 * at + 2 * Number(wordAt(data, at)));
}

function wordAt(data: Hex, index: number): bigint {
  return BigInt(`0x${data.slice(2 + 64 * index, 66 + 64 * index)}`);
}

/** An answer as a person reads it. */
export function describeAnswer(stage: Stage, { ok, data, passed }: Answer): string {
  const nameOf = (selector: string) => [...errorsOf(stage)].find(([, each]) => each === selector)?.[0] ?? selector;
  if (!ok) return data === "" ? "refused without a reason" : `refused: ${nameOf(data.slice(0, 8))} ${data.slice(8)}`;
  return `done: ${data === "" ? "nothing" : `0x${data}`}${passed.map((each) => `, passed over: ${nameOf(each)}`).join("")}`;
}

function selectorOf(stage: Stage, name: string): string {
  const selector = errorsOf(stage).get(name);
  if (selector === undefined) throw new Error(`No error of the contracts is called ${name}.`);
  return selector;
}

const known = new WeakMap<Stage, Map<string, string>>();

function errorsOf(stage: Stage): Map<string, string> {
  const found = known.get(stage);
  if (found) return found;
  const { DonationPool, PaymentChannels, ProjectRegistry } = stage.abis;
  const items: Abi = [DonationPool, PaymentChannels, ProjectRegistry].flat();
  const errors = items.filter((item) => item.type === "error");
  const made = new Map(errors.map((error) => [error.name, toFunctionSelector(asFunction(error)).slice(2)] as const));
  known.set(stage, made);
  return made;
}

/** Selectors of errors are made as those of functions. */
function asFunction({ name, inputs }: Extract<Abi[number], { type: "error" }>) {
  return { type: "function", name, inputs, outputs: [], stateMutability: "nonpayable" } as const;
}
