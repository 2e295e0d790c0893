// One donor of the season with its devices: gives by the library's giver, and keeps a log of its own.
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { type Address, createClient, type Hex, http, publicActions, walletActions } from "viem";
import { hardhat } from "viem/chains";
import { collectorClient } from "../../../src/collector/client.ts";
import { createPayer } from "../../../src/payer/index.ts";
import {
  type CollectorClient,
  createGiver,
  GiftRefusedError,
  GiftUnresolvedError,
  type Giver,
} from "../../../src/pool/index.ts";
import { type Escrow, FarthingError } from "../../../src/protocol/index.ts";
import { filePayerStore } from "../../../src/store/filePayerStore.ts";
import { type Donor, deposit, donorSession, donorWallet, type Tap } from "./cast.ts";

/** What the parent tells the donors, in a JSON file. */
export type DonorsConfig = {
  seed: string;
  rpc: string;
  escrow: Escrow;
  pool: Address;
  token: Address;
  fromBlock: string;
  collector: string;
  /** What the gate asks of each donor, in their order. */
  gateData: Hex[];
  logs: string;
  stores: string;
};

/** One line of a donor's log: a gift that was acknowledged, refused, or of which nobody can tell. */
export type Logged = {
  outcome: "acknowledged" | "refused" | "unresolved";
  wave: number;
  device: number;
  projectId: string;
  /** Base units. */
  amount: string;
  /** The receipt's, of an acknowledged one. */
  id?: string;
  channelId?: Hex;
  /** Of a refused one. */
  reason?: string;
};

export type SeasonDonor = ReturnType<typeof createDonor>;

export function createDonor(config: DonorsConfig, donor: Donor) {
  const { index, relayed, devices } = donor;
  const givers: Giver[] = [];
  const counts = { acknowledged: 0, refused: 0 };
  const doubtful: { tap: Tap; device: number }[] = [];
  /** By project, base units. */
  const acknowledged = new Map<bigint, bigint>();

  async function give(wave: number): Promise<void> {
    const taps = donor.taps.filter((tap) => tap.wave === wave);
    if (devices === 1) await Promise.all(taps.map((tap) => giveOne(tap, 0)));
    // One hand holds both devices.
    else for (const [turn, tap] of taps.entries()) await giveOne(tap, (wave + turn) % devices);
    for (const { tap, device } of doubtful.splice(0)) await lookAgain(tap, device);
  }

  async function giveOne(tap: Tap, wanted: number): Promise<void> {
    // A second device finds the channel that the first one opened.
    const device = tap.wave === 0 ? 0 : wanted;
    try {
      const { id, channelId } = await persist(() => giverOf(device).give(tap.projectId, tap.amount));
      await acknowledge(tap, device, { id, channelId });
    } catch (error) {
      if (error instanceof GiftUnresolvedError) {
        doubtful.push({ tap, device });
        return;
      }
      if (!(error instanceof GiftRefusedError)) throw error;
      counts.refused += 1;
      await write("refused", tap, device, { reason: error.reason });
    }
  }

  /**
   * What to do about a gift of which the giver cannot tell: the same gift of two devices, or an answer that died with the
   * collector. The donor knows what else it gave, and sees what the collector holds: it is in there, or is given again.
   */
  async function lookAgain(tap: Tap, device: number): Promise<void> {
    const given = await giverOf(device).gifts();
    const held = given?.acknowledged.find(({ projectId }) => projectId === tap.projectId)?.cumulativeAmount ?? 0n;
    const known = acknowledged.get(tap.projectId) ?? 0n;
    if (given && held >= known + tap.amount) {
      const id = `found ${index}-${tap.wave}-${held}`;
      return acknowledge(tap, device, { id, channelId: given.channelId });
    }
    await giveOne(tap, device);
    if (doubtful.length === 0) return;
    doubtful.length = 0;
    await write("unresolved", tap, device, {});
  }

  function acknowledge(tap: Tap, device: number, receipt: Pick<Logged, "id" | "channelId">): Promise<void> {
    counts.acknowledged += 1;
    acknowledged.set(tap.projectId, (acknowledged.get(tap.projectId) ?? 0n) + tap.amount);
    return write("acknowledged", tap, device, receipt);
  }

  /** Signs a request to leave, and hands it to the collector. */
  async function leave(): Promise<void> {
    if (!donor.leaves) return;
    const channel = await giverOf(0).channel();
    if (!channel) throw new Error(`donor ${index} has no channel to leave`);
    const { channelId, deposit: locked, signature } = await channel.signCloseRequest();
    const body = JSON.stringify({ channelId, deposit: locked.toString(), signature });
    const response = await fetch(`${config.collector}/close-requests`, { method: "POST", body });
    if (response.status !== 202) {
      throw new Error(`donor ${index}'s close request was answered ${response.status}: ${await response.text()}`);
    }
  }

  function giverOf(device: number): Giver {
    givers[device] ??= createOn(device);
    return givers[device];
  }

  function createOn(device: number): Giver {
    const { rpc, escrow, pool, seed } = config;
    const account = donorWallet(seed, index);
    const base = { chain: hardhat, transport: http(rpc, patient), pollingInterval: 500 };
    const client = relayed
      ? createClient(base).extend(publicActions)
      : createClient({ ...base, account })
          .extend(publicActions)
          .extend(walletActions);
    const store = filePayerStore(join(config.stores, `${index}-${device}.jsonl`));
    const signer = donor.session ? donorSession(seed, index) : account;
    const payer = createPayer({ client, signer, store, escrow });
    const pin = { chainId: escrow.chainId, escrow: escrow.address, payee: pool, token: config.token };
    const collector = collectorClient({ url: config.collector, pin, donor: payer.address });
    return createGiver(payer, pool, {
      collector: relayed ? collector : byOwnHand(collector),
      gateData: config.gateData[index] ?? "0x",
      open: { deposit },
      fromBlock: BigInt(config.fromBlock),
    });
  }

  function write(outcome: Logged["outcome"], tap: Tap, device: number, more: Partial<Logged>): Promise<void> {
    const { wave, projectId, amount } = tap;
    const line: Logged = { outcome, wave, device, projectId: `${projectId}`, amount: `${amount}`, ...more };
    return appendFile(join(config.logs, `${index}.jsonl`), `${JSON.stringify(line)}\n`);
  }

  return { give, leave, stop: () => givers.map((giver) => giver.stop()), counts };
}

/** Tries again while nobody is there to open the channel with: nothing was signed by then. What is signed the giver keeps sending. */
async function persist<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const isAlone =
        error instanceof FarthingError && (error.code === "no-answer" || error.code === "chain-unavailable");
      if (!isAlone || tries === 60) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** A simulated chain that shares two cores with everybody answers late; asking it to send the same again is an error there. */
const patient = { timeout: 60_000, retryCount: 0 };

/** A donor with coin opens its channel itself. */
function byOwnHand(collector: CollectorClient): CollectorClient {
  return {
    openings: async () => ["hash"],
    give: (gifts) => collector.give(gifts),
    present: (topUp) => collector.present(topUp),
  };
}
