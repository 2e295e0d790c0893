import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import type { ChannelRecord, ChannelStore } from "../../../src/store/index.ts";
import { type Rig, startRig } from "./rig.ts";

const script = fileURLToPath(new URL("../../../scripts/keeper.ts", import.meta.url));
const seed = Number(process.env.FARTHING_SEED ?? Math.floor(Math.random() * 2 ** 31));

describe(`farthing keeper (FARTHING_SEED=${seed})`, function () {
  this.timeout(120_000);
  let rig: Rig;
  const key = generatePrivateKey();
  const children = new Set<ChildProcess>();

  before(async () => {
    rig = await startRig({ serve: true });
    await rig.chain.client.setBalance({ address: privateKeyToAccount(key).address, value: 10n ** 20n });
  });
  after(async () => {
    for (const child of children) child.kill("SIGKILL");
    await rig.stop();
  });

  /** Starts the command; the key is in the environment unless told. */
  function start(args: readonly string[], env: Record<string, string> = { FARTHING_KEEPER_KEY: key }) {
    const child = spawn(process.execPath, [script, ...args], { env: { ...process.env, ...env } });
    children.add(child);
    const output = { out: "", err: "" };
    child.stdout.on("data", (text) => {
      output.out += text;
    });
    child.stderr.on("data", (text) => {
      output.err += text;
    });
    const exit = once(child, "close").then(([code, signal]) => {
      children.delete(child);
      return { code: code as number | null, signal, ...output };
    });
    return { child, output, exit };
  }

  const run = (args: readonly string[], env?: Record<string, string>) => start(args, env).exit;

  function flags(path: string, ...more: string[]): string[] {
    const { url, escrow } = rig.chain;
    return ["--rpc", url as string, "--escrow", escrow.address, "--store", path, "--confirmations", "0", ...more];
  }

  async function closing(store: ChannelStore): Promise<ChannelRecord> {
    const record = await rig.openChannel(store, { authorized: 100n });
    await rig.requestClose(record.channel);
    return record;
  }

  it("--dry-run prints each channel's action and reason, and sends nothing", async () => {
    const { store, path } = rig.payeeStore();
    const urgent = await closing(store);
    const calm = await rig.openChannel(store, { authorized: 100n });
    const { code, out } = await run(flags(path, "--dry-run"));
    expect(code).equal(0);
    expect(out).match(new RegExp(`^${urgent.id} settle \\(deadline\\): a close is pending, \\d+ s are left$`, "m"));
    expect(out).match(new RegExp(`^${calm.id} wait \\(economy\\): worth 100 wei, less than 10 times its fee`, "m"));
    expect(await rig.settledOf(urgent.id)).equal(0n);
  });

  it("--once pays and exits 0, exits 1 when something is quarantined, and 2 when it could not tell", async () => {
    const { store, path } = rig.payeeStore();
    const record = await closing(store);
    const keyFile = join(rig.folder, "key");
    writeFileSync(keyFile, `${key}\n`);
    const fine = await run(flags(path, "--once", "--key-file", keyFile), {});
    expect(fine.code, fine.err).equal(0);
    expect(await rig.settledOf(record.id)).equal(100n);
    expect(fine.out).contain('"graceLeft":172').and.not.contain(key.slice(2));

    await rig.openChannel(store, {
      authorized: 7n,
      record: { signature: `0x${"11".repeat(64)}1b`, closeRequestedAt: 1n },
    });
    const bad = store.list({ unsettled: true }).then(([first]) => first as ChannelRecord);
    await rig.requestClose((await bad).channel);
    expect((await run(flags(path, "--once"))).code).equal(1);

    const deaf = await run([...flags(path, "--once"), "--rpc", "http://127.0.0.1:9"]);
    expect(deaf.code).equal(2);
    expect(deaf.err.trim().split("\n").length).equal(1);
  });

  it("says what is wrong with its input in one line, without the key", async () => {
    const { path } = rig.payeeStore();
    const cases: [string[], Record<string, string>, string][] = [
      [[], {}, "--store is missing"],
      [["--nonsense"], {}, "nonsense"],
      [flags(`${path}.missing`), { FARTHING_KEEPER_KEY: key }, "does not exist"],
      [flags(path), {}, "no key"],
      [flags(path), { FARTHING_KEEPER_KEY: `${key}00` }, "32 bytes"],
      [flags(path, "--interval", "1e3"), { FARTHING_KEEPER_KEY: key }, "--interval"],
      [flags(path, "--price", "0x12=3"), { FARTHING_KEEPER_KEY: key }, "--price"],
      [flags(path, "--escrow", "0x12"), { FARTHING_KEEPER_KEY: key }, "--escrow"],
    ];
    for (const [args, env, expected] of cases) {
      const { code, err } = await run(args, env);
      expect(code, expected).equal(2);
      expect(err.trim().split("\n"), expected).length(1);
      expect(err).contain(expected).and.not.contain(key.slice(2, 60));
    }
  });

  it("serves health and metrics while it runs, and ends at SIGTERM with its lease given back", async () => {
    const { store, path } = rig.payeeStore();
    const record = await closing(store);
    const port = await freePort();
    const { child, exit } = start(flags(path, "--port", String(port), "--interval", "1"));
    while ((await rig.settledOf(record.id)) === 0n) await pause(20);
    let health = await get(port, "/healthz");
    while (health.status !== 200) {
      await pause(50);
      health = await get(port, "/healthz");
    }
    expect(JSON.parse(health.text)).to.include({ ok: true, leader: true });
    let metrics = (await get(port, "/metrics")).text;
    while (!metrics.includes('outcome="paid"')) {
      await pause(50);
      metrics = (await get(port, "/metrics")).text;
    }
    for (const name of [
      "at_risk",
      "nearest_deadline_seconds",
      "quarantined",
      "balance_wei",
      "fees_wei_total",
      "leader",
    ]) {
      expect(metrics).contain(`farthing_keeper_${name}`);
    }
    expect((await get(port, "/else")).status).equal(404);
    child.kill("SIGTERM");
    child.kill("SIGINT");
    expect((await exit).code).equal(0);
    const { address } = privateKeyToAccount(key);
    const name = `keeper:${rig.chain.escrow.chainId}:${address.toLowerCase()}`;
    expect(await store.lease({ name, holder: "next", ttl: 1, now: Date.now() })).not.equal(undefined);
  });

  it("killed again and again at random moments, loses nothing and pays nothing twice", async () => {
    const { store, path } = rig.payeeStore();
    const records: ChannelRecord[] = [];
    for (let index = 0; index < 6; index++) records.push(await rig.openChannel(store, { authorized: 100n }));
    const paid = await rig.balanceOf(rig.payee);
    await rig.chain.client.setAutomine(false);
    await rig.chain.client.setIntervalMining({ interval: 0.15 });
    const random = lcg(seed);
    let killed = 0;
    for (const record of records) {
      await rig.escrow.requestClose({ channel: record.channel });
      const { child, output, exit } = start(flags(path, "--lease", "1", "--interval", "1"));
      // From its first word on it reads, signs, journals and broadcasts; before it, it only starts.
      const spoken = (async () => {
        while (output.out === "") await pause(2);
      })();
      await Promise.race([spoken, pause(4_000)]);
      await pause(Math.floor(random() * 250));
      child.kill("SIGKILL");
      if ((await exit).signal === "SIGKILL") killed += 1;
      await pause(1_100);
    }
    let last = await run(flags(path, "--once", "--lease", "1"));
    for (let tries = 0; tries < 5 && last.code !== 0; tries++) {
      await pause(1_100);
      last = await run(flags(path, "--once", "--lease", "1"));
    }
    expect(last.code, last.err).equal(0);
    expect(killed).above(0);
    for (const { id } of records) expect(await rig.settledOf(id)).equal(100n);
    expect(await rig.balanceOf(rig.payee)).equal(paid + 600n);
    const { chainId } = rig.chain.escrow;
    const account = privateKeyToAccount(key).address.toLowerCase() as `0x${string}`;
    const entries = await store.journal.list({ chainId, account });
    expect(entries.every(({ status }) => status === "mined")).equal(true);
    const claimed = entries.flatMap(({ channelIds }) => channelIds);
    expect(new Set(claimed).size, "no channel was claimed twice").equal(claimed.length);
    await rig.chain.client.setIntervalMining({ interval: 0 });
    await rig.chain.client.setAutomine(true);
  });
});

async function get(port: number, path: string): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, text: await response.text() };
  } catch {
    return { status: 0, text: "" }; // not listening yet
  }
}

async function freePort(): Promise<number> {
  const { createServer } = await import("node:net");
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Numbers from 0 to 1 that a seed repeats. Source: Numerical Recipes' constants. */
function lcg(from: number): () => number {
  let state = from >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
