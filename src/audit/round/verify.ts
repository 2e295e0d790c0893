import { type Address, type Client, erc20Abi, type Hex, numberToHex, pad } from "viem";
import { readContract } from "viem/actions";
import { donationPoolAbi } from "../../abi/donationPool.ts";
import { eligibilityGateAbi } from "../../abi/eligibilityGate.ts";
import { roundStatuses } from "../../chain/pool/reads.ts";
import type { Gift } from "../../protocol/allocation.ts";
import { openGateData } from "../../protocol/gate/openGate.ts";
import { giftsHash } from "../../protocol/line.ts";
import { fullWeight } from "../../protocol/quadratic/limits.ts";
import type { Fact, FactCode } from "../fact.ts";
import { concurrently, unlessRefused } from "../provider.ts";
import { type Books, type RoundLedger, sumOf } from "./ledger.ts";
import { matchFor } from "./settle.ts";

/** What a round's state at the audited block says, beside the books. Base units of its token. */
export type RoundCheck = {
  /** What came in and did not go out again. */
  owed: bigint;
  /** Of it, what waits in the escrow because the token refused a push. */
  credit: bigint;
  /** What the pool holds; undefined where the token does not answer. */
  balance: bigint | undefined;
  facts: Fact[];
};

/**
 * Compares a round's books with the contract's views and holdings at one block, every stored number of it, and asks a gate
 * again that needs no proof.
 */
export async function verifyRound(
  client: Client,
  books: Books,
  round: RoundLedger,
  blockNumber: bigint,
): Promise<RoundCheck> {
  const { pool, terms } = round.rules;
  const facts: Fact[] = [];
  const contract = { address: pool, abi: donationPoolAbi, blockNumber } as const;
  const hold = (code: FactCode, what: string, expected: unknown, actual: unknown, found: Partial<Fact> = {}) => {
    if (text(expected) === text(actual)) return;
    const message = `The events leave ${what} ${text(expected)}, the pool keeps ${text(actual)}.`;
    facts.push({ code, message, pool, token: terms.token, ...found });
  };

  const [status, pot, projects, settlement, receiptCount] = await Promise.all([
    readContract(client, { ...contract, functionName: "status" }),
    readContract(client, { ...contract, functionName: "pot" }),
    readContract(client, { ...contract, functionName: "projects" }),
    readContract(client, { ...contract, functionName: "settlement" }),
    readContract(client, { ...contract, functionName: "receiptCount" }),
  ]);
  hold("round-mismatch", "the round", round.status, roundStatuses[status]);
  hold("round-mismatch", "a pot of", round.pot, pot);
  hold("round-mismatch", "the projects", [...round.projects.keys()], projects);
  const { numerator, denominator, unused } = settlement;
  hold("round-mismatch", "the settlement", round.settlement, { numerator, denominator, unused });
  hold("receipt-mismatch", "a number of receipts of", BigInt(round.receipts.length), receiptCount);

  await concurrently([...round.projects], async ([projectId, project]) => {
    const [state, match] = await Promise.all([
      readContract(client, { ...contract, functionName: "getProject", args: [projectId] }),
      readContract(client, { ...contract, functionName: "matchOf", args: [projectId] }),
    ]);
    const { gifts, paid, tally, disqualified } = project;
    const { rootSum, subsidy, donors } = tally;
    const expected = { gifts, paid, rootSum, subsidy, donors, admitted: true, disqualified };
    hold("project-mismatch", `project ${projectId} with`, expected, state, { projectId });
    hold("project-mismatch", `project ${projectId} a match of`, matchFor(round, projectId), match, { projectId });
  });
  await concurrently([...everyLine(books, round)], async ([lineId, gifts]) => {
    const actual = await readContract(client, { ...contract, functionName: "giftsHash", args: [lineId] });
    hold("line-mismatch", `line ${lineId} the hash`, giftsHash(gifts), actual, { channelId: lineId });
  });
  await concurrently([...round.standings], async ([donor, { keyId, weightBps }]) => {
    const actual = await readContract(client, { ...contract, functionName: "standingOf", args: [donor] });
    hold("standing-mismatch", `${donor} the key and weight`, [keyId, weightBps], actual, { account: donor });
  });
  await concurrently([...round.voices], async ([voice, { weighted, root }]) => {
    const [keyId, project] = voice.split(":") as [Hex, string];
    const projectId = BigInt(project);
    const actual = await readContract(client, { ...contract, functionName: "voiceOf", args: [keyId, projectId] });
    hold("standing-mismatch", `key ${keyId} in project ${project}`, [weighted, root], actual, { projectId });
  });
  const receipts = round.receipts.slice(0, Number(receiptCount));
  await concurrently([...receipts.entries()], async ([index, receipt]) => {
    const actual = await readContract(client, { ...contract, functionName: "getReceipt", args: [BigInt(index)] });
    hold("receipt-mismatch", `receipt ${index}`, receipt, actual, { account: receipt.sponsor });
  });
  facts.push(...(await askGateAgain(client, round, blockNumber)));
  return { ...(await verifyHoldings(client, books, round, blockNumber, facts)), facts };
}

/**
 * A gate that takes everyone for themselves must have said so of every donor. Others want proofs, which events do not
 * carry: for those it holds that key and weight were frozen.
 */
async function askGateAgain(client: Client, round: RoundLedger, blockNumber: bigint): Promise<Fact[]> {
  const { pool, terms } = round.rules;
  if (!terms.matching || round.standings.size === 0) return [];
  const ask = (donor: Address) =>
    unlessRefused(
      readContract(client, {
        address: terms.gate,
        abi: eligibilityGateAbi,
        functionName: "check",
        args: [donor, openGateData],
        account: pool,
        blockNumber,
      }),
    );
  const strangers = [1, 2].map((index) => numberToHex(index, { size: 20 }));
  const answers = await Promise.all(strangers.map(ask));
  const open = answers.every((answer, index) => {
    return answer?.[0] === pad(strangers[index] as Address) && answer[1] === fullWeight;
  });
  if (!open) return [];
  const facts = await concurrently([...round.standings], async ([donor, { key, weightBps }]): Promise<Fact[]> => {
    const answer = await ask(donor);
    if (answer?.[0] === key && answer[1] === weightBps) return [];
    const said = answer ? `counts ${donor} as ${answer[0]} with ${answer[1]} basis points` : `does not count ${donor}`;
    const message = `The gate ${said}, the round as ${key} with ${weightBps}.`;
    return [{ code: "gate-mismatch", message, pool, token: terms.token, account: donor }];
  });
  return facts.flat();
}

/** What stands by channel and donation; nothing on the channels to this pool of which no event of it speaks. */
function everyLine({ ledger }: Books, { rules, lines }: RoundLedger): Map<Hex, readonly Gift[]> {
  const { pool, terms } = rules;
  const own = [...ledger.channels].filter(([, { channel }]) => channel.payee === pool && channel.token === terms.token);
  const empty = own.map(([id]): [Hex, readonly Gift[]] => [id, []]);
  return new Map([...empty, ...[...lines].map(([id, { gifts }]): [Hex, readonly Gift[]] => [id, gifts])]);
}

/** What came in and did not go out is there, or waits in the escrow. */
async function verifyHoldings(client: Client, books: Books, round: RoundLedger, blockNumber: bigint, facts: Fact[]) {
  const { pool, terms } = round.rules;
  const { token } = terms;
  const settled = books.ledger.payees.get(`${token}:${pool}`)?.settled ?? 0n;
  const paidOut = round.claimed + round.refunded + round.sponsorRefunded;
  const owed = settled + round.donated + round.pot - paidOut;
  const credit = books.ledger.credits.get(`${token}:${pool}`)?.amount ?? 0n;
  const balance = await unlessRefused(
    readContract(client, { address: token, abi: erc20Abi, functionName: "balanceOf", args: [pool], blockNumber }),
  );
  const expected = owed - credit;
  if (balance !== undefined && balance < expected) {
    const message = `The pool owes ${expected} beside what waits in the escrow, and holds ${balance}.`;
    facts.push({ code: "shortage", message, pool, token, expected, actual: balance });
  }
  const attributed = [...round.lines.values()].reduce((sum, { gifts }) => sum + sumOf(gifts), 0n);
  if (attributed > settled + round.donated) {
    const message = `Lines of ${attributed} stand where ${settled + round.donated} came in.`;
    facts.push({ code: "shortage", message, pool, token, expected: settled + round.donated, actual: attributed });
  }
  return { owed, credit, balance };
}

/** Values as a person reads and compares them; addresses in any case are the same. */
function text(value: unknown): string {
  if (Array.isArray(value)) return value.map(text).join(", ");
  if (typeof value !== "object" || value === null) return String(value).toLowerCase();
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return fields.map(([name, field]) => `${name} ${text(field)}`).join(", ");
}
