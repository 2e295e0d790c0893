// `npm run simulate -- round`: plays a round of the donation pool, and what an attacker's many wallets cost and earn.
import { writeFile } from "node:fs/promises";
import { drawChart } from "./simulate/drawChart.ts";
import { formatTable } from "./simulate/formatTable.ts";
import { help, readConfig } from "./simulate/readConfig.ts";
import { simulate, toJson } from "./simulate/report.ts";

try {
  const config = readConfig(process.argv.slice(2));
  if (config) {
    const report = simulate(config);
    if (config.svg !== undefined) await writeFile(config.svg, drawChart(report));
    process.stdout.write(config.json ? toJson(report) : formatTable(report));
  } else process.stdout.write(help);
} catch (error) {
  const message = error instanceof Error ? (error.message.split("\n")[0] ?? error.name) : String(error);
  process.stderr.write(`simulate: ${message}\n`);
  process.exitCode = 2;
}
