import { parse } from "./compile.ts";
import type { Node } from "./syntax.ts";

/**
 * A contract that tests deploy by name, and the folders of its tests; or a suite that has what it tests in its own code. The same
 * file's cheaper targets come first.
 */
export type Target = {
  file: string;
  contract: string;
  tests: string[];
  /** Suites among those that are not asked. */
  except?: string[];
  /** More than any of its tests needs: a mutant's loop may have no end. */
  gas: bigint;
};

const targets: readonly Target[] = [
  gate("OpenGate"),
  gate("MerkleGate"),
  gate("AttestedGate"),
  {
    file: "contracts/ProjectRegistry.sol",
    contract: "ProjectRegistry",
    tests: ["test/contracts/ProjectRegistry/"],
    gas: 400_000_000n,
  },
  {
    file: "contracts/PaymentChannels.sol",
    contract: "PaymentChannels",
    tests: ["test/contracts/PaymentChannels/", "test/contracts/invariant/", "test/contracts/proofs/escrow"],
    except: ["ReachedTest"], // it judges the campaign's handlers, for seconds
    gas: 400_000_000n,
  },
  {
    file: "contracts/DonationPoolFactory.sol",
    contract: "DonationPoolFactory",
    tests: ["test/contracts/DonationPoolFactory/", "test/contracts/DonationPool/", "test/contracts/proofs/count"],
    except: ["GasOfAGiftTest"], // it only weighs gas, of four billion units
    gas: 2_000_000_000n,
  },
];

/** A gate's suite makes the gate itself. */
function gate(name: string): Target {
  const file = `test/contracts/gates/${name}.t.sol`;
  return { file, contract: `${name}Test`, tests: [file], gas: 60_000_000n };
}

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

/** The files that are in the code of the same targets, and so can be compiled with a mutant in any of them. */
export function filesByTargets(sources: ReturnType<typeof readSources>): [Target[], string[]][] {
  const groups = new Map<string, [Target[], string[]]>();
  for (const [file, { targets: own }] of sources) {
    const name = own.map(({ contract }) => contract).join();
    const [, files] = groups.get(name) ?? [own, []];
    groups.set(name, [own, [...files, file]]);
  }
  return [...groups.values()];
}
