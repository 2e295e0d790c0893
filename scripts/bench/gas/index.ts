import { spawnSync } from "node:child_process";
import hre from "hardhat";
import { findAnvil, noAnvil } from "../../../test/support/findAnvil.ts";
import { type Bench, differencePercent, type OnRow, type Report, type Row, UsageError, versionsOf } from "../report.ts";
import { anvil as anvilVenue, anvilVersions } from "./anvil.ts";
import { escrowRows } from "./escrow.ts";
import { giftRows } from "./gifts.ts";
import { updatePage } from "./page.ts";
import { type GasRow, measureRow } from "./row.ts";
import { settlementRows } from "./settlement.ts";
import { measureSizes } from "./sizes.ts";
import { compareWithSnapshot, howToAccept, readSnapshot, writeSnapshot } from "./snapshot.ts";
import { measureWhere } from "./where.ts";

const root = new URL("../../../", import.meta.url);

/** Every verb that can be measured, in the order of the report. */
export const gasRows: readonly GasRow[] = [...escrowRows, ...giftRows, ...settlementRows];

/**
 * Exact gas of each verb, and the size of each contract; `--update` accepts the figures and renews docs/gas.md; `--where ROW` takes
 * one apart; `--anvil` measures each on anvil too.
 */
export const gas: Bench = {
  flags: { update: { type: "boolean" }, where: { type: "string" }, anvil: { type: "boolean" } },
  async run({ update, where, anvil }, onRow) {
    const apart = typeof where === "string" ? rowNamed(where) : undefined;
    if (anvil && (update || apart))
      throw new UsageError("--anvil measures all rows and accepts none: leave the other out");
    if (anvil) return measureTwice(onRow);
    compile();
    if (apart) return { bench: "gas", versions: versions(), ...(await measureWhere(apart)) };
    const rows = [...(await measureRows(gasRows, onRow)), ...(await measureSizes())];
    const differences = compareWithSnapshot(rows, await readSnapshot());
    if (update) {
      await writeSnapshot(rows);
      await updatePage(gasRows);
    }
    if (differences.length > 0) {
      const heading = update ? "Accepted:" : `Not what test/snapshots/gas.json says; ${howToAccept} accepts:`;
      process.stderr.write(`${[heading, ...differences].join("\n")}\n`);
    }
    return {
      bench: "gas",
      work: "whole transactions, one a row, on the simulated OP chain; batches of 1 and 100 rows",
      versions: versions(),
      rows,
    };
  },
};

/** Each row on the simulated chain, and as plain transactions on anvil. */
async function measureTwice(onRow: OnRow): Promise<Report> {
  const program = findAnvil();
  if (!program) throw new UsageError(`there is no anvil here, nor does FARTHING_ANVIL name one: ${noAnvil}`);
  compile();
  const venue = anvilVenue(program);
  const measureOne = async (row: GasRow) => ({
    ...(await measureRow(row)),
    anvil: (await measureRow(row, venue)).value,
  });
  const rows = await measureRows(gasRows, onRow, measureOne);
  return {
    bench: "gas",
    work: "whole transactions, one a row, on the simulated OP chain and on anvil --optimism; batches of 1 and 100 rows",
    versions: { ...versions(), ...(await anvilVersions(program)) },
    rows,
    fault: findFault(rows),
  };
}

/** Most that the two chains may differ, percent. */
const maxDifference = 1;

/** Which rows the two chains do not agree on, in a sentence; undefined where there are none. */
export function findFault(rows: readonly Row[]): string | undefined {
  const apart = rows.filter((row) => !(Math.abs(differencePercent(row) ?? Number.NaN) <= maxDifference));
  if (apart.length === 0) return undefined;
  return `anvil is not within ${maxDifference} % at ${apart.map(({ key }) => key).join(", ")}`;
}

function rowNamed(key: string): GasRow {
  const row = gasRows.find((each) => each.key === key);
  if (row) return row;
  throw new UsageError(
    `there is no row ${JSON.stringify(key)}; choose one of ${gasRows.map((each) => each.key).join(", ")}`,
  );
}

/** Measures rows in the order given; the order changes no figure. */
export async function measureRows(
  rows: readonly GasRow[],
  onRow: OnRow = () => {},
  measureOne: (row: GasRow) => Promise<Row> = measureRow,
): Promise<Row[]> {
  const measured: Row[] = [];
  for (const row of rows) {
    onRow(measured.length, rows.length, row.key);
    measured.push(await measureOne(row));
  }
  return measured;
}

/** What the figures depend on. */
export function versions(): Record<string, string> {
  const { default: chain } = hre.config.networks;
  return {
    ...versionsOf(["hardhat", "solc", "viem", "@openzeppelin/contracts"]),
    hardfork: chain?.type === "edr-simulated" ? chain.hardfork : "",
  };
}

/** By a process of its own: the compiler's words must not stand among the figures. */
export function compile() {
  const build = ["node_modules/.bin/hardhat", "build"];
  const { status, stdout, stderr } = spawnSync(process.execPath, build, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`The contracts do not compile:\n${stdout}${stderr}`);
}
