import { type Address, type Client, erc20Abi, zeroAddress } from "viem";
import { readContract } from "viem/actions";
import { projectRegistryAbi } from "../../abi/projectRegistry.ts";
import { projectStatuses } from "../../chain/registry/reads.ts";
import type { Fact, FactCode } from "../fact.ts";
import { concurrently, unlessRefused } from "../provider.ts";
import { type LedgerProject, lockedDeposits, type RegistryLedger } from "./ledger.ts";

/** What a registry's state at the audited block says, beside the books. Base units of the deposits' token. */
export type RegistryCheck = {
  /** Deposits of open applications. */
  locked: bigint;
  /** Freed and not yet withdrawn. */
  owed: bigint;
  /** What the registry holds; undefined where the token does not answer. */
  balance: bigint | undefined;
  facts: Fact[];
};

/**
 * Compares a registry's books with its views and holdings at one block: every project, every word of the bitmap that pools
 * read, every account's deposits, and that each deposit is locked, owed or withdrawn.
 */
export async function verifyRegistry(
  client: Client,
  ledger: RegistryLedger,
  block: { number: bigint; timestamp: bigint },
): Promise<RegistryCheck> {
  const { registry, depositToken: token } = ledger.rules;
  const facts: Fact[] = [];
  const contract = { address: registry, abi: projectRegistryAbi, blockNumber: block.number } as const;
  const hold = (code: FactCode, what: string, expected: unknown, actual: unknown, found: Partial<Fact> = {}) => {
    if (String(expected).toLowerCase() === String(actual).toLowerCase()) return;
    const message = `The events leave ${what} ${expected}, the registry keeps ${actual}.`;
    facts.push({ code, message, registry, token, ...found });
  };

  const [count, stewards] = await Promise.all([
    readContract(client, { ...contract, functionName: "projectCount" }),
    readContract(client, { ...contract, functionName: "stewards" }),
  ]);
  hold("registry-mismatch", "a number of projects of", ledger.projects.size, count);
  hold("registry-mismatch", "the stewards", ledger.stewards, stewards);
  await concurrently([...ledger.projects], async ([projectId, project]) => {
    const actual = await unlessRefused(
      readContract(client, { ...contract, functionName: "getProject", args: [projectId] }),
    );
    const expected = Object.entries(shown(project, block.timestamp));
    for (const [name, value] of expected) {
      const kept = actual?.[name as keyof typeof actual];
      const stored = name === "status" ? projectStatuses[Number(kept ?? 0)] : kept;
      hold("registry-mismatch", `project ${projectId} with ${name}`, value, stored, { projectId });
    }
    for (const [account, due] of project.due) {
      const released = project.released.get(account) ?? 0n;
      if (released === due) continue;
      const message = `${account} was due ${due} of project ${projectId}'s deposits, and ${released} were released to it.`;
      facts.push({
        code: "wrong-release",
        message,
        registry,
        token,
        projectId,
        account,
        expected: due,
        actual: released,
      });
    }
  });
  const words = Array.from({ length: Number(count / 256n) + 1 }, (_, index) => BigInt(index));
  await concurrently(words, async (word) => {
    const actual = await readContract(client, { ...contract, functionName: "acceptedBits", args: [word] });
    hold("registry-mismatch", `word ${word} of the accepted`, acceptedBits(ledger, word), actual);
  });
  await concurrently([...ledger.owed], async ([account, expected]) => {
    const actual = await readContract(client, { ...contract, functionName: "owedTo", args: [account] });
    hold("registry-mismatch", `${account} a deposit owed of`, expected, actual, { account, expected, actual });
  });

  const locked = lockedDeposits(ledger);
  const owed = [...ledger.owed.values()].reduce((sum, amount) => sum + amount, 0n);
  const kept = locked + owed + ledger.withdrawn;
  if (kept !== ledger.deposited) {
    const message = `Of deposits of ${ledger.deposited}, ${kept} are locked, owed or withdrawn.`;
    facts.push({ code: "shortage", message, registry, token, expected: ledger.deposited, actual: kept });
  }
  const balance = await unlessRefused(
    readContract(client, {
      address: token,
      abi: erc20Abi,
      functionName: "balanceOf",
      args: [registry],
      blockNumber: block.number,
    }),
  );
  if (balance !== undefined && balance < locked + owed) {
    const message = `The registry owes ${locked + owed} and holds ${balance}.`;
    facts.push({ code: "shortage", message, registry, token, expected: locked + owed, actual: balance });
  }
  return { locked, owed, balance, facts };
}

/** A project as `getProject` gives it: a change of payout that took effect is no longer pending. */
function shown(project: LedgerProject, timestamp: bigint) {
  const { manager, submittedAt, challengedAt, status, pendingManager, challenger, metadataHash } = project;
  const changed = project.payoutChangesAt !== 0n && timestamp >= project.payoutChangesAt;
  const payout: Address = changed ? project.pendingPayout : project.payout;
  const pendingPayout = changed ? zeroAddress : project.pendingPayout;
  const payoutChangesAt = changed ? 0n : project.payoutChangesAt;
  const pending = { payout, pendingPayout, payoutChangesAt, pendingManager };
  return { manager, submittedAt, challengedAt, status, challenger, metadataHash, ...pending };
}

function acceptedBits({ projects }: RegistryLedger, word: bigint): bigint {
  let bits = 0n;
  for (const [id, { status }] of projects) if (status === "accepted" && id / 256n === word) bits |= 1n << (id % 256n);
  return bits;
}
