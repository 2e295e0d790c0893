import type { Address } from "viem";
import { createFlow, type TokenFlow } from "../flows.ts";
import type { Ledger } from "../ledger.ts";
import { createRegistryLedger, type RegistryLedger } from "../registry/ledger.ts";
import { applyToRegistry } from "../registry/replay.ts";
import type { PoolEvent, RegistryEvent } from "./events.ts";
import type { Scope } from "./find.ts";
import { createRoundLedger, type Payment, type RoundLedger } from "./ledger.ts";
import { reconcileHolder } from "./payouts.ts";
import { holdersOf, type RoundPiece } from "./readPiece.ts";
import { applyToRound } from "./replay.ts";

/** What an audit has gathered of rounds and registries so far. */
export type RoundProgress = {
  readonly rounds: Map<Address, RoundLedger>;
  readonly registries: Map<Address, RegistryLedger>;
  /** By pool or registry: what its token's own logs say. */
  readonly holders: Map<Address, TokenFlow>;
  /** Registries of a code of their own, each once. */
  readonly strange: Map<Address, true>;
};

/** Adds empty books for whatever of the scope has none yet. */
export function openBooks(progress: RoundProgress, { rounds, registries }: Scope): void {
  for (const rules of rounds) {
    if (!progress.rounds.has(rules.pool)) progress.rounds.set(rules.pool, createRoundLedger(rules));
  }
  for (const rules of registries) {
    if (!progress.registries.has(rules.registry)) progress.registries.set(rules.registry, createRegistryLedger(rules));
  }
  for (const { address } of holdersOf({ rounds, registries })) {
    if (!progress.holders.has(address)) progress.holders.set(address, createFlow());
  }
}

/** Enters one event and keeps, by holder, which money it claims to have moved. */
export function enterRoundEvent(
  progress: RoundProgress & { readonly ledger: Ledger },
  event: PoolEvent | RegistryEvent,
  payments: Map<Address, Payment[]>,
): void {
  const registry = progress.registries.get(event.contract);
  const moved = event.of === "pool" ? applyToRound(progress, event) : registry ? applyToRegistry(registry, event) : [];
  if (moved.length > 0) payments.set(event.contract, [...(payments.get(event.contract) ?? []), ...moved]);
}

/** Compares what a piece's events claimed with what the tokens logged. */
export function reconcileHolders(
  progress: RoundProgress,
  scope: Scope,
  piece: RoundPiece,
  payments: ReadonlyMap<Address, readonly Payment[]>,
): void {
  for (const holder of holdersOf(scope)) {
    const { address } = holder;
    const flow = progress.holders.get(address) ?? createFlow();
    progress.holders.set(address, flow);
    reconcileHolder(holder, flow, payments.get(address) ?? [], piece.transfers.get(address) ?? []);
  }
  for (const registry of piece.strange) progress.strange.set(registry, true);
}
