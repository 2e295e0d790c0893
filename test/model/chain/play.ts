// Puts a history to the model and to the real contracts, and compares after every step, to the unit.
import { type Hex, numberToHex, toEventSelector } from "viem";
import { ending, newRound, opening } from "../cast.ts";
import { type Command, describeCommand, type Outcome, run } from "../history.ts";
import { brokenInvariants } from "../invariants.ts";
import { type Answer, answerOf, describeAnswer, readPlayed } from "./answers.ts";
import { type Call, callsOf } from "./calls.ts";
import { hex, LibraryCount, type Word, wordsOf } from "./picture.ts";
import type { Round, Stage } from "./stage.ts";

/** A step, what the contracts have to answer, and what they have to store then. */
type Expected = { command: Command; outcome: Outcome; answer: Answer; words: Word[] };

/** Steps of one second. */
type Chunk = { at: number; steps: Call[][] };

/**
 * @param settles Whether a round with a pot is settled in the end, or switched to refunds.
 * @returns each step, with what came of it.
 * @throws {@link Difference}
 */
export async function playHistory(
  stage: Stage,
  round: Round,
  history: readonly Command[],
  settles: boolean,
): Promise<{ command: Command; outcome: Outcome }[]> {
  const model = newRound(round.terms);
  const count = new LibraryCount(round.terms);
  const expected: Expected[] = [];
  const chunks: Chunk[] = [{ at: stage.epoch, steps: [] }];

  async function play(command: Command) {
    const calls = await callsOf(stage, round, model, command, expected.length);
    const outcome = run(model, command);
    const broken = brokenInvariants(model);
    if (broken.length > 0) throw new Error(`The model itself breaks: ${broken.join("; ")}`);
    count.follow(model);
    const at = stage.epoch + model.now;
    if (at > (chunks.at(-1) as Chunk).at) chunks.push({ at, steps: [] });
    (chunks.at(-1) as Chunk).steps.push(calls);
    const answer = answerOf(stage, round, command, outcome);
    expected.push({ command, outcome, answer, words: wordsOf(stage, model, count) });
  }

  for (const command of [...opening, ...history]) await play(command);
  for (const command of ending(model, settles)) await play(command);
  if (model.balance + model.credit !== 0n) throw new Error("In the end the model owes somebody.");
  compare(stage, expected, await perform(stage, round, chunks));
  return expected;
}

type Log = { topics: [Hex, ...Hex[]]; data: Hex };

const playedTopic = toEventSelector("Played(bool,bytes,uint256[])");
const skippedTopic = toEventSelector("CollectSkipped(bytes32,bytes4)");

/** Plays everything on the chain, and leaves it as it was. */
async function perform(stage: Stage, round: Round, chunks: readonly Chunk[]): Promise<Log[]> {
  const { request, send, encode, player, reader } = stage;
  const snapshot = await request("evm_snapshot", []);
  const block = BigInt((await request("eth_blockNumber", [])) as Hex);
  try {
    for (const { at, steps } of chunks) {
      await request("evm_setNextBlockTimestamp", [numberToHex(at)]);
      await send(player, encode("RoundStage", "play", [reader, round.watched, steps]));
    }
    const address = [player, round.pool.address];
    const filter = { fromBlock: numberToHex(block + 1n), address, topics: [[playedTopic, skippedTopic]] };
    return (await request("eth_getLogs", [filter])) as Log[];
  } finally {
    await request("evm_revert", [snapshot]);
  }
}

/** @throws {@link Difference} for the first step in which the contracts did otherwise. */
function compare(stage: Stage, expected: readonly Expected[], logs: readonly Log[]): void {
  let passed: string[] = [];
  let step = 0;
  for (const { topics, data } of logs) {
    if (topics[0] === skippedTopic) {
      passed.push(data.slice(2, 10));
      continue;
    }
    const each = expected[step];
    if (!each) throw new Error("The contracts did more than they were asked.");
    const { answer, state } = readPlayed(stage, data, passed);
    const wanted = hex(BigInt(each.words.length)) + each.words.map(({ value }) => hex(value)).join("");
    const faults = [
      ...answerFaults(stage, each.answer, answer),
      ...(state === wanted ? [] : stateFaults(each.words, state)),
    ];
    if (faults.length > 0) throw new Difference(expected.slice(0, step + 1), faults);
    passed = [];
    step += 1;
  }
  if (step !== expected.length) throw new Error(`The contracts answered ${step} of ${expected.length} steps.`);
}

function answerFaults(stage: Stage, wanted: Answer, actual: Answer): string[] {
  const [a, b] = [JSON.stringify(wanted), JSON.stringify(actual)];
  return a === b ? [] : [`model: ${describeAnswer(stage, wanted)}; contract: ${describeAnswer(stage, actual)}`];
}

function stateFaults(words: readonly Word[], state: string): string[] {
  const faults = words.flatMap(({ name, value }, index) => {
    const actual = BigInt(`0x${state.slice(64 * (index + 1), 64 * (index + 2))}`);
    return actual === value ? [] : [`${name} is ${actual}, and should be ${value}`];
  });
  const length = Number(BigInt(`0x${state.slice(0, 64)}`));
  return length === words.length ? faults : [`${length} words instead of ${words.length}`, ...faults];
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
