import { expect } from "chai";
import { type Address, erc20Abi, zeroAddress } from "viem";
import { eligibilityGateAbi } from "../../../../src/abi/eligibilityGate.ts";
import { projectRegistryAbi } from "../../../../src/abi/projectRegistry.ts";
import { audit, type FactCode } from "../../../../src/audit/index.ts";
import { startChain, type TestChain } from "../../../support/chain.ts";
import { type Lie, lyingTransport } from "../../../support/lyingTransport.ts";
import { type RoundStage, setRoundStage } from "../../../support/roundStage.ts";
import { clientOver } from "../../chain/support.ts";
import { addTransfer, alter, answer, drop, dropTransfers, repeat, retime } from "./falsify.ts";
import { playScenario, type Scenario } from "./scenario.ts";

type World = Scenario & { pool: Address; registry: Address; token: Address; gate: Address };

/** Raises the last gift of a list. */
const more = (args: { gifts: { projectId: bigint; cumulativeAmount: bigint }[] }, by: bigint) => ({
  ...args,
  gifts: args.gifts.map((gift, index) => {
    return index === args.gifts.length - 1 ? { ...gift, cumulativeAmount: gift.cumulativeAmount + by } : gift;
  }),
});

const stranger: Address = `0x${"99".repeat(20)}`;

/** One lie each, and the fact that must name it. */
const lies: [condition: string, code: FactCode, lie: (world: World) => Lie][] = [
  ["a gift altered by a unit", "line-mismatch", ({ pool }) => alter(pool, "Collected", (args) => more(args, 1n), 3)],
  ["a gift altered by a unit", "project-mismatch", ({ pool }) => alter(pool, "Donated", (args) => more(args, 1n))],
  [
    "gifts above what the channel brought",
    "gifts-above-settled",
    ({ pool }) => alter(pool, "Collected", (args) => more(args, 1_000n)),
  ],
  ["a gift lowered", "gift-lowered", ({ pool }) => alter(pool, "Collected", (args) => more(args, -1n), 1)],
  [
    "a gift to a project that takes none",
    "not-accepted",
    ({ pool }) => alter(pool, "Donated", (args) => ({ ...args, gifts: [{ projectId: 4n, cumulativeAmount: 20n }] })),
  ],
  [
    "a list out of order",
    "malformed-list",
    ({ pool }) => alter(pool, "Donated", (args) => ({ ...args, gifts: args.gifts.toReversed() })),
  ],
  [
    "a channel's gifts by another donor",
    "foreign-channel",
    ({ pool }) => alter(pool, "Collected", (args) => ({ ...args, donor: stranger })),
  ],
  ["a missing collect", "line-mismatch", ({ pool }) => drop(pool, "Collected", 3)],
  ["a missing weighing", "unweighed", ({ pool }) => drop(pool, "DonorWeighed")],
  ["a second weighing", "standing-changed", ({ pool }) => repeat(pool, "DonorWeighed")],
  [
    "a weighing of another weight",
    "gate-mismatch",
    ({ pool }) => alter(pool, "DonorWeighed", (args) => ({ ...args, weightBps: 9_999 })),
  ],
  [
    "a weighing of another weight",
    "standing-mismatch",
    ({ pool }) => alter(pool, "DonorWeighed", (args) => ({ ...args, weightBps: 9_999 })),
  ],
  [
    "a weighing as somebody else",
    "standing-mismatch",
    ({ pool }) => alter(pool, "DonorWeighed", (args) => ({ ...args, key: `0x${"77".repeat(32)}` })),
  ],
  [
    "unmatched gifts told as matched",
    "unweighed",
    ({ pool, eve }) =>
      alter(pool, "Collected", (args) => (args.donor.toLowerCase() === eve ? { ...args, matched: true } : args), 3),
  ],
  [
    "matched gifts told as unmatched",
    "project-mismatch",
    ({ pool }) => alter(pool, "Collected", (args) => ({ ...args, matched: false })),
  ],
  [
    "a skipped gift that was takeable",
    "wrongly-skipped",
    ({ pool }) => alter(pool, "GiftSkipped", (args) => ({ ...args, projectId: 1n })),
  ],
  ["a donation told twice", "reopened", ({ pool }) => repeat(pool, "Donated")],
  [
    "a donation by another",
    "id-mismatch",
    ({ pool }) => alter(pool, "Donated", (args) => ({ ...args, donor: stranger })),
  ],
  [
    "a donation by another",
    "deposit-not-received",
    ({ pool }) => alter(pool, "Donated", (args) => ({ ...args, donor: stranger })),
  ],
  ["a gift before the start", "out-of-time", ({ pool }) => retime(pool, "Collected", 1n)],
  ["a gift after the end", "out-of-time", ({ pool }) => retime(pool, "Donated", 2n ** 40n)],
  ["a settlement before the challenge is over", "out-of-time", ({ pool }) => retime(pool, "Settled", 1n)],
  [
    "a disqualification in good time told late",
    "out-of-time",
    ({ pool }) => retime(pool, "ProjectDisqualified", 2n ** 40n),
  ],
  ["a project admitted twice", "wrong-admission", ({ pool }) => repeat(pool, "ProjectAdmitted")],
  ["a missing admission", "round-mismatch", ({ pool }) => drop(pool, "ProjectAdmitted", 2)],
  ["a missing sponsor", "wrong-receipt", ({ pool }) => drop(pool, "Sponsored")],
  [
    "a sponsor's payment altered",
    "receipt-mismatch",
    ({ pool }) => alter(pool, "Sponsored", (args) => ({ ...args, deposit: args.deposit - 1n })),
  ],
  [
    "a sponsor who did not pay",
    "deposit-not-received",
    ({ pool }) => alter(pool, "Sponsored", (args) => ({ ...args, sponsor: stranger })),
  ],
  [
    "a wrong lambda",
    "wrong-settlement",
    ({ pool }) => alter(pool, "Settled", (args) => ({ ...args, numerator: args.numerator + 1n })),
  ],
  [
    "a wrong pair",
    "wrong-settlement",
    ({ pool }) => alter(pool, "Settled", (args) => ({ ...args, cappedCount: args.cappedCount + 1n })),
  ],
  [
    "a wrong unused part",
    "wrong-settlement",
    ({ pool }) => alter(pool, "Settled", (args) => ({ ...args, unused: args.unused - 1n })),
  ],
  ["a missing disqualification", "wrong-settlement", ({ pool }) => drop(pool, "ProjectDisqualified")],
  ["a missing settlement", "wrong-status", ({ pool }) => drop(pool, "Settled")],
  ["a second settlement", "wrong-status", ({ pool }) => repeat(pool, "Settled")],
  ["a second claim", "wrong-claim", ({ pool }) => repeat(pool, "Claimed")],
  ["a second claim", "payout-mismatch", ({ pool }) => repeat(pool, "Claimed")],
  [
    "a claim of another amount",
    "wrong-claim",
    ({ pool }) => alter(pool, "Claimed", (args) => ({ ...args, amount: args.amount + 1n })),
  ],
  [
    "a claim paid to another",
    "wrong-payout",
    ({ pool }) => alter(pool, "Claimed", (args) => ({ ...args, payout: stranger })),
  ],
  ["a claim that no event tells", "unexplained-transfer", ({ pool }) => drop(pool, "Claimed")],
  ["a second refund", "wrong-refund", ({ pool }) => repeat(pool, "Refunded")],
  [
    "a refund of another amount",
    "wrong-refund",
    ({ pool }) => alter(pool, "Refunded", (args) => ({ ...args, amount: args.amount + 1n })),
  ],
  [
    "a refund to another",
    "wrong-refund",
    ({ pool }) => alter(pool, "Refunded", (args) => ({ ...args, donor: stranger })),
  ],
  [
    "a refund that leaves another list",
    "wrong-refund",
    ({ pool }) => alter(pool, "Refunded", (args) => more(args, 1n)),
  ],
  ["a second refund of a receipt", "wrong-sponsor-refund", ({ pool }) => repeat(pool, "SponsorRefunded")],
  [
    "a receipt refunded by a unit less",
    "wrong-sponsor-refund",
    ({ pool }) => alter(pool, "SponsorRefunded", (args) => ({ ...args, amount: args.amount - 1n })),
  ],
  ["a cancelling nobody tells", "wrong-status", ({ cancelled }) => drop(cancelled, "Cancelled")],
  ["a switch before its time", "out-of-time", ({ switched }) => retime(switched, "SwitchedToRefunds", 1n)],
  [
    "a transfer out that no event explains",
    "unexplained-transfer",
    ({ token, pool }) => addTransfer(token, pool, stranger, 3n),
  ],
  [
    "a payout split otherwise than its event says",
    "unexplained-transfer",
    ({ token, pool, sam }) => addTransfer(token, pool, sam, 1n),
  ],
  ["payouts that the token never made", "payout-mismatch", ({ token, pool }) => dropTransfers(token, "from", pool)],
  ["payments that never arrived", "deposit-not-received", ({ token, pool }) => dropTransfers(token, "to", pool)],
  ["a pool that holds a unit less", "shortage", ({ token, pool }) => lessBalance(token, pool)],
  ["a registry that holds a unit less", "shortage", ({ token, registry }) => lessBalance(token, registry)],
  [
    "a project with another R",
    "project-mismatch",
    ({ pool }) => answer(pool, "getProject", (project) => ({ ...project, subsidy: project.subsidy + 1n })),
  ],
  [
    "a project with another S",
    "project-mismatch",
    ({ pool }) => answer(pool, "getProject", (project) => ({ ...project, rootSum: project.rootSum + 1n })),
  ],
  [
    "a project with a donor more",
    "project-mismatch",
    ({ pool }) => answer(pool, "getProject", (project) => ({ ...project, donors: project.donors + 1 })),
  ],
  [
    "a project paid a unit more",
    "project-mismatch",
    ({ pool }) => answer(pool, "getProject", (project) => ({ ...project, paid: project.paid + 1n })),
  ],
  ["another match", "project-mismatch", ({ pool }) => answer(pool, "matchOf", (match) => match + 1n)],
  ["another list on a line", "line-mismatch", ({ pool }) => answer(pool, "giftsHash", () => `0x${"55".repeat(32)}`)],
  [
    "another weight of a donor",
    "standing-mismatch",
    ({ pool }) => answer(pool, "standingOf", ([id, weight]) => [id, weight - 1]),
  ],
  [
    "another voice of a key",
    "standing-mismatch",
    ({ pool }) => answer(pool, "voiceOf", ([weighted, root]) => [weighted, root + 1n]),
  ],
  [
    "another receipt",
    "receipt-mismatch",
    ({ pool }) => answer(pool, "getReceipt", (receipt) => ({ ...receipt, prefix: receipt.prefix + 1n })),
  ],
  ["a receipt more", "receipt-mismatch", ({ pool }) => answer(pool, "receiptCount", (count) => count + 1n)],
  ["another status", "round-mismatch", ({ pool }) => answer(pool, "status", () => 1)],
  ["another pot", "round-mismatch", ({ pool }) => answer(pool, "pot", (pot) => pot + 1n)],
  [
    "another settlement",
    "round-mismatch",
    ({ pool }) => answer(pool, "settlement", (all) => ({ ...all, unused: all.unused + 1n })),
  ],
  ["projects in another order", "round-mismatch", ({ pool }) => answer(pool, "projects", (ids) => ids.toReversed())],
  [
    "other terms than the factory announced",
    "foreign-round",
    ({ pool }) => answer(pool, "terms", (terms) => ({ ...terms, cap: terms.cap + 1n })),
  ],
  [
    "a gate that weighs otherwise",
    "gate-mismatch",
    ({ gate }) =>
      answer(
        gate,
        "check",
        ([key, weight], data) => (BigInt(`0x${data.slice(10, 74)}`) < 3n ? [key, weight] : [key, weight - 1]),
        eligibilityGateAbi,
      ),
  ],
  ["a project that applied twice", "wrong-project", ({ registry }) => repeat(registry, "ProjectSubmitted")],
  ["a decision on what nobody challenged", "wrong-status", ({ registry }) => drop(registry, "ProjectChallenged")],
  ["an acceptance before its time", "out-of-time", ({ registry }) => retime(registry, "ProjectAccepted", 1n)],
  ["a decision told late", "out-of-time", ({ registry }) => retime(registry, "ProjectDecided", 2n ** 40n)],
  [
    "a decision the other way round",
    "wrong-release",
    ({ registry }) => alter(registry, "ProjectDecided", (args) => ({ ...args, accepted: !args.accepted })),
  ],
  [
    "a decision the other way round",
    "registry-mismatch",
    ({ registry }) => alter(registry, "ProjectDecided", (args) => ({ ...args, accepted: !args.accepted })),
  ],
  ["deposits released to nobody", "wrong-release", ({ registry }) => drop(registry, "DepositReleased")],
  ["deposits released twice", "wrong-release", ({ registry }) => repeat(registry, "DepositReleased")],
  ["a deposit withdrawn twice", "wrong-deposit-withdrawal", ({ registry }) => repeat(registry, "DepositWithdrawn")],
  [
    "a deposit withdrawn that no event tells",
    "unexplained-transfer",
    ({ registry }) => drop(registry, "DepositWithdrawn"),
  ],
  [
    "an applicant who did not pay",
    "deposit-not-received",
    ({ registry }) => alter(registry, "ProjectSubmitted", (args) => ({ ...args, manager: stranger })),
  ],
  ["a suspension nobody tells", "wrong-status", ({ registry }) => drop(registry, "ProjectSuspended")],
  [
    "a payout that changes at once",
    "out-of-time",
    ({ registry }) => alter(registry, "PayoutChangeScheduled", (args) => ({ ...args, changesAt: args.changesAt - 1n })),
  ],
  ["a place taken that was not offered", "wrong-status", ({ registry }) => drop(registry, "ManagerTransferStarted")],
  [
    "stewards out of nowhere",
    "wrong-status",
    ({ registry }) => alter(registry, "StewardsReplaced", (args) => ({ ...args, previousStewards: stranger })),
  ],
  [
    "a bit of the accepted flipped",
    "registry-mismatch",
    ({ registry }) => answer(registry, "acceptedBits", (bits) => bits ^ 2n),
  ],
  [
    "another project in the registry",
    "registry-mismatch",
    ({ registry }) =>
      answer(registry, "getProject", (project) => ({ ...project, challenger: stranger }), projectRegistryAbi),
  ],
  ["another deposit owed", "registry-mismatch", ({ registry }) => answer(registry, "owedTo", (owed) => owed + 1n)],
  ["other stewards", "registry-mismatch", ({ registry }) => answer(registry, "stewards", () => zeroAddress)],
];

const lessBalance = (token: Address, account: Address) =>
  answer(
    token,
    "balanceOf",
    (held, data) => (data.includes(account.slice(2)) && held > 0n ? held - 1n : held),
    erc20Abi,
  );

describe("audit of falsified rounds", () => {
  let chain: TestChain;
  let stage: RoundStage;
  let world: World;

  before(async () => {
    chain = await startChain();
    stage = await setRoundStage(chain);
    const scenario = await playScenario(stage);
    const { registry, token, openGate: gate } = stage;
    world = { ...scenario, pool: scenario.settled, registry, token, gate };
  });
  after(() => chain.stop());

  async function codes(lie?: Lie): Promise<FactCode[]> {
    const node = lyingTransport(chain.transport);
    node.lie = lie;
    const client = clientOver(chain, node.transport);
    const { escrow, factory } = stage;
    const report = await audit({ client, escrow: escrow.address, factory, fees: false });
    expect(report.verdict).to.equal(report.facts.length === 0 ? "balanced" : "broken");
    return report.facts.map(({ code }) => code);
  }

  it("given no lie, when audited, it should find nothing", async () => {
    expect(await codes()).to.deep.equal([]);
  });

  for (const [condition, code, lie] of lies) {
    it(`given ${condition}, when audited, it should find ${code}`, async () => {
      expect(await codes(lie(world))).to.include(code);
    });
  }
});
