// A chain of one escrow and one pool in memory, as far as a giver reads it, so that thousands of histories are cheap.
import {
  type Address,
  createClient,
  custom,
  decodeFunctionData,
  encodeAbiParameters,
  encodeEventTopics,
  encodeFunctionResult,
  type Hex,
  numberToHex,
  zeroAddress,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { donationPoolAbi } from "../../../src/abi/donationPool.ts";
import { paymentChannelsAbi } from "../../../src/abi/paymentChannels.ts";
import type { Gift } from "../../../src/protocol/allocation.ts";
import { type Channel, canonicalChannel, channelId } from "../../../src/protocol/channel.ts";
import { giftsHash } from "../../../src/protocol/line.ts";

export const chainId = 31337;
export const escrow = { address: address(0xe5), chainId };
export const pool = { address: address(0x900), chainId };
export const token = address(0x70);

export function fakeChain() {
  const channels = new Map<Hex, { channel: Channel; deposit: bigint; settled: bigint }>();
  const lines = new Map<Hex, { gifts: readonly Gift[]; block: bigint }[]>();
  let block = 1n;

  function open(payer: Address, deposit: bigint): Channel {
    const salt = numberToHex(channels.size + 1, { size: 32 });
    const channel = canonicalChannel({ payer, payee: pool.address, token, salt, authorizedSigner: zeroAddress });
    channels.set(channelId(channel, escrow), { channel, deposit, settled: 0n });
    return channel;
  }

  /** Lets a list stand on a channel's line, as `collect` would. */
  function collect(id: Hex, gifts: readonly Gift[]): void {
    const at = channels.get(id);
    if (!at) throw new Error("no such channel");
    block += 1n;
    const sum = gifts.reduce((total, gift) => total + gift.cumulativeAmount, 0n);
    at.settled = sum > at.settled ? sum : at.settled;
    lines.set(id, [...(lines.get(id) ?? []), { gifts, block }]);
  }

  const standing = (id: Hex) => lines.get(id)?.at(-1)?.gifts ?? [];

  function call(to: Hex, data: Hex): Hex {
    if (to.toLowerCase() === escrow.address) {
      const { functionName, args } = decodeFunctionData({ abi: paymentChannelsAbi, data });
      if (functionName !== "getChannel") throw new Error(`no ${functionName} here`);
      const { deposit = 0n, settled = 0n } = channels.get(args[0]) ?? {};
      const result = { deposit, settled, closeRequestedAt: 0n, finalized: false };
      return encodeFunctionResult({ abi: paymentChannelsAbi, functionName, result });
    }
    const { functionName, args } = decodeFunctionData({ abi: donationPoolAbi, data });
    if (functionName === "channels") {
      return encodeFunctionResult({ abi: donationPoolAbi, functionName, result: escrow.address });
    }
    if (functionName === "giftsHash") {
      return encodeFunctionResult({ abi: donationPoolAbi, functionName, result: giftsHash(standing(args[0])) });
    }
    if (functionName !== "terms") throw new Error(`no ${functionName} here`);
    const nobody = { registry: zeroAddress, gate: zeroAddress, closer: zeroAddress };
    const times = { start: 0n, end: 2n ** 40n, challengeEnd: 0n, settleBy: 0n };
    const result = { token, ...nobody, ...times, matching: false, acceptsSybil: false, cap: 0n, minCounted: 0n };
    return encodeFunctionResult({ abi: donationPoolAbi, functionName, result: { ...result, maxCounted: 0n } });
  }

  function logs([filter]: [{ address: Hex; topics: (Hex | null)[] }]) {
    const where = { transactionHash: numberToHex(1, { size: 32 }), transactionIndex: "0x0", blockHash: word(1n) };
    if (filter.address.toLowerCase() === escrow.address) {
      return [...channels].map(([id, { channel, deposit }]) => ({
        ...where,
        address: escrow.address,
        blockNumber: "0x1",
        logIndex: "0x0",
        removed: false,
        topics: encodeEventTopics({
          abi: paymentChannelsAbi,
          eventName: "ChannelOpened",
          args: { channelId: id, payer: channel.payer, payee: channel.payee },
        }),
        data: encodeAbiParameters(
          [{ type: "address" }, { type: "bytes32" }, { type: "address" }, { type: "uint128" }],
          [channel.token, channel.salt, channel.authorizedSigner, deposit],
        ),
      }));
    }
    return [...lines].flatMap(([id, lists]) =>
      lists
        .map(({ gifts, block: number }) => {
          const args = { channelId: id, donor: zeroAddress };
          const topics = encodeEventTopics({ abi: donationPoolAbi, eventName: "Collected", args });
          return {
            ...where,
            address: pool.address,
            blockNumber: numberToHex(number),
            logIndex: "0x0",
            removed: false,
            topics,
            data: encodeAbiParameters([{ type: "bool" }, giftsParameter], [false, gifts]),
          };
        })
        .filter(({ topics }) => filter.topics.every((topic, index) => topic === null || topic === topics[index])),
    );
  }

  async function request({ method, params }: { method: string; params: never }): Promise<unknown> {
    switch (method) {
      case "eth_chainId":
        return numberToHex(chainId);
      case "eth_blockNumber":
        return numberToHex(block);
      case "eth_getBlockByNumber":
        return { number: numberToHex(block), timestamp: numberToHex(1_700_000_000n + block), transactions: [] };
      case "eth_getBalance":
        return "0x0";
      case "eth_call": {
        const [{ to, data }] = params as [{ to: Hex; data: Hex }];
        return call(to, data);
      }
      case "eth_getLogs":
        return logs(params);
      default:
        throw new Error(`no ${method} here`);
    }
  }

  const transport = custom({ request: request as never }, { retryCount: 0 });
  const client = (key: Hex) => createClient({ transport, account: privateKeyToAccount(key), cacheTime: 0 });
  const deposit = (id: Hex) => channels.get(id)?.deposit ?? 0n;
  return { escrow, pool, open, collect, standing, deposit, client };
}

const giftsParameter = {
  type: "tuple[]",
  components: [
    { name: "projectId", type: "uint256" },
    { name: "cumulativeAmount", type: "uint128" },
  ],
} as const;

function address(n: number): Address {
  return numberToHex(n, { size: 20 });
}

function word(n: bigint): Hex {
  return numberToHex(n, { size: 32 });
}
