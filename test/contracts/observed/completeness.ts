import { expect } from "chai";
import hre from "hardhat";
import type { Abi } from "viem";
import { itemName, type Witness } from "./witness.ts";

/**
 * Requires that every function, event and error of the compiled contract and of its interface was observed.
 * @param unreachable What no call can reach, and why. Each must be in the compiled ABI and must not have been seen.
 * @returns how many items there are.
 */
export async function showsEverything(
  witness: Witness,
  abi: Abi,
  specification: string,
  unreachable: Record<string, string>,
): Promise<number> {
  const specified = (await hre.artifacts.readArtifact(specification)).abi as Abi;
  const compiled = new Set(abi.filter((item) => item.type !== "constructor").map(itemName));
  const all = new Set([...compiled, ...specified.map(itemName)]);
  const excused = Object.keys(unreachable);

  expect([...all].filter((name) => !witness.observed.has(name) && !excused.includes(name))).to.deep.equal([]);
  expect(specified.map(itemName).filter((name) => !compiled.has(name))).to.deep.equal([]);
  expect(excused.filter((name) => !compiled.has(name) || witness.observed.has(name))).to.deep.equal([]);
  return all.size;
}
