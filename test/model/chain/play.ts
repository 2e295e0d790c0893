// Puts a history to the model and to the real contracts, and compares after every step, to the unit.
import { type Hex, numberToHex } from "viem";
import { ending, newRound, opening } from "../cast.ts";
import { type Command, type Outcome, run } from "../history.ts";
import { brokenInvariants } from "../invariants.ts";
import { answerOf } from "./answers.ts";
import { type Call, callsOf } from "./calls.ts";
import { compare, type Expected, type Log, topics } from "./compare.ts";
import { LibraryCount } from "./libraryCount.ts";
import { pictureOf } from "./picture.ts";
import type { Round, Stage } from "./stage.ts";

/** Steps of one second. */
type Chunk = { at: number; steps: Call[][]; expected: Expected[] };

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
  const chunks: Chunk[] = [{ at: stage.epoch, steps: [], expected: [] }];
  let steps = 0;

  async function play(command: Command) {
    const calls = await callsOf(stage, round, model, command, steps++);
    const outcome = run(model, command);
    const broken = brokenInvariants(model);
    if (broken.length > 0) throw new Error(`The model itself breaks: ${broken.join("; ")}`);
    count.follow(model);
    const at = stage.epoch + model.now;
    if (at > (chunks.at(-1) as Chunk).at) chunks.push({ at, steps: [], expected: [] });
    const chunk = chunks.at(-1) as Chunk;
    chunk.steps.push(calls);
    const answer = answerOf(stage, round, command, outcome);
    chunk.expected.push({ command, outcome, answer, picture: pictureOf(stage, round, model, count) });
  }

  for (const command of [...opening, ...history]) await play(command);
  for (const command of ending(model, settles)) await play(command);
  if (model.balance + model.credit !== 0n) throw new Error("In the end the model owes somebody.");
  const logs = await perform(stage, round, chunks);
  compare(
    stage,
    chunks.map(({ expected }) => expected),
    logs,
  );
  return chunks.flatMap(({ expected }) => expected);
}

/** Plays everything on the chain, and leaves it as it was. */
async function perform(stage: Stage, round: Round, chunks: readonly Chunk[]): Promise<Log[]> {
  const { request, send, encode, player } = stage;
  const snapshot = await request("evm_snapshot", []);
  const block = BigInt((await request("eth_blockNumber", [])) as Hex);
  try {
    for (const { at, steps, expected } of chunks) {
      const { often, once } = (expected.at(-1) as Expected).picture;
      await request("evm_setNextBlockTimestamp", [numberToHex(at)]);
      await send(player, encode("RoundStage", "play", [often, once, steps]));
    }
    const address = [player, round.pool.address];
    const filter = { fromBlock: numberToHex(block + 1n), address, topics: [Object.values(topics)] };
    return (await request("eth_getLogs", [filter])) as Log[];
  } finally {
    await request("evm_revert", [snapshot]);
  }
}
