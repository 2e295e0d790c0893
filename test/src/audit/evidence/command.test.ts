import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { formatEvidence } from "../../../../src/protocol/index.ts";
import { startChain, type TestChain } from "../../../support/chain.ts";
import { type RoundStage, setRoundStage } from "../../../support/roundStage.ts";
import { type EvidenceWorld, playEvidence } from "./world.ts";

describe("the audit's command, of rounds and evidence", () => {
  let chain: TestChain;
  let stage: RoundStage;
  let world: EvidenceWorld;
  let folder: string;
  let collector: Server;
  let exported: string;
  let totals: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "farthing-evidence-"));
    chain = await startChain({ serve: true });
    stage = await setRoundStage(chain);
    world = await playEvidence(stage);
    exported = world.lines.map((line) => `${formatEvidence(line)}\n`).join("");
    totals = JSON.stringify(world.totals, (_key, value) => (typeof value === "bigint" ? `${value}` : value));
    await writeFile(join(folder, "evidence.ndjson"), exported);
    await writeFile(join(folder, "totals.json"), totals);
    const answers = new Map([
      ["/evidence", exported],
      ["/totals", totals],
    ]);
    collector = createServer((request, response) => {
      const body = answers.get(request.url ?? "");
      response.writeHead(body === undefined ? 404 : 200).end(body);
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => collector.once("listening", resolve));
  });

  after(async () => {
    await new Promise((resolve) => collector.close(resolve));
    await chain.stop();
    await rm(folder, { recursive: true });
  });

  function command(...flags: string[]): Promise<{ code: number | null; out: string; err: string }> {
    const there = ["--rpc", chain.url ?? "", "--escrow", stage.escrow.address, "--no-fees"];
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ["scripts/audit.ts", ...there, ...flags], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      const said = { out: "", err: "" };
      child.stdout.on("data", (chunk) => {
        said.out += chunk;
      });
      child.stderr.on("data", (chunk) => {
        said.err += chunk;
      });
      child.once("error", reject);
      child.once("close", (code) => resolve({ code, ...said }));
    });
  }

  const url = (path: string) => `http://127.0.0.1:${(collector.address() as AddressInfo).port}${path}`;
  const file = (name: string) => join(folder, name);

  it("given a factory, when run, it should exit 0 and show each of its rounds", async () => {
    const { code, out, err } = await command("--factory", stage.factory);
    expect([code, err]).to.deep.equal([0, ""]);
    expect(out).to.match(new RegExp(`^${world.pool} .*balanced +running`, "m"));
    expect(out).to.match(new RegExp(`^${world.other} .*balanced +running`, "m"));
    expect(out).to.match(new RegExp(`^${stage.registry} `, "m"));
  });

  it("given a pool alone, when run, it should exit 0 and show that one", async () => {
    const { code, out } = await command("--pool", world.pool);
    expect(code).to.equal(0);
    expect(out).to.include(`project of ${world.pool}`).and.not.include(`project of ${world.other}`);
  });

  it("given an export in a file, when run, it should exit 0 with what it proves, in the table and as JSON", async () => {
    const json = file("audit.json");
    const flags = ["--pool", world.pool, "--evidence", file("evidence.ndjson"), "--totals", file("totals.json")];
    const { code, out } = await command(...flags, "--json", json);
    expect(code).to.equal(0);
    expect(out).to.match(/^1 +2 +73 +70 +3$/m);
    expect(JSON.parse(await readFile(json, "utf8")).evidence).to.deep.include({ gifts: "118", channels: 4 });
  });

  it("given the collector's own address, when run, it should exit 0", async () => {
    const flags = ["--factory", stage.factory, "--evidence", url("/evidence"), "--totals", url("/totals")];
    expect((await command(...flags)).code).to.equal(0);
  });

  it("given an export with one gift altered, when run, it should exit 1 and say whose", async () => {
    await writeFile(file("altered.ndjson"), exported.replaceAll('"33"', '"34"'));
    const { code, out } = await command("--pool", world.pool, "--evidence", file("altered.ndjson"));
    expect(code).to.equal(1);
    expect(out).to.include("NOT balanced").and.include("unsigned-voucher: The export: ");
  });

  const untold: [condition: string, flags: () => string[], message: RegExp][] = [
    ["no such file", () => ["--pool", world.pool, "--evidence", file("nowhere")], /ENOENT/],
    ["a collector that has none", () => ["--pool", world.pool, "--evidence", url("/nothing")], /answered 404/],
    ["evidence of no round", () => ["--evidence", file("evidence.ndjson")], /name it with --pool, or its --factory/],
    ["totals without evidence", () => ["--pool", world.pool, "--totals", file("totals.json")], /--evidence, which is/],
    [
      "totals that are none",
      () => ["--pool", world.pool, "--evidence", file("evidence.ndjson"), "--totals", file("evidence.ndjson")],
      /published totals could not be read/,
    ],
  ];
  for (const [condition, flags, message] of untold) {
    it(`given ${condition}, when run, it should exit 2 with one line`, async () => {
      const { code, out, err } = await command(...flags());
      expect([code, out]).to.deep.equal([2, ""]);
      expect(err).to.match(message);
      expect(err).to.match(/^audit: [^\n]+\n$/);
    });
  }
});
