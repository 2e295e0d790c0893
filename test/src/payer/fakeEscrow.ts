// An escrow of a few variables behind a payer's client, so that thousands of histories are cheap: it knows channels, and no transactions.
import {
  type Address,
  createClient,
  custom,
  decodeFunctionData,
  encodeFunctionResult,
  type Hex,
  numberToHex,
} from "viem";
import { paymentChannelsAbi as abi } from "../../../src/abi/paymentChannels.ts";
import { type Channel, canonicalChannel, channelId, type Escrow } from "../../../src/protocol/channel.ts";
import type { PayerStore } from "../../../src/store/payerStore.ts";

export const escrow: Escrow = { address: numberToHex(0xe5c40, { size: 20 }), chainId: 31337 };

export function fakeEscrow() {
  const states = new Map<Hex, { deposit: bigint; settled: bigint }>();
  const client = createClient({
    transport: custom({
      async request({ method, params }: { method: string; params: [{ data: Hex }] }) {
        if (method !== "eth_call") throw new Error(`no ${method} here`);
        const { functionName, args } = decodeFunctionData({ abi, data: params[0].data });
        if (functionName !== "getChannel") throw new Error(`no ${functionName} here`);
        const { deposit = 0n, settled = 0n } = states.get(args[0]) ?? {};
        const result = { deposit, settled, closeRequestedAt: 0n, finalized: false };
        return encodeFunctionResult({ abi, functionName, result });
      },
    }),
    cacheTime: 0,
  });

  /** A channel on the chain and, open and unsigned, in a payer's store. */
  async function open(store: PayerStore, payer: Address, payee: Address, deposit: bigint) {
    const salt = numberToHex(states.size + 1, { size: 32 });
    const token = numberToHex(0x70, { size: 20 });
    const authorizedSigner = numberToHex(0, { size: 20 });
    const channel: Channel = canonicalChannel({ payer, payee, token, salt, authorizedSigner });
    const id = channelId(channel, escrow);
    states.set(id, { deposit, settled: 0n });
    const spentToday = { day: "2026-11-20", amount: 0n };
    await store.update(id, () => ({ id, escrow, channel, deposit, authorized: 0n, status: "open", spentToday }));
    return { id, channel };
  }

  const set = (id: Hex, change: Partial<{ deposit: bigint; settled: bigint }>) =>
    states.set(id, { deposit: 0n, settled: 0n, ...states.get(id), ...change });
  return { client, open, set };
}
