import { type AbiParameter, type Address, numberToHex, zeroAddress, zeroHash } from "viem";
import { channelId } from "../../../../src/protocol/channel.ts";
import { donationId } from "../../../../src/protocol/line.ts";
import { gifts } from "../../../support/roundStage.ts";
import type { Everybody } from "./everybody.ts";
import type { World } from "./world.ts";

/** What an attacker knows, by the type that it has in an ABI: everything public, every signature ever seen, and forgeries. */
export type Dictionary = Readonly<Record<string, readonly unknown[]>>;

export async function collectDictionary(world: World, everybody: Everybody, successors: Address): Promise<Dictionary> {
  const { stage, addresses, projects, chain, token } = world;
  const { pool, ann, ben, sue, channel, hostile, salt } = everybody;
  const id = channelId(channel, chain.escrow);
  const [annsData, hostileData] = [await world.gateData(pool, ann), await world.gateData(pool, addresses.donor)];
  // Ann has signed this newest allocation; nobody has brought it yet.
  const newest = await stage.item(channel, gifts([1n, 130n], [2n, 60n]), annsData);
  const own = await stage.item(hostile, gifts([3n, 180n]), hostileData);
  const oldest = { ...newest, gifts: gifts([1n, 100n], [2n, 50n]) };
  const redirected = { ...newest, gifts: gifts([3n, 190n]) };
  const lists = [
    [],
    gifts([1n, 100n], [2n, 50n]),
    newest.gifts,
    gifts([1n, 100n]),
    gifts([3n, 100n]),
    gifts([3n, 190n]),
    gifts([0n, 150n], [1n, 100n], [2n, 50n]),
  ];
  const people = [...Object.values(addresses), ann, ben, sue, ...projects.map(({ payout }) => payout)];
  return {
    address: [...people, pool, stage.registry, chain.escrow.address, token, successors, zeroAddress],
    bool: [true, false],
    bytes: [
      ...["0x", "0x01", annsData, hostileData],
      ...[newest.voucherSignature, newest.allocationSignature, own.voucherSignature, own.allocationSignature],
    ],
    bytes32: [zeroHash, id, salt, channel.salt, hostile.salt, donationId(ben, salt), numberToHex(7, { size: 32 })],
    number: [0n, 1n, 2n, 3n, 4n, 100n, 190n, 1_000n, 2n ** 32n, 2n ** 40n, 2n ** 128n - 1n],
    "struct IDonationPool.Gift[]": lists,
    "struct IDonationPool.CollectItem": [newest, own, oldest, redirected],
    "struct IPaymentChannels.Channel": [
      channel,
      hostile,
      { ...channel, payee: addresses.donor },
      { ...channel, authorizedSigner: addresses.donor },
      { ...hostile, payer: ann },
    ],
  };
}

/** @returns any value of a parameter's type: mostly one that is known, as a whole or by its parts. */
export function drawArgument(parameter: AbiParameter, known: Dictionary, below: (limit: number) => number): unknown {
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
