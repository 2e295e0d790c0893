// The audit's command: reads its flags, audits, shows and writes what came of it. Exit 0 balanced, 1 not, 2 could not tell.
import { readFile, rename, writeFile } from "node:fs/promises";
import { SingleBar } from "cli-progress";
import { createClient, http } from "viem";
import { type AuditProgress, audit, type Checkpoint, formatTable, toCsv, toJson } from "../src/audit/index.ts";
import { type AuditConfig, help, readConfig } from "../src/audit/readConfig.ts";
import { readFrom } from "./audit/evidence.ts";

try {
  const config = readConfig(process.argv.slice(2));
  if (config) process.exitCode = await main(config);
  else process.stdout.write(help);
} catch (error) {
  // viem's errors quote the whole request; their first line says what happened.
  const message = error instanceof Error ? (error.message.split("\n")[0] ?? error.name) : String(error);
  process.stderr.write(`audit: ${message}\n`);
  process.exitCode = 2;
}

async function main(config: AuditConfig): Promise<number> {
  const { rpc, escrow, factory, pools, fromBlock, at, tokens, fees, quiet } = config;
  const client = createClient({ transport: http(rpc) });
  const checkpoint = config.checkpoint === undefined ? undefined : keepIn(config.checkpoint);
  const progress = quiet ? undefined : show();
  try {
    const onProgress = progress?.update;
    const scope = { escrow, factory, pools, fromBlock, toBlock: at, tokens };
    const evidence = config.evidence === undefined ? undefined : readFrom(config.evidence, config.totals);
    const report = await audit({ client, ...scope, fees, checkpoint, evidence, onProgress });
    progress?.end();
    if (config.json !== undefined) await writeFile(config.json, toJson(report));
    if (config.csv !== undefined) await writeFile(config.csv, toCsv(report));
    if (!quiet) process.stdout.write(formatTable(report, config.table));
    return { balanced: 0, broken: 1, unknown: 2 }[report.verdict];
  } finally {
    progress?.end();
  }
}

/** A bar on a terminal, a line every few seconds elsewhere; on standard error, so that the table can be piped. */
function show(): { update(progress: AuditProgress): void; end(): void } {
  const names = { replay: "blocks replayed", state: "stored facts compared" };
  let phase = "";
  let bar: SingleBar | undefined;
  let printed = performance.now();
  const end = () => bar?.stop();
  if (!process.stderr.isTTY) {
    return {
      update(progress) {
        if (performance.now() - printed < 3_000) return;
        printed = performance.now();
        process.stderr.write(
          `${progress.done}/${progress.total} ${names[progress.phase]}, ${progress.events} events\n`,
        );
      },
      end,
    };
  }
  const format = "{bar} {value}/{total} {name}, {events} events";
  return {
    update(progress) {
      const payload = { name: names[progress.phase], events: progress.events };
      if (progress.phase !== phase) {
        end();
        phase = progress.phase;
        bar = new SingleBar({ format, barsize: 30, hideCursor: true, stream: process.stderr });
        bar.start(progress.total, 0, payload);
      }
      bar?.update(progress.done, payload);
    },
    end,
  };
}

/** One file, replaced whole, so that a crash leaves the old one. */
function keepIn(path: string): Checkpoint {
  return {
    async load() {
      try {
        return await readFile(path, "utf8");
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
      }
    },
    async save(text) {
      await writeFile(`${path}.new`, text);
      await rename(`${path}.new`, path);
    },
  };
}
