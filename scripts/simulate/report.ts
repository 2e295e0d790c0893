import { formatTokenAmount, quadratic } from "../../src/protocol/index.ts";
import type { SimulationConfig } from "./readConfig.ts";
import { seededDice } from "./seededDice.ts";

/** A simulated round, and the same attack behind no gate at all. */
export type Report = {
  config: SimulationConfig;
  simulation: quadratic.Simulation;
  ungated: quadratic.Attack;
};

export function simulate(config: SimulationConfig): Report {
  const play = (round: quadratic.RoundParameters) => quadratic.simulateRound(round, seededDice(config.seed));
  const simulation = play(config.round);
  const { gate } = config.round;
  const ungated = gate.kind === "open" ? simulation.attack : play({ ...config.round, gate: { kind: "open" } }).attack;
  return { config, simulation, ungated };
}

/** One JSON object; amounts are base units in decimal. */
export function toJson({ config, simulation, ungated }: Report): string {
  const { json: _json, svg: _svg, ...parameters } = config;
  const text = (_key: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);
  return `${JSON.stringify({ parameters, ...simulation, breakEven: simulation.breakEven ?? null, ungated }, text, 2)}\n`;
}

/** Whole tokens with two decimals, rounded toward zero, in groups of three. */
export function money(amount: bigint, decimals: number): string {
  const [whole = "0", fraction = ""] = formatTokenAmount(amount < 0n ? -amount : amount, decimals).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${amount < 0n ? "-" : ""}${grouped}.${fraction.slice(0, 2).padEnd(2, "0")}`;
}

/** How a gate is called in a sentence. */
export function gateName(gate: quadratic.SimulatedGate): string {
  if (gate.kind === "open") return "an open gate";
  if (gate.kind === "merkle") return "a list of people";
  return `an attester who gives them ${gate.sybilWeightBps / 100} % and sees ${gate.sybilKeys} people at most`;
}
