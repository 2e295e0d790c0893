// Writes messages.json with viem alone and none of our own code: what our digests are compared with. Run it after a change of the
// wire only: `node test/vectors/generate.ts`.
import { writeFileSync } from "node:fs";
import {
  type Address,
  encodeAbiParameters,
  type Hex,
  hashTypedData,
  hexToBigInt,
  keccak256,
  maxUint256,
  numberToHex,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const zero: Address = "0x0000000000000000000000000000000000000000";

const voucherType = [
  { name: "channelId", type: "bytes32" },
  { name: "cumulativeAmount", type: "uint128" },
];
const tickVoucherType = [
  { name: "channelId", type: "bytes32" },
  { name: "cumulativeAmount", type: "uint128" },
  { name: "tickRoot", type: "bytes32" },
  { name: "tickValue", type: "uint128" },
];
const permitType = (witness: string) => [
  { name: "permitted", type: "TokenPermissions" },
  { name: "spender", type: "address" },
  { name: "nonce", type: "uint256" },
  { name: "deadline", type: "uint256" },
  { name: "witness", type: witness },
];
const tokenPermissionsType = [
  { name: "token", type: "address" },
  { name: "amount", type: "uint256" },
];
const openWitnessType = [
  { name: "payee", type: "address" },
  { name: "salt", type: "bytes32" },
  { name: "authorizedSigner", type: "address" },
];
const closeRequestType = [
  { name: "channelId", type: "bytes32" },
  { name: "deposit", type: "uint128" },
];
const closeAuthorizationType = [
  { name: "channelId", type: "bytes32" },
  { name: "cumulativeAmount", type: "uint128" },
  { name: "deadline", type: "uint256" },
];

const giftType = [
  { name: "projectId", type: "uint256" },
  { name: "cumulativeAmount", type: "uint128" },
];
const allocationType = [
  { name: "channelId", type: "bytes32" },
  { name: "cumulativeAmount", type: "uint128" },
  { name: "gateDataHash", type: "bytes32" },
  { name: "gifts", type: "Gift[]" },
];
const receiveType = [
  { name: "from", type: "address" },
  { name: "to", type: "address" },
  { name: "value", type: "uint256" },
  { name: "validAfter", type: "uint256" },
  { name: "validBefore", type: "uint256" },
  { name: "nonce", type: "bytes32" },
];

const permit2: Address = "0x000000000022D473030F116dDEE9F6B43aC78BA3";
const payer = privateKeyToAccount(`0x${"11".repeat(32)}`);
const payee = privateKeyToAccount(`0x${"22".repeat(32)}`);
const sessionKey = privateKeyToAccount(`0x${"33".repeat(32)}`);
const lower = (address: Address) => address.toLowerCase() as Address;

/** Links of each chain beside its root. */
const ticks = 5;

/** The same numbers for a token of 6 decimals, one of 18 and the native coin: base units know no decimals. */
const cases = [
  { name: "6 decimals", token: `0x${"a6".repeat(20)}`, decimals: 6, amount: 250_000n, chainId: 10 },
  { name: "18 decimals", token: `0x${"b8".repeat(20)}`, decimals: 18, amount: 250_000n, chainId: 10 },
  { name: "native coin", token: zero, decimals: 18, amount: 10n ** 15n, chainId: 8453 },
  { name: "zero", token: `0x${"a6".repeat(20)}`, decimals: 6, amount: 0n, chainId: 31337 },
  { name: "largest", token: `0x${"a6".repeat(20)}`, decimals: 6, amount: 2n ** 128n - 1n, chainId: 31337 },
] as const;

const vectors = await Promise.all(
  cases.map(async ({ name, token, decimals, amount, chainId }, index) => {
    const escrow: Address = `0x${"e5".repeat(20)}`;
    const own = index % 2 === 0;
    const signer = own ? sessionKey : payer;
    const channel = {
      payer: lower(payer.address),
      payee: lower(payee.address),
      token,
      salt: numberToHex(BigInt(index) + 0xfeedn, { size: 32 }),
      authorizedSigner: own ? lower(sessionKey.address) : zero,
    };
    const address = { type: "address" } as const;
    const word = { type: "bytes32" } as const;
    const channelId = keccak256(
      encodeAbiParameters(
        [address, address, address, word, address, address, { type: "uint256" }],
        [channel.payer, channel.payee, token, channel.salt, channel.authorizedSigner, escrow, BigInt(chainId)],
      ),
    );
    const nonce = keccak256(
      encodeAbiParameters(
        [address, address, address, word, address],
        [channel.payer, channel.payee, token, channel.salt, channel.authorizedSigner],
      ),
    );
    const deadline = 1_800_000_000n + BigInt(index);
    const domain = { name: "EVM Payment Channel", version: "1", chainId, verifyingContract: escrow };
    const voucher = {
      domain,
      types: { Voucher: voucherType },
      primaryType: "Voucher",
      message: { channelId, cumulativeAmount: amount },
    } as const;
    const closeRequest = {
      domain,
      types: { CloseRequest: closeRequestType },
      primaryType: "CloseRequest",
      message: { channelId, deposit: amount },
    } as const;
    const closeAuthorization = {
      domain,
      types: { CloseAuthorization: closeAuthorizationType },
      primaryType: "CloseAuthorization",
      message: { channelId, cumulativeAmount: amount, deadline },
    } as const;
    const links: Hex[] = [`0x${(index + 0x50).toString(16).repeat(32)}`];
    for (let hashed = 0; hashed < ticks; hashed += 1) links.unshift(keccak256(links[0] as Hex));
    const tickVoucher = {
      domain,
      types: { TickVoucher: tickVoucherType },
      primaryType: "TickVoucher",
      message: { channelId, cumulativeAmount: amount, tickRoot: links[0] as Hex, tickValue: amount },
    } as const;
    const topUpSalt = numberToHex(BigInt(index) + 0xaddn, { size: 32 });
    const topUpNonce = keccak256(
      encodeAbiParameters([word, { type: "uint128" }, address, word], [channelId, amount, channel.payer, topUpSalt]),
    );
    const permitNonce = 2n ** 255n + BigInt(index);
    const transfer = { permitted: { token, amount }, spender: escrow, nonce: permitNonce, deadline };
    const permitDomain = { name: "Permit2", chainId, verifyingContract: permit2 };
    const openPermit = {
      domain: permitDomain,
      types: {
        PermitWitnessTransferFrom: permitType("ChannelOpenWitness"),
        TokenPermissions: tokenPermissionsType,
        ChannelOpenWitness: openWitnessType,
      },
      primaryType: "PermitWitnessTransferFrom",
      message: {
        ...transfer,
        witness: { payee: channel.payee, salt: channel.salt, authorizedSigner: channel.authorizedSigner },
      },
    } as const;
    const topUpPermit = {
      domain: permitDomain,
      types: {
        PermitWitnessTransferFrom: permitType("ChannelTopUpWitness"),
        TokenPermissions: tokenPermissionsType,
        ChannelTopUpWitness: [{ name: "channelId", type: "bytes32" }],
      },
      primaryType: "PermitWitnessTransferFrom",
      message: { ...transfer, witness: { channelId } },
    } as const;
    const pool: Address = `0x${"d0".repeat(20)}`;
    // Two gifts, of which the second has the last id there is; none where there is nothing to give.
    const gifts = [
      { projectId: BigInt(index), cumulativeAmount: amount / 3n },
      { projectId: maxUint256 - BigInt(index), cumulativeAmount: amount - amount / 3n },
    ].filter(({ cumulativeAmount }) => cumulativeAmount > 0n);
    const gateDataHash = keccak256(numberToHex(index, { size: 32 }));
    const allocation = {
      domain: { name: "Farthing Donation Pool", version: "1", chainId, verifyingContract: pool },
      types: { Allocation: allocationType, Gift: giftType },
      primaryType: "Allocation",
      message: { channelId, cumulativeAmount: amount, gateDataHash, gifts },
    } as const;
    const authorization = {
      domain: { name: "Demo Dollar", version: "1", chainId, verifyingContract: token },
      types: { ReceiveWithAuthorization: receiveType },
      primaryType: "ReceiveWithAuthorization",
      message: { from: channel.payer, to: escrow, value: amount, validAfter: 0n, validBefore: maxUint256, nonce },
    } as const;
    const signature = await signer.signTypedData(voucher);
    return {
      name,
      decimals,
      escrow: { address: escrow, chainId },
      channel,
      signer: lower(signer.address),
      channelId,
      authorizationNonce: nonce,
      voucher: {
        cumulativeAmount: amount.toString(),
        digest: hashTypedData(voucher),
        signature,
        /** Copies of it that must recover to nobody here: `n - s` with the other parity, EIP-2098, `v` of 0 or 1. */
        malleable: { highS: highS(signature), compact: compact(signature), lowV: lowV(signature) },
        /** Recovers, to somebody else. */
        flipped: flipped(signature),
      },
      tickVoucher: {
        cumulativeAmount: amount.toString(),
        tickRoot: links[0],
        tickValue: amount.toString(),
        digest: hashTypedData(tickVoucher),
        signature: await signer.signTypedData(tickVoucher),
        /** From the root to the secret. */
        links,
      },
      topUpAuthorization: { additionalDeposit: amount.toString(), topUpSalt, nonce: topUpNonce },
      permit: {
        amount: amount.toString(),
        nonce: permitNonce.toString(),
        deadline: deadline.toString(),
        signedBy: lower(payer.address),
        open: { digest: hashTypedData(openPermit), signature: await payer.signTypedData(openPermit) },
        topUp: { digest: hashTypedData(topUpPermit), signature: await payer.signTypedData(topUpPermit) },
      },
      allocation: {
        pool,
        gateDataHash,
        gifts: gifts.map(({ projectId, cumulativeAmount }) => ({
          projectId: projectId.toString(),
          cumulativeAmount: cumulativeAmount.toString(),
        })),
        digest: hashTypedData(allocation),
        signature: await signer.signTypedData(allocation),
      },
      /** EIP-3009, to the escrow, at any time, with the nonce that opens this channel. */
      authorization: {
        value: amount.toString(),
        digest: hashTypedData(authorization),
        signature: await payer.signTypedData(authorization),
        signedBy: lower(payer.address),
      },
      closeRequest: {
        deposit: amount.toString(),
        digest: hashTypedData(closeRequest),
        signature: await payer.signTypedData(closeRequest),
        signedBy: lower(payer.address),
      },
      closeAuthorization: {
        cumulativeAmount: amount.toString(),
        deadline: deadline.toString(),
        digest: hashTypedData(closeAuthorization),
        signature: await payee.signTypedData(closeAuthorization),
        signedBy: lower(payee.address),
      },
    };
  }),
);

writeFileSync(new URL("./messages.json", import.meta.url), `${JSON.stringify({ vectors }, null, 2)}\n`);

function parts(signature: Hex): { r: string; s: bigint; v: number } {
  return {
    r: signature.slice(2, 66),
    s: hexToBigInt(`0x${signature.slice(66, 130)}`),
    v: Number.parseInt(signature.slice(130), 16),
  };
}

function highS(signature: Hex): Hex {
  const { r, s, v } = parts(signature);
  return `0x${r}${numberToHex(order - s, { size: 32 }).slice(2)}${(55 - v).toString(16)}`;
}

function flipped(signature: Hex): Hex {
  return `0x${signature.slice(2, 130)}${(55 - parts(signature).v).toString(16)}`;
}

function lowV(signature: Hex): Hex {
  return `0x${signature.slice(2, 130)}0${parts(signature).v - 27}`;
}

function compact(signature: Hex): Hex {
  const { r, s, v } = parts(signature);
  const parity = v === 28 ? 1n << 255n : 0n;
  return `0x${r}${numberToHex(s | parity, { size: 32 }).slice(2)}`;
}
