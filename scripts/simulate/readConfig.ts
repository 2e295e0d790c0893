import { parseArgs } from "node:util";
import { FarthingError, InvalidAmountError, parseTokenAmount, type quadratic } from "../../src/protocol/index.ts";

/** What the simulation was told, checked. */
export type SimulationConfig = {
  round: quadratic.RoundParameters;
  seed: number;
  decimals: number;
  symbol: string;
  json: boolean;
  svg: string | undefined;
};

/** The text of `--help`. */
export const help = `Usage: npm run simulate -- round [options]

Plays one round with the contract's own arithmetic: what each project gets, and what an attacker's many wallets cost and earn.
Amounts are whole tokens, such as 2.50. The same options give the same numbers.

  --donors N          honest donors (100)
  --projects N        honest projects, at most 999; the first ones are the popular ones (10)
  --gifts N           projects that each donor gives to (3)
  --gift AMOUNT       a usual gift (5)
  --pot AMOUNT        the sponsors' pot (10000)
  --cap AMOUNT        the most that one project is matched (the pot)
  --min AMOUNT        what a donor must give a project in all to count (0)
  --max AMOUNT        what of a donor's gifts to a project counts at most (no limit)
  --gate KIND         open: every address counts; merkle: listed people count; attested: by an attester's score (open)
  --sybils N          the attacker's wallets, at most 10000 (50)
  --sybil-gift AMOUNT what each gives to the attacker's own project, and gets back with it (1)
  --sybil-cost AMOUNT what each costs for good (1)
  --sybil-weight PERCENT  behind --gate attested: the weight that its wallets get (100)
  --sybil-keys N      behind --gate attested: as how many people they pass at most (all)
  --seed N            another crowd (1)
  --decimals N        the token's (6)
  --symbol NAME       the token's (USDC)
  --json              print one JSON object, amounts in base units
  --svg FILE          draw a chart
`;

/**
 * Reads the command's arguments.
 * @returns undefined when help was asked for.
 * @throws {@link SimulationConfigError} with one line that says which input is wrong.
 */
export function readConfig(args: readonly string[]): SimulationConfig | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  if (positionals.length !== 1 || positionals[0] !== "round") {
    throw new SimulationConfigError("say what to simulate: npm run simulate -- round [options]; --help lists them");
  }
  const decimals = whole("decimals", values.decimals, 0, 30);
  const amount = (flag: keyof typeof values, least: bigint) => tokens(flag, values[flag], decimals, least);
  const pot = amount("pot", 0n);
  const sybils = whole("sybils", values.sybils, 0, 10_000);
  const maxCounted = values.max === undefined ? 2n ** 96n - 1n : amount("max", 0n);
  const round = {
    donors: whole("donors", values.donors, 0, 100_000),
    projects: whole("projects", values.projects, 0, 999),
    giftsPerDonor: whole("gifts", values.gifts, 0, 64),
    gift: amount("gift", 0n),
    pot,
    cap: values.cap === undefined ? (pot > 0n ? pot : 1n) : amount("cap", 1n),
    minCounted: amount("min", 0n),
    maxCounted,
    gate: gate(values, sybils),
    sybils,
    sybilGift: amount("sybil-gift", 0n),
    sybilCost: amount("sybil-cost", 0n),
  };
  if (round.minCounted > maxCounted) throw new SimulationConfigError("--min must not be above --max");
  if (maxCounted >= 2n ** 96n) throw new SimulationConfigError("--max must be below 2^96 base units");
  const { symbol, json, svg } = values;
  if (!/^[A-Za-z0-9.$€-]{1,12}$/.test(symbol)) throw new SimulationConfigError("--symbol must be up to 12 letters");
  if (svg === "") throw new SimulationConfigError("--svg must be a file's path");
  return { round, seed: whole("seed", values.seed, 0, 2 ** 31 - 1), decimals, symbol, json, svg };
}

function parse(args: readonly string[]) {
  const text = (value: string) => ({ type: "string", default: value }) as const;
  const optional = { type: "string" } as const;
  const yes = { type: "boolean", default: false } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        donors: text("100"),
        projects: text("10"),
        gifts: text("3"),
        gift: text("5"),
        pot: text("10000"),
        cap: optional,
        min: text("0"),
        max: optional,
        gate: text("open"),
        sybils: text("50"),
        "sybil-gift": text("1"),
        "sybil-cost": text("1"),
        "sybil-weight": optional,
        "sybil-keys": optional,
        seed: text("1"),
        decimals: text("6"),
        symbol: text("USDC"),
        json: yes,
        svg: optional,
        help: yes,
      },
    });
  } catch (cause) {
    const message = cause instanceof Error ? (cause.message.split(". ")[0] ?? cause.message) : String(cause);
    throw new SimulationConfigError(`${message.split("\n")[0]}; --help lists the options`, { cause });
  }
}

function gate(
  values: { gate: string; "sybil-weight"?: string | undefined; "sybil-keys"?: string | undefined },
  sybils: number,
): quadratic.SimulatedGate {
  const { gate: kind, "sybil-weight": weight, "sybil-keys": keys } = values;
  if (kind !== "open" && kind !== "merkle" && kind !== "attested") {
    throw new SimulationConfigError("--gate must be open, merkle or attested");
  }
  if (kind !== "attested") {
    if (weight !== undefined || keys !== undefined) {
      throw new SimulationConfigError("--sybil-weight and --sybil-keys go with --gate attested alone");
    }
    return { kind };
  }
  return {
    kind,
    sybilWeightBps: whole("sybil-weight", weight ?? "100", 0, 100) * 100,
    sybilKeys: whole("sybil-keys", keys ?? String(Math.max(sybils, 1)), 1, 10_000),
  };
}

function whole(flag: string, value: string, least: number, most: number): number {
  const number = /^\d{1,10}$/.test(value) ? Number(value) : -1;
  if (number < least || number > most) {
    throw new SimulationConfigError(`--${flag} must be a whole number from ${least} to ${most}`);
  }
  return number;
}

/** Amounts stay below 2^96 base units, as the tokens that a pool counts. */
function tokens(flag: string, value: string | boolean | undefined, decimals: number, least: bigint): bigint {
  try {
    const amount = parseTokenAmount(String(value), decimals);
    if (amount >= least && amount < 2n ** 96n) return amount;
  } catch (error) {
    if (!(error instanceof InvalidAmountError)) throw error;
  }
  const above = least > 0n ? " above 0" : "";
  throw new SimulationConfigError(`--${flag} must be an amount of tokens${above}, such as 250 or 2.50`);
}

/** A flag of the simulation is wrong; the message says which and what it should be. */
export class SimulationConfigError extends FarthingError {
  override readonly name = "SimulationConfigError";
  constructor(message: string, options?: ErrorOptions) {
    super("bad-config", message, options);
  }
}
