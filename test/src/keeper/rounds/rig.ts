// A round on a simulated chain, a collector's real SQLite file as the collector writes it, and keepers on them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Address, createClient, type Hex, type PrivateKeyAccount, type Transport } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import {
  encodeCancelRound,
  encodeDisqualify,
  encodeReinstateProject,
  encodeSuspendProject,
  getChannel,
  type RoundTerms,
} from "../../../../src/chain/index.ts";
import { createKeeper, type KeeperOptions, profitable, type RoundOptions } from "../../../../src/keeper/index.ts";
import { openGateData } from "../../../../src/protocol/gate/openGate.ts";
import {
  type Channel,
  channelId,
  formatAllocation,
  type Gift,
  gateDataHash,
  signAllocation,
  signCloseRequest,
  signVoucher,
} from "../../../../src/protocol/index.ts";
import type { ChannelRecord, ChannelStore } from "../../../../src/store/index.ts";
import { sqliteStore } from "../../../../src/store/sqlite.ts";
import { startChain } from "../../../support/chain.ts";
import { setRoundStage } from "../../../support/roundStage.ts";

export type RoundRig = Awaited<ReturnType<typeof startRoundRig>>;

/** A donor with a channel to a round. */
export type Donor = { address: Address; channel: Channel; id: Hex };

/** Seconds before the end in which nothing more is taken, and everything collected. */
export const margin = 3_600n;

/** Settles nothing for its own sake. */
export const never = profitable({ times: 10n ** 30n });
export const eager = profitable({ times: 0n });

/** @param options.serve Over HTTP too, for keepers in processes of their own. */
export async function startRoundRig(options: { serve?: boolean; projects?: number; blockGasLimit?: bigint } = {}) {
  const chain = await startChain(options);
  const stage = await setRoundStage(chain);
  const projects = await stage.acceptedProjects(options.projects ?? 3);
  const folder = mkdtempSync(join(tmpdir(), "farthing-rounds-"));
  const opened: ChannelStore[] = [];
  let files = 0;

  /** A round of the stage's projects with a collector's store, opened as the collector would. */
  async function round(fields: Partial<RoundTerms> = {}, terms?: RoundTerms) {
    const pool = await stage.createRound(
      terms ?? (await stage.terms(fields)),
      projects.map(({ id }) => id),
    );
    files += 1;
    const path = join(folder, `collector-${files}.sqlite`);
    const store = sqliteStore(path, { role: "payee" });
    opened.push(store);
    const termsOf = await stage.onPool(pool).getRoundTerms();
    return { pool, path, store, terms: termsOf };
  }

  type Round = Awaited<ReturnType<typeof round>>;

  /** The same file as a keeper opens it. */
  function keeperStore({ path }: { path: string }): ChannelStore {
    const store = sqliteStore(path, { role: "keeper" });
    opened.push(store);
    return store;
  }

  /** A donor, new unless told, with a new channel to the round, and its record without a voucher. */
  async function donor({ pool, store }: Round, deposit = 10_000n, known?: Address): Promise<Donor> {
    const address = known ?? (await stage.person());
    const channel = await stage.open(address, pool, deposit);
    const id = channelId(channel, chain.escrow);
    const block = await chain.client.getBlock();
    const record: ChannelRecord = {
      ...{ id, escrow: chain.escrow, channel, deposit, settled: 0n, closeRequestedAt: 0n, finalized: false },
      ...{ block: { number: block.number, hash: block.hash }, authorized: 0n, spent: 0n, charges: [] },
    };
    await store.update(id, () => record);
    return { address, channel, id };
  }

  /** What a donor signs for a list of gifts, as the collector keeps it. */
  async function signed({ address, channel, id }: Donor, list: readonly Gift[], gateData: Hex = openGateData) {
    const pool = { address: channel.payee, chainId: chain.escrow.chainId };
    const cumulativeAmount = list.reduce((sum, gift) => sum + gift.cumulativeAmount, 0n);
    const allocation = { channelId: id, cumulativeAmount, gateDataHash: gateDataHash(gateData), gifts: list };
    const [voucher, { signature }] = await Promise.all([
      signVoucher(stage.key(address), { channelId: id, cumulativeAmount }, chain.escrow),
      signAllocation(stage.key(address), allocation, pool),
    ]);
    const evidence = formatAllocation({ gateData, gifts: list, signature });
    return { authorized: cumulativeAmount, spent: cumulativeAmount, signature: voucher.signature, evidence };
  }

  /** Lands a pair of signatures in the collector's store in one write, over whatever was there. */
  async function give({ store }: Round, giver: Donor, list: readonly Gift[], gateData?: Hex) {
    const fields = await signed(giver, list, gateData);
    await store.update(giver.id, (kept) => ({ ...(kept as ChannelRecord), ...fields }));
  }

  /** Keeps a donor's signed wish to leave, as the collector does. */
  async function wish({ store }: Round, { address, id }: Donor) {
    const { deposit } = (await store.get(id)) as ChannelRecord;
    const signature = await signCloseRequest(stage.key(address), { channelId: id, deposit }, chain.escrow);
    await store.update(id, (kept) => ({ ...(kept as ChannelRecord), closeRequest: { deposit, signature } }));
  }

  const reasonHash: Hex = `0x${"07".repeat(32)}`;

  /** The stewards' timelock takes its hour. */
  const suspend = (projectId: bigint) =>
    stage.steward(encodeSuspendProject({ address: stage.registry, projectId, reasonHash }));
  const reinstate = (projectId: bigint) =>
    stage.steward(encodeReinstateProject({ address: stage.registry, projectId, reasonHash }));
  const cancel = ({ pool }: Round) => stage.steward(encodeCancelRound({ address: pool, reasonHash }));
  const disqualify = ({ pool }: Round, projectId: bigint) =>
    stage.steward(encodeDisqualify({ address: pool, projectId, reasonHash }));

  /** A key with coin. */
  async function gasAccount(value = 10n ** 20n): Promise<PrivateKeyAccount> {
    const account = privateKeyToAccount(generatePrivateKey());
    await chain.client.setBalance({ address: account.address, value });
    return account;
  }

  const client = (transport: Transport = chain.transport) =>
    createClient({ chain: chain.chain, transport, cacheTime: 0, pollingInterval: 20 });

  /** A keeper of rounds whose economy always waits, unless told. It remembers its log lines. */
  async function keeper(
    rounds: readonly (Round & Partial<RoundOptions>)[],
    overrides: Partial<KeeperOptions> & { round?: Partial<RoundOptions> } = {},
  ) {
    const lines: { level: string; fields: Record<string, unknown>; message: string }[] = [];
    const log = (level: string) => (fields: object, message: string) =>
      void lines.push({ level, fields: fields as Record<string, unknown>, message });
    const { round: every = {}, ...rest } = overrides;
    const account = overrides.account ?? (await gasAccount());
    const made = createKeeper({
      stores: [],
      rounds: rounds.map((of) => ({ pool: of.pool, store: keeperStore(of), margin, refunds: "never", ...every })),
      client: client(),
      escrow: chain.escrow,
      account,
      policy: never,
      prices: new Map([[stage.token, { wei: 1n, units: 1n }]]),
      logger: { info: log("info"), warn: log("warn"), error: log("error") },
      confirmations: 0,
      sender: { pollMs: 5 },
      ...rest,
    });
    return Object.assign(made, { lines, account });
  }

  return {
    chain,
    stage,
    projects,
    folder,
    round,
    keeperStore,
    donor,
    signed,
    give,
    wish,
    suspend,
    reinstate,
    cancel,
    disqualify,
    gasAccount,
    client,
    keeper,
    /** What of a channel stands on the pool, by project. */
    line: ({ channel, id }: Donor) => stage.standing(channel.payee, id),
    channelOf: ({ id }: Donor) => getChannel(client(), { address: chain.escrow.address, channelId: id }),
    /** What a project was given. */
    given: async ({ pool }: Round, projectId: bigint) =>
      (await stage.onPool(pool).getProjectState({ projectId })).gifts,
    /** Time until the last second of a round, less so many seconds. */
    untilEnd: ({ terms }: Round, less: bigint) => stage.at(terms.end - less),
    async stop() {
      for (const store of opened) await store.close();
      rmSync(folder, { recursive: true });
      await chain.stop();
    },
  };
}

export type TestRound = Awaited<ReturnType<RoundRig["round"]>>;
