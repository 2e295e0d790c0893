import type { Address, Client } from "viem";
import {
  type Call,
  encodeClaim,
  encodeRefundSponsor,
  encodeSettleRound,
  encodeSwitchToRefunds,
  findPair,
  getMatch,
  getPot,
  getProjectState,
  getReceipt,
  getReceiptCount,
  getRoundStatus,
  getSettlement,
} from "../../chain/index.ts";
import type { LineReader } from "../../chain/pool/lines.ts";
import { sponsorRefund } from "../../protocol/quadratic/sponsor.ts";
import { worth } from "../fees.ts";
import { inParts } from "../inParts.ts";
import type { ClaimEnv } from "../policy.ts";
import { payoutFee, paysOut } from "./decide.ts";
import { donationJobs, type MadeDonation } from "./donations.ts";
import { payoutGas, settleGas, settleProjectGas } from "./gas.ts";
import type { PayoutRule } from "./options.ts";
import { simulatePool } from "./prepare.ts";
import { readDisqualified } from "./refundable.ts";
import type { Round } from "./round.ts";

/** Something to do for a round as a whole. */
export type Job = {
  /** Unique in the round: for the journal, and so that it is done once. */
  readonly purpose: string;
  readonly reason: string;
  readonly call: Call;
  /** What it may use, for its cap. */
  readonly gas: bigint;
  /** What it moves, base units of the round's token. */
  readonly amount: bigint;
  /** Whether the round is as it was meant to be, whoever did it. */
  readonly isDone: (blockNumber: bigint) => Promise<boolean>;
};

export type JobsContext = {
  client: Client;
  secondary?: Client | undefined;
  account: Address;
  claims: PayoutRule;
  refunds: PayoutRule;
  unsettled: "settle" | "refund";
  lines: LineReader;
  /** Donations without a channel; asked for only where one may get something back. */
  donations: (round: Round) => Promise<readonly MadeDonation[]>;
};

/** What the round as a whole needs now. Sends nothing. */
export async function planJobs(round: Round, env: ClaimEnv, context: JobsContext): Promise<Job[]> {
  const { terms, status } = round;
  if (status === "running" && !terms.matching) return claimJobs(round, env, context);
  const refunds = round.over && context.refunds !== "never" ? await refundJobs(round, env, context) : [];
  if (status === "running") {
    const job = await settlementJob(round, context);
    return job ? [job, ...refunds] : refunds;
  }
  const claims = status === "settled" ? await claimJobs(round, env, context) : [];
  return [...claims, ...refunds, ...(await sponsorJobs(round, env, context))];
}

/** Donations have no channel in any store. */
async function refundJobs(round: Round, env: ClaimEnv, context: JobsContext): Promise<Job[]> {
  const disqualified = await readDisqualified(context.client, round);
  if (round.status !== "refunding" && disqualified.size === 0) return [];
  return donationJobs(await context.donations(round), round, env, { ...context, disqualified });
}

async function settlementJob(round: Round, context: JobsContext): Promise<Job | undefined> {
  const { pool: address, terms, block, projects } = round;
  if (block.timestamp < terms.challengeEnd) return undefined;
  const late = block.timestamp >= terms.settleBy;
  const isDone = async (blockNumber: bigint) =>
    (await getRoundStatus(context.client, { address, blockNumber })) !== "running";
  const switching = (reason: string): Job => ({
    ...{ purpose: "switchToRefunds", reason, call: encodeSwitchToRefunds({ address }) },
    ...{ gas: payoutGas, amount: 0n, isDone },
  });
  if (late && context.unsettled === "refund") return switching("nobody settled in time");
  const pair = await findPair(context.client, { address, blockNumber: block.number });
  const call = encodeSettleRound({ address, ...pair });
  const gas = settleGas + settleProjectGas * BigInt(projects.length);
  const settling: Job = {
    ...{ purpose: "settleRound", reason: "the time to disqualify is over", call, gas, amount: 0n, isDone },
  };
  if (!late) return settling;
  const refusal = await refusalByAll(call, context);
  return refusal === undefined ? settling : switching(`nobody settled in time, and the pool refuses it: ${refusal}`);
}

/** Why a call reverts, if every endpoint says so: what one alone says must not send everybody's money back. */
async function refusalByAll(call: Call, context: JobsContext): Promise<string | undefined> {
  const { client, secondary, account } = context;
  const first = await simulatePool(client, account, call);
  if (!first || !secondary) return first?.reason;
  return (await simulatePool(secondary, account, call)) && first.reason;
}

async function claimJobs(round: Round, env: ClaimEnv, context: JobsContext): Promise<Job[]> {
  if (context.claims === "never") return [];
  const { pool: address, projects, block } = round;
  const { client } = context;
  const at = { address, blockNumber: block.number };
  const jobs = await inParts(projects, async (projectId): Promise<Job[]> => {
    const [state, matched] = await Promise.all([
      getProjectState(client, { ...at, projectId }),
      getMatch(client, { ...at, projectId }),
    ]);
    const due = state.gifts + matched - state.paid;
    if (state.disqualified || due === 0n || !paysOut(context.claims, weiOf(due, round, env), payoutFee(env))) return [];
    const isDone = async (blockNumber: bigint) =>
      (await getProjectState(client, { address, projectId, blockNumber })).paid >= state.paid + due;
    const call = encodeClaim({ address, projectId });
    return [
      { purpose: `claim ${projectId}`, reason: `${due} are the project's`, call, gas: payoutGas, amount: due, isDone },
    ];
  });
  return jobs.flat();
}

async function sponsorJobs(round: Round, env: ClaimEnv, context: JobsContext): Promise<Job[]> {
  if (context.refunds === "never") return [];
  const { pool: address, block, status } = round;
  const { client } = context;
  const at = { address, blockNumber: block.number };
  const [count, pot, settlement] = await Promise.all([
    getReceiptCount(client, at),
    getPot(client, at),
    getSettlement(client, at),
  ]);
  const unused = status === "refunding" ? pot : settlement.unused;
  const indexes = Array.from({ length: Number(count) }, (_, index) => BigInt(index));
  const jobs = await inParts(indexes, async (index): Promise<Job[]> => {
    const receipt = await getReceipt(client, { ...at, index });
    const due = receipt.refunded ? 0n : sponsorRefund(receipt, unused, pot);
    if (due === 0n || !paysOut(context.refunds, weiOf(due, round, env), payoutFee(env))) return [];
    const isDone = async (blockNumber: bigint) => (await getReceipt(client, { address, index, blockNumber })).refunded;
    const call = encodeRefundSponsor({ address, index });
    const reason = `${due} are the sponsor's`;
    return [{ purpose: `refundSponsor ${index}`, reason, call, gas: payoutGas, amount: due, isDone }];
  });
  return jobs.flat();
}

function weiOf(amount: bigint, { token }: Round, env: ClaimEnv): bigint | undefined {
  return worth(token, amount, env);
}
