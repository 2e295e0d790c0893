import hre from "hardhat";
import type { Row } from "../report.ts";

/** Most bytes of runtime code that a chain accepts. Source: EIP-170. */
const maxCodeSize = 24_576;

/** The runtime code of each contract that is deployed: what is in contracts/ but its interfaces and inlined libraries. */
export async function measureSizes(): Promise<Row[]> {
  const names = [...(await hre.artifacts.getAllFullyQualifiedNames())].sort();
  const deployable = names.filter((name) => /^contracts\/(?!interfaces\/|libraries\/)/.test(name));
  const artifacts = await Promise.all(deployable.map((name) => hre.artifacts.readArtifact(name)));
  return artifacts
    .map(({ contractName, deployedBytecode }) => ({ contractName, value: (deployedBytecode.length - 2) / 2 }))
    .filter(({ value }) => value > 0)
    .map(({ contractName, value }) => ({ key: `size_${contractName}`, value, unit: "bytes", atMost: maxCodeSize }));
}
