import { expect } from "chai";
import { type Address, createClient, custom, type Hex, HttpRequestError, numberToHex } from "viem";
import { type AuditProgress, audit, type Checkpoint, type RawLog } from "../../../src/audit/index.ts";
import { type Channel, nativeCoin } from "../../../src/protocol/channel.ts";
import { type Stage, setStage } from "../../broken/stage.ts";
import { gracePeriod, startChain, type TestChain } from "../../support/chain.ts";

type Request = { method: string; params?: unknown };
type Answer = (request: Request, pass: () => Promise<unknown>) => unknown;
type Filter = { fromBlock: `0x${string}`; toBlock: `0x${string}`; address: Address };

/** Audits through a provider that answers as told; `pass` asks the real chain. */
describe("audit through a provider", () => {
  let chain: TestChain;
  let stage: Stage;
  let channels: Channel[];

  before(async () => {
    chain = await startChain();
    stage = await setStage(chain);
    const [ann, ben, shop] = [await stage.person(), await stage.person(), await stage.person()];
    const token = chain.tokens.plain;
    channels = [
      await stage.open(ann, shop, 100n, token),
      await stage.open(ben, shop, 200n, token),
      await stage.open(ann, shop, 300n),
      await stage.open(ben, shop, 400n),
    ];
    for (const amount of [10n, 20n, 30n]) for (const channel of channels) await stage.settle(channel, amount);
    await stage.requestClose(channels[2] as Channel);
    await chain.increaseTime(gracePeriod);
    await stage.withdraw(channels[2] as Channel);
    await stage.close(channels[0] as Channel, 40n);
  });

  after(() => chain.stop());

  function over(answer: Answer) {
    const request = async (asked: Request) =>
      answer(asked, () => chain.client.request(asked as never) as Promise<unknown>);
    return createClient({ transport: custom({ request }, { retryCount: 0 }) });
  }

  const run = (answer: Answer, options: Partial<Parameters<typeof audit>[0]> = {}) =>
    audit({ client: over(answer), escrow: stage.escrow.address, ...options });

  const logsOfEscrow = ({ method, params }: Request): Filter | undefined => {
    const [filter] = (params ?? []) as Filter[];
    return method === "eth_getLogs" && filter?.address === stage.escrow.address ? filter : undefined;
  };

  const code = async (work: Promise<unknown>): Promise<string> => {
    try {
      await work;
      return "no error";
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    }
  };

  it("given one that refuses ranges over 3 blocks, when audited, it should find the same as without a limit", async () => {
    const ranges: [bigint, bigint][] = [];
    const limited = await run(async (request, pass) => {
      const filter = logsOfEscrow(request);
      if (!filter) return pass();
      const [from, to] = [BigInt(filter.fromBlock), BigInt(filter.toBlock)];
      if (to - from + 1n > 3n) throw new Error("query exceeds max block range");
      ranges.push([from, to]);
      return pass();
    });
    const free = await run((_, pass) => pass());

    expect(limited).to.deep.equal(free);
    expect(limited.verdict).to.equal("balanced");
    expect(limited.events).to.deep.include({ ChannelOpened: 4, ChannelSettled: 12, ChannelClosed: 2 });
    // Every block once, none left out.
    expect(ranges[0]?.[0]).to.equal(limited.fromBlock);
    for (const [index, [from]] of ranges.slice(1).entries()) expect(from).to.equal((ranges[index]?.[1] ?? 0n) + 1n);
    expect(ranges.at(-1)?.[1]).to.equal(limited.block.number);
  });

  it("given one that refuses even one block, when audited, it should say so and give no verdict", async () => {
    const refuse: Answer = (request, pass) => {
      if (logsOfEscrow(request)) throw new Error("logs are not kept");
      return pass();
    };
    expect(await code(run(refuse))).to.equal("range-refused");
  });

  const tampered: [what: string, change: (logs: RawLog[]) => RawLog[], first: string][] = [
    [
      "loses a settlement of the native coin",
      (logs) => logs.filter((log) => log !== nth(logs, "settle", -1)),
      "state-mismatch",
    ],
    [
      "loses a settlement of a token",
      (logs) => logs.filter((log) => log !== nth(logs, "settle", -3)),
      "payout-mismatch",
    ],
    ["loses an opening", (logs) => logs.filter((log) => log !== nth(logs, "open", 0)), "unknown-channel"],
    [
      "makes a settlement larger",
      (logs) =>
        logs.map((log) => (log === nth(logs, "settle", -3) ? { ...log, data: numberToHex(31n, { size: 32 }) } : log)),
      "payout-mismatch",
    ],
    [
      "gives a settlement to another channel",
      (logs) => {
        const [one, other] = [nth(logs, "settle", -1), nth(logs, "settle", -2)];
        return logs.map((log) => (log === one ? { ...log, topics: other?.topics ?? [] } : log));
      },
      "settled-not-increasing",
    ],
  ];

  /** The first topic tells kinds apart: openings come first, and what comes right after the last is a settlement. */
  function nth(logs: RawLog[], kind: "open" | "settle", index: number): RawLog | undefined {
    const opened = logs[0]?.topics[0];
    const settled = logs.find(({ topics }) => topics[0] !== opened)?.topics[0];
    return logs.filter(({ topics }) => topics[0] === (kind === "open" ? opened : settled)).at(index);
  }

  for (const [what, change, first] of tampered) {
    it(`given one that ${what}, when audited, it should not say balanced`, async () => {
      const report = await run(async (request, pass) => {
        const answer = await pass();
        return logsOfEscrow(request) ? change(answer as RawLog[]) : answer;
      });
      expect(report.verdict).to.equal("broken");
      expect(report.facts[0]?.code).to.equal(first);
    });
  }

  const unreliable: [what: string, change: (logs: RawLog[]) => unknown[], expected: string][] = [
    ["says a log twice", (logs) => [...logs.slice(0, 1), ...logs], "unreliable-provider"],
    ["shuffles logs", (logs) => logs.toReversed(), "unreliable-provider"],
    ["names another contract", (logs) => logs.map((log) => ({ ...log, address: nativeCoin })), "unreliable-provider"],
    ["tells of removed logs", (logs) => logs.map((log) => ({ ...log, removed: true })), "unreliable-provider"],
    [
      "cuts a log's data short",
      (logs) => logs.map((log) => ({ ...log, data: log.data.slice(0, -2) })),
      "undecodable-log",
    ],
    [
      "sets bits that no address has",
      (logs) =>
        logs.map((log) => ({ ...log, topics: log.topics.map((topic) => topic.replace("0x000000", "0x010000")) })),
      "undecodable-log",
    ],
    [
      "tells an event of its own",
      (logs) => logs.map((log) => ({ ...log, topics: [numberToHex(1, { size: 32 })] })),
      "undecodable-log",
    ],
  ];

  for (const [what, change, expected] of unreliable) {
    it(`given one that ${what}, when audited, it should give no verdict`, async () => {
      const answer: Answer = async (request, pass) => {
        const logs = await pass();
        return logsOfEscrow(request) ? change(logs as RawLog[]) : logs;
      };
      expect(await code(run(answer))).to.equal(expected);
    });
  }

  it("given one that hides a token's transfers out, when audited, it should miss the payouts", async () => {
    const report = await run(async (request, pass) => {
      const [filter] = (request.params ?? []) as { topics?: unknown[] }[];
      return request.method === "eth_getLogs" && filter?.topics?.length === 2 ? [] : pass();
    });
    expect(report.facts[0]?.code).to.equal("payout-mismatch");
  });

  it("given one that forgets a transaction, when audited, it should give no verdict", async () => {
    const forget: Answer = (request, pass) => (request.method === "eth_getTransactionReceipt" ? null : pass());
    expect(await code(run(forget))).to.equal("transaction-missing");
  });

  it("given a block replaced meanwhile, when audited, it should give no verdict", async () => {
    let asked = 0;
    const replaced: Answer = async (request, pass) => {
      const block = (await pass()) as { hash: string };
      if (request.method !== "eth_getBlockByNumber") return block;
      asked += 1;
      return asked === 1 ? block : { ...block, hash: numberToHex(asked, { size: 32 }) };
    };
    expect(await code(run(replaced))).to.equal("reorganised");
  });

  it("given an address without an escrow, when audited, it should say so", async () => {
    const there = (_: Request, pass: () => Promise<unknown>) => pass();
    expect(await code(run(there, { escrow: stage.anyone }))).to.equal("not-an-escrow");
    expect(await code(run(there, { escrow: chain.tokens.plain }))).to.equal("not-an-escrow");
    const otherChain: Answer = (request, pass) => (request.method === "eth_chainId" ? "0x2105" : pass());
    expect(await code(run(otherChain))).to.equal("not-an-escrow");
  });

  it("given a first block after the deployment, when audited, it should refuse rather than accuse", async () => {
    const pass: Answer = (_, ask) => ask();
    expect(await code(run(pass, { fromBlock: 2n }))).to.equal("late-start");
    expect(await code(run(pass, { fromBlock: 5n, toBlock: 4n }))).to.equal("empty-range");
    expect(await code(run(pass, { toBlock: 1_000_000n }))).to.equal("block-not-found");
    expect((await run(pass, { fromBlock: 1n })).verdict).to.equal("balanced");
    expect((await run(pass, { fromBlock: 0n })).verdict).to.equal("balanced");
  });

  it("given progress asked for, when audited, it should come to its end in both phases", async () => {
    const seen: AuditProgress[] = [];
    const report = await run((_, pass) => pass(), { onProgress: (progress) => seen.push(progress) });
    const last = (phase: string) => seen.findLast((progress) => progress.phase === phase);
    const blocks = Number(report.block.number - report.fromBlock + 1n);
    expect(last("replay")).to.deep.equal({ phase: "replay", done: blocks, total: blocks, events: 19 });
    expect(last("state")).to.deep.equal({ phase: "state", done: 6, total: 6, events: 19 });
  });

  it("given a checkpoint that is corrupt, when audited, it should say what to do", async () => {
    const checkpoint: Checkpoint = { load: async () => "{", save: async () => {} };
    expect(await code(run((_, pass) => pass(), { checkpoint }))).to.equal("corrupt-checkpoint");
  });

  it("given one that says no times in its logs, when audited, it should ask for them", async () => {
    const untimed = await run(async (request, pass) => {
      const answer = await pass();
      if (!logsOfEscrow(request)) return answer;
      return (answer as RawLog[]).map(({ blockTimestamp: _, ...log }) => log);
    });
    expect(untimed).to.deep.equal(await run((_, pass) => pass()));
    expect(untimed.verdict).to.equal("balanced");
  });

  it("given receipts with an L1 fee, when audited, it should be part of what was paid", async () => {
    const withL1 = await run(async ({ method }, pass) => {
      const answer = await pass();
      return method === "eth_getTransactionReceipt" ? { ...(answer as object), l1Fee: "0x64" } : answer;
    });
    const { costs } = await run((_, pass) => pass());
    const transactions = BigInt(costs?.transactions ?? 0);
    expect(withL1.costs?.l1Fee).to.equal(100n * transactions);
    expect(withL1.costs?.fee).to.equal((costs?.fee ?? 0n) - (costs?.l1Fee ?? 0n) + 100n * transactions);
  });

  it("given nobody who answers, when asked for logs, it should not ask again for less", async () => {
    let asked = 0;
    const dead: Answer = (request, pass) => {
      if (!logsOfEscrow(request)) return pass();
      asked += 1;
      throw new HttpRequestError({ url: "http://127.0.0.1", details: "connect ECONNREFUSED" });
    };
    expect(await code(run(dead))).to.equal("range-refused");
    expect(asked).to.equal(1);
  });

  it("given a contract that passes calls on to an escrow, when audited, it should not take it for one", async () => {
    const double = await stage.person();
    const bytecode: Hex = `0x365f5f375f5f365f5f73${stage.escrow.address.slice(2)}5af1503d5f5f3e3d5ff3`;
    await chain.client.setCode({ address: double, bytecode });
    expect(await code(run((_, pass) => pass(), { escrow: double }))).to.equal("not-an-escrow");
  });
});
