import { type AbiFunction, type AbiParameter, type Address, numberToHex, zeroAddress, zeroHash } from "viem";
import { channelId } from "../../../../src/protocol/channel.ts";
import { donationId } from "../../../../src/protocol/line.ts";
import type { generator } from "../../../src/payee/random.ts";
import { gifts } from "../../../support/roundStage.ts";
import type { Everybody } from "./everybody.ts";
import type { World } from "./world.ts";

type Dice = ReturnType<typeof generator>;
type Dictionary = Readonly<Record<string, readonly unknown[]>>;

/**
 * What an attacker knows: everything public, every signature ever seen, and forgeries, by the type that each has in an ABI;
 * and calls that fit together.
 */
export type Knowledge = { values: Dictionary; calls: Readonly<Record<string, readonly (readonly unknown[])[]>> };

export async function collectKnowledge(world: World, everybody: Everybody, successors: Address): Promise<Knowledge> {
  const { stage, addresses, projects, chain, token } = world;
  const { pool, ann, ben, sue, channel, hostile, salt } = everybody;
  const id = channelId(channel, chain.escrow);
  const [annsData, hostileData] = [await world.gateData(pool, ann), await world.gateData(pool, addresses.donor)];
  // Ann has signed this newest allocation; nobody has brought it yet.
  const newest = await stage.item(channel, gifts([1n, 130n], [2n, 60n]), annsData);
  const own = await stage.item(hostile, gifts([3n, 180n]), hostileData);
  const oldest = { ...newest, gifts: gifts([1n, 100n], [2n, 50n]) };
  // What of Ann's is settled and not attributed, for the hostile project; and what the hostile donor signed but never paid.
  const forged = gifts([1n, 130n], [2n, 60n], [3n, 110n]);
  const redirected = { ...newest, gifts: forged, voucherSignature: "0x" };
  const unfunded = { ...(await stage.item(hostile, gifts([3n, 900n]), hostileData)), voucherSignature: "0x" };
  // The same again, for when the honest ones have been collected first.
  const later = [
    { ...redirected, previousGifts: newest.gifts },
    { ...unfunded, previousGifts: own.gifts },
  ];
  const lists = [
    [],
    gifts([1n, 100n], [2n, 50n]),
    newest.gifts,
    gifts([1n, 100n]),
    gifts([3n, 100n]),
    redirected.gifts,
    unfunded.gifts,
    gifts([0n, 150n], [1n, 100n], [2n, 50n]),
  ];
  const people = [...Object.values(addresses), ann, ben, sue, ...projects.map(({ payout }) => payout)];
  const items = [newest, own, oldest, redirected, unfunded, ...later];
  const values = {
    address: [...people, pool, stage.registry, chain.escrow.address, token, successors, zeroAddress],
    bool: [true, false],
    bytes: [
      ...["0x", "0x01", annsData, hostileData],
      ...[newest.voucherSignature, newest.allocationSignature, own.voucherSignature, own.allocationSignature],
    ],
    bytes32: [zeroHash, id, salt, channel.salt, hostile.salt, donationId(ben, salt), numberToHex(7, { size: 32 })],
    number: [0n, 1n, 2n, 3n, 4n, 100n, 190n, 1_000n, 2n ** 32n, 2n ** 40n, 2n ** 128n - 1n],
    "struct IDonationPool.Gift[]": lists,
    "struct IDonationPool.CollectItem": items,
    "struct IPaymentChannels.Channel": [
      channel,
      hostile,
      { ...channel, payee: addresses.donor },
      { ...channel, authorizedSigner: addresses.donor },
      { ...hostile, payer: ann },
    ],
  };
  const calls = {
    collect: items.map((item) => [
      ...[item.channel, item.voucherSignature, item.previousGifts, item.gifts, item.gateData],
      item.allocationSignature,
    ]),
    collectBatch: items.map((item) => [[item]]),
    collectAndClose: items.map((item) => [item, "0x"]),
    settle: [newest, own].map(({ channel: of, voucherSignature }, index) => [
      of,
      190n - 10n * BigInt(index),
      voucherSignature,
    ]),
    settleRound: [[0n, 0n]],
    refund: lists.flatMap((list) => [
      [channel, list],
      [hostile, list],
    ]),
    refundDonation: lists.map((list) => [ben, salt, list]),
  };
  return { values, calls };
}

/** @returns calls of a verb: one with anything that is known, and up to three of those that fit together. */
export function drawCalls(item: AbiFunction, { values, calls }: Knowledge, dice: Dice): (readonly unknown[])[] {
  const anything = item.inputs.map((input) => drawArgument(input, values, dice.integer));
  return [...dice.shuffle(calls[item.name] ?? []).slice(0, 3), anything];
}

/** @returns any value of a parameter's type: mostly one that is known, as a whole or by its parts. */
function drawArgument(parameter: AbiParameter, known: Dictionary, below: (limit: number) => number): unknown {
  const { type, internalType = type } = parameter;
  const whole = known[internalType as string] ?? known[type];
  if (whole && (!("components" in parameter) || below(4) > 0)) return whole[below(whole.length)];
  if (type.endsWith("[]")) {
    const element = { ...parameter, type: type.slice(0, -2), internalType: `${internalType}`.slice(0, -2) };
    return Array.from({ length: below(3) }, () => drawArgument(element, known, below));
  }
  if ("components" in parameter) {
    const { components } = parameter as { components: readonly AbiParameter[] };
    return Object.fromEntries(components.map((part) => [part.name, drawArgument(part, known, below)]));
  }
  if (type.startsWith("uint")) {
    const numbers = (known.number ?? []) as readonly bigint[];
    return BigInt.asUintN(Number(type.slice(4)), numbers[below(numbers.length)] ?? 0n);
  }
  throw new Error(`nothing is known of ${type} ${parameter.name}: put it into the dictionary`);
}
