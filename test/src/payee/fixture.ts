// A payee on a chain of a few variables: what the chain says, how old it is and whether it answers are the test's to decide.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Address, type Hex, zeroAddress } from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import type { Observed, Observer } from "../../../src/chain/observer.ts";
import { createPayee, type Payee, type PayeeOptions, type Refusal, type Terms } from "../../../src/payee/index.ts";
import { type Channel, channelId, type Escrow, nativeCoin } from "../../../src/protocol/channel.ts";
import { type SignedVoucher, signVoucher } from "../../../src/protocol/voucher.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { sqliteStore } from "../../../src/store/sqlite.ts";
import type { ChannelStore } from "../../../src/store/store.ts";
import { nativeVerifier } from "../../../src/verifier/native.ts";
import type { Verifier } from "../../../src/verifier/verifier.ts";

export const escrow: Escrow = { address: "0x00000000000000000000000000000000000e5c40", chainId: 31337 };

export type FakeChain = ReturnType<typeof fakeChain>;

/** What the chain says of channels; every change is a new block. */
export function fakeChain() {
  const states = new Map<Hex, Omit<Observed, "id" | "block">>();
  const channels = new Map<Hex, Channel>();
  const chain = {
    number: 100n,
    timestamp: 1_700_000_000n,
    isDown: false,
    reads: 0,
    /** Awaited by each read between asking and answering. */
    gate: Promise.resolve() as Promise<unknown>,
    set(id: Hex, fields: Partial<Omit<Observed, "id" | "block">>) {
      chain.number += 1n;
      const known = states.get(id) ?? { deposit: 0n, settled: 0n, closeRequestedAt: 0n, finalized: false };
      states.set(id, { ...known, ...fields });
    },
    open(channel: Channel, deposit: bigint): Hex {
      const id = channelId(channel, escrow);
      channels.set(id, channel);
      chain.set(id, { deposit });
      return id;
    },
    forget(id: Hex) {
      states.delete(id);
    },
  };
  const block = () => ({ number: chain.number, hash: hashOf(chain.number), timestamp: chain.timestamp });
  const respond = <T>(value: T): T => {
    if (chain.isDown) throw new Error("connection refused");
    return value;
  };
  const beyond = () => Promise.reject(new Error("not part of these tests"));
  const observer: Observer = {
    block: async () => respond(block()),
    async read(ids) {
      chain.reads += 1;
      const at = block();
      const none = { deposit: 0n, settled: 0n, closeRequestedAt: 0n, finalized: false };
      const answer = ids.map((id) => ({ ...(states.get(id) ?? none), id, block: at }));
      await chain.gate;
      return respond(answer);
    },
    opened: async ({ payee }) =>
      respond(
        [...channels]
          .filter(([, channel]) => channel.payee === payee)
          .map(([id, channel]) => ({ id, channel, deposit: states.get(id)?.deposit ?? 0n })),
      ),
    sync: beyond,
    poll: beyond,
    watch: () => beyond,
  };
  return Object.assign(chain, { observer });
}

function hashOf(number: bigint): Hex {
  return `0x${number.toString(16).padStart(64, "0")}`;
}

/** How a payee may verify: over bytes in its own thread, over bytes on other threads, and by text alone. */
export type VerifierKind = "bytes" | "threads" | "text";

/** A verifier that counts its work. */
export async function countingVerifier(kind: VerifierKind = "bytes") {
  const { verifier: inner } = await nativeVerifier({ workers: kind === "threads" ? 1 : 0 });
  if (!inner?.curve) throw new Error("no native verifier here");
  const { curve } = inner;
  const counting: Verifier & { calls: number } = {
    name: inner.name,
    calls: 0,
    close: async () => inner.close?.(),
    recover(digest, signature) {
      counting.calls += 1;
      return inner.recover(digest, signature);
    },
    ...(kind !== "text" && {
      curve: {
        keccak256: curve.keccak256,
        recoverKey(digest, signature) {
          counting.calls += 1;
          return curve.recoverKey(digest, signature);
        },
      },
    }),
  };
  return counting;
}

export type Fixture = Awaited<ReturnType<typeof fixture>>;

/** One payee, started, with as many open channels as asked, each with a payer's key of its own. */
export async function fixture(
  options: {
    terms?: Partial<Terms>;
    store?: ChannelStore;
    chain?: FakeChain;
    payeeKey?: PrivateKeyAccount;
    payee?: Partial<PayeeOptions>;
    verifier?: VerifierKind;
  } = {},
) {
  const account = options.payeeKey ?? newAccount();
  const chain = options.chain ?? fakeChain();
  const store = options.store ?? memoryStore();
  const verifier = await countingVerifier(options.verifier);
  const clock = { now: 1_700_000_000_000 };
  const faults: unknown[] = [];
  const settings: PayeeOptions = {
    escrow,
    account: { address: account.address, signer: account },
    observer: chain.observer,
    store,
    verifier,
    terms: { tokens: [nativeCoin], ...options.terms },
    clock: () => clock.now,
    onFault: (fault) => faults.push(fault),
    ...options.payee,
  };
  const payee: Payee = createPayee(settings);
  await payee.start();

  async function open(deposit = 1_000n, fields: Partial<Channel> = {}) {
    const payer = newAccount();
    const channel: Channel = {
      payer: payer.address.toLowerCase() as Address,
      payee: payee.address,
      token: nativeCoin,
      salt: generatePrivateKey(),
      authorizedSigner: zeroAddress,
      ...fields,
    };
    const id = chain.open(channel, deposit);
    const registered = await payee.register(channel);
    if (!registered.ok) throw new Error(registered.detail);
    return { ...voucherOf(id, payer), id, channel, payer };
  }
  return { account, chain, store, verifier, clock, faults, settings, payee, open };
}

/** Signs one channel's vouchers, each amount once. */
export function voucherOf(id: Hex, signer: PrivateKeyAccount, domain: Escrow = escrow) {
  const known = new Map<bigint, Promise<SignedVoucher>>();
  return {
    voucher(cumulativeAmount: bigint): Promise<SignedVoucher> {
      const signed = known.get(cumulativeAmount) ?? signVoucher(signer, { channelId: id, cumulativeAmount }, domain);
      known.set(cumulativeAmount, signed);
      return signed;
    },
  };
}

export function newAccount(): PrivateKeyAccount {
  return privateKeyToAccount(generatePrivateKey());
}

/** The refusal's code, or `ok`. */
export function codeOf(answer: { ok: true } | Refusal): string {
  return answer.ok ? "ok" : answer.code;
}

/** Every store that a payee may stand on, in turn, thrown away afterwards. */
export const stores: readonly { name: string; make: () => { store: ChannelStore; drop: () => Promise<void> } }[] = [
  {
    name: "memory",
    make: () => {
      const store = memoryStore();
      return { store, drop: () => store.close() };
    },
  },
  {
    name: "sqlite",
    make: () => {
      const directory = temporaryDirectory();
      const store = sqliteStore(join(directory.path, "payee.db"), { role: "payee" });
      return { store, drop: () => store.close().then(directory.remove) };
    },
  },
];

export function temporaryDirectory() {
  const path = mkdtempSync(join(tmpdir(), "farthing-payee-"));
  return { path, remove: () => rmSync(path, { recursive: true }) };
}
