import type { Address } from "viem";
import type { Fact } from "../fact.ts";
import { logsTransfers } from "../flows.ts";
import type { RegistryLedger } from "../registry/ledger.ts";
import type { RegistryCheck } from "../registry/verify.ts";
import type { Verdict } from "../report.ts";
import type { RoundLedger } from "./ledger.ts";
import type { RoundProgress } from "./progress.ts";
import type { RegistryReport, RoundReport } from "./report.ts";
import { matchFor } from "./settle.ts";
import type { RoundCheck } from "./verify.ts";

/** What the state said of each round and registry. */
export type RoundState = { rounds: Map<Address, RoundCheck>; registries: Map<Address, RegistryCheck> };

/** Every broken fact about rounds and registries, and what could not be told. */
export function roundFacts(progress: RoundProgress, state: RoundState): { facts: Fact[]; unkept: number } {
  const talking = [...progress.holders.values()].filter(logsTransfers);
  const facts = [
    ...[...progress.rounds.values(), ...progress.registries.values()].flatMap((ledger) => ledger.facts),
    ...talking.flatMap((flow) => flow.facts),
    ...[...state.rounds.values(), ...state.registries.values()].flatMap((check) => check.facts),
  ];
  return { facts, unkept: talking.reduce((sum, flow) => sum + flow.broken - flow.facts.length, 0) };
}

export function reportRound(round: RoundLedger, check: RoundCheck, facts: readonly Fact[]): RoundReport {
  const { pool, terms } = round.rules;
  const { owed, credit, balance } = check;
  const projects = [...round.projects].map(([projectId, project]) => {
    const { gifts, paid, disqualified, tally } = project;
    const { donors, rootSum, subsidy } = tally;
    return { projectId, donors, gifts, rootSum, subsidy, match: matchFor(round, projectId), paid, disqualified };
  });
  const lines = [...round.lines.values()].flatMap(({ gifts }) => gifts);
  const standing = lines.filter(({ projectId }) => projectId !== 0n && !round.projects.get(projectId)?.disqualified);
  return {
    pool,
    token: terms.token,
    registry: terms.registry,
    verdict: judge(
      facts.some((fact) => fact.pool === pool),
      balance,
    ),
    status: round.status,
    donors: round.standings.size,
    gifts: standing.reduce((sum, { cumulativeAmount }) => sum + cumulativeAmount, 0n),
    pot: round.pot,
    matched: projects.reduce((sum, { match }) => sum + match, 0n),
    claimed: round.claimed,
    refunded: round.refunded,
    sponsorRefunded: round.sponsorRefunded,
    owed,
    credit,
    balance,
    surplus: balance === undefined ? undefined : balance + credit - owed,
    projects,
  };
}

export function reportRegistry(ledger: RegistryLedger, check: RegistryCheck, facts: readonly Fact[]): RegistryReport {
  const { registry, depositToken } = ledger.rules;
  const { locked, owed, balance } = check;
  const projects = [...ledger.projects.values()];
  return {
    registry,
    token: depositToken,
    verdict: judge(
      facts.some((fact) => fact.registry === registry),
      balance,
    ),
    projects: projects.length,
    accepted: projects.filter(({ status }) => status === "accepted").length,
    deposited: ledger.deposited,
    locked,
    owed,
    withdrawn: ledger.withdrawn,
    balance,
    surplus: balance === undefined ? undefined : balance - locked - owed,
  };
}

function judge(broken: boolean, balance: bigint | undefined): Verdict {
  if (broken) return "broken";
  return balance === undefined ? "unknown" : "balanced";
}
