import { type Address, bytesToHex, type Hex, zeroAddress } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import type { Observed, Observer } from "../../src/chain/index.ts";
import { createPayee, type Payee, type Refusal, type TickStream } from "../../src/payee/index.ts";
import {
  type Channel,
  channelId,
  type Escrow,
  maxTicks,
  nativeCoin,
  signTickVoucher,
} from "../../src/protocol/index.ts";
import { memoryStore } from "../../src/store/index.ts";
import { jsVerifier } from "../../src/verifier/index.ts";
import { startKeccak } from "../../src/verifier/keccak.ts";
import { type Bench, type OnRow, type Row, versionsOf } from "./report.ts";

/** Chains of the longest kind, one after the other on one channel: 1,048,560 ticks. */
const chains = 16;
/** Chains in whose time nothing is measured: the engine has compiled what it runs by then. */
const warmUp = 2;

/** What one tick costs beside the one hash that it cannot do without. */
export const ticks: Bench = {
  flags: {},
  async run(_flags, onRow) {
    const rows = await measureTicks({ chains, length: maxTicks, warmUp }, onRow);
    return {
      bench: "ticks",
      work:
        `accept ${(chains * maxTicks).toLocaleString("en")} ticks on one channel, state in memory, in ${chains} slices that alternate with ` +
        "slices of as many bare hashes; median of the slices, and best",
      versions: versionsOf(["hash-wasm", "viem"]),
      rows,
    };
  },
};

type Size = { chains: number; length: number; warmUp: number };

/** Every chain is checked: its root by the bare loop, each tick by the payee, and the sum of all of them in its record. */
export async function measureTicks(size: Size, onRow: OnRow = () => {}): Promise<Row[]> {
  const hash = await startKeccak();
  const shop = await openShop();
  const [bare, taken]: [number[], number[]] = [[], []];
  for (let index = 0; index < size.chains + size.warmUp; index++) {
    onRow(index, size.chains + size.warmUp, "ticks");
    const links = linksOf(hash, size.length);
    const measured = [() => hashAll(hash, links), () => shop.takeAll(links)];
    // Who is first takes turns, so that a machine that slows down slows both.
    if (index % 2 === 0) measured.reverse();
    const seconds: number[] = [];
    for (const work of measured) seconds.push(await work());
    if (index % 2 === 0) seconds.reverse();
    if (index < size.warmUp) continue;
    bare.push((size.length - 1) / (seconds[0] ?? Number.NaN));
    taken.push((size.length - 1) / (seconds[1] ?? Number.NaN));
  }
  const shares = taken.map((rate, index) => rate / (bare[index] ?? Number.NaN));
  return [
    { key: "ticks_per_second", value: Math.round(median(taken)), unit: "per second" },
    { key: "ticks_per_second_best", value: Math.round(Math.max(...taken)), unit: "per second" },
    { key: "hashes_per_second", value: Math.round(median(bare)), unit: "per second" },
    { key: "share_of_hash_loop", value: Number(median(shares).toFixed(3)), unit: "of 1", atLeast: 0.7 },
  ];
}

type Hash = (bytes: Uint8Array) => Uint8Array;

/** The links of a fresh chain, root first, as bytes that arrived: views of one buffer. */
function linksOf(hash: Hash, length: number): Uint8Array[] {
  const buffer = new Uint8Array(32 * (length + 1));
  const links = Array.from({ length: length + 1 }, (_, at) => buffer.subarray(32 * at, 32 * (at + 1)));
  links[length]?.set(crypto.getRandomValues(new Uint8Array(32)));
  for (let at = length; at > 0; at--) links[at - 1]?.set(hash(links[at] as Uint8Array));
  return links;
}

/** The hashes that no payee of ticks can do without, of the very same bytes. @returns Seconds. */
function hashAll(hash: Hash, links: readonly Uint8Array[]): number {
  let [seen, expected] = [0, 0];
  const began = performance.now();
  for (let at = 2; at < links.length; at += 1) seen ^= hash(links[at] as Uint8Array)[0] as number;
  const seconds = (performance.now() - began) / 1_000;
  for (let at = 2; at < links.length; at += 1) expected ^= links[at - 1]?.[0] as number;
  if (seen !== expected) throw new Error("the bare loop hashed something else");
  return seconds;
}

/** A payee with one channel, on a memory store and a chain of a few variables. */
async function openShop() {
  const [payer, account] = [privateKeyToAccount(generatePrivateKey()), privateKeyToAccount(generatePrivateKey())];
  const escrow: Escrow = { address: `0x${"e5".repeat(20)}`, chainId: 1 };
  const channel: Channel = {
    payer: payer.address.toLowerCase() as Address,
    payee: account.address.toLowerCase() as Address,
    token: nativeCoin,
    salt: generatePrivateKey(),
    authorizedSigner: zeroAddress,
  };
  const id = channelId(channel, escrow);
  const store = memoryStore();
  const options = { escrow, account: { address: account.address }, observer: observerOf(id), store };
  const payee = createPayee({ ...options, verifier: jsVerifier(), terms: { tokens: [nativeCoin] } });
  await payee.start();
  granted(await payee.register(channel));
  let owed = 0n;

  /** Has one chain taken: the first tick with its offer, the rest as they stream in. @returns Seconds for the rest. */
  async function takeAll(links: readonly Uint8Array[]): Promise<number> {
    const tickRoot = bytesToHex(links[0] as Uint8Array);
    const message = { channelId: id, cumulativeAmount: owed, tickRoot, tickValue };
    const { cumulativeAmount, signature } = await signTickVoucher(payer, message, escrow);
    const first = { channelId: id, tickRoot, ticks: 1, link: bytesToHex(links[1] as Uint8Array) };
    granted(await payee.acceptTick({ ...first, offer: { cumulativeAmount, tickValue, signature } }));
    const stream = granted(await payee.openTicks(id));
    const began = performance.now();
    for (let at = 2; at < links.length; at += 1) {
      if (stream.accept(links[at] as Uint8Array) !== undefined) throw new Error(`tick ${at} was refused`);
    }
    const seconds = (performance.now() - began) / 1_000;
    owed += BigInt(links.length - 1) * tickValue;
    await check(payee, stream);
    return seconds;
  }

  async function check({ acceptTick }: Payee, stream: TickStream): Promise<void> {
    if (stream.accept(new Uint8Array(32)) === undefined) throw new Error("a link of no chain was taken");
    granted(await stream.keep());
    const record = await store.get(id);
    if (record?.authorized !== owed) throw new Error(`${owed} is owed, and ${record?.authorized} was kept`);
    const again = await acceptTick({ channelId: id, tickRoot: record.ticks?.tickRoot ?? id, ticks: 1, link: id });
    if (again.ok) throw new Error("a replay of nothing was taken");
  }

  return { takeAll };
}

/** Base units a tick. */
const tickValue = 3n;

/** A chain that never moves, and whose one channel holds more than any bench spends. */
function observerOf(id: Hex): Observer {
  const block = { number: 1n, hash: id, timestamp: 1n };
  const state: Observed = { id, block, deposit: 2n ** 100n, settled: 0n, closeRequestedAt: 0n, finalized: false };
  const beyond = () => Promise.reject(new Error("not part of this bench"));
  return {
    block: async () => block,
    read: async () => [state],
    opened: async () => [],
    sync: beyond,
    poll: beyond,
    watch: () => beyond,
  };
}

function granted<T extends object>(answer: T | Refusal): Exclude<T, Refusal> {
  if ("code" in answer) throw new Error(answer.detail);
  return answer as Exclude<T, Refusal>;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}
