import type { Address } from "viem";
import { encodeSuspendProject } from "../../../../src/chain/index.ts";
import {
  type Channel,
  canonicalChannel,
  type Evidence,
  type Gift,
  openGateData,
} from "../../../../src/protocol/index.ts";
import { gifts, type RoundStage } from "../../../support/roundStage.ts";
import { reasonHash } from "../round/scenario.ts";

export type EvidenceWorld = Awaited<ReturnType<typeof playEvidence>>;

/**
 * A round of three projects and four donors, collected as far as a keeper came: Ann whole, Ben but for his last gift, Eve but
 * for a project that was suspended, and Joe, whose signer is a contract, not at all. A second round has a channel of Ann's.
 */
export async function playEvidence(stage: RoundStage) {
  const [ann, ben, eve, joe, sam] = await people(stage);
  await stage.acceptedProjects(3);
  const pool = await stage.createRound(await stage.terms(), [1n, 2n, 3n]);
  const other = await stage.createRound(await stage.terms(), [1n], ann);
  await stage.sponsor(sam, pool, 100n);
  const wallet = await stage.chain.deploy("RotatingWallet", [joe]);
  const channels = {
    ann: await stage.open(ann, pool, 1_000n),
    ben: await stage.open(ben, pool, 1_000n),
    eve: await stage.open(eve, pool, 1_000n),
    joe: await openFor(stage, joe, pool, wallet),
    elsewhere: await stage.open(ann, other, 1_000n),
  };
  await stage.collect(channels.ann, gifts([1n, 40n], [2n, 25n]));
  await stage.collect(channels.ben, gifts([1n, 30n]));
  await stage.steward(encodeSuspendProject({ address: stage.registry, projectId: 3n, reasonHash }));
  await stage.collect(channels.eve, gifts([2n, 8n], [3n, 5n]));
  const lines: Evidence[] = [
    await line(stage, channels.ann, gifts([1n, 40n], [2n, 25n])),
    await line(stage, channels.ben, gifts([1n, 33n])),
    await line(stage, channels.eve, gifts([2n, 8n], [3n, 5n])),
    await line(stage, channels.joe, gifts([2n, 7n])),
  ];
  return { stage, pool, other, channels, lines, totals: totalsOf(lines) };
}

/** What a collector's export has of a channel. */
export async function line(
  stage: RoundStage,
  channel: Channel,
  list: readonly Gift[],
  gateData = openGateData,
): Promise<Evidence> {
  const { voucherSignature, allocationSignature } = await stage.item(channel, list, gateData);
  const cumulativeAmount = list.reduce((sum, gift) => sum + gift.cumulativeAmount, 0n);
  const allocation = { gateData, gifts: list, signature: allocationSignature };
  return { channel, cumulativeAmount, voucherSignature, allocation };
}

/** What a collector publishes that has these lines. */
export function totalsOf(lines: readonly Evidence[]) {
  const rows = [1n, 2n, 3n].map((projectId) => {
    const own = lines.flatMap(({ allocation }) => allocation.gifts.filter((gift) => gift.projectId === projectId));
    const sum = own.reduce((total, { cumulativeAmount }) => total + cumulativeAmount, 0n);
    return { projectId, gifts: sum, donors: own.length };
  });
  return { projects: rows, sum: rows.reduce((total, row) => total + row.gifts, 0n), channels: lines.length };
}

async function people(stage: RoundStage): Promise<[Address, Address, Address, Address, Address]> {
  const person = () => stage.person();
  return [await person(), await person(), await person(), await person(), await person()];
}

async function openFor(stage: RoundStage, payer: Address, pool: Address, authorizedSigner: Address): Promise<Channel> {
  const { token } = stage;
  const channel = canonicalChannel({ payer, payee: pool, token, salt: stage.nextSalt(), authorizedSigner });
  await stage.onEscrow(payer).approve({ token, amount: 1_000n });
  await stage.mined(await stage.onEscrow(payer).open({ ...channel, deposit: 1_000n }));
  return channel;
}
