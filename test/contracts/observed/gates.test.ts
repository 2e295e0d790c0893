import { expect } from "chai";
import hre from "hardhat";
import { type Abi, type Hex, numberToHex, zeroHash } from "viem";
import { attestedGateData, createEligibilityTree, signAttestation } from "../../../src/protocol/index.ts";
import { startChain, type TestChain } from "../../support/chain.ts";
import { showsEverything } from "./completeness.ts";
import { openKey } from "./pool/stage.ts";
import { createWitness } from "./witness.ts";

const key = numberToHex(77, { size: 32 });
const nobody = [zeroHash, 0n];

describe("The gates, as observed on the wire", () => {
  let chain: TestChain;

  before(async () => {
    chain = await startChain();
  });

  after(() => chain.stop());

  const witnessOf = async (name: string, args: readonly unknown[] = []) => {
    const abi = (await hre.artifacts.readArtifact(name)).abi as Abi;
    const address = await chain.deploy(name, args);
    return { abi, address, witness: createWitness(chain, abi, address) };
  };

  it("OpenGate lets everyone count, and has shown every item", async () => {
    const [ann] = [await chain.fundedAccount()];
    const { abi, witness } = await witnessOf("OpenGate");
    const check = { functionName: "check", args: [ann.address, "0x01"] };
    await witness.read(ann, check, [openKey(ann.address), 10_000n]);
    expect(await showsEverything(witness, abi, "IEligibilityGate", {})).to.equal(1);
  });

  it("MerkleGate lets the listed count, and has shown every item", async () => {
    const [ann, ben] = [await chain.fundedAccount(), await chain.fundedAccount()];
    const roundId = numberToHex(5, { size: 32 });
    const listed = [
      { donor: ann.address, key, weightBps: 500 },
      { donor: chain.deployer, key, weightBps: 1 },
    ];
    const tree = createEligibilityTree({ chainId: chain.chain.id, roundId }, listed);
    const { abi, witness } = await witnessOf("MerkleGate", [tree.root, roundId]);
    const data = tree.gateData(ann.address) as Hex;
    await witness.read(ann, { functionName: "root" }, tree.root);
    await witness.read(ann, { functionName: "roundId" }, roundId);
    await witness.read(ann, { functionName: "check", args: [ann.address, data] }, [key, 500n]);
    await witness.read(ann, { functionName: "check", args: [ben.address, data] }, nobody);
    expect(await showsEverything(witness, abi, "IEligibilityGate", {})).to.equal(3);
  });

  it("AttestedGate lets the attested count in the pool that asks, and has shown every item", async () => {
    const [attester, ann, pool] = [
      await chain.fundedAccount(),
      await chain.fundedAccount(),
      await chain.fundedAccount(),
    ];
    const { abi, address, witness } = await witnessOf("AttestedGate", [attester.address]);
    const expiresAt = (await chain.client.getBlock()).timestamp + 1_000n;
    const attestation = { pool: pool.address, donor: ann.address, key, weightBps: 123, expiresAt };
    const gate = { address, chainId: chain.chain.id };
    const check = {
      functionName: "check",
      args: [ann.address, attestedGateData(await signAttestation(attester, attestation, gate))],
    };
    await witness.read(pool, check, [key, 123n]);
    await witness.read(ann, check, nobody);
    await witness.read(ann, { functionName: "attester" }, attester.address);
    const domain = ["0x0f", "Farthing Attested Gate", "1", BigInt(chain.chain.id), address, zeroHash, []];
    await witness.read(ann, { functionName: "eip712Domain" }, domain);
    const unreachable = {
      "error InvalidShortString()":
        "OpenZeppelin's, for a domain name of more than 31 bytes; ours are constants of 22 and 1",
      "error StringTooLong(string)": "OpenZeppelin's, for the same",
      "event EIP712DomainChanged()": "EIP-5267's, for a domain that changes; ours never does",
    };
    expect(await showsEverything(witness, abi, "IEligibilityGate", unreachable)).to.equal(6);
  });
});
