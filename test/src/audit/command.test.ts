import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { Address } from "viem";
import { type Stage, setStage } from "../../broken/stage.ts";
import { startChain, type TestChain } from "../../support/chain.ts";

describe("the audit's command", () => {
  let chain: TestChain;
  let stage: Stage;
  let shop: Address;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "farthing-audit-"));
    chain = await startChain({ serve: true });
    stage = await setStage(chain);
    shop = await stage.person();
    const channel = await stage.open(await stage.person(), shop, 2_000_000n, chain.tokens.plain);
    await stage.settle(channel, 1_500_000n);
  });

  after(async () => {
    await chain.stop();
    await rm(folder, { recursive: true });
  });

  function command(...flags: string[]): Promise<{ code: number | null; out: string; err: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ["scripts/audit.ts", ...flags], { stdio: ["ignore", "pipe", "pipe"] });
      let out = "";
      let err = "";
      child.stdout.on("data", (chunk) => {
        out += chunk;
      });
      child.stderr.on("data", (chunk) => {
        err += chunk;
      });
      child.once("error", reject);
      child.once("close", (code) => resolve({ code, out, err }));
    });
  }

  const there = () => ["--rpc", chain.url ?? "", "--escrow", stage.escrow.address];

  it("given books that balance, when run, it should exit 0 with a table, JSON and CSV", async () => {
    const [json, csv] = [join(folder, "audit.json"), join(folder, "audit.csv")];
    const symbol = `${chain.tokens.plain}=PLAIN:6`;
    const { code, out, err } = await command(
      ...there(),
      "--json",
      json,
      "--csv",
      csv,
      "--symbol",
      symbol,
      "--gifts",
      "10",
    );

    expect([code, err]).to.deep.equal([0, ""]);
    expect(out.split("\n")[0]).to.include("balanced");
    expect(out).to.match(/^PLAIN +balanced +1 +0 +2 +1\.5 /m);
    expect(out).to.match(/^a gift +10 /m);
    const report = JSON.parse(await readFile(json, "utf8"));
    expect(report.tokens[0]).to.deep.include({ settled: "1500000", locked: "500000", balance: "500000" });
    expect(await readFile(csv, "utf8")).to.include(`payee,${chain.tokens.plain},${shop},,1,`);
  });

  it("given money gone, when run, it should exit 1 and say what is broken", async () => {
    const past = await chain.client.getBlockNumber({ cacheTime: 0 });
    await stage.open(await stage.person(), shop, 100n);
    await chain.client.setBalance({ address: stage.escrow.address, value: 99n });

    const now = await command(...there());
    expect(now.code).to.equal(1);
    expect(now.out).to.include("NOT balanced").and.include("shortage");
    expect((await command(...there(), "--quiet")).out).to.equal("");
    // The block before is what it was.
    expect((await command(...there(), "--at", `${past}`, "--no-fees")).code).to.equal(0);
    expect((await command(...there(), "--token", chain.tokens.plain)).code).to.equal(0);
  });

  it("given nobody at the other end, when run, it should exit 2 with one line", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));

    const { code, out, err } = await command("--rpc", `http://127.0.0.1:${port}`, "--escrow", stage.escrow.address);

    expect([code, out]).to.deep.equal([2, ""]);
    expect(err).to.match(/^audit: The RPC provider did not answer: [^\n]+ Check that it is up [^\n]+\n$/);
  });

  it("given a chain without the escrow, when run, it should exit 2 and say so", async () => {
    const { code, err } = await command("--rpc", chain.url ?? "", "--escrow", shop);
    expect(code).to.equal(2);
    expect(err).to.match(/^audit: There is no escrow at 0x[0-9a-f]{40} on chain 31337 [^\n]+\n$/);
  });

  const wrong: [flags: string[], message: RegExp][] = [
    [["--escrow", shopless()], /--rpc must be an http or https URL/],
    [["--rpc", "http://127.0.0.1:1", "--escrow", "0x12"], /--escrow must be an address/],
    [["--rpc", "http://127.0.0.1:1", "--escrow", shopless(), "--at", "-1"], /at/],
    [
      ["--rpc", "http://127.0.0.1:1", "--escrow", shopless(), "--from-block", "ten"],
      /--from-block must be a whole number/,
    ],
    [["--rpc", "http://127.0.0.1:1", "--escrow", shopless(), "--symbol", "USDC"], /--symbol must look like/],
    [["--rpc", "http://127.0.0.1:1", "--escrow", shopless(), "--eth-usd", "1e3"], /--eth-usd must be a price/],
    [["--nonsense"], /--nonsense/],
  ];

  for (const [flags, message] of wrong) {
    it(`given ${flags.slice(-2).join(" ")}, when run, it should exit 2 with one line that names it`, async () => {
      const { code, out, err } = await command(...flags);
      expect([code, out]).to.deep.equal([2, ""]);
      expect(err)
        .to.match(message)
        .and.match(/^audit: [^\n]+\n$/);
    });
  }

  it("given --help, when run, it should print the flags and exit 0", async () => {
    const { code, out } = await command("--help");
    expect(code).to.equal(0);
    expect(out).to.include("--from-block N");
  });
});

function shopless(): Address {
  return `0x${"12".repeat(20)}`;
}
