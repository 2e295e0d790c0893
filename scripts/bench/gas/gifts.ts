// Gifts to a round: a matching round behind the open gate, made by the factory, of projects to which others gave before; a
// session key signs, and a relayer sends.
import { type Address, type Hex, zeroHash } from "viem";
import { encodeSettle } from "../../../src/chain/channels/encode.ts";
import { decodeFactoryEvents } from "../../../src/chain/factory/rounds.ts";
import { encodeCollect, encodeDonate, encodeRefund } from "../../../src/chain/pool/encode.ts";
import type { Gift } from "../../../src/protocol/allocation.ts";
import { type Channel, channelId } from "../../../src/protocol/channel.ts";
import { openGateData } from "../../../src/protocol/gate/openGate.ts";
import { donationId } from "../../../src/protocol/line.ts";
import { fullWeight } from "../../../src/protocol/quadratic/index.ts";
import { layGround } from "./projects.ts";
import { type Round, setRound, sumOf } from "./round.ts";
import type { GasRow } from "./row.ts";
import type { Stage } from "./stage.ts";

/** Base units; as calldata three bytes each, none of them zero. */
const firstGift = 612_345n;
const furtherGift = 345_678n;
const othersGift = 712_345n;

const others = 3;
const withoutMatching: Hex = "0x";

export const giftRows: readonly GasRow[] = [
  { key: "collect_1_first", atMost: 165_000, measure: (stage) => first(stage, 1) },
  { key: "collect_1_again", atMost: 100_000, measure: (stage) => again(stage, 1) },
  { key: "collect_5_first", atMost: 380_000, measure: (stage) => first(stage, 5) },
  { key: "collect_5_again", atMost: 185_000, measure: (stage) => again(stage, 5) },
  { key: "collect_unmatched_again", measure: (stage) => again(stage, 1, withoutMatching) },
  { key: "donate_1", measure: donate },
  { key: "refund", measure: refund },
  { key: "create_round", measure: createRound },
];

/** The same amount for each project of a round. */
export function gifts({ projectIds }: { projectIds: readonly bigint[] }, cumulativeAmount: bigint): Gift[] {
  return projectIds.map((projectId) => ({ projectId, cumulativeAmount }));
}

async function first(stage: Stage, projectCount: number): Promise<number> {
  const round = await setRound(stage, projectCount);
  await round.crowd(others, gifts(round, othersGift));
  return collectFirst(round);
}

async function again(stage: Stage, projectCount: number, gateData = openGateData): Promise<number> {
  const round = await setRound(stage, projectCount);
  await round.crowd(others, gifts(round, othersGift));
  const channel = await round.openChannel();
  await collect(round, channel, [], gifts(round, firstGift), gateData);
  return collect(round, channel, gifts(round, firstGift), gifts(round, firstGift + furtherGift), gateData);
}

/** The first gift of a new channel, whose voucher was never settled, and of its donor. */
export async function collectFirst(round: Round): Promise<number> {
  return collect(round, await round.openChannel(), [], gifts(round, firstGift), openGateData);
}

async function collect(round: Round, channel: Channel, previous: Gift[], list: Gift[], gateData: Hex) {
  const { stage, pool, payerKey } = round;
  const [cash, matched] = [sumOf(list) - sumOf(previous), gateData !== withoutMatching];
  round.expect(payerKey, gifts(round, cash / BigInt(list.length)), matched);
  const [id, donor] = [channelId(channel, stage.escrow), channel.payer];
  return round.measure(
    stage.relayer,
    encodeCollect({ address: pool, ...(await round.item(channel, previous, list, gateData)) }),
    {
      gains: { escrow: -cash, pool: cash },
      events: [
        { eventName: "ChannelSettled", args: { channelId: id, settled: sumOf(list) } },
        ...(matched && previous.length === 0 ? [weighed(round, donor)] : []),
        { eventName: "Collected", args: { channelId: id, donor, matched, gifts: list } },
      ],
    },
  );
}

/** From the donor's own wallet, which approved exactly the gift. */
async function donate(stage: Stage): Promise<number> {
  const round = await setRound(stage, 1);
  const { pool, token, payerKey } = round;
  const list = gifts(round, firstGift);
  await round.crowd(others, gifts(round, othersGift));
  await stage.approve(stage.payer, token, sumOf(list), pool);
  round.expect(payerKey, list);
  const [donor, salt] = [stage.payer.address, zeroHash];
  const id = donationId(donor, salt);
  const call = encodeDonate({ address: pool, gifts: list, gateData: openGateData, salt });
  return round.measure(stage.payer, call, {
    gains: { payer: -firstGift, pool: firstGift },
    events: [
      weighed(round, donor),
      { eventName: "Donated", args: { donationId: id, donor, salt, matched: true, gifts: list } },
    ],
  });
}

/** What was settled on the channel without an allocation goes back to the donor, who asks for it before the round ends. */
async function refund(stage: Stage): Promise<number> {
  const round = await setRound(stage, 1);
  const { pool } = round;
  const list = gifts(round, firstGift);
  await round.crowd(others, gifts(round, othersGift));
  const channel = await round.openChannel();
  await collect(round, channel, [], list, openGateData);
  const cumulativeAmount = firstGift + furtherGift;
  const signature = await stage.voucher(channel, cumulativeAmount);
  const settle = encodeSettle({ address: stage.escrow.address, channel, cumulativeAmount, signature });
  await stage.send(stage.relayer, settle);
  const [lineId, donor] = [channelId(channel, stage.escrow), channel.payer];
  const standing = [{ projectId: 0n, cumulativeAmount: furtherGift }, ...list];
  return round.measure(stage.payer, encodeRefund({ address: pool, channel, attributedGifts: list }), {
    gains: { payer: furtherGift, pool: -furtherGift },
    events: [{ eventName: "Refunded", args: { lineId, donor, amount: furtherGift, gifts: standing } }],
  });
}

/** A round of five projects: its whole contract is deployed. */
async function createRound(stage: Stage): Promise<number> {
  const ground = await layGround(stage, 5);
  const { pool, ...parameters } = await ground.describeRound({ cap: 1_000_000n });
  const { gasUsed, logs } = await stage.send(stage.relayer, ground.createRound(parameters));
  const [event, ...more] = decodeFactoryEvents(logs, { address: ground.factory });
  if (event?.eventName !== "RoundCreated" || event.args.pool !== pool || more.length > 0) {
    throw new Error(`no round was made at ${pool}`);
  }
  return Number(gasUsed);
}

function weighed({ payerKey }: Round, donor: Address) {
  return { eventName: "DonorWeighed", args: { donor, key: payerKey, weightBps: fullWeight } };
}
