// Many channels of one payee and token at once.
import { emit, finalize, live, requireVoucher } from "./escrow.ts";
import { pay } from "./money.ts";
import { account, type Channel, idOf, type Name, need, type Paper, type Preview, Refused, type Row } from "./types.ts";
import { findChannel, type World } from "./world.ts";

export type Batch = { payee: Name; token: Name; rows: Row[] };

export function settleBatch(world: World, batch: Batch): bigint {
  let paid = 0n;
  for (const row of batch.rows) {
    const channel = channelOf(batch, row);
    const fault = settleFault(world, batch, row);
    if (fault !== undefined) {
      emit(world, "SettlementSkipped", idOf(channel), { is: "selector", error: fault });
      continue;
    }
    paid += settleRow(world, channel, row.cumulativeAmount);
    emit(world, "ChannelSettled", idOf(channel), row.cumulativeAmount);
  }
  pay(world, batch.token, batch.payee, paid);
  return paid;
}

export function closeBatch(world: World, caller: Name, batch: Batch): bigint {
  need(caller === batch.payee, "NotPayee", account(batch.payee), account(caller));
  let paid = 0n;
  const refunds: { payer: Name; refunded: bigint }[] = [];
  for (const row of batch.rows) {
    const channel = channelOf(batch, row);
    const fault = settleFault(world, batch, row);
    if (fault !== undefined && fault !== "AmountNotIncreasing") {
      emit(world, "SettlementSkipped", idOf(channel), { is: "selector", error: fault });
      continue;
    }
    if (fault === undefined) paid += settleRow(world, channel, row.cumulativeAmount);
    refunds.push({ payer: row.payer, refunded: finalize(world, live(world, channel)) });
  }
  pay(world, batch.token, batch.payee, paid);
  for (const { payer, refunded } of refunds) pay(world, batch.token, payer, refunded);
  return paid;
}

export function previewSettle(world: World, batch: Batch): Preview[] {
  return batch.rows.map((row) => {
    const channel = channelOf(batch, row);
    const error = settleFault(world, batch, row);
    const settled = findChannel(world, channel)?.settled ?? 0n;
    const increase = error === undefined ? row.cumulativeAmount - settled : 0n;
    return { channelId: idOf(channel), increase, reason: { is: "selector", error } };
  });
}

export function channelOf({ payee, token }: Omit<Batch, "rows">, row: Row): Channel {
  const { payer, salt, authorizedSigner } = row;
  return { payer, payee, token, salt, authorizedSigner };
}

/** The error that `settle` would give for a row. ERC-1271 does not count: a row's signature is ECDSA or nothing. */
function settleFault(world: World, batch: Batch, row: Row): string | undefined {
  const plain: World = { ...world, wallets: new Map() };
  try {
    requireVoucher(plain, live(world, channelOf(batch, row)), row.cumulativeAmount, row.paper ?? blank);
    return undefined;
  } catch (error) {
    if (error instanceof Refused) return error.refusal.error;
    throw error;
  }
}

/** @returns what the row pays. */
function settleRow(world: World, channel: Channel, cumulativeAmount: bigint): bigint {
  const state = live(world, channel);
  const increase = cumulativeAmount - state.settled;
  state.settled = cumulativeAmount;
  return increase;
}

/** Of a row whose signature is zero. */
const nobody: Channel = { payer: "zero", payee: "zero", token: "zero", salt: 0, authorizedSigner: "zero" };
const blank: Paper = {
  by: "zero",
  form: "none",
  over: { type: "CloseRequest", domain: "nowhere", channel: nobody, deposit: 0n },
};
