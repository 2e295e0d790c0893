// A round of its own for gifts that somebody else has counted: each is given through the contract, which then settles.
import { encodeAbiParameters, type Hex, keccak256, numberToHex, stringToHex } from "viem";
import { quadratic } from "../../../src/protocol/index.ts";
import type { RoundTerms } from "../types.ts";
import { type Log, topics } from "./compare.ts";
import type { Stage } from "./stage.ts";

/** What one donor gives to one project at once, by names. */
export type NamedGift = { donor: string; project: string; amount: bigint; weightBps?: number };

export type VectorTerms = { pot: bigint; cap: bigint; minCounted?: bigint };

/** What the contract stores of a project, and what it says after settlement. */
export type ProjectResult = { gifts: bigint; rootSum: bigint; subsidy: bigint; donors: number; match: bigint };

export type VectorResult = {
  projects: Map<string, ProjectResult>;
  settlement: { numerator: bigint; denominator: bigint; unused: bigint };
  pair: quadratic.CappedPair;
  /** What a donor's key has given to a project; by `donor|project`. */
  voices: Map<string, { weighted: bigint; root: bigint }>;
};

/** Most projects of a vector. */
const most = 16;

export async function createVectorRounds(stage: Stage) {
  const gate = await stage.deploy("FrankGate");
  const payouts = Array.from({ length: most }, (_, index) => stage.payout(index + 1));
  const registry = await stage.openRegistry(payouts);
  return (gifts: readonly NamedGift[], terms: VectorTerms) => play(stage, { gate, registry }, gifts, terms);
}

async function play(
  stage: Stage,
  judges: { gate: Hex; registry: Hex },
  gifts: readonly NamedGift[],
  { pot, cap, minCounted = 0n }: VectorTerms,
): Promise<VectorResult> {
  const names = [...new Set(gifts.map(({ project }) => project))];
  const donors = [...new Set(gifts.map(({ donor }) => donor))];
  const idOf = (project: string) => BigInt(names.indexOf(project) + 1);
  const accountOf = (donor: string) => numberToHex(0xd000_0000 + donors.indexOf(donor), { size: 20 });
  const terms: RoundTerms = {
    ...times,
    matching: true,
    cap,
    minCounted,
    maxCounted: 2n ** 96n - 1n,
    gate: () => never,
  };
  const snapshot = await stage.request("evm_snapshot", []);
  try {
    const pool = await stage.createPool(terms, judges, names.map(idOf));
    const sponsor = numberToHex(0xd100_0000, { size: 20 });
    for (const account of [...donors.map(accountOf), sponsor]) {
      await stage.client.setCode({ address: account, bytecode: stage.puppet });
    }
    const call = (actor: Hex, to: Hex, data: Hex) => ({ actor, to, data });
    const fund = (account: Hex, amount: bigint) => [
      call(account, stage.token, stage.encode("RouteDenyToken", "mint", [account, amount])),
      call(account, stage.token, stage.encode("RouteDenyToken", "approve", [pool.address, amount])),
    ];
    const donate = ({ donor, project, amount, weightBps = 10_000 }: NamedGift, index: number) => {
      const account = accountOf(donor);
      // Without a weight the gate would refuse: such a donor can only give without matching.
      const data = weightBps === 0 ? "0x" : encodeAbiParameters(standing, [keyOf(donor), weightBps]);
      const list = [{ projectId: idOf(project), cumulativeAmount: amount }];
      const salt = numberToHex(index, { size: 32 });
      const given = stage.encode("DonationPool", "donate", [list, data, salt]);
      return [...fund(account, amount), call(account, pool.address, given)];
    };
    const sponsored = stage.encode("DonationPool", "sponsor", [pot]);
    await perform(stage, times.start, [
      ...(pot > 0n ? [[...fund(sponsor, pot), call(sponsor, pool.address, sponsored)]] : []),
      ...gifts.map(donate),
    ]);
    const read = (functionName: string, args: readonly unknown[]) =>
      stage.client.readContract({ address: pool.address, abi: stage.abis.DonationPool, functionName, args });
    const states = new Map<string, Omit<ProjectResult, "match">>();
    for (const name of names)
      states.set(name, (await read("getProject", [idOf(name)])) as Omit<ProjectResult, "match">);
    const subsidies = new Map([...states].map(([name, { subsidy }]) => [idOf(name), subsidy]));
    const pair = quadratic.findCapped(subsidies, { pot, cap });
    const settled = stage.encode("DonationPool", "settleRound", [BigInt(pair.cappedCount), pair.cappedSubsidy]);
    await perform(stage, times.challengeEnd, [[call(sponsor, pool.address, settled)]]);

    const projects = new Map<string, ProjectResult>();
    for (const [name, state] of states) {
      projects.set(name, { ...state, match: (await read("matchOf", [idOf(name)])) as bigint });
    }
    const voices: VectorResult["voices"] = new Map();
    for (const { donor, project } of gifts) {
      const keyId = keccak256(keyOf(donor)).slice(0, 62);
      const [weighted, root] = (await read("voiceOf", [keyId, idOf(project)])) as [bigint, bigint];
      voices.set(`${donor}|${project}`, { weighted, root });
    }
    return { projects, settlement: (await read("settlement", [])) as VectorResult["settlement"], pair, voices };
  } finally {
    await stage.request("evm_revert", [snapshot]);
  }
}

/** Plays steps of one second. @throws if one of them is refused. */
async function perform(stage: Stage, second: number, steps: { actor: Hex; to: Hex; data: Hex }[][]): Promise<void> {
  await stage.request("evm_setNextBlockTimestamp", [numberToHex(stage.epoch + second)]);
  await stage.send(stage.player, stage.encode("RoundStage", "play", [[], [], steps]));
  const filter = { fromBlock: "latest", address: stage.player, topics: [topics.played] };
  const logs = (await stage.request("eth_getLogs", [filter])) as Log[];
  const refused = logs.findIndex(({ data }) => BigInt(data.slice(0, 66)) !== 1n);
  if (logs.length !== steps.length || refused >= 0) throw new Error(`Step ${refused} of a vector was refused.`);
}

const times = { start: 3_600, end: 7_200, challengeEnd: 7_200, settleBy: 7_200 + 7 * 24 * 3_600 };
const standing = [{ type: "bytes32" }, { type: "uint16" }] as const;
/** The model's gate is not asked here. */
const never = { key: "", weightBps: 0 };

function keyOf(donor: string): Hex {
  return keccak256(stringToHex(`donor ${donor}`));
}
