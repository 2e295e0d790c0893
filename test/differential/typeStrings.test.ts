// The types of every message, made again from structs by EIP-712's own rules, beside the texts that the contracts hash and the types
// that the library gives to wallets.
import { expect } from "chai";
import { TypedDataEncoder } from "ethers";
import hre from "hardhat";
import { zeroAddress, zeroHash } from "viem";
import {
  allocationTypes,
  attestationTypes,
  authorizationTypedData,
  openPermitTypedData,
  topUpPermitTypedData,
  typedData,
} from "../../src/protocol/index.ts";
import { encodeType, type Field, structTypes, typeTexts } from "./solidityTypes.ts";

const harness = "test/contracts/differential/Digests.sol:Digests";
const typeHashes = "contracts/libraries/TypeHashes.sol:TypeHashes";
const allocations = "contracts/libraries/Allocations.sol:Allocations";
const permits = "contracts/libraries/Permits.sol:Permits";
const gate = "contracts/gates/AttestedGate.sol:AttestedGate";
const token = "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol:ERC3009";

/** What Permit2 sets before the text that its caller passes. Source: permit2 `PermitHash.sol`. */
const stub = "PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,";

const escrow = { address: zeroAddress, chainId: 1 };
const channel = {
  payer: zeroAddress,
  payee: zeroAddress,
  token: zeroAddress,
  salt: zeroHash,
  authorizedSigner: zeroAddress,
};
const permit = { amount: 0n, nonce: 0n, deadline: 0n };
const transfer = { from: zeroAddress, to: zeroAddress, value: 0n, validAfter: 0n, validBefore: 0n, nonce: zeroHash };
const { types: openPermit } = openPermitTypedData(channel, permit, escrow);
const { types: topUpPermit } = topUpPermitTypedData(channel, permit, escrow);

type Types = Readonly<Record<string, readonly Field[]>>;

const messages: [struct: string, contract: string, constant: string, types: Types, before?: string][] = [
  ["Messages.Voucher", typeHashes, "VOUCHER", typedData],
  ["Messages.TickVoucher", typeHashes, "TICK_VOUCHER", typedData],
  ["Messages.CloseRequest", typeHashes, "CLOSE_REQUEST", typedData],
  ["Messages.CloseAuthorization", typeHashes, "CLOSE_AUTHORIZATION", typedData],
  ["Messages.Allocation", allocations, "ALLOCATION", allocationTypes],
  ["IDonationPool.Gift", allocations, "GIFT", allocationTypes],
  ["Messages.Attestation", gate, "ATTESTATION", attestationTypes],
  ["Messages.ChannelOpenWitness", permits, "OPEN_WITNESS", openPermit],
  ["Messages.ChannelTopUpWitness", permits, "TOP_UP_WITNESS", topUpPermit],
  ["OpenPermit.PermitWitnessTransferFrom", permits, "OPEN_TYPE", openPermit, stub],
  ["TopUpPermit.PermitWitnessTransferFrom", permits, "TOP_UP_TYPE", topUpPermit, stub],
  [
    "Messages.ReceiveWithAuthorization",
    token,
    "RECEIVE_WITH_AUTHORIZATION_TYPEHASH",
    authorizationTypedData(transfer, {}).types,
  ],
];

describe("the text of each type", () => {
  for (const [struct, contract, constant, types, before = ""] of messages) {
    it(`given the struct ${struct}, when its type is written by the rules, it should be the contract's and the library's`, async () => {
      const solidity = await structTypes(harness, struct);
      const primary = struct.split(".").at(-1) ?? "";
      const text = encodeType(primary, solidity);
      const texts = await typeTexts(contract, contract === token ? harness : contract);
      expect(before + texts.get(constant), constant).to.equal(text);
      expect(encodeType(primary, types), "the library's").to.equal(text);
      expect(TypedDataEncoder.from(solidity).encodeType(primary), "by ethers").to.equal(text);
    });
  }

  it("given every contract, when its constants are read, no type should be among them that was not compared", async () => {
    const names = [...(await hre.artifacts.getAllFullyQualifiedNames())].filter((name) =>
      name.startsWith("contracts/"),
    );
    const found: string[] = [];
    for (const name of names) for (const constant of (await typeTexts(name)).keys()) found.push(`${name} ${constant}`);
    const compared = messages.filter(([, contract]) => contract !== token);
    expect(found.sort()).to.deep.equal(compared.map(([, contract, constant]) => `${contract} ${constant}`).sort());
  });
});
