// Every signed message that an input makes: how the library writes it down, and its digest where the library lays it by hand.
import type { Hex, TypedDataDomain } from "viem";
import {
  allocationDigest,
  attestationDigest,
  attestedGateDomain,
  authorizationNonce,
  authorizationTypedData,
  channelId,
  closeAuthorizationDigest,
  closeRequestDigest,
  createTicks,
  escrowDomain,
  openPermitTypedData,
  poolDomain,
  tickVoucherDigest,
  topUpPermitTypedData,
  voucherDigest,
} from "../../src/protocol/index.ts";
import type { Input } from "./inputs.ts";

export type Message = {
  /** The function of the Solidity harness that hashes it. */
  name: string;
  /** The Solidity struct that it is. */
  struct: string;
  domain: TypedDataDomain;
  message: Record<string, unknown>;
  /** By hand, of those that the library hashes. */
  digest?: Hex;
};

export function messagesOf(input: Input): Message[] {
  const { chainId, contract: address, channel, amount, other, wide, nonce, second, weight, word, gifts } = input;
  const contract = { address, chainId };
  const id = channelId(channel, contract);
  const voucher = { channelId: id, cumulativeAmount: amount };
  const tickVoucher = { ...voucher, tickRoot: word, tickValue: other };
  const request = { channelId: id, deposit: amount };
  const consent = { ...voucher, deadline: wide };
  const sum = gifts.reduce((total, { cumulativeAmount }) => total + cumulativeAmount, 0n);
  const allocation = { channelId: id, cumulativeAmount: sum, gateDataHash: word, gifts };
  const attestation = { pool: channel.payee, donor: channel.payer, key: word, weightBps: weight, expiresAt: second };
  const permit = { amount, nonce, deadline: wide };
  const open = openPermitTypedData(channel, permit, contract);
  const topUp = topUpPermitTypedData(channel, permit, contract);
  const escrow = escrowDomain(contract);
  return [
    {
      name: "voucher",
      struct: "Messages.Voucher",
      domain: escrow,
      message: voucher,
      digest: voucherDigest(voucher, contract),
    },
    {
      ...{ name: "tickVoucher", struct: "Messages.TickVoucher", domain: escrow, message: tickVoucher },
      digest: tickVoucherDigest(tickVoucher, contract),
    },
    {
      ...{ name: "closeRequest", struct: "Messages.CloseRequest", domain: escrow, message: request },
      digest: closeRequestDigest(request, contract),
    },
    {
      ...{ name: "closeAuthorization", struct: "Messages.CloseAuthorization", domain: escrow, message: consent },
      digest: closeAuthorizationDigest(consent, contract),
    },
    {
      ...{ name: "allocation", struct: "Messages.Allocation", domain: poolDomain(contract), message: allocation },
      digest: allocationDigest(allocation, contract),
    },
    {
      ...{
        name: "attestation",
        struct: "Messages.Attestation",
        domain: attestedGateDomain(contract),
        message: attestation,
      },
      digest: attestationDigest(attestation, contract),
    },
    { name: "openPermit", struct: "OpenPermit.PermitWitnessTransferFrom", domain: open.domain, message: open.message },
    {
      name: "topUpPermit",
      struct: "TopUpPermit.PermitWitnessTransferFrom",
      domain: topUp.domain,
      message: topUp.message,
    },
  ];
}

/** EIP-3009, in the domain of the token of the tests. */
export function authorizationOf({ contract, channel, wide, second }: Input, chainId: number): Message {
  const transfer = {
    ...{ from: channel.payer, to: contract, value: wide, validAfter: second, validBefore: wide },
    nonce: authorizationNonce(channel),
  };
  const domain = { name: "Demo Dollar", version: "1", chainId, verifyingContract: channel.token };
  const { message } = authorizationTypedData(transfer, domain);
  return { name: "receiveWithAuthorization", struct: "Messages.ReceiveWithAuthorization", domain, message };
}

/** A chain of ticks that ends in the input's word: its root and the last link. */
export function ticksOf({ word, ticks }: Input) {
  const chain = createTicks({ length: Math.max(ticks, 1), secret: word });
  return { root: chain.root, length: Math.max(ticks, 1), link: (index: number) => chain.link(index) };
}
