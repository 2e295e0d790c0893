import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generatePrivateKey } from "viem/accounts";
import { startPostgres } from "../../../test/support/postgres.ts";
import { channelOf, openStore, type Share, type StoreKind, startPayee, unit } from "./storeTaker.ts";

export type { StoreKind } from "./storeTaker.ts";

/** One figure: vouchers accepted a second, each durable before its answer. */
export type StoreRow = { key: string; value: number; unit: "per second"; atLeast: number };

export type StoreOptions = {
  /** 1,000 unless told. */
  channels?: number;
  /** Of each channel; at most as many as charges are kept. 60 unless told. */
  vouchers?: number;
  /** Of each row, in turn; the median counts. 3 unless told. */
  runs?: number;
};

/** What one process on SQLite is to reach, and one on PostgreSQL; two share the same cores, and lose a tenth at most. */
const goals = { sqlite: 10_000, postgres: 5_000, share: 0.9 };

/**
 * Payees of this library on a durable store, each in a process of its own: vouchers parsed from the wire, verified natively, kept and
 * charged, one in flight a channel. Two processes take every other voucher of the same channels. Fails unless the store holds
 * exactly what was accepted.
 * @returns the rows, and what the database said of its own durability.
 */
export async function measureStore(
  kind: StoreKind,
  options: StoreOptions = {},
): Promise<{ rows: StoreRow[]; settings: Record<string, string> }> {
  const { channels = 1_000, vouchers = 60, runs = 3 } = options;
  const directory = mkdtempSync(join(tmpdir(), "farthing-bench-"));
  const server = kind === "postgres" ? await startPostgres() : undefined;
  const crowds = kind === "postgres" ? [1, 2] : [1];
  const speeds = new Map<number, number[]>(crowds.map((processes) => [processes, []]));
  let settings: Record<string, string> = {};
  try {
    for (let run = 0; run < runs; run++) {
      for (const processes of crowds) {
        const name = `run_${run}_${processes}`;
        const place = server ? server.url : join(directory, `${name}.db`);
        const outcome = await measure({ kind, place, schema: name }, { channels, vouchers, processes });
        speeds.get(processes)?.push(outcome.perSecond);
        settings = outcome.settings;
      }
    }
  } finally {
    await server?.stop();
    rmSync(directory, { recursive: true });
  }
  const [one = 0, two = 0] = crowds.map((processes) => median(speeds.get(processes) ?? []));
  const row = (key: string, value: number, atLeast: number): StoreRow => {
    return { key: `accepted_per_second_${key}`, value, unit: "per second", atLeast };
  };
  const rows = server
    ? [row("postgres_1", one, goals.postgres), row("postgres_2", two, Math.ceil(goals.share * one))]
    : [row("sqlite", one, goals.sqlite)];
  return { rows, settings };
}

async function measure(
  at: Pick<Share, "kind" | "place" | "schema">,
  { channels, vouchers, processes }: { channels: number; vouchers: number; processes: number },
): Promise<{ perSecond: number; settings: Record<string, string> }> {
  const keys = Array.from({ length: channels }, generatePrivateKey);
  const { settings, end } = await openStore(at).then(async ({ store, ...rest }) => {
    const payee = await startPayee(store);
    for (const registered of await Promise.all(keys.map(async (key) => payee.register(await channelOf(key))))) {
      if (!registered.ok) throw new WrongResultError(registered.detail);
    }
    return rest;
  });
  await end();

  const takers = Array.from({ length: processes }, (_, first) => {
    const share: Share = { ...at, keys, vouchers, first, of: processes };
    return startTaker(share);
  });
  try {
    await Promise.all(takers.map(({ ready }) => ready()));
    const started = performance.now();
    const taken = await Promise.all(takers.map(({ take }) => take()));
    const seconds = (performance.now() - started) / 1_000;
    await Promise.all(takers.map(({ ended }) => ended));
    const accepted = taken.reduce((sum, count) => sum + count, 0);
    await check(at, { channels, vouchers, accepted });
    return { perSecond: Math.round(accepted / seconds), settings };
  } finally {
    for (const { child } of takers) child.kill("SIGKILL");
  }
}

/** Throws unless every voucher was accepted, and the store authorizes and has charged exactly their sum. */
async function check(
  at: Pick<Share, "kind" | "place" | "schema">,
  { channels, vouchers, accepted }: { channels: number; vouchers: number; accepted: number },
): Promise<void> {
  const { store, end } = await openStore(at);
  const records = await store.list({ limit: channels + 1 });
  await end();
  const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);
  const due = BigInt(channels * vouchers) * unit;
  const found = {
    accepted: BigInt(accepted) * unit,
    authorized: sum(records.map(({ authorized }) => authorized)),
    spent: sum(records.map(({ spent }) => spent)),
    charged: sum(records.flatMap(({ charges }) => charges.map(({ amount }) => amount))),
  };
  for (const [what, amount] of Object.entries(found)) {
    if (amount !== due) throw new WrongResultError(`the store has ${amount} ${what}, and ${due} was due`);
  }
}

function startTaker(share: Share) {
  const child: ChildProcess = fork(new URL("./storeTaker.ts", import.meta.url), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ended = once(child, "exit");
  const next = async (): Promise<unknown> => {
    const early = ended.then(([code]) =>
      Promise.reject(new WrongResultError(`a payee's process ended early (${code})`)),
    );
    early.catch(() => undefined);
    const [message] = await Promise.race([once(child, "message"), early]);
    return message;
  };
  child.send(share);
  return {
    child,
    ended,
    ready: next,
    async take(): Promise<number> {
      child.send("go");
      return ((await next()) as { taken: number }).taken;
    },
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** A store did not hold what was accepted, or a payee did not accept. */
export class WrongResultError extends Error {
  override readonly name = "WrongResultError";
}
