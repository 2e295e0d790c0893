// Puts a history to the model and to the real escrow, and compares after every step, to the unit.
import { type Hex, numberToHex } from "viem";
import { epoch, newWorld } from "../cast.ts";
import { run, type Step } from "../command.ts";
import { brokenInvariants } from "../invariants.ts";
import type { History } from "../random/history.ts";
import { write } from "../types.ts";
import { type Call, callOf } from "./calls.ts";
import { compare, type Log } from "./compare.ts";
import { channelsOf, type Picture, pictureOf } from "./picture.ts";
import { gas, type Stage } from "./stage.ts";

/**
 * @returns each step, with what came of it.
 * @throws {@link Difference}
 */
export async function playHistory(stage: Stage, { scene, commands, endsAt }: History): Promise<Step[]> {
  const first = newWorld(scene);
  let world = first;
  const steps = commands.map((command): Step => {
    const before = world;
    const outcome = run(before, command);
    world = outcome.world;
    return { command, before, outcome };
  });
  const upTo = (index: number) => steps.slice(0, index + 1);

  const broken = brokenInvariants(steps);
  if (broken) throw new Difference(upTo(broken.index), broken.faults);
  const stuck = steps.findIndex(({ outcome }, index) => index >= endsAt && outcome.refusal);
  if (stuck >= 0) throw new Difference(upTo(stuck), ["liveness: what must always go through is refused"]);
  const worlds = [first, ...steps.map(({ outcome }) => outcome.world)];
  const picture = pictureOf(stage, scene, channelsOf(commands), worlds);
  const found = compare(stage, picture, steps, await perform(stage, picture, steps));
  if (found) throw new Difference(upTo(found.index), found.faults);
  return steps;
}

/** Plays everything on the chain, the steps of one second in one block, and leaves it as it was. */
async function perform(stage: Stage, { often, once }: Picture, steps: readonly Step[]): Promise<Log[]> {
  const { request, deployer, encode, player, escrow } = stage;
  const chunks: { at: bigint; calls: Call[][] }[] = [];
  let now = epoch;
  for (const { command, outcome } of steps) {
    const call = await callOf(stage, command);
    now = outcome.world.now;
    if (chunks.at(-1)?.at !== now) chunks.push({ at: now, calls: [] });
    chunks.at(-1)?.calls.push(call ? [call] : []);
  }
  const snapshot = await request("evm_snapshot", []);
  try {
    for (const { at, calls } of chunks) {
      const data = encode("player", "play", [often.views, once.views, calls]);
      await request("evm_setNextBlockTimestamp", [numberToHex(at)]);
      await request("eth_sendTransaction", [{ from: deployer, to: player, data, gas: numberToHex(gas) }]);
    }
    const blocks = numberToHex(BigInt((await request("eth_blockNumber", [])) as Hex) - BigInt(chunks.length - 1));
    const filter = { fromBlock: blocks, address: [player, escrow.address] };
    return (await request("eth_getLogs", [filter])) as Log[];
  } finally {
    await request("evm_revert", [snapshot]);
  }
}

/** The escrow did otherwise than the model, or the model broke an invariant, in the last of these steps. */
export class Difference extends Error {
  override readonly name = "Difference";
  readonly steps: number;
  constructor(steps: readonly Step[], faults: readonly string[]) {
    const lines = steps.map(({ command, outcome }, index) => {
      const result = outcome.refusal ? outcome.refusal.error || "refused" : "done";
      return `${String(index + 1).padStart(4)} ${write(command)} → ${result}`;
    });
    super(`the escrow differs from its model:\n  ${faults.join("\n  ")}\nafter\n${lines.join("\n")}`);
    this.steps = steps.length;
  }
}
