import { type Address, zeroAddress } from "viem";
import type { ProjectStatus } from "../../chain/registry/reads.ts";
import type { RegistryEvent } from "../round/events.ts";
import type { Payment } from "../round/ledger.ts";
import { brokenRegistry, type LedgerProject, payoutAt, type RegistryLedger } from "./ledger.ts";

type Event<name extends RegistryEvent["name"]> = Extract<RegistryEvent, { name: name }>;
type ProjectEvent = Exclude<RegistryEvent, { name: "ProjectSubmitted" | "DepositWithdrawn" | "StewardsReplaced" }>;

/** Enters one event of a registry into its books and tells which money it claims to have moved. */
export function applyToRegistry(registry: RegistryLedger, event: RegistryEvent): Payment[] {
  registry.counts.set(event.name, (registry.counts.get(event.name) ?? 0) + 1);
  if (event.name === "ProjectSubmitted") return submit(registry, event);
  if (event.name === "DepositWithdrawn") return withdraw(registry, event);
  if (event.name === "StewardsReplaced") {
    const { previousStewards, newStewards } = event.args;
    const expected = registry.stewards === "0x" ? zeroAddress : registry.stewards;
    if (previousStewards !== expected) {
      brokenRegistry(
        registry,
        event,
        "wrong-status",
        `The stewards were ${expected}, the event says ${previousStewards}.`,
      );
    }
    registry.stewards = newStewards;
    return [];
  }
  const project = registry.projects.get(event.args.projectId);
  if (project) return applyToProject(registry, event, project);
  brokenRegistry(registry, event, "wrong-project", `No project ${event.args.projectId} ever applied.`);
  return [];
}

function applyToProject(registry: RegistryLedger, event: ProjectEvent, project: LedgerProject): Payment[] {
  switch (event.name) {
    case "ProjectChallenged":
      return challenge(registry, event, project);
    case "ProjectAccepted":
      return accept(registry, event, project);
    case "ProjectDecided":
      return decide(registry, event, project);
    case "DepositReleased":
      return release(registry, event, project);
    case "ProjectSuspended":
      return move(registry, event, project, ["accepted"], "suspended");
    case "ProjectReinstated":
      return move(registry, event, project, ["suspended"], "accepted");
    case "ProjectClosed":
      return move(registry, event, project, ["accepted", "suspended"], "closed");
    case "MetadataChanged":
      project.metadataHash = event.args.metadataHash;
      return move(registry, event, project, ["accepted", "suspended"], project.status);
    case "PayoutChangeScheduled":
      return changePayout(registry, event, project);
    case "ManagerTransferStarted":
      project.pendingManager = event.args.pendingManager;
      return [];
    case "ManagerTransferred":
      return transferManager(registry, event, project);
  }
}

function submit(registry: RegistryLedger, event: Event<"ProjectSubmitted">): Payment[] {
  const { projectId, manager, payout, metadataHash } = event.args;
  const expected = BigInt(registry.projects.size) + 1n;
  if (projectId !== expected) {
    brokenRegistry(registry, event, "wrong-project", `Project ${projectId} applied where ${expected} is next.`);
  }
  registry.projects.set(projectId, {
    manager,
    pendingManager: zeroAddress,
    challenger: zeroAddress,
    status: "submitted",
    submittedAt: event.at.timestamp ?? 0n,
    challengedAt: 0n,
    payout,
    pendingPayout: zeroAddress,
    payoutChangesAt: 0n,
    metadataHash,
    due: new Map(),
    released: new Map(),
  });
  return pull(registry, event, manager);
}

function challenge(registry: RegistryLedger, event: Event<"ProjectChallenged">, project: LedgerProject): Payment[] {
  move(registry, event, project, ["submitted"], "challenged");
  const { challenger } = event.args;
  requireTime(registry, event, { until: project.submittedAt + registry.rules.challengeWindow });
  project.challenger = challenger;
  project.challengedAt = event.at.timestamp ?? 0n;
  return pull(registry, event, challenger);
}

function accept(registry: RegistryLedger, event: Event<"ProjectAccepted">, project: LedgerProject): Payment[] {
  const { challengeWindow, decisionWindow, applicationDeposit } = registry.rules;
  const { manager, challenger, submittedAt, challengedAt } = project;
  const challenged = project.status === "challenged";
  const from = challenged ? challengedAt + decisionWindow : submittedAt + challengeWindow;
  move(registry, event, project, ["submitted", "challenged"], "accepted");
  requireTime(registry, event, { from });
  add(project.due, manager, applicationDeposit);
  if (challenged) add(project.due, challenger, applicationDeposit);
  return [];
}

function decide(registry: RegistryLedger, event: Event<"ProjectDecided">, project: LedgerProject): Payment[] {
  const { accepted } = event.args;
  const { decisionWindow, applicationDeposit } = registry.rules;
  move(registry, event, project, ["challenged"], accepted ? "accepted" : "rejected");
  requireTime(registry, event, { until: project.challengedAt + decisionWindow });
  add(project.due, accepted ? project.manager : project.challenger, 2n * applicationDeposit);
  return [];
}

function release(registry: RegistryLedger, event: Event<"DepositReleased">, project: LedgerProject): Payment[] {
  const { account, amount } = event.args;
  add(project.released, account, amount);
  const [expected, actual] = [project.due.get(account) ?? 0n, project.released.get(account) ?? 0n];
  if (actual > expected) {
    const message = `${account} was due ${expected}, and ${actual} were released to it.`;
    brokenRegistry(registry, event, "wrong-release", message, { account, expected, actual });
  }
  add(registry.owed, account, amount);
  return [];
}

function withdraw(registry: RegistryLedger, event: Event<"DepositWithdrawn">): Payment[] {
  const { account, amount } = event.args;
  const expected = registry.owed.get(account) ?? 0n;
  if (amount !== expected || amount === 0n) {
    const message = `${account} was owed ${expected}, and ${amount} were withdrawn.`;
    brokenRegistry(registry, event, "wrong-deposit-withdrawal", message, { account, expected, actual: amount });
  }
  registry.owed.set(account, expected - amount);
  registry.withdrawn += amount;
  return [{ direction: "out", account, amount, at: event.at }];
}

function changePayout(
  registry: RegistryLedger,
  event: Event<"PayoutChangeScheduled">,
  project: LedgerProject,
): Payment[] {
  const { projectId, payout, changesAt } = event.args;
  const { timestamp } = event.at;
  const expected = timestamp === undefined ? changesAt : timestamp + registry.rules.payoutDelay;
  if (changesAt !== expected) {
    const message = `The change takes effect at ${expected}, the event says ${changesAt}.`;
    brokenRegistry(registry, event, "out-of-time", message, { expected, actual: changesAt });
  }
  project.payout = payoutAt(registry, projectId, timestamp ?? 0n) ?? project.payout;
  project.pendingPayout = payout;
  project.payoutChangesAt = changesAt;
  return [];
}

function transferManager(
  registry: RegistryLedger,
  event: Event<"ManagerTransferred">,
  project: LedgerProject,
): Payment[] {
  const { previousManager, newManager } = event.args;
  if (previousManager !== project.manager || newManager !== project.pendingManager) {
    const message = `${project.manager} had offered its place to ${project.pendingManager}.`;
    brokenRegistry(registry, event, "wrong-status", message, { account: newManager });
  }
  project.manager = newManager;
  project.pendingManager = zeroAddress;
  return [];
}

function move(
  registry: RegistryLedger,
  event: ProjectEvent,
  project: LedgerProject,
  from: readonly ProjectStatus[],
  to: ProjectStatus,
): Payment[] {
  if (!from.includes(project.status)) {
    brokenRegistry(registry, event, "wrong-status", `The project was ${project.status}, not ${from.join(" or ")}.`);
  }
  project.status = to;
  return [];
}

function pull(registry: RegistryLedger, event: RegistryEvent, account: Address): Payment[] {
  registry.deposited += registry.rules.applicationDeposit;
  return [{ direction: "in", account, amount: registry.rules.applicationDeposit, at: event.at }];
}

function requireTime(registry: RegistryLedger, event: RegistryEvent, window: { from?: bigint; until?: bigint }): void {
  const { timestamp } = event.at;
  if (timestamp === undefined) return;
  const { from = 0n, until } = window;
  if (timestamp >= from && (until === undefined || timestamp < until)) return;
  const message = `It was possible from ${from}${until === undefined ? "" : ` until ${until}`}.`;
  brokenRegistry(registry, event, "out-of-time", message, { expected: until ?? from, actual: timestamp });
}

function add(sums: Map<Address, bigint>, account: Address, amount: bigint): void {
  sums.set(account, (sums.get(account) ?? 0n) + amount);
}
