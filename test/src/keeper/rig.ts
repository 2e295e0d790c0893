// A simulated chain, payees with real SQLite files, and keepers on them, for the tests of this room.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Address, createClient, type Hex, numberToHex, type Transport } from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { channelActions } from "../../../src/chain/index.ts";
import { createKeeper, type KeeperOptions, profitable } from "../../../src/keeper/index.ts";
import { type Channel, channelId, nativeCoin } from "../../../src/protocol/channel.ts";
import { signVoucher } from "../../../src/protocol/voucher.ts";
import type { ChannelRecord, ChannelStore } from "../../../src/store/index.ts";
import { sqliteStore } from "../../../src/store/sqlite.ts";
import { gracePeriod, startChain } from "../../support/chain.ts";

export type Rig = Awaited<ReturnType<typeof startRig>>;

/** What a channel of the test is like. Amounts in base units. */
export type ChannelSpec = {
  payee?: Address;
  token?: Address;
  deposit?: bigint;
  /** Signed cumulative amount; 0 for no voucher. */
  authorized?: bigint;
  /** Fields of the stored record that differ from the truth. */
  record?: Partial<ChannelRecord>;
  authorizedSigner?: Address;
};

/** @param options.serve Over HTTP too, for keepers in processes of their own. */
export async function startRig(options: { serve?: boolean } = {}) {
  const chain = await startChain(options);
  const folder = mkdtempSync(join(tmpdir(), "farthing-keeper-"));
  const escrow = createClient({ chain: chain.chain, transport: chain.transport, account: chain.deployer }).extend(
    channelActions({ address: chain.escrow.address }),
  );
  const session = privateKeyToAccount(generatePrivateKey());
  const opened: ChannelStore[] = [];
  let salts = 0;
  let files = 0;

  /** A new store file, opened as its payee would. */
  function payeeStore() {
    files += 1;
    const path = join(folder, `payee-${files}.sqlite`);
    const store = sqliteStore(path, { role: "payee" });
    opened.push(store);
    return { path, store };
  }

  /** The same file as a keeper opens it. */
  function keeperStore(path: string): ChannelStore {
    const store = sqliteStore(path, { role: "keeper" });
    opened.push(store);
    return store;
  }

  /** Opens a channel on the chain and records it, with a voucher, in a store. The chain's first account is the payer. */
  async function openChannel(store: ChannelStore, spec: ChannelSpec = {}): Promise<ChannelRecord> {
    const { token = nativeCoin, deposit = 1_000_000n, authorized = 0n } = spec;
    salts += 1;
    const channel: Channel = {
      payer: chain.deployer,
      payee: spec.payee ?? payee,
      token,
      salt: numberToHex(salts, { size: 32 }),
      authorizedSigner: spec.authorizedSigner ?? (session.address.toLowerCase() as Address),
    };
    await escrow.open({ ...channel, deposit });
    const id = channelId(channel, chain.escrow);
    const block = await chain.client.getBlock();
    const voucher =
      authorized > 0n && (await signVoucher(session, { channelId: id, cumulativeAmount: authorized }, chain.escrow));
    const record: ChannelRecord = {
      id,
      escrow: chain.escrow,
      channel,
      deposit,
      settled: 0n,
      closeRequestedAt: 0n,
      finalized: false,
      block: { number: block.number, hash: block.hash },
      authorized,
      spent: authorized,
      charges: [],
      ...(voucher && { signature: voucher.signature }),
      ...spec.record,
    };
    await store.update(id, () => record);
    return record;
  }

  /** A keeper's own account, with coin. */
  async function gasAccount(value = 10n ** 20n): Promise<PrivateKeyAccount> {
    const account = privateKeyToAccount(generatePrivateKey());
    await chain.client.setBalance({ address: account.address, value });
    return account;
  }

  /** A client of the chain over some transport. */
  function client(transport: Transport = chain.transport) {
    return createClient({ chain: chain.chain, transport, cacheTime: 0, pollingInterval: 20 });
  }

  /** A keeper whose economy always waits, unless told. It remembers its log lines. */
  async function keeper(stores: readonly ChannelStore[], overrides: Partial<KeeperOptions> = {}) {
    const lines: { level: string; fields: Record<string, unknown>; message: string }[] = [];
    const log = (level: string) => (fields: object, message: string) =>
      void lines.push({ level, fields: fields as Record<string, unknown>, message });
    const account = overrides.account ?? (await gasAccount());
    const made = createKeeper({
      stores,
      client: client(),
      escrow: chain.escrow,
      account,
      policy: never,
      exits: { withdrawTimes: 0n },
      logger: { info: log("info"), warn: log("warn"), error: log("error") },
      confirmations: 0,
      sender: { pollMs: 5 },
      ...overrides,
    });
    return Object.assign(made, { lines, account });
  }

  const settledOf = async (id: Hex) => (await escrow.getChannel({ channelId: id })).settled;

  const payee = privateKeyToAccount(generatePrivateKey()).address.toLowerCase() as Address;
  return {
    chain,
    escrow,
    session,
    payee,
    folder,
    payeeStore,
    keeperStore,
    openChannel,
    gasAccount,
    client,
    keeper,
    settledOf,
    stateOf: (id: Hex) => escrow.getChannel({ channelId: id }),
    balanceOf: (address: Address) => chain.client.getBalance({ address }),
    requestClose: (channel: Channel) => escrow.requestClose({ channel }),
    /** To the second at which `withdraw` becomes possible, less so many seconds. */
    afterGrace: (less = 0n) => chain.increaseTime(gracePeriod - less),
    async stop() {
      for (const store of opened) await store.close();
      rmSync(folder, { recursive: true });
      await chain.stop();
    },
  };
}

/** Settles nothing for its own sake. */
const never = profitable({ times: 10n ** 30n });
