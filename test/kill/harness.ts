// Kills a payee, or the database under it, again and again while payers stream vouchers at it, and asks for every acknowledged unit.
import { join } from "node:path";
import type { Address } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { channelActions } from "../../src/chain/channels/actions.ts";
import { type Channel, channelId, nativeCoin } from "../../src/protocol/channel.ts";
import type { ChannelRecord } from "../../src/store/record.ts";
import { generator } from "../src/payee/random.ts";
import { startChain, type TestChain } from "../support/chain.ts";
import { KillClient } from "./client.ts";
import { type Ground, type GroundKind, startGround } from "./ground.ts";
import { type PayeeChild, startPayee } from "./payeeChild.ts";
import type { KillMode, KillPoint, PayeeReady } from "./payeeProcess.ts";

export type KillReport = {
  seed: number;
  mode: KillMode;
  store: GroundKind;
  /** Kills by where they struck; `random`: of the payee at any moment; `database`: of the server under it at any moment. */
  kills: Record<KillPoint | "random" | "database", number>;
  /** Answers that clients hold the payee to, and how many of those they asked for again. */
  acknowledged: number;
  replays: number;
  /** Answers that there was no service, and that were asked again. */
  refused: number;
  /** What the database did, read back from each child's own connection. */
  durability: PayeeReady["durability"][];
  /** Acknowledged and not there, with where it was missed. Empty unless money was lost. */
  lost: string[];
  /** Charged more than once, or receipts that changed. Empty unless service was sold twice. */
  doubled: string[];
  /** Sum of what the store authorizes, and what the payee was paid for it on-chain. Base units. */
  authorized: bigint;
  paid: bigint;
  /** Whether nothing was lost, nothing doubled, and everything was paid. */
  ok: boolean;
};

const points = ["before-commit", "after-commit", "before-answer", "random"] as const;
const deposit = 10n ** 9n;

/**
 * @param options.kills How often the victim is killed and started again.
 * @param options.seed Decides where and when, the prices and the repeats.
 * @param options.onKill Told of each kill, for progress.
 */
export async function runKillSeries(options: {
  kills: number;
  seed: number;
  store?: GroundKind;
  victim?: "payee" | "database";
  mode?: KillMode;
  payers?: number;
  onKill?: (done: number) => void;
}): Promise<KillReport> {
  const { kills, seed, store = "sqlite", victim = "payee", mode = "durable", payers = 3, onKill } = options;
  const random = generator(seed);
  const chain = await startChain({ serve: true });
  const ground = await startGround(store).catch(async (error: unknown) => {
    await chain.stop();
    throw error;
  });
  const privateKey = generatePrivateKey();
  const payee = privateKeyToAccount(privateKey).address.toLowerCase() as Address;
  const report: KillReport = {
    seed,
    mode,
    store,
    kills: { "before-commit": 0, "after-commit": 0, "before-answer": 0, random: 0, database: 0 },
    acknowledged: 0,
    replays: 0,
    refused: 0,
    durability: [],
    lost: [],
    doubled: [],
    authorized: 0n,
    paid: 0n,
    ok: false,
  };

  let child: PayeeChild | undefined;
  let up = gate<string>();
  let isAbandoned = false;
  const opened: Awaited<ReturnType<typeof open>>[] = [];
  for (let payer = 0; payer < payers; payer++) opened.push(await open(chain, payee));
  const clients = opened.map(
    ({ id, channel, account }, index) =>
      new KillClient({
        id,
        channel,
        account,
        escrow: chain.escrow,
        random: generator(seed + index + 1),
        log: join(ground.directory, `client-${index}.log`),
        endpoint: () => (isAbandoned ? Promise.reject(new Error("the series was abandoned")) : up.promise),
      }),
  );

  async function revive(kill?: { point: KillPoint; count: number }): Promise<PayeeChild> {
    child = await startPayee({
      site: ground.site,
      rpc: chain.url as string,
      escrow: chain.escrow,
      privateKey,
      mode,
      channels: opened.map(({ channel }) => channel),
      ...(kill && { kill }),
    });
    report.durability.push(child.durability);
    up.open(child.endpoint);
    return child;
  }

  let isOver = false;
  try {
    const streams = Promise.all(clients.map((client) => client.run(() => isOver)));
    const failed = new Promise<never>((_, reject) => {
      streams.catch(reject);
    });
    failed.catch(() => undefined);
    const acknowledged = () => clients.reduce((sum, client) => sum + client.acknowledged.size, 0);

    /** The payee dies, at a moment that it was told or at any other, and is not there until it is started again. */
    async function killPayee(): Promise<keyof KillReport["kills"]> {
      const point = points[random.integer(points.length)] as (typeof points)[number];
      const living = await revive(point === "random" ? undefined : { point, count: 1 + random.integer(30) });
      if (point === "random") {
        await Promise.race([pause(random.integer(250)), failed]);
        living.kill();
      }
      const signal = await Promise.race([living.ended, failed]);
      up = gate();
      if (signal !== "SIGKILL") throw new Error(`the payee ended by ${signal}, not by the kill at ${point}`);
      return point;
    }

    /** The database dies under a payee that lives on, and is started again on what is on its disk. */
    async function killDatabase(): Promise<keyof KillReport["kills"]> {
      const living = child ?? (await revive());
      const before = acknowledged();
      const died = living.ended.then(() => Promise.reject(new Error("the payee ended with its database")));
      // A kill that meets no work proves nothing.
      while (acknowledged() < before + 10) await Promise.race([pause(5), failed, died]);
      await Promise.race([pause(random.integer(250)), failed, died]);
      await ground.kill();
      await Promise.race([pause(random.integer(150)), failed, died]);
      await ground.start();
      return "database";
    }

    for (let done = 1; done <= kills; done++) {
      const point = victim === "payee" ? await killPayee() : await killDatabase();
      report.kills[point] += 1;
      report.lost.push(...(await missing(ground, clients, `after kill ${done}, ${point}`)));
      onKill?.(done);
    }
    const living = victim === "payee" ? await revive() : (child as unknown as PayeeChild);
    await Promise.race([pause(200), failed]);
    isOver = true;
    await streams;
    await living.stop();

    const records = await ground.records();
    report.lost.push(...(await missing(ground, clients, "at the end")));
    report.doubled.push(...clients.flatMap((client) => [...client.faults, ...overcharged(client, records)]));
    report.acknowledged = acknowledged();
    report.refused = clients.reduce((sum, { refused }) => sum + refused, 0);
    report.replays = clients.reduce((sum, { replays }) => sum + replays, 0);
    report.authorized = records.reduce((sum, { authorized }) => sum + authorized, 0n);
    report.paid = await settle(chain, payee, records);
    report.ok = report.lost.length === 0 && report.doubled.length === 0 && report.paid === report.authorized;
    return report;
  } finally {
    isOver = true;
    isAbandoned = true;
    child?.kill();
    await child?.ended;
    await chain.stop();
    await ground.stop();
  }
}

function gate<T>() {
  let open: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function open(chain: TestChain, payee: Address) {
  const account = await chain.fundedAccount({ tokens: 0n });
  const wallet = chain.wallet(account).extend(channelActions({ address: chain.escrow.address }));
  const channel: Channel = {
    payer: account.address.toLowerCase() as Address,
    payee,
    token: nativeCoin,
    salt: generatePrivateKey(),
    authorizedSigner: nativeCoin,
  };
  await wallet.open({ ...channel, deposit });
  // Two blocks on top: the payee believes nothing younger.
  for (let mined = 0; mined < 2; mined++) await chain.client.mine({ blocks: 1 });
  return { id: channelId(channel, chain.escrow), channel, account };
}

/** Every acknowledgement that the store does not bear out. Clients of a payee that lives on may be answered meanwhile: not those. */
async function missing(ground: Ground, clients: readonly KillClient[], when: string): Promise<string[]> {
  const claims = clients.map((client) => ({ client, owed: client.owed() }));
  const records = new Map((await ground.records()).map((record) => [record.id, record]));
  const faults: string[] = [];
  for (const { client, owed } of claims) {
    const { authorized, spent } = records.get(client.id) ?? { authorized: -1n, spent: -1n };
    if (authorized < owed.authorized)
      faults.push(`${when}: ${client.id} authorized ${authorized} of ${owed.authorized}`);
    if (spent < owed.spent) faults.push(`${when}: ${client.id} spent ${spent} of ${owed.spent}`);
  }
  return faults;
}

/** At the end every request was answered, so what was spent is the sum of the prices, each key once. */
function overcharged(client: KillClient, records: readonly ChannelRecord[]): string[] {
  const { spent, authorized } = client.owed();
  const record = records.find(({ id }) => id === client.id);
  if (!record) return [`${client.id}: no record`];
  const faults: string[] = [];
  if (record.spent > spent) faults.push(`${client.id}: spent ${record.spent}, the keys' prices sum to ${spent}`);
  if (record.authorized > authorized)
    faults.push(`${client.id}: authorized ${record.authorized}, signed ${authorized}`);
  const keys = record.charges.map(({ key }) => key);
  if (new Set(keys).size !== keys.length) faults.push(`${client.id}: a key is kept twice`);
  return faults;
}

/** Settles every stored voucher and gives what the payee has been paid. */
async function settle(chain: TestChain, payee: Address, records: readonly ChannelRecord[]): Promise<bigint> {
  const keeper = chain
    .wallet(await chain.fundedAccount({ tokens: 0n }))
    .extend(channelActions({ address: chain.escrow.address }));
  for (const { channel, authorized, signature } of records) {
    if (signature) await keeper.settle({ channel, cumulativeAmount: authorized, signature });
  }
  return chain.client.getBalance({ address: payee });
}
