import type { Address } from "viem";
import type { Progress } from "./checkpoint.ts";
import type { EvidenceCheck } from "./evidence/verify.ts";
import type { Fact } from "./fact.ts";
import { logsTransfers } from "./flows.ts";
import type { Subject } from "./locate.ts";
import type { AuditReport, PayeeReport, TokenReport, Verdict } from "./report.ts";
import type { Scope } from "./round/find.ts";
import { type RoundState, reportRegistry, reportRound, roundFacts } from "./round/summarize.ts";
import type { StateCheck } from "./verifyState.ts";

/** Puts what was found into a report, and gives the verdict. */
export function summarize(
  { rules, fromBlock, block }: Subject,
  progress: Progress,
  scope: Scope,
  state: StateCheck & RoundState & { evidence: EvidenceCheck | undefined },
  only?: readonly Address[],
): AuditReport {
  const { ledger, flows, tally } = progress;
  const ofRounds = roundFacts(progress, state);
  const concerned = only && new Set(only.map((token) => token.toLowerCase()));
  const concerns = (token: Address | undefined) => !token || !concerned || concerned.has(token);
  const talking = [...flows].filter(([, flow]) => logsTransfers(flow));
  const logged = talking.flatMap(([, flow]) => flow.facts);
  const all = inChainOrder([...scope.facts, ...ledger.facts, ...logged, ...state.facts, ...ofRounds.facts]);
  const { evidence } = state;
  const facts = [...all, ...(evidence?.facts ?? [])].filter(({ token }) => concerns(token));
  const unkept = talking.filter(([token]) => concerns(token)).map(([, flow]) => flow.broken - flow.facts.length);
  const accused = new Set(all.filter(({ pool, registry }) => !pool && !registry).map(({ token }) => token));

  const unread = [...state.balances].filter(([, balance]) => balance === undefined).map(([token]) => token);
  const doubts = unread
    .filter(concerns)
    .map((token) => `Token ${token} does not tell what the escrow holds: name the tokens that matter to leave it out.`);
  doubts.push(...scope.doubts, ...(evidence?.doubts ?? []));
  for (const registry of progress.strange.keys()) {
    doubts.push(`Registry ${registry} writes events of its own kind: what it accepted was checked in part.`);
  }
  for (const [holder, { balance }] of [...state.rounds, ...state.registries]) {
    if (balance === undefined) doubts.push(`The token of ${holder} does not tell what it holds.`);
  }
  for (const token of concerned ?? []) {
    if (!ledger.tokens.has(token as Address)) doubts.push(`No channel was ever opened in token ${token}.`);
  }

  const waiting = waitingForPayees(ledger);
  const tokens = [...ledger.tokens].map(([token, totals]): TokenReport => {
    const { channels, closed, opened, toppedUp, settled, refunded } = totals;
    const locked = state.locked.get(token) ?? 0n;
    const credits = state.credits.get(token) ?? 0n;
    const balance = state.balances.get(token);
    const flow = flows.get(token);
    return {
      token,
      verdict: judge(accused.has(token), balance === undefined),
      channels,
      closed,
      deposited: opened + toppedUp,
      toppedUp,
      settled,
      given: settled - (waiting.byToken.get(token) ?? 0n),
      refunded,
      locked,
      credits,
      balance,
      surplus: balance === undefined ? undefined : balance - locked - credits,
      transfers: flow && logsTransfers(flow) ? { received: flow.received, sent: flow.sent } : undefined,
    };
  });
  const payees = [...ledger.payees].map(([key, { payee, token, channels, settled }]): PayeeReport => {
    return { payee, token, channels, settled, given: settled - (waiting.byPayee.get(key) ?? 0n) };
  });

  return {
    verdict: judge(facts.length > 0, doubts.length > 0),
    facts: facts.slice(0, maxFacts),
    broken: unkept.reduce((sum, count) => sum + count, facts.length) + ofRounds.unkept,
    doubts,
    escrow: rules.escrow,
    gracePeriod: rules.gracePeriod,
    fromBlock,
    block,
    events: Object.fromEntries(ledger.counts),
    tokens,
    payees,
    rounds: [...state.rounds].map(([pool, check]) => reportRound(roundOf(progress, pool), check, all)),
    registries: [...state.registries].map(([address, check]) => {
      return reportRegistry(registryOf(progress, address), check, all);
    }),
    evidence: evidence?.report,
    costs: tally.transactions === 0 ? undefined : tally,
    unprovenCloses: ledger.unprovenCloses,
  };
}

function roundOf({ rounds }: Progress, pool: Address) {
  const round = rounds.get(pool);
  if (!round) throw new Error(`no books of round ${pool}`);
  return round;
}

function registryOf({ registries }: Progress, address: Address) {
  const registry = registries.get(address);
  if (!registry) throw new Error(`no books of registry ${address}`);
  return registry;
}

function judge(broken: boolean, doubtful: boolean): Verdict {
  if (broken) return "broken";
  return doubtful ? "unknown" : "balanced";
}

/** Facts that a report carries; the rest are counted. */
const maxFacts = 100;

/** Facts about the state come after all that have a block. */
function inChainOrder(facts: Fact[]): Fact[] {
  const withBlock = facts.filter((fact) => fact.blockNumber !== undefined);
  const without = facts.filter((fact) => fact.blockNumber === undefined);
  withBlock.sort((a, b) => Number((a.blockNumber ?? 0n) - (b.blockNumber ?? 0n)));
  return [...withBlock, ...without];
}

/** The part of outstanding credits that their accounts earned as payees. */
function waitingForPayees({ credits }: Progress["ledger"]) {
  const byToken = new Map<Address, bigint>();
  const byPayee = new Map<string, bigint>();
  for (const [key, { token, asPayee }] of credits) {
    byToken.set(token, (byToken.get(token) ?? 0n) + asPayee);
    byPayee.set(key, asPayee);
  }
  return { byToken, byPayee };
}
