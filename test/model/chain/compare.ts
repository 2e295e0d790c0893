// Holds what the contracts did to what they had to do, step by step.
import { type Hex, toEventSelector } from "viem";
import { type Command, describeCommand, type Outcome } from "../history.ts";
import { type Answer, describeAnswer, readBytes, readPlayed } from "./answers.ts";
import { hex, type Picture, type Word } from "./picture.ts";
import type { Stage } from "./stage.ts";

/** A step, what the contracts have to answer, and what they have to store then. */
export type Expected = { command: Command; outcome: Outcome; answer: Answer; picture: Picture };

export type Log = { topics: [Hex, ...Hex[]]; data: Hex };

/** What is listened for: of the stage, and of a batch of the pool. */
export const topics = {
  played: toEventSelector("Played(bool,bytes,bytes)"),
  seen: toEventSelector("Seen(bytes)"),
  skipped: toEventSelector("CollectSkipped(bytes32,bytes4)"),
};

/**
 * @param chunks The steps of each second.
 * @throws {@link Difference} for the first step in which the contracts did otherwise.
 */
export function compare(stage: Stage, chunks: readonly Expected[][], logs: readonly Log[]): void {
  // Receipts are the last views, and only become more: one that is not there yet answers one zero word.
  const steps = chunks.flatMap((chunk) => {
    const asked = chunk.at(-1)?.picture.often.length ?? 0;
    return chunk.map((expected) => ({ expected, missing: asked - expected.picture.often.length }));
  });
  const soFar = (count: number) => steps.slice(0, count).map(({ expected }) => expected);
  let passed: string[] = [];
  let done = 0;
  let stands = "";
  for (const {
    topics: [topic],
    data,
  } of logs) {
    if (topic === topics.skipped) {
      passed.push(data.slice(2, 10));
    } else if (topic === topics.seen) {
      const { once = [] } = steps[done - 1]?.expected.picture ?? {};
      const faults = stateFaults(
        once.flatMap(({ words }) => words),
        readBytes(data, 0),
      );
      if (faults.length > 0) throw new Difference(soFar(done), faults);
    } else {
      const step = steps[done];
      if (!step) throw new Error("The contracts did more than they were asked.");
      const { answer, state } = readPlayed(stage, data, passed);
      // A refused call is undone: what stood before has to be what the model has still.
      if (answer.ok || state !== "") stands = state;
      const noReceipt = Array.from({ length: step.missing }, () => ({ name: "no receipt", value: 0n }));
      const words = [...step.expected.picture.often.flatMap((view) => view.words), ...noReceipt];
      const faults = [...answerFaults(stage, step.expected.answer, answer), ...stateFaults(words, stands)];
      done += 1;
      passed = [];
      if (faults.length > 0) throw new Difference(soFar(done), faults);
    }
  }
  if (done !== steps.length) throw new Error(`The contracts answered ${done} of ${steps.length} steps.`);
}

function answerFaults(stage: Stage, wanted: Answer, actual: Answer): string[] {
  const [a, b] = [JSON.stringify(wanted), JSON.stringify(actual)];
  return a === b ? [] : [`model: ${describeAnswer(stage, wanted)}; contract: ${describeAnswer(stage, actual)}`];
}

function stateFaults(words: readonly Word[], state: string): string[] {
  if (state === words.map(({ value }) => hex(value)).join("")) return [];
  const length = state.length / 64;
  if (length !== words.length) return [`the views answered ${length} words instead of ${words.length}`];
  return words.flatMap(({ name, value }, index) => {
    const actual = BigInt(`0x${state.slice(64 * index, 64 * (index + 1))}`);
    return actual === value ? [] : [`${name} is ${actual}, and should be ${value}`];
  });
}

/** The contracts did otherwise than the model, in the last of these steps. */
export class Difference extends Error {
  override readonly name = "Difference";
  constructor(steps: readonly Expected[], faults: readonly string[]) {
    const lines = steps.map(({ command, outcome }, index) => {
      const result = "refused" in outcome ? outcome.refused : "done";
      return `${String(index + 1).padStart(4)} ${describeCommand(command)} → ${result}`;
    });
    super(`the contracts differ from the model:\n  ${faults.join("\n  ")}\nafter\n${lines.join("\n")}`);
  }
}
