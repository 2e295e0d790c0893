import { type Address, type Client, erc20Abi, type Hex, zeroAddress } from "viem";
import { getBalance, readContract } from "viem/actions";
import { paymentChannelsAbi } from "../abi/paymentChannels.ts";
import type { Fact } from "./fact.ts";
import type { Ledger, LedgerChannel } from "./ledger.ts";
import { concurrently, unlessRefused } from "./provider.ts";

/** What the chain's state at the audited block says, beside the books. Base units. */
export type StateCheck = {
  /** By token: still owed to live channels. */
  locked: Map<Address, bigint>;
  /** By token: outstanding credits. */
  credits: Map<Address, bigint>;
  /** By token: what the escrow holds; undefined where the token does not answer. */
  balances: Map<Address, bigint | undefined>;
  facts: Fact[];
};

/** Channels that one `getChannels` asks for: about 1.2 million gas of reading. */
const channelsAtOnce = 500;

/**
 * Compares the books with the escrow's storage and holdings at one block: every channel's word, every credit, and for
 * each token that what is locked and credited does not exceed the balance.
 */
export async function verifyState(
  client: Client,
  ledger: Ledger,
  blockNumber: bigint,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<StateCheck> {
  const check: StateCheck = { locked: new Map(), credits: new Map(), balances: new Map(), facts: [] };
  const total = ledger.channels.size + ledger.credits.size + ledger.tokens.size;
  let done = 0;
  const advance = (count: number) => {
    done += count;
    onProgress(done, total);
  };

  await concurrently(pages([...ledger.channels], channelsAtOnce), async (page) => {
    await verifyChannels(client, ledger, blockNumber, page, check);
    advance(page.length);
  });
  await concurrently([...ledger.credits.values()], async (credit) => {
    const { token, account, amount: expected } = credit;
    const actual = await escrowRead(client, ledger, blockNumber).credit(token, account);
    add(check.credits, token, expected);
    if (actual !== expected) {
      const message = `The events leave ${account} a credit of ${expected}, the escrow keeps ${actual}.`;
      check.facts.push({ code: "credit-mismatch", message, token, account, expected, actual });
    }
    advance(1);
  });
  for (const { channel, deposit, settled, finalized } of ledger.channels.values()) {
    if (!finalized) add(check.locked, channel.token, deposit - settled);
  }
  await concurrently([...ledger.tokens.keys()], async (token) => {
    const actual = await balance(client, token, ledger.rules.escrow.address, blockNumber);
    check.balances.set(token, actual);
    const expected = (check.locked.get(token) ?? 0n) + (check.credits.get(token) ?? 0n);
    if (actual !== undefined && actual < expected) {
      const message = `The escrow owes ${expected} and holds ${actual}.`;
      check.facts.push({ code: "shortage", message, token, expected, actual });
    }
    advance(1);
  });
  return check;
}

type State = { deposit: bigint; settled: bigint; closeRequestedAt: bigint; finalized: boolean };

async function verifyChannels(
  client: Client,
  ledger: Ledger,
  blockNumber: bigint,
  page: [Hex, LedgerChannel][],
  check: StateCheck,
): Promise<void> {
  const states = await escrowRead(client, ledger, blockNumber).channels(page.map(([id]) => id));
  for (const [index, [channelId, channel]] of page.entries()) {
    const actual = states[index];
    const { deposit, settled, readyAt, finalized } = channel;
    const closeRequestedAt = readyAt === 0n ? 0n : readyAt - ledger.rules.gracePeriod;
    const expected = { deposit, settled, closeRequestedAt, finalized };
    if (actual && same(expected, actual)) continue;
    const { token } = channel.channel;
    const message = `The events leave ${describe(expected)}, the escrow keeps ${actual ? describe(actual) : "nothing"}.`;
    check.facts.push({ code: "state-mismatch", message, token, channelId });
  }
}

function same(a: State, b: State): boolean {
  return (
    a.deposit === b.deposit &&
    a.settled === b.settled &&
    a.closeRequestedAt === b.closeRequestedAt &&
    a.finalized === b.finalized
  );
}

function describe({ deposit, settled, closeRequestedAt, finalized }: State): string {
  const end = finalized ? "closed" : closeRequestedAt === 0n ? "open" : `leaving since ${closeRequestedAt}`;
  return `deposit ${deposit}, settled ${settled}, ${end}`;
}

function escrowRead(client: Client, ledger: Ledger, blockNumber: bigint) {
  const { address } = ledger.rules.escrow;
  const contract = { address, abi: paymentChannelsAbi, blockNumber } as const;
  return {
    channels: (ids: Hex[]) => readContract(client, { ...contract, functionName: "getChannels", args: [ids] }),
    credit: (token: Address, account: Address) =>
      readContract(client, { ...contract, functionName: "credit", args: [token, account] }),
  };
}

/** Undefined where the token reverts or answers nonsense, which is the token's affair and not the provider's. */
async function balance(
  client: Client,
  token: Address,
  escrow: Address,
  blockNumber: bigint,
): Promise<bigint | undefined> {
  if (token === zeroAddress) return getBalance(client, { address: escrow, blockNumber });
  return unlessRefused(
    readContract(client, {
      address: token,
      abi: erc20Abi,
      functionName: "balanceOf",
      args: [escrow],
      blockNumber,
    }),
  );
}

function add(sums: Map<Address, bigint>, token: Address, amount: bigint): void {
  sums.set(token, (sums.get(token) ?? 0n) + amount);
}

function pages<item>(items: item[], length: number): item[][] {
  return Array.from({ length: Math.ceil(items.length / length) }, (_, index) =>
    items.slice(index * length, (index + 1) * length),
  );
}
