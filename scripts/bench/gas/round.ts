import assert from "node:assert/strict";
import { type Address, encodeFunctionData, erc20Abi, type Hex, numberToHex, type PrivateKeyAccount, pad } from "viem";
import { decodeChannelEvents } from "../../../src/chain/channels/decodeEvents.ts";
import type { Call } from "../../../src/chain/channels/encode.ts";
import { decodePoolEvents } from "../../../src/chain/pool/decodeEvents.ts";
import { type CollectItem, encodeSponsor } from "../../../src/chain/pool/encode.ts";
import { getProjectState } from "../../../src/chain/pool/reads.ts";
import { type Gift, maxGifts, signAllocation } from "../../../src/protocol/allocation.ts";
import { type Channel, channelId } from "../../../src/protocol/channel.ts";
import { gateDataHash } from "../../../src/protocol/donation.ts";
import { openGateData } from "../../../src/protocol/gate/openGate.ts";
import { createTally, fullWeight } from "../../../src/protocol/quadratic/index.ts";
import { chunk, crowdAbi, layGround, type Matching } from "./projects.ts";
import type { Stage } from "./stage.ts";

/** What a measured transaction must do, and nothing else. */
export type RoundOutcome = {
  /** What each balance of the token gains, base units; those not named must stay. */
  gains: Partial<Record<"payer" | "payee" | "relayer" | "escrow" | "pool", bigint>>;
  /** Events of escrow and pool, in order. */
  events: readonly { eventName: string; args: object }[];
  /** What it pays to a project, base units. */
  paid?: { projectId: bigint; amount: bigint };
};

/** Most projects whose stored numbers are read back one by one; of more, settlement's own numbers tell of all at once. */
const maxRead = 10;

/** New accounts for which one transaction has gas. */
const donorsAtOnce = 60;

export type Round = Awaited<ReturnType<typeof setRound>>;

/** A round that runs, and what the library's own count says that its projects have. */
export async function setRound(stage: Stage, projectCount: number, matching: Matching = { cap: 50_000_000n }) {
  const { client, escrow, payer, payee, relayer, bystander, session } = stage;
  const ground = await layGround(stage, projectCount);
  const { pool, ...parameters } = await ground.describeRound(matching);
  await stage.send(relayer, ground.createRound(parameters));
  await ground.admitOthers(pool);
  const { terms } = parameters;
  const { projectIds } = ground;
  const { token } = terms;
  stage.called("DonationPool", pool);
  const tally = createTally(terms);
  const payerKey = pad(payer.address).toLowerCase() as Hex;
  const given = new Map<bigint, bigint>();
  let donors = 0;

  /** Tells the library's count what a donor's gifts add. */
  function expect(key: Hex, gifts: readonly Gift[], counted = true) {
    for (const { projectId, cumulativeAmount: amount } of gifts) {
      given.set(projectId, (given.get(projectId) ?? 0n) + amount);
      if (counted) tally.count({ project: projectId, key, amount, weightBps: fullWeight });
    }
  }

  /** New donors give the same to each of some projects from their wallets. */
  async function crowd(count: number, gifts: readonly Gift[]) {
    for (const list of chunk(gifts, maxGifts)) {
      const most = Math.max(1, Math.floor(donorsAtOnce / list.length));
      for (let left = count; left > 0; left -= most) {
        const accounts = Math.min(left, most);
        const args = [pool, list, openGateData, BigInt(accounts)] as const;
        await ground.byCrowd(encodeFunctionData({ abi: crowdAbi, functionName: "give", args }));
        for (let index = 0; index < accounts; index += 1) expect(numberToHex(++donors), list);
      }
    }
  }

  async function sponsor(deposit: bigint) {
    await stage.approve(bystander, token, deposit, pool);
    await stage.send(bystander, encodeSponsor({ address: pool, deposit }));
  }

  const openChannel = () => stage.open(token, payer, session, pool);

  /** A channel's newest pair of signatures, by its session key. */
  async function item(channel: Channel, previousGifts: readonly Gift[], gifts: readonly Gift[], gateData: Hex) {
    const id = channelId(channel, escrow);
    const cumulativeAmount = sumOf(gifts);
    const allocation = { channelId: id, cumulativeAmount, gateDataHash: gateDataHash(gateData), gifts };
    const voucherSignature = await stage.voucher(channel, cumulativeAmount);
    const { signature } = await signAllocation(session, allocation, { address: pool, chainId: escrow.chainId });
    const result: CollectItem = {
      ...{ channel, voucherSignature, previousGifts, gifts, gateData, allocationSignature: signature },
    };
    return result;
  }

  /** The gas of the whole transaction, once it is sure that it did what it should. */
  async function measure(from: PrivateKeyAccount, call: Call, outcome: RoundOutcome): Promise<number> {
    const before = await balances();
    const { gasUsed, logs } = await stage.send(from, call, 60_000_000n);
    const after = await balances();
    const events = [...decodeChannelEvents(logs, escrow), ...decodePoolEvents(logs, { address: pool })]
      .sort((one, other) => one.logIndex - other.logIndex)
      .map(({ eventName, args }) => ({ eventName, args }));
    assert.deepEqual(events, outcome.events);
    for (const name of Object.keys(before) as (keyof typeof before)[]) {
      assert.equal(after[name] - before[name], outcome.gains[name] ?? 0n, `what ${name} gained`);
    }
    for (const projectId of projectIds.slice(0, maxRead)) {
      const { gifts, paid, rootSum, subsidy, donors } = await getProjectState(client, { address: pool, projectId });
      const counted = tally.project(projectId);
      assert.deepEqual(
        { gifts, paid, rootSum, subsidy, donors },
        {
          gifts: given.get(projectId) ?? 0n,
          paid: outcome.paid?.projectId === projectId ? outcome.paid.amount : 0n,
          ...{ rootSum: counted.rootSum, subsidy: counted.subsidy, donors: counted.donors },
        },
        `what project ${projectId} has`,
      );
    }
    return Number(gasUsed);
  }

  async function balances() {
    const of = (address: Address) =>
      client.readContract({ address: token, abi: erc20Abi, functionName: "balanceOf", args: [address] });
    return {
      ...{ payer: await of(payer.address), payee: await of(payee.address), relayer: await of(relayer.address) },
      ...{ escrow: await of(escrow.address), pool: await of(pool) },
    };
  }

  return {
    ...{ stage, pool, terms, token, projectIds, tally, given, payerKey },
    ...{ expect, crowd, sponsor, openChannel, item, measure },
  };
}

export function sumOf(gifts: readonly Gift[]): bigint {
  return gifts.reduce((sum, { cumulativeAmount }) => sum + cumulativeAmount, 0n);
}
