import { expect } from "chai";
import {
  decodeAbiParameters,
  getAddress,
  hashTypedData,
  keccak256,
  numberToHex,
  recoverAddress,
  stringToHex,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import {
  type Attestation,
  attestationDigest,
  attestationTypes,
  attestedGateData,
  attestedGateDomain,
  signAttestation,
} from "../../../../src/protocol/index.ts";

const attester = privateKeyToAccount(keccak256(stringToHex("an attester of the tests")));
const gate = { address: getAddress("0x00000000000000000000000000000000000000ab"), chainId: 31337 };
const attestation: Attestation = {
  pool: getAddress("0x00000000000000000000000000000000000000cd"),
  donor: getAddress("0x00000000000000000000000000000000000000ef"),
  key: numberToHex(5, { size: 32 }),
  weightBps: 5_000,
  expiresAt: 2n ** 40n,
};

describe("attestation", () => {
  it("given an attestation, when hashed by us and by viem, it should be one digest", () => {
    const domain = attestedGateDomain(gate);
    const typed = { domain, types: attestationTypes, primaryType: "Attestation", message: attestation } as const;
    expect(attestationDigest(attestation, gate)).to.equal(hashTypedData(typed));
  });

  it("given a key and a wallet, when either signs, it should be the attester's signature of the digest", async () => {
    const wallet = { address: attester.address, signTypedData: attester.signTypedData.bind(attester) as never };
    const hash = attestationDigest(attestation, gate);
    for (const signer of [attester, wallet]) {
      const { signature } = await signAttestation(signer, attestation, gate);
      expect(await recoverAddress({ hash, signature })).to.equal(attester.address);
    }
  });

  it("given a signed attestation, when made into gate data, it should be what the gate reads", async () => {
    const signed = await signAttestation(attester, attestation, gate);
    const types = ["bytes32", "uint16", "uint64", "bytes"].map((type) => ({ type }));
    const { key, weightBps, expiresAt, signature } = signed;
    expect(decodeAbiParameters(types, attestedGateData(signed))).to.deep.equal([key, weightBps, expiresAt, signature]);
  });
});
