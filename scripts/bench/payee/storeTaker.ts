// One payee's process of the stores' bench: says `ready` once its vouchers are signed, takes all of them at `go`, and says `done`.
import { once } from "node:events";
import { Pool } from "pg";
import { type Address, type Hex, zeroAddress } from "viem";
import type { Observer } from "../../../src/chain/observer.ts";
import { createPayee } from "../../../src/payee/index.ts";
import { type Channel, channelId, type Escrow, nativeCoin, signVoucher } from "../../../src/protocol/index.ts";
import { fieldsOf } from "../../../src/protocol/wire/fields.ts";
import { readPayload } from "../../../src/protocol/wire/payload.ts";
import type { ChannelStore } from "../../../src/store/index.ts";
import { postgresStore } from "../../../src/store/postgres.ts";
import { sqliteStore } from "../../../src/store/sqlite.ts";
import { nativeSigner, nativeVerifier } from "../../../src/verifier/native.ts";
import { selectVerifier } from "../../../src/verifier/selectVerifier.ts";

export type StoreKind = "sqlite" | "postgres";

/** What a process is to do. */
export type Share = {
  kind: StoreKind;
  /** A file's path, or a database's URL. */
  place: string;
  schema: string;
  /** A key for each channel, which is its salt as well. */
  keys: readonly Hex[];
  /** Of each channel, in all; this process takes every `of`th, from the `first`. */
  vouchers: number;
  first: number;
  of: number;
};

/** What each voucher adds and each request costs, base units. */
export const unit = 5n;

const escrow: Escrow = { address: "0x00000000000000000000000000000000000e5c40", chainId: 31337 };
const payeeAddress: Address = "0x000000000000000000000000000000000000bee5";

/** The store of a share; `end` lets the process end. */
export async function openStore({ kind, place, schema }: Pick<Share, "kind" | "place" | "schema">): Promise<{
  store: ChannelStore;
  settings: Record<string, string>;
  end: () => Promise<void>;
}> {
  if (kind === "sqlite") {
    const store = sqliteStore(place, { role: "payee" });
    return { store, settings: store.durability(), end: () => store.close() };
  }
  const pool = new Pool({ connectionString: place });
  const store = await postgresStore(pool, { schema });
  return { store, settings: store.durability(), end: () => store.close().then(() => pool.end()) };
}

/** A payee that has started on a store, on a chain on which nothing happens. */
export async function startPayee(store: ChannelStore) {
  const payee = createPayee({
    escrow,
    account: { address: payeeAddress },
    observer: calmChain(),
    store,
    verifier: selectVerifier({ order: ["native"], offers: [await nativeVerifier()] }),
    terms: { tokens: [nativeCoin] },
    onFault: (fault) => console.error(fault),
  });
  await payee.start();
  return payee;
}

/** The channel of a key. */
export async function channelOf(key: Hex): Promise<Channel> {
  const { address: payer } = await nativeSigner(key);
  return { payer, payee: payeeAddress, token: nativeCoin, salt: key, authorizedSigner: zeroAddress };
}

if (process.send) {
  const [share] = (await once(process, "message")) as [Share];
  const { store, end } = await openStore(share);
  const payee = await startPayee(store);
  const streams = await Promise.all(share.keys.map((key) => signAll(key, share)));
  process.send("ready");
  await once(process, "message");
  // As many requests in flight as channels, as from as many customers.
  const taken = await Promise.all(
    streams.map(async (texts) => {
      for (const text of texts) {
        const payload = readPayload(fieldsOf(JSON.parse(text), "payload", (reason) => new Error(reason)));
        if (payload.action !== "voucher") throw new Error("it is no voucher");
        const answer = await payee.accept(payload, { charge: { amount: unit } });
        if (!answer.ok) throw new Error(answer.detail);
        if (answer.replayed || !answer.charge) throw new Error("the request was not charged");
      }
      return texts.length;
    }),
  );
  process.send({ taken: taken.reduce((sum, count) => sum + count, 0) });
  await end();
  process.disconnect();
}

/** The texts of a channel's vouchers that fall to this process, lowest first. */
async function signAll(key: Hex, { vouchers, first, of }: Share): Promise<string[]> {
  const signer = await nativeSigner(key);
  const id = channelId(await channelOf(key), escrow);
  const texts: string[] = [];
  for (let n = first; n < vouchers; n += of) {
    const { cumulativeAmount, signature } = await signVoucher(
      signer,
      { channelId: id, cumulativeAmount: BigInt(n + 1) * unit },
      escrow,
    );
    texts.push(
      JSON.stringify({ action: "voucher", channelId: id, cumulativeAmount: `${cumulativeAmount}`, signature }),
    );
  }
  return texts;
}

function calmChain(): Observer {
  const block = { number: 1n, hash: `0x${"01".repeat(32)}` as Hex, timestamp: 1n };
  const state = { deposit: 10n ** 15n, settled: 0n, closeRequestedAt: 0n, finalized: false, block };
  const unused = () => Promise.reject(new Error("the bench asks this of no chain"));
  return {
    block: async () => block,
    read: async (ids) => ids.map((id) => ({ id, ...state })),
    opened: async () => [],
    sync: unused,
    poll: unused,
    watch: () => unused,
  };
}
