// Well-formed wire objects to start from.
import type {
  AllocationPayload,
  Challenge,
  Credential,
  Payload,
  Receipt,
  SessionRequest,
} from "../../../../src/protocol/index.ts";
import { authorizationNonce, channelId, sealChallenge } from "../../../../src/protocol/index.ts";

export const secret = new Uint8Array(32).fill(7);

export const request: SessionRequest = {
  amount: 100n,
  unitType: "request",
  suggestedDeposit: 5_000_000n,
  currency: `0x${"a6".repeat(20)}`,
  recipient: `0x${"bb".repeat(20)}`,
  description: "Ein Cent für die Öffentlichkeit ☕",
  externalId: "order|1",
  methodDetails: {
    chainId: 10,
    escrowContract: `0x${"e5".repeat(20)}`,
    channelId: `0x${"01".repeat(32)}`,
    minVoucherDelta: 0n,
    feePayer: true,
    credentialTypes: ["authorization", "hash"],
  },
};

export function challenge(terms: Partial<Parameters<typeof sealChallenge>[1]> = {}): Promise<Challenge> {
  return sealChallenge(secret, {
    realm: "api.example.com",
    request,
    expires: "2026-04-01T12:05:00Z",
    digest: "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
    opaque: { route: "GET /weather", price: "100" },
    description: 'Weather, "now" \\ soon',
    ...terms,
  });
}

export const source = { chainId: 10, address: `0x${"aa".repeat(20)}` } as const;
export const signature = `0x${"12".repeat(64)}1b` as const;

const channel = {
  payer: source.address,
  payee: request.recipient,
  token: request.currency,
  salt: `0x${"00".repeat(24)}0102030405060708`,
  authorizedSigner: `0x${"cc".repeat(20)}`,
} as const;

export const openedId = channelId(channel, {
  address: request.methodDetails.escrowContract,
  chainId: request.methodDetails.chainId,
});

const opening = {
  action: "open",
  channelId: openedId,
  cumulativeAmount: 0n,
  authorizedSigner: channel.authorizedSigner,
  salt: channel.salt,
  signature,
} as const;

export const allocation: AllocationPayload = {
  gateData: `0x${"ab".repeat(33)}`,
  gifts: [
    { projectId: 1n, cumulativeAmount: 250_000n },
    { projectId: 2n ** 256n - 1n, cumulativeAmount: 1n },
  ],
  signature: `0x${"56".repeat(64)}1c`,
};

export const payloads = {
  tick: {
    action: "tick",
    channelId: openedId,
    tickRoot: `0x${"0a".repeat(32)}`,
    ticks: 7,
    link: `0x${"0b".repeat(32)}`,
  },
  tickWithOffer: {
    ...{
      action: "tick",
      channelId: openedId,
      tickRoot: `0x${"0a".repeat(32)}`,
      ticks: 1,
      link: `0x${"0b".repeat(32)}`,
    },
    offer: { cumulativeAmount: 2n ** 128n - 1n, tickValue: 1n, signature },
  },
  openByHash: { ...opening, type: "hash", hash: `0x${"0f".repeat(32)}` },
  openByAuthorization: {
    ...opening,
    type: "authorization",
    authorization: {
      from: source.address,
      to: request.methodDetails.escrowContract,
      value: 5_000_000n,
      validAfter: 0n,
      validBefore: 2n ** 256n - 1n,
      nonce: authorizationNonce(channel),
    },
    voucherSignature: `0x${"34".repeat(64)}1c`,
  },
  topUp: {
    action: "topUp",
    type: "hash",
    channelId: openedId,
    hash: `0x${"0f".repeat(32)}`,
    additionalDeposit: 7n,
  },
  voucher: { action: "voucher", channelId: openedId, cumulativeAmount: 2n ** 128n - 1n, signature },
  gift: { action: "voucher", channelId: openedId, cumulativeAmount: 250_001n, signature, allocation },
  openWithGift: {
    ...opening,
    type: "hash",
    hash: `0x${"0f".repeat(32)}`,
    cumulativeAmount: 250_001n,
    allocation,
  },
  close: { action: "close", channelId: openedId, cumulativeAmount: 250_000n, signature },
} as const satisfies Record<string, Payload>;

export async function credential(payload: Payload): Promise<Credential> {
  return { challenge: await challenge(), source, payload } as Credential;
}

export const openedChannelOf = channel;

export const receipt: Receipt = {
  challengeId: "kM9xPqWvT2nJrHsY4aDfEb",
  channelId: openedId,
  chainId: 10,
  acceptedCumulative: 250_000n,
  spent: 237_500n,
  timestamp: "2026-04-01T12:08:30Z",
  units: 500,
  txHash: `0x${"0f".repeat(32)}`,
  confirmations: 3,
};
