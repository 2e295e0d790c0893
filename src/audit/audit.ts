import { type Address, BaseError, type Client, zeroAddress } from "viem";
import { getChainId } from "viem/actions";
import type { Escrow } from "../protocol/channel.ts";
import { type Checkpoint, type Progress, resume, save } from "./checkpoint.ts";
import { AuditError, providerFailed } from "./errors.ts";
import type { EscrowEvent, Position } from "./events.ts";
import { type ReadEvidence, readEvidence } from "./evidence/read.ts";
import type { EvidenceParameters } from "./evidence/report.ts";
import { type EvidenceCheck, verifyEvidence } from "./evidence/verify.ts";
import { reconcile } from "./flows.ts";
import { locate } from "./locate.ts";
import { getBlock, type Transaction } from "./provider.ts";
import { readConsent } from "./readConsent.ts";
import { hangsOnTime, type Piece, readPiece, readTransactions, withTimes } from "./readPiece.ts";
import { readRanges } from "./readRanges.ts";
import { verifyRegistry } from "./registry/verify.ts";
import { apply, graceIsOver, type Movement } from "./replay.ts";
import type { AuditReport } from "./report.ts";
import { findRounds, type Scope } from "./round/find.ts";
import type { Payment } from "./round/ledger.ts";
import { enterRoundEvent, openBooks, reconcileHolders } from "./round/progress.ts";
import { type RoundPiece, readRoundPiece } from "./round/readPiece.ts";
import type { RoundState } from "./round/summarize.ts";
import { verifyRound } from "./round/verify.ts";
import { summarize } from "./summarize.ts";
import { addTransaction } from "./tally.ts";
import { verifyState } from "./verifyState.ts";

export type AuditParameters = {
  /** Any viem client; nothing but its RPC endpoint is believed. */
  client: Client;
  /** The escrow's address. */
  escrow: Address;
  /** A factory of rounds of this escrow: each that it made is audited, and the registries that they rest on. */
  factory?: Address | undefined;
  /** Rounds to audit; with a factory, these alone of its rounds. */
  pools?: readonly Address[] | undefined;
  /** First block to read; found by bisection when absent, which needs a provider that keeps old state. */
  fromBlock?: bigint | undefined;
  /** The audited block; the head when absent. */
  toBlock?: bigint | undefined;
  /**
   * Tokens that the verdict is about; all when absent. Anyone can open a channel in a token that lies about itself, which
   * breaks its own books and nobody else's.
   */
  tokens?: readonly Address[] | undefined;
  /** Whether to read every transaction for its gas and fees: two requests each. True when absent. */
  fees?: boolean | undefined;
  /** Called after each piece of work. */
  onProgress?: ((progress: AuditProgress) => void) | undefined;
  /** What a collector says of one of these rounds: held against signatures and against the chain. */
  evidence?: EvidenceParameters | undefined;
  /** Where to keep what was read, to go on from there. */
  checkpoint?: Checkpoint | undefined;
};

/** `done` and `total` are blocks while replaying, and channels, credits and tokens while comparing them with the state. */
export type AuditProgress = { phase: "replay" | "state"; done: number; total: number; events: number };

/**
 * Recomputes an escrow's books from its logs, and compares them with every token's own transfers, with every stored word,
 * and with what the escrow holds. It needs an RPC endpoint and an address, and trusts nobody else.
 *
 * @throws {@link AuditError}, `RangeRefusedError` or `UndecodableLogError` when no audit could be made; what was made has
 * its verdict in the report.
 * @example
 * const report = await audit({ client, escrow: "0x…" });
 * if (report.verdict !== "balanced") console.error(report.facts[0] ?? report.doubts[0]);
 */
export async function audit(parameters: AuditParameters): Promise<AuditReport> {
  try {
    return await conduct(parameters);
  } catch (error) {
    throw error instanceof BaseError ? providerFailed(error) : error;
  }
}

async function conduct(parameters: AuditParameters): Promise<AuditReport> {
  const { client, fees = true, onProgress = () => {} } = parameters;
  // Read before the block is chosen: what the collector acknowledged by then, the chain has by then.
  const exported = parameters.evidence && (await readEvidence(parameters.evidence, await escrowOf(parameters)));
  const located = await locate(client, parameters.escrow, parameters);
  const { rules, block } = located;
  const { address: escrow } = rules.escrow;
  const scope = await findRounds(client, parameters, { escrow, fromBlock: located.fromBlock, toBlock: block.number });
  const { fromBlock } = scope;
  const subject = { ...located, fromBlock };
  const progress = await resume(parameters, subject);
  const { ledger } = progress;
  openBooks(progress, scope);
  const only = parameters.tokens && new Set(parameters.tokens.map((token) => token.toLowerCase()));
  const concerns = (token: Address) => token !== zeroAddress && (!only || only.has(token));
  const known = new Set([...ledger.tokens.keys()].filter(concerns));

  const pieces = readRanges(
    { from: progress.nextBlock, to: block.number },
    async (range) => {
      const ofEscrow = readPiece(client, escrow, range, known, concerns);
      const [piece, rounds] = await Promise.all([ofEscrow, readRoundPiece(client, scope, range)]);
      return { ...piece, rounds };
    },
    ({ events, transfers, rounds }) => events.length + transfers.length + rounds.events.length,
  );
  for await (const { range, piece } of pieces) {
    await enter(client, progress, piece, scope, fees);
    progress.nextBlock = range.to + 1n;
    await save(parameters, progress);
    onProgress({
      phase: "replay",
      done: Number(range.to - fromBlock + 1n),
      total: Number(block.number - fromBlock + 1n),
      events: progress.events,
    });
  }

  const state = await verifyState(client, ledger, block.number, (done, total) =>
    onProgress({ phase: "state", done, total, events: progress.events }),
  );
  const roundState = await verifyRounds(client, progress, block);
  const evidence = exported && (await verifyExport(client, exported, progress, block));
  const after = await getBlock(client, block.number);
  if (after?.hash !== block.hash) {
    throw new AuditError(
      "reorganised",
      `Block ${block.number} was replaced during the audit: run it again, on an older block.`,
    );
  }
  return summarize(subject, progress, scope, { ...state, ...roundState, evidence }, parameters.tokens);
}

/** Enters one piece into the books, the flows of its tokens and the sums of its fees. */
async function enter(
  client: Client,
  progress: Progress,
  piece: Piece & { rounds: RoundPiece },
  scope: Scope,
  fees: boolean,
): Promise<void> {
  const { ledger, flows, tally } = progress;
  const { escrow } = ledger.rules;
  const [events, transactions] = await Promise.all([
    withTimes(client, piece.events, hangsOnTime),
    readTransactions(client, fees ? piece.events : piece.events.filter(({ name }) => name === "ChannelClosed")),
  ]);
  const movements: Movement[] = [];
  const payments = new Map<string, number>();
  const roundPayments = new Map<Address, Payment[]>();
  for (const event of inChainOrder<EscrowEvent | RoundEvent>([...events, ...piece.rounds.events])) {
    if ("of" in event) {
      enterRoundEvent(progress, event, roundPayments);
      continue;
    }
    const { transactionHash } = event.at;
    const claimed = apply(ledger, await withConsent(client, progress, event, transactions.get(transactionHash)));
    for (const movement of claimed) {
      movements.push(movement);
      if (movement.kind === "payment") payments.set(transactionHash, (payments.get(transactionHash) ?? 0) + 1);
    }
  }
  for (const transaction of fees ? transactions.values() : []) {
    addTransaction(tally, transaction, payments.get(transaction.hash) ?? 0);
  }
  reconcile(flows, movements, piece.transfers, escrow.address);
  reconcileHolders(progress, scope, piece.rounds, roundPayments);
  progress.events += events.length + piece.rounds.events.length;
}

type RoundEvent = RoundPiece["events"][number];

/** A round's events rest on the escrow's before them. */
function inChainOrder<event extends { at: Position }>(events: event[]): event[] {
  return events.sort((a, b) => Number(a.at.blockNumber - b.at.blockNumber) || a.at.logIndex - b.at.logIndex);
}

async function verifyRounds(client: Client, progress: Progress, block: AuditReport["block"]): Promise<RoundState> {
  const state: RoundState = { rounds: new Map(), registries: new Map() };
  for (const [pool, round] of progress.rounds) {
    state.rounds.set(pool, await verifyRound(client, progress, round, block.number));
  }
  for (const [registry, ledger] of progress.registries) {
    state.registries.set(registry, await verifyRegistry(client, ledger, block));
  }
  return state;
}

async function verifyExport(
  client: Client,
  exported: ReadEvidence,
  progress: Progress,
  block: AuditReport["block"],
): Promise<EvidenceCheck> {
  const only = progress.rounds.size === 1 ? [...progress.rounds.keys()][0] : undefined;
  const pool = exported.lines[0]?.channel.payee ?? only;
  const round = progress.rounds.get(pool as Address);
  if (!round) {
    const named = pool ? `round ${pool}, which is not audited` : "no round";
    throw new AuditError("no-such-round", `The evidence is of ${named}: name its pool, or its factory.`);
  }
  return verifyEvidence(client, progress, round, exported, block);
}

async function escrowOf({ client, escrow }: AuditParameters): Promise<Escrow> {
  return { address: escrow.toLowerCase() as Address, chainId: await getChainId(client) };
}

/** Looks into a closing transaction where the grace period does not explain it. */
async function withConsent(
  client: Client,
  { ledger }: Progress,
  event: EscrowEvent,
  transaction: Transaction | undefined,
): Promise<EscrowEvent> {
  if (event.name !== "ChannelClosed" || !transaction) return event;
  const id = event.args.channelId;
  const state = ledger.channels.get(id);
  if (!state || graceIsOver(state, event.at)) return event;
  const { payee } = state.channel;
  const closed = { id, payee, blockNumber: event.at.blockNumber };
  return { ...event, consent: await readConsent(client, ledger.rules.escrow, closed, transaction) };
}
