// Many histories: node test/model/deep.ts [histories] [processes]; FARTHING_SEED=… decides them. Exits 1 if the contracts
// ever did otherwise than the model. On anvil where there is one, else on the simulated chain.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { findAnvil } from "../support/findAnvil.ts";
import { type Campaign, createRounds, runCampaign } from "./chain/campaign.ts";
import { setStage } from "./chain/stage.ts";

/** Histories of one seed: so many are replayed with it. */
const batch = 50;

/** Asks the allocators of node and of the chain to keep what each history frees: giving it back and asking again is a fifth of the time. */
const keepMemory = { MALLOC_TRIM_THRESHOLD_: "4000000000", MALLOC_TOP_PAD_: "268435456", MIMALLOC_PURGE_DELAY: "-1" };

type Report = Omit<Campaign, "seen"> & { seen: [string, number][] };

if (process.send) await work(process.send.bind(process));
else await lead();

/** Plays batch after batch, as the leading process asks for them. */
async function work(send: (report: Report) => void): Promise<void> {
  const stage = await setStage(findAnvil());
  const rounds = await createRounds(stage);
  let last = Promise.resolve();
  process.on("message", (options: { seed: number; histories: number }) => {
    last = last.then(async () => {
      const campaign = await runCampaign(stage, rounds, options);
      send({ ...campaign, seen: [...campaign.seen] });
    });
  });
  process.on("disconnect", () => stage.stop().then(() => process.exit()));
  send({ histories: 0, steps: 0, seen: [], failure: undefined });
}

async function lead(): Promise<void> {
  const wanted = Number(process.argv[2] ?? 100_000);
  const processes = Number(process.argv[3] ?? 2);
  const first = Number(process.env.FARTHING_SEED ?? Math.floor(Math.random() * 2 ** 31));
  if (![wanted, processes].every((each) => Number.isSafeInteger(each) && each > 0) || !Number.isSafeInteger(first)) {
    console.error("Give whole numbers above 0 of histories and processes, and a whole number as FARTHING_SEED.");
    process.exit(2);
  }
  const where = findAnvil() ? "on anvil" : "on the simulated chain";
  console.log(`FARTHING_SEED=${first}: ${wanted} histories in ${processes} processes, ${where}`);
  const started = performance.now();
  const seen = new Map<string, number>();
  let [asked, done, steps, told] = [0, 0, 0, 0];
  let failure: string | undefined;

  const line = () => {
    const seconds = (performance.now() - started) / 1_000;
    return `${done} of ${wanted} histories, ${steps} steps, ${(steps / seconds).toFixed(0)} steps a second`;
  };
  const workers = Array.from({ length: processes }, () => {
    const child = fork(fileURLToPath(import.meta.url), {
      stdio: "inherit",
      env: { ...process.env, ...keepMemory },
      execArgv: [...process.execArgv, "--max-semi-space-size=128"],
    });
    child.on("message", (report: Report) => {
      done += report.histories;
      steps += report.steps;
      for (const [name, count] of report.seen) seen.set(name, (seen.get(name) ?? 0) + count);
      failure ??= report.failure;
      if (done - told >= wanted / 20) {
        told = done;
        console.log(line());
      }
      if (failure || asked >= wanted) {
        child.disconnect();
        return;
      }
      const histories = Math.min(batch, wanted - asked);
      child.send({ seed: (first + asked / batch) % 2 ** 31, histories });
      asked += histories;
    });
    return new Promise<number | null>((resolve) => child.on("exit", resolve));
  });
  const codes = await Promise.all(workers);

  console.log(line());
  for (const [name, count] of [...seen].sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`${name.padEnd(24)} ${count}`);
  if (failure) console.error(failure);
  process.exitCode = failure || done < wanted || codes.some((code) => code !== 0) ? 1 : 0;
}
