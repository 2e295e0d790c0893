import { parse } from "./compile.ts";
import type { Node } from "./syntax.ts";

/** A contract that tests deploy by name, and the folders of its tests, its own first. */
export type Target = { file: string; contract: string; tests: string[] };

const targets: readonly Target[] = [
  { file: "contracts/gates/OpenGate.sol", contract: "OpenGate", tests: ["test/contracts/gates/OpenGate"] },
  { file: "contracts/gates/MerkleGate.sol", contract: "MerkleGate", tests: ["test/contracts/gates/MerkleGate"] },
  { file: "contracts/gates/AttestedGate.sol", contract: "AttestedGate", tests: ["test/contracts/gates/AttestedGate"] },
  { file: "contracts/ProjectRegistry.sol", contract: "ProjectRegistry", tests: ["test/contracts/ProjectRegistry/"] },
  {
    file: "contracts/PaymentChannels.sol",
    contract: "PaymentChannels",
    tests: ["test/contracts/PaymentChannels/", "test/contracts/invariant/", "test/contracts/proofs/escrow"],
  },
  {
    file: "contracts/DonationPoolFactory.sol",
    contract: "DonationPoolFactory",
    tests: ["test/contracts/DonationPoolFactory/", "test/contracts/DonationPool/", "test/contracts/proofs/count"],
  },
];

/** The sources to mutate, each with its syntax tree and the contracts that have it in them. */
export function readSources(): Map<string, { ast: Node; targets: Target[] }> {
  const sources = new Map<string, { ast: Node; targets: Target[] }>();
  for (const target of targets) {
    for (const [file, ast] of parse(target.file)) {
      if (!file.startsWith("contracts/") || file.startsWith("contracts/interfaces/")) continue;
      const source = sources.get(file) ?? { ast, targets: [] };
      source.targets.push(target);
      sources.set(file, source);
    }
  }
  return sources;
}
