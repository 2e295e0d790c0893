import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { readConfig } from "../../../../src/keeper/readConfig.ts";
import { gifts } from "../../../support/roundStage.ts";
import { margin, type RoundRig, startRoundRig, type TestRound } from "./rig.ts";

const script = fileURLToPath(new URL("../../../../scripts/keeper.ts", import.meta.url));

describe("farthing keeper with a round", function () {
  this.timeout(60_000);
  let rig: RoundRig;
  const key = generatePrivateKey();
  const closerKey = generatePrivateKey();
  const closer = privateKeyToAccount(closerKey).address;
  const children = new Set<ChildProcess>();

  before(async () => {
    rig = await startRoundRig({ serve: true });
    for (const address of [privateKeyToAccount(key).address, closer]) {
      await rig.chain.client.setBalance({ address, value: 10n ** 20n });
    }
  });
  after(async () => {
    for (const child of children) child.kill("SIGKILL");
    await rig.stop();
  });

  async function run(args: readonly string[], env: Record<string, string> = { FARTHING_KEEPER_KEY: key }) {
    const child = spawn(process.execPath, [script, ...args], { env: { ...process.env, ...env } });
    children.add(child);
    let [out, err] = ["", ""];
    child.stdout.on("data", (text) => {
      out += text;
    });
    child.stderr.on("data", (text) => {
      err += text;
    });
    const [code] = await once(child, "close");
    children.delete(child);
    return { code: code as number, out, err };
  }

  function flags({ pool, path }: TestRound, ...more: string[]): string[] {
    const { url, escrow } = rig.chain;
    const chain = ["--rpc", url as string, "--escrow", escrow.address, "--confirmations", "0"];
    return [...chain, "--pool", `${pool}=${path}`, "--margin", String(margin), ...more];
  }

  async function withGift() {
    const round = await rig.round({ closer });
    const donor = await rig.donor(round);
    await rig.give(round, donor, gifts([1n, 100n]));
    return { round, donor };
  }

  it("--dry-run prints what it would do with each channel and with the round, and sends nothing", async () => {
    const { round, donor } = await withGift();
    const calm = await run(flags(round, "--price", `${rig.stage.token}=1/1`, "--dry-run"));
    expect(calm.code, calm.err).equal(0);
    expect(calm.out).match(
      new RegExp(`^${donor.id} wait \\(economy\\): worth 100 wei, less than 10 times its fee`, "m"),
    );
    await rig.untilEnd(round, margin);
    const ending = await run(flags(round, "--dry-run"));
    expect(ending.out).match(new RegExp(`^${donor.id} collect \\(margin\\): the round ends in \\d+ s$`, "m"));
    expect(await rig.given(round, 1n)).equal(0n);
    await rig.stage.at(round.terms.challengeEnd);
    const settling = await run(flags(round, "--dry-run"));
    expect(settling.out).match(new RegExp(`^${round.pool} settleRound \\(round\\): `, "m"));
  });

  it("--once collects in the margin, closes with the closer's key from its file, settles and pays everybody", async () => {
    const { round, donor } = await withGift();
    await rig.wish(round, donor);
    const other = await rig.donor(round);
    await rig.give(round, other, gifts([2n, 40n]));
    await rig.untilEnd(round, margin);
    const file = join(rig.folder, "closer");
    writeFileSync(file, `${closerKey}\n`);
    const args = flags(round, "--closer-key", file, "--claims", "always", "--refunds", "always", "--once");
    const first = await run(args);
    expect(first.code, first.err + first.out).equal(0);
    expect(await rig.given(round, 1n)).equal(100n);
    expect(await rig.given(round, 2n)).equal(40n);
    expect((await rig.channelOf(donor)).finalized).equal(true);
    expect(first.out).not.contain(closerKey.slice(2)).and.not.contain(key.slice(2));
    await rig.stage.at(round.terms.challengeEnd);
    expect((await run(args)).code).equal(0);
    expect(await rig.stage.onPool(round.pool).getRoundStatus()).equal("settled");
    expect(await rig.stage.balance(round.pool)).equal(0n);
    expect((await rig.channelOf(other)).finalized).equal(true);
  });

  it("exits 1 when a gift of the round is in quarantine, and 2 for another round's closer", async () => {
    const { round } = await withGift();
    const poor = await rig.donor(round, 10n);
    await rig.give(round, poor, gifts([1n, 50n]));
    await rig.untilEnd(round, margin);
    expect((await run(flags(round, "--once"))).code).equal(1);
    const env = { FARTHING_KEEPER_KEY: key, FARTHING_CLOSER_KEY: generatePrivateKey() };
    const { code, err } = await run(flags(round, "--once"), env);
    expect(code).equal(2);
    expect(err).contain("names").and.contain("as its closer");
    expect(err.trim().split("\n")).length(1);
  });

  it("says what is wrong with a round's flags in one sentence, without a key", async () => {
    const round = await rig.round();
    const { path: other } = await rig.round();
    const plain = ["--rpc", "http://localhost", "--escrow", rig.chain.escrow.address];
    const stores = ["--store", round.path, "--store", other];
    const cases: [string[], string][] = [
      [["--pool", round.pool], "--store is missing"],
      [["--pool", round.pool, ...stores], "ADDRESS=PATH"],
      [["--pool", `0x12=${round.path}`], "--pool must be an address"],
      [["--pool", `${round.pool}=${round.path}.missing`], "does not exist"],
      [["--pool", `${round.pool}=${round.path}`, "--margin", "1h"], "--margin must be a whole number"],
      [["--pool", `${round.pool}=${round.path}`, "--claims", "sometimes"], "--claims must be"],
      [["--pool", `${round.pool}=${round.path}`, "--unsettled", "burn"], "--unsettled must be"],
      [["--pool", `${round.pool}=${round.path}`, "--closer-key", "nowhere"], "nowhere does not exist"],
    ];
    for (const [args, expected] of cases) {
      expect(() => readConfig([...plain, ...args], { FARTHING_KEEPER_KEY: key }), expected).throws(expected);
    }
    const env = { FARTHING_KEEPER_KEY: key, FARTHING_CLOSER_KEY: closerKey, FARTHING_POOL: round.pool };
    const config = readConfig([...plain, "--store", round.path], env);
    expect(config?.rounds).deep.equal([
      {
        ...{ pool: round.pool, store: round.path, margin: 600n, closer: closerKey, fromBlock: 0n },
        ...{ claims: "never", refunds: { times: 10n }, unsettled: "settle" },
      },
    ]);
    expect(config?.stores).deep.equal([round.path]);
  });
});
