import { expect } from "chai";
import { zeroAddress } from "viem";
import { type Progress, resume, save } from "../../../../src/audit/checkpoint.ts";
import { createFlow } from "../../../../src/audit/flows.ts";
import { createLedger } from "../../../../src/audit/ledger.ts";
import { createRegistryLedger } from "../../../../src/audit/registry/ledger.ts";
import { applyToRegistry } from "../../../../src/audit/registry/replay.ts";
import { createRoundLedger } from "../../../../src/audit/round/ledger.ts";
import { applyToRound } from "../../../../src/audit/round/replay.ts";
import { createTally } from "../../../../src/audit/tally.ts";
import { startChain, type TestChain } from "../../../support/chain.ts";

const [pool, registry, token, donor] = ["aa", "bb", "cc", "dd"].map((digits) => `0x${digits.repeat(20)}` as const) as [
  `0x${string}`,
  `0x${string}`,
  `0x${string}`,
  `0x${string}`,
];
const terms = {
  token,
  registry,
  gate: zeroAddress,
  closer: zeroAddress,
  start: 0n,
  end: 100n,
  challengeEnd: 100n,
  settleBy: 200n,
  matching: true,
  acceptsSybil: false,
  cap: 5n,
  minCounted: 0n,
  maxCounted: 99n,
};

describe("checkpoint of rounds", () => {
  let chain: TestChain;
  before(async () => {
    chain = await startChain();
  });
  after(() => chain.stop());

  it("given books of a round and a registry, when saved and resumed, they should be the same books, and others' start afresh", async () => {
    const escrow = { address: chain.escrow.address, chainId: chain.escrow.chainId };
    const rules = { escrow, gracePeriod: 1n };
    const progress: Progress = {
      ledger: createLedger(rules),
      flows: new Map(),
      tally: createTally(),
      events: 20_000,
      nextBlock: 2n,
      savedEvents: 0,
      rounds: new Map([[pool, createRoundLedger({ pool, roundId: "0x01", terms })]]),
      registries: new Map([[registry, createRegistryLedger({ ...fees, registry, depositToken: token })]]),
      holders: new Map([[pool, createFlow()]]),
      strange: new Map([[donor, true]]),
    };
    fill(progress);
    const kept: string[] = [];
    const checkpoint = { load: async () => kept.at(-1), save: async (text: string) => void kept.push(text) };
    const of = { client: chain.client, pools: [pool], checkpoint };
    await save(of, progress);
    const block = { number: 9n, hash: "0x", timestamp: 0n } as const;
    const subject = { rules, fromBlock: 0n, block };
    expect(await resume(of, subject)).to.deep.equal({ ...progress, savedEvents: 20_000 });
    expect((await resume({ ...of, pools: [donor] }, subject)).rounds.size).to.equal(0);
    expect((await resume({ ...of, factory: donor }, subject)).rounds.size).to.equal(0);
  });
});

const fees = { applicationDeposit: 5n, challengeWindow: 1n, decisionWindow: 1n, payoutDelay: 1n };

/** A project, a matched donation and a broken fact: every kind of value that books hold. */
function fill(progress: Progress): void {
  const at = { blockNumber: 1n, logIndex: 0, transactionHash: "0x11", timestamp: 1n } as const;
  const books = progress.registries.get(registry);
  if (!books) throw new Error("no books");
  const applied = { projectId: 1n, manager: donor, payout: donor, metadataHash: "0x22" } as const;
  const written = { contract: registry, at };
  applyToRegistry(books, { of: "registry", name: "ProjectSubmitted", args: applied, ...written });
  applyToRegistry(books, { of: "registry", name: "ProjectAccepted", args: { projectId: 1n }, ...written });
  const event = { of: "pool", contract: pool, at } as const;
  applyToRound(progress, { ...event, name: "ProjectAdmitted", args: { projectId: 1n } });
  applyToRound(progress, { ...event, name: "DonorWeighed", args: { donor, key: "0x33", weightBps: 10_000 } });
  const gifts = [{ projectId: 1n, cumulativeAmount: 7n }];
  const given = { donationId: "0x44", donor, salt: `0x${"55".repeat(32)}`, matched: true, gifts } as const;
  applyToRound(progress, { ...event, name: "Donated", args: given });
  const round = progress.rounds.get(pool);
  if (round?.voices.size !== 1 || round.facts.length !== 1) throw new Error("the books should have a voice and a fact");
}
