import type { Hex } from "viem";
import type { Channel } from "../../protocol/channel.ts";
import { type Write, write } from "../write.ts";
import * as encode from "./encode.ts";

export { approve, NoAccountError, type WriteParameters } from "../write.ts";

/** Opens a channel; the sender becomes its payer. A token needs {@link approve} first. Resolves with the hash. */
export const open: Write<encode.OpenParameters> = (client, parameters) =>
  write(client, parameters, encode.encodeOpen(parameters), "opening a channel");

/** Opens a channel for whoever signed the token's EIP-3009 authorization. */
export const openWithAuthorization: Write<encode.OpenWithAuthorizationParameters> = (client, parameters) =>
  write(client, parameters, encode.encodeOpenWithAuthorization(parameters), "opening a channel by authorization");

/** Opens a channel for whoever signed a Permit2 transfer for it. */
export const openWithPermit2: Write<encode.OpenWithPermit2Parameters> = (client, parameters) =>
  write(client, parameters, encode.encodeOpenWithPermit2(parameters), "opening a channel by Permit2");

/** Adds to a deposit and withdraws a pending close. A token needs {@link approve} first. */
export const topUp: Write<encode.TopUpParameters> = (client, parameters) =>
  write(client, parameters, encode.encodeTopUp(parameters), "topping up a channel");

/** Adds to a deposit by the payer's EIP-3009 authorization. Anyone may, while no close is pending. */
export const topUpWithAuthorization: Write<encode.TopUpWithAuthorizationParameters> = (client, parameters) =>
  write(client, parameters, encode.encodeTopUpWithAuthorization(parameters), "topping up a channel by authorization");

/** Adds to a deposit by the payer's Permit2 signature. Anyone may, while no close is pending. */
export const topUpWithPermit2: Write<encode.TopUpWithPermit2Parameters> = (client, parameters) =>
  write(client, parameters, encode.encodeTopUpWithPermit2(parameters), "topping up a channel by Permit2");

/** Pays the payee what a voucher adds to `settled`. Anyone may. */
export const settle: Write<encode.VoucherParameters> = (client, parameters) =>
  write(client, parameters, encode.encodeSettle(parameters), "settling a channel");

/** Pays the payee what revealed ticks add to `settled`. Anyone may. */
export const settleTicks: Write<encode.SettleTicksParameters> = (client, parameters) =>
  write(client, parameters, encode.encodeSettleTicks(parameters), "settling ticks");

/** Settles many channels of one payee and token with one payout; skips what cannot be settled. */
export const settleBatch: Write<encode.BatchParameters> = (client, parameters) =>
  write(client, parameters, encode.encodeSettleBatch(parameters), "settling a batch");

/** The payee closes: paid up to the voucher, the remainder to the payer at once. */
export const close: Write<encode.VoucherParameters> = (client, parameters) =>
  write(client, parameters, encode.encodeClose(parameters), "closing a channel");

/** As {@link close}, by anyone who holds the payee's consent. */
export const closeWithAuthorization: Write<encode.CloseWithAuthorizationParameters> = (client, parameters) =>
  write(client, parameters, encode.encodeCloseWithAuthorization(parameters), "closing a channel by authorization");

/** The payee closes many channels of one token. */
export const closeBatch: Write<encode.BatchParameters> = (client, parameters) =>
  write(client, parameters, encode.encodeCloseBatch(parameters), "closing a batch");

/** The payer asks to leave; the grace period starts. */
export const requestClose: Write<{ channel: Channel }> = (client, parameters) =>
  write(client, parameters, encode.encodeRequestClose(parameters), "requesting a close");

/** As {@link requestClose}, by anyone who holds the payer's or signer's `CloseRequest`. */
export const requestCloseWithSignature: Write<{ channel: Channel; signature: Hex }> = (client, parameters) =>
  write(client, parameters, encode.encodeRequestCloseWithSignature(parameters), "requesting a close by signature");

/** Ends a channel whose grace period is over; the remainder goes to the payer. Anyone may. */
export const withdraw: Write<{ channel: Channel }> = (client, parameters) =>
  write(client, parameters, encode.encodeWithdraw(parameters), "withdrawing");

/** Pushes an account's credit to the account itself. Anyone may. */
export const withdrawCredit: Write<encode.CreditParameters> = (client, parameters) =>
  write(client, parameters, encode.encodeWithdrawCredit(parameters), "withdrawing a credit");
