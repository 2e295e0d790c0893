import { type Address, erc20Abi, zeroAddress } from "viem";
import { eligibilityGateAbi } from "../../../../src/abi/eligibilityGate.ts";
import { projectRegistryAbi } from "../../../../src/abi/projectRegistry.ts";
import { alter, answer, drop, repeat, retime } from "./falsify.ts";
import { type NamedLie, stranger } from "./logLies.ts";

const lessBalance = (token: Address, account: Address) =>
  answer(
    token,
    "balanceOf",
    (held, data) => (data.includes(account.slice(2)) && held > 0n ? held - 1n : held),
    erc20Abi,
  );

/** What a round, its token or its gate answers, falsified. */
export const stateLies: NamedLie[] = [
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
];

/** Logs and answers of a registry, falsified. */
export const registryLies: NamedLie[] = [
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
