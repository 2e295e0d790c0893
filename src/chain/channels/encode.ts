import { type Address, encodeFunctionData, type Hex } from "viem";
import { paymentChannelsAbi as abi } from "../../abi/paymentChannels.ts";
import { authorizationNonce } from "../../protocol/authorization.ts";
import { type Channel, nativeCoin } from "../../protocol/channel.ts";
import type { SignedTickVoucher, TickLink } from "../../protocol/tick.ts";
import type { Call } from "../write.ts";
import type { SettleRow } from "./settleRow.ts";

export type { Call } from "../write.ts";

type At = { /** The escrow. */ address: Address };

export type OpenParameters = {
  payee: Address;
  /** ERC-20, or {@link nativeCoin}. */
  token: Address;
  /** Base units to lock. */
  deposit: bigint;
  /** 32 bytes, unique for payer and payee. */
  salt: Hex;
  /** Who signs vouchers; the zero address for the payer. */
  authorizedSigner: Address;
};

export type OpenWithAuthorizationParameters = OpenParameters & {
  /** The payer, who signed the token's `ReceiveWithAuthorization`. */
  from: Address;
  /** Unix seconds, exclusive. */
  validAfter: bigint;
  /** Unix seconds, exclusive. */
  validBefore: bigint;
  signature: Hex;
};

export type TopUpParameters = { channel: Channel /** Base units. */; additionalDeposit: bigint };

/** By the payer's signature of the token's `ReceiveWithAuthorization`; no close may be pending. */
export type TopUpWithAuthorizationParameters = TopUpParameters & {
  /** 32 bytes that the payer never used with this channel and amount. */
  topUpSalt: Hex;
  /** Unix seconds, exclusive. */
  validAfter: bigint;
  /** Unix seconds, exclusive. */
  validBefore: bigint;
  /** `topUpAuthorizationNonce` of the protocol. */
  nonce: Hex;
  signature: Hex;
};

/** What of the payer's Permit2 signature travels along. */
type PermitParameters = {
  /** Of Permit2. */
  nonce: bigint;
  /** Unix seconds, inclusive. */
  deadline: bigint;
  /** Over `openPermitTypedData` or `topUpPermitTypedData` of the protocol. */
  signature: Hex;
};

export type OpenWithPermit2Parameters = OpenParameters & PermitParameters & { /** The payer. */ from: Address };

/** No close may be pending. */
export type TopUpWithPermit2Parameters = TopUpParameters & PermitParameters;

/** `signature` may be `0x` where `cumulativeAmount` is not above `settled` and the verb is a close. */
export type VoucherParameters = { channel: Channel; cumulativeAmount: bigint; signature: Hex };

export type SettleTicksParameters = {
  channel: Channel;
  /** The payer's offer. */
  voucher: SignedTickVoucher;
  /** The newest link that was revealed; `{ ticks: 0, link: tickRoot }` claims the base. */
  revealed: TickLink;
};

export type CloseWithAuthorizationParameters = VoucherParameters & {
  /** Unix seconds, inclusive. */
  deadline: bigint;
  payeeSignature: Hex;
};

export type BatchParameters = { payee: Address; token: Address; rows: readonly SettleRow[] };

export type CreditParameters = { token: Address /** Whose credit; it is paid to them alone. */; owner: Address };

export function encodeOpen({ address, payee, token, deposit, salt, authorizedSigner }: At & OpenParameters): Call {
  const data = encodeFunctionData({ abi, functionName: "open", args: [payee, token, deposit, salt, authorizedSigner] });
  return { to: address, data, value: native(token, deposit) };
}

export function encodeOpenWithAuthorization(parameters: At & OpenWithAuthorizationParameters): Call {
  const { address, payee, token, deposit, salt, authorizedSigner, from, validAfter, validBefore, signature } =
    parameters;
  const nonce = authorizationNonce({ payer: from, payee, token, salt, authorizedSigner });
  const data = encodeFunctionData({
    abi,
    functionName: "openWithAuthorization",
    args: [payee, token, deposit, salt, authorizedSigner, from, validAfter, validBefore, nonce, signature],
  });
  return { to: address, data, value: 0n };
}

export function encodeOpenWithPermit2(parameters: At & OpenWithPermit2Parameters): Call {
  const { address, payee, token, deposit, salt, authorizedSigner, from, nonce, deadline, signature } = parameters;
  const data = encodeFunctionData({
    abi,
    functionName: "openWithPermit2",
    args: [payee, token, deposit, salt, authorizedSigner, from, nonce, deadline, signature],
  });
  return { to: address, data, value: 0n };
}

export function encodeTopUp({ address, channel, additionalDeposit }: At & TopUpParameters): Call {
  const data = encodeFunctionData({ abi, functionName: "topUp", args: [channel, additionalDeposit] });
  return { to: address, data, value: native(channel.token, additionalDeposit) };
}

export function encodeTopUpWithAuthorization(parameters: At & TopUpWithAuthorizationParameters): Call {
  const { address, channel, additionalDeposit, topUpSalt, validAfter, validBefore, nonce, signature } = parameters;
  const data = encodeFunctionData({
    abi,
    functionName: "topUpWithAuthorization",
    args: [channel, additionalDeposit, topUpSalt, validAfter, validBefore, nonce, signature],
  });
  return { to: address, data, value: 0n };
}

export function encodeTopUpWithPermit2(parameters: At & TopUpWithPermit2Parameters): Call {
  const { address, channel, additionalDeposit, nonce, deadline, signature } = parameters;
  const data = encodeFunctionData({
    abi,
    functionName: "topUpWithPermit2",
    args: [channel, additionalDeposit, nonce, deadline, signature],
  });
  return { to: address, data, value: 0n };
}

export function encodeSettle({ address, channel, cumulativeAmount, signature }: At & VoucherParameters): Call {
  const data = encodeFunctionData({ abi, functionName: "settle", args: [channel, cumulativeAmount, signature] });
  return { to: address, data, value: 0n };
}

export function encodeSettleTicks({ address, channel, voucher, revealed }: At & SettleTicksParameters): Call {
  const { cumulativeAmount, tickRoot, tickValue, signature } = voucher;
  const data = encodeFunctionData({
    abi,
    functionName: "settleTicks",
    args: [channel, cumulativeAmount, tickRoot, tickValue, signature, BigInt(revealed.ticks), revealed.link],
  });
  return { to: address, data, value: 0n };
}

export function encodeSettleBatch({ address, payee, token, rows }: At & BatchParameters): Call {
  return {
    to: address,
    data: encodeFunctionData({ abi, functionName: "settleBatch", args: [payee, token, rows] }),
    value: 0n,
  };
}

export function encodeClose({ address, channel, cumulativeAmount, signature }: At & VoucherParameters): Call {
  const data = encodeFunctionData({ abi, functionName: "close", args: [channel, cumulativeAmount, signature] });
  return { to: address, data, value: 0n };
}

export function encodeCloseWithAuthorization(parameters: At & CloseWithAuthorizationParameters): Call {
  const { address, channel, cumulativeAmount, signature, deadline, payeeSignature } = parameters;
  const data = encodeFunctionData({
    abi,
    functionName: "closeWithAuthorization",
    args: [channel, cumulativeAmount, signature, deadline, payeeSignature],
  });
  return { to: address, data, value: 0n };
}

export function encodeCloseBatch({ address, payee, token, rows }: At & BatchParameters): Call {
  return {
    to: address,
    data: encodeFunctionData({ abi, functionName: "closeBatch", args: [payee, token, rows] }),
    value: 0n,
  };
}

export function encodeRequestClose({ address, channel }: At & { channel: Channel }): Call {
  return { to: address, data: encodeFunctionData({ abi, functionName: "requestClose", args: [channel] }), value: 0n };
}

export function encodeRequestCloseWithSignature(parameters: At & { channel: Channel; signature: Hex }): Call {
  const { address, channel, signature } = parameters;
  const data = encodeFunctionData({ abi, functionName: "requestCloseWithSignature", args: [channel, signature] });
  return { to: address, data, value: 0n };
}

export function encodeWithdraw({ address, channel }: At & { channel: Channel }): Call {
  return { to: address, data: encodeFunctionData({ abi, functionName: "withdraw", args: [channel] }), value: 0n };
}

export function encodeWithdrawCredit({ address, token, owner }: At & CreditParameters): Call {
  return {
    to: address,
    data: encodeFunctionData({ abi, functionName: "withdrawCredit", args: [token, owner] }),
    value: 0n,
  };
}

function native(token: Address, amount: bigint): bigint {
  return token === nativeCoin ? amount : 0n;
}
