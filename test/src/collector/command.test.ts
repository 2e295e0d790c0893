import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import type { Address } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { type CollectorChild, startCollector } from "../../kill/collectorChild.ts";
import { gifts } from "../../support/roundStage.ts";
import { get, give, present, type Rig, startRig } from "./rig.ts";

const script = fileURLToPath(new URL("../../../scripts/collector.ts", import.meta.url));

describe("farthing collector", function () {
  this.timeout(120_000);
  let rig: Rig;
  let pool: Address;
  const key = generatePrivateKey();
  const children: CollectorChild[] = [];
  before(async () => {
    rig = await startRig({ serve: true });
    pool = await rig.newRound();
    await rig.chain.client.setBalance({ address: privateKeyToAccount(key).address, value: 10n ** 20n });
  });
  after(async () => {
    for (const child of children) child.kill();
    await Promise.all(children.map(({ ended }) => ended));
    await rig.stop();
  });

  const path = (name: string) => join(rig.folder, name);
  const flags = (store: string, ...more: string[]) => {
    const own = ["--rpc", rig.chain.url as string, "--pool", pool, "--store", path(store), "--port", "0"];
    return [...own, "--confirmations", "0", ...more];
  };

  async function start(args: readonly string[], env?: Record<string, string>) {
    const child = await startCollector(args, env);
    children.push(child);
    return child;
  }

  async function run(args: readonly string[], env: Record<string, string> = {}) {
    const child = spawn(process.execPath, [script, ...args], { env: { ...process.env, ...env } });
    const output = { out: "", err: "" };
    child.stdout.on("data", (text) => {
      output.out += text;
    });
    child.stderr.on("data", (text) => {
      output.err += text;
    });
    const [code] = await once(child, "close");
    return { code, ...output };
  }

  it("explains itself, and says what is wrong with its input in one line, without a key", async () => {
    const help = await run(["--help"]);
    expect(help.code).to.equal(0);
    expect(help.out)
      .to.match(/^Usage: farthing collector/)
      .and.contain("--margin SECONDS");
    writeFileSync(path("bad-key"), `${key}00`);
    const relaying = { FARTHING_RELAY_KEY: key };
    const cases: [string[], Record<string, string>, string][] = [
      [[], {}, "--store is missing"],
      [["--nonsense"], {}, "nonsense"],
      [["--store", path("none"), "--pool", pool], {}, "--rpc is missing"],
      [[...flags("none"), "--pool", "0x12"], {}, "--pool must be an address"],
      [flags("none", "--margin", "1e3"), {}, "--margin must be a whole number"],
      [flags("none", "--port", "70000"), {}, "--port must be at most 65535"],
      [flags("none", "--least-gift", "0.5"), {}, "--least-gift must be a whole number of base units"],
      [flags("none", "--relay-key-file", path("bad-key"), "--relay-min-deposit", "1"), {}, "32 bytes"],
      [flags("none"), relaying, "--relay-min-deposit is missing"],
      [
        flags("none", "--relay-min-deposit", "5", "--relay-per-day", "1"),
        relaying,
        "--relay-max-cost must not be above",
      ],
      [flags("none", "--margin", "99999999"), {}, "does not fit a round"],
      [[...flags("none"), "--pool", rig.stage.registry], {}, "collector: "],
      [[...flags("none"), "--rpc", "http://127.0.0.1:9"], {}, "collector: "],
    ];
    for (const [args, env, expected] of cases) {
      const { code, err } = await run(args, env);
      expect(code, expected).to.equal(2);
      expect(err.trim().split("\n"), err).to.have.length(1);
      expect(err).to.contain(expected).and.not.contain(key.slice(2, 60));
    }
  });

  it("serves a round, told by its environment, and ends in order at SIGTERM with everything kept", async () => {
    const env = { FARTHING_MARGIN: "60", FARTHING_LEAST_GIFT: "5", FARTHING_FRESHNESS: "0" };
    const child = await start(flags("served.db"), env);
    const donor = await rig.donor(pool);
    expect((await get(`${child.url}/round`)).body).to.include({ pool, margin: "60", leastGift: "5" });
    expect((await present(child.url, donor, await donor.sign(gifts([1n, 4n])))).code).to.equal("gift-refused");
    expect((await present(child.url, donor, await donor.sign(gifts([1n, 9n])), "one")).status).to.equal(200);
    const listening = await fetch(`${child.url}/totals/stream`);
    await child.stop();
    expect(await child.ended).to.equal(0);
    expect(await listening.text()).to.contain('"sum":"9"');
    expect(child.log())
      .to.contain('"msg":"gifts are taken"')
      .and.not.match(/[0-9a-f]{66}/i);

    const again = await start(flags("served.db"));
    expect((await get(`${again.url}/totals`)).body.sum).to.equal("9");
    const replay = await give(again.url, await donor.sign(gifts([1n, 9n])), "one");
    expect(replay.headers.get("idempotent-replayed")).to.equal("true");
    const second = await run(flags("served.db"));
    expect(second.code).to.equal(2);
    expect(second.err).to.match(/Another payee is using the store/);
  });

  it("opens channels for donors without coin once it has a key of its own", async () => {
    writeFileSync(path("relay-key"), `${key}\n`);
    const relay = ["--relay-key-file", path("relay-key"), "--relay-min-deposit", "250", "--relay-per-payer", "2"];
    const child = await start(flags("relay.db", "--allow-empty-store", ...relay));
    const { body } = await get(`${child.url}/round`);
    expect(body.relay).to.deep.equal({ minDeposit: "250", perPayer: 2, window: 3600 });
  });

  it("refuses a new store where channels are open already, unless it is told that this is right", async () => {
    await rig.donor(pool);
    const { code, err } = await run(flags("fresh.db"));
    expect(code).to.equal(2);
    expect(err).to.match(/The store is empty, yet the chain shows live channels/);
    const child = await start(flags("fresh.db", "--allow-empty-store"));
    expect((await get(`${child.url}/totals`)).body.sum).to.equal("0");
  });
});
