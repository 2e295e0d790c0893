import type { Address, Hex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { decodePoolEvents } from "../../../src/chain/index.ts";
import type { JournalEntry } from "../../../src/store/index.ts";
import { type Donor, type RoundRig, startRoundRig, type TestRound } from "../../src/keeper/rounds/rig.ts";
import { generator } from "../../src/payee/random.ts";
import { gifts } from "../../support/roundStage.ts";
import { type Running, startKeeper } from "./command.ts";

export type KillReport = {
  /** Processes that died by the signal. */
  kills: number;
  /** How many of them left a transaction behind that was journalled and not known to be mined. */
  underWay: number;
  /** Gifts that the collector kept and nobody attributed, base units. */
  missed: bigint;
  attributed: bigint;
  /** Collections of a channel, without closing it, that were mined and attributed nothing: what was paid for in vain. */
  inVain: number;
  /** Purposes of transactions that were not mined as they were meant. */
  failed: string[];
  status: string;
  /** What the pool still holds once everybody was paid. */
  left: bigint;
};

/**
 * A whole round kept by a process that is killed again and again at random moments, on a chain that mines by the clock. Before the
 * round's end, and at last, one is left to finish.
 */
export async function runKillSeries(options: {
  kills: number;
  seed: number;
  onKill?: (done: number) => void;
}): Promise<KillReport> {
  const rig = await startRoundRig({ serve: true });
  let running: Running | undefined;
  try {
    return await series();
  } finally {
    await running?.kill();
    await rig.stop();
  }

  async function series(): Promise<KillReport> {
    const random = generator(options.seed);
    const keys = { keeper: generatePrivateKey(), closer: generatePrivateKey() };
    const [account, closer] = [keys.keeper, keys.closer].map(addressOf) as [Address, Address];
    for (const address of [account, closer]) await rig.chain.client.setBalance({ address, value: 10n ** 20n });
    const round = await rig.round({ closer });
    await rig.stage.sponsor(await rig.stage.person(), round.pool, 1_000n);
    const donors: Donor[] = [];
    for (let index = 0; index < 8; index++) donors.push(await rig.donor(round, 1_000_000n));
    await rig.chain.client.setAutomine(false);
    await rig.chain.client.setIntervalMining({ interval: 1.5 });
    const entries = async () => [
      ...(await round.store.journal.list({ chainId: rig.chain.escrow.chainId, account })),
      ...(await round.store.journal.list({ chainId: rig.chain.escrow.chainId, account: closer })),
    ];
    let [killed, underWay] = [0, 0];

    const killOne = async () => {
      running = startKeeper(flagsOf(rig, round), keys);
      await running.ready;
      // At any point of its first passes; or about the time that its first transaction takes.
      if (random.integer(3) === 0) await pause(random.integer(1_200));
      else await Promise.race([running.spoken, pause(5_000)]).then(() => pause(random.integer(1_500)));
      if (await running.kill()) killed += 1;
      if ((await entries()).some(({ status }) => status === "pending")) underWay += 1;
      options.onKill?.(killed);
      await pause(1_100); // the dead one's lease
    };
    /** Lets one run until nothing is left to do: what a run found under way, the next one goes on from. */
    const finish = async () => {
      for (let tries = 0; tries < 12; tries++) {
        const before = await entries();
        running = startKeeper([...flagsOf(rig, round), "--once"], keys);
        const { code, err } = await running.exit;
        await pause(1_100);
        const all = await entries();
        const isQuiet = [...before, ...all].every(({ status }) => status !== "pending");
        if (code === 0 && all.length === before.length && isQuiet) return;
        if (code === 2 && !/lease|confirmed/.test(err)) throw new Error(err);
      }
      throw new Error("the keeper did not come to an end");
    };
    const until = (share: number) => Math.max(1, Math.round(options.kills * share));

    const promised = new Map<Hex, bigint>();
    const give = async (donor: Donor) => {
      const kept = promised.get(donor.id) ?? 0n;
      const more = kept + 1n + BigInt(random.integer(500));
      await rig.give(round, donor, gifts([1n, more], [2n, more * 2n]));
      promised.set(donor.id, more);
    };
    while (killed < until(0.5)) {
      for (const donor of random.shuffle(donors).slice(0, 4)) await give(donor);
      await killOne();
    }
    const [leaving, closing, ...staying] = donors as [Donor, Donor, ...Donor[]];
    await rig.wish(round, leaving);
    await rig.stage.mined(await rig.stage.onEscrow(closing.address).requestClose({ channel: closing.channel }));
    for (const donor of staying) await give(donor);
    await rig.chain.client.setNextBlockTimestamp({ timestamp: round.terms.end - margin });
    while (killed < until(0.7)) await killOne();
    await finish();
    const missed = await missing(rig, promised, donors);
    const attributed = (await rig.given(round, 1n)) + (await rig.given(round, 2n));

    await rig.chain.client.setNextBlockTimestamp({ timestamp: round.terms.end });
    while (killed < until(0.8)) await killOne();
    await rig.chain.client.setNextBlockTimestamp({ timestamp: round.terms.challengeEnd });
    while (killed < options.kills) await killOne();
    await finish();
    const all = await entries();
    return {
      ...{ kills: killed, underWay, missed, attributed, inVain: await inVain(rig, round, all) },
      failed: all.filter(({ status }) => status !== "mined").map(({ purpose, status }) => `${purpose} ${status}`),
      status: await rig.stage.onPool(round.pool).getRoundStatus(),
      left: await rig.stage.balance(round.pool),
    };
  }
}

/** Seconds before the end in which everything is collected; long enough for the kills that fall into it. */
const margin = 20_000n;

function flagsOf(rig: RoundRig, { pool, path }: TestRound): string[] {
  const flags = {
    ...{ rpc: rig.chain.url as string, escrow: rig.chain.escrow.address, pool: `${pool}=${path}` },
    ...{ margin: String(margin), price: `${rig.stage.token}=1/1`, times: "0", claims: "always", refunds: "always" },
    ...{ confirmations: "1", interval: "1", lease: "1" },
  };
  return Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
}

/** What donors were promised and no line has. */
async function missing(rig: RoundRig, promised: ReadonlyMap<Hex, bigint>, donors: readonly Donor[]): Promise<bigint> {
  let missed = 0n;
  for (const donor of donors) {
    const line = await rig.line(donor);
    const sum = line.reduce((total, { cumulativeAmount }) => total + cumulativeAmount, 0n);
    missed += (promised.get(donor.id) ?? 0n) * 3n - sum;
  }
  return missed;
}

async function inVain(rig: RoundRig, { pool }: TestRound, entries: readonly JournalEntry[]): Promise<number> {
  const purposes = new Set(["collect", "collectBatch"]);
  const mined = entries.filter(({ purpose, status }) => purposes.has(purpose) && status === "mined");
  const hashes = new Set(mined.map(({ outcome }) => outcome?.hash));
  const logs = await rig.chain.client.getLogs({ address: pool, fromBlock: 0n });
  const events = decodePoolEvents(logs, { address: pool });
  const attributed = events.filter((event) => event.eventName === "Collected" && hashes.has(event.transactionHash));
  return mined.flatMap(({ channelIds }) => channelIds).length - attributed.length;
}

function addressOf(key: Hex): Address {
  return privateKeyToAccount(key).address.toLowerCase() as Address;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
