// A collector on real HTTP, real SQLite and a real chain, with donors who sign by the protocol's own functions.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Address, type Client, type Hex, zeroAddress, zeroHash } from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { createSender, encodeSuspendProject, type RoundTerms } from "../../../src/chain/index.ts";
import { type CollectorOptions, type CollectorTerms, createCollector } from "../../../src/collector/index.ts";
import type { RelayPolicy } from "../../../src/http/index.ts";
import { serve } from "../../../src/http/node.ts";
import {
  type Allocation,
  type AllocationPayload,
  allocationDigest,
  type Challenge,
  type Channel,
  canonicalChannel,
  channelId,
  formatCredential,
  type Gift,
  gateDataHash,
  type Payload,
  type Pool,
  parseChallenges,
  signVoucher,
} from "../../../src/protocol/index.ts";
import { sqliteStore } from "../../../src/store/sqlite.ts";
import { selectVerifier } from "../../../src/verifier/index.ts";
import { startChain } from "../../support/chain.ts";
import { day, type RoundStage, setRoundStage } from "../../support/roundStage.ts";
import { temporaryDirectory } from "../payee/fixture.ts";

export type Rig = Awaited<ReturnType<typeof startRig>>;
export type Counter = Awaited<ReturnType<Rig["open"]>>;
export type Donor = Awaited<ReturnType<Rig["donor"]>>;

/** Seconds before the end. */
export const margin = 600n;

export async function startRig(options: { serve?: boolean } = {}) {
  const chain = await startChain(options);
  const stage: RoundStage = await setRoundStage(chain, chain.tokens.authorization);
  const accepted = await stage.acceptedProjects(4);
  const projects = accepted.map(({ id }) => id);
  const { path: folder } = temporaryDirectory();
  const stops: (() => Promise<unknown>)[] = [];

  /** A round that starts now, with projects 1 to 3, behind the open gate unless told. */
  const newRound = async (fields: Partial<RoundTerms> = {}) =>
    stage.createRound(await stage.terms(fields), projects.slice(0, 3));

  async function collectorOptions(
    pool: Address,
    { terms = {}, ...more }: Omit<Partial<CollectorOptions>, "terms"> & { terms?: Partial<CollectorTerms> } = {},
  ) {
    const path = join(folder, `${crypto.randomUUID()}.db`);
    const store = more.store ?? sqliteStore(path, { role: "payee" });
    const faults: object[] = [];
    const logged: string[] = [];
    const log = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`);
    const created: CollectorOptions & { store: typeof store } = {
      client: chain.client as Client,
      pool,
      escrow: chain.escrow,
      verifier: selectVerifier({ order: ["js"] }),
      secret: crypto.getRandomValues(new Uint8Array(32)),
      confirmations: 0,
      logger: { info: log, warn: log, error: log },
      ...more,
      store,
      // Every gift is judged by the chain as it is.
      terms: { margin, freshness: 0, ...terms },
    };
    return { path, faults, logged, options: created };
  }

  /** Lets the registry take no more gifts for a project of this stage: the stewards for now, its manager for ever. */
  async function suspend(projectId: bigint) {
    await stage.steward(encodeSuspendProject({ address: stage.registry, projectId, reasonHash: zeroHash }));
  }
  async function close(projectId: bigint) {
    const { manager } = accepted[Number(projectId) - 1] as (typeof accepted)[number];
    await stage.mined(await stage.onRegistry(manager).closeProject({ projectId }));
  }

  /** A collector that serves. */
  async function open(pool: Address, more: Parameters<typeof collectorOptions>[1] = {}) {
    const made = await collectorOptions(pool, more);
    const collector = createCollector(made.options);
    await collector.start();
    const server = await serve(collector.handler, { grace: 200 });
    // A free port may be one that an earlier collector had, with a secret of its own.
    challenges.delete(server.url);
    const stop = async () => {
      await collector.stop();
      await server.stop();
      await made.options.store.close();
    };
    stops.push(stop);
    return { ...made, collector, server, pool, url: server.url, store: made.options.store, stop };
  }

  async function relayOf(store: CollectorOptions["store"], policy: Partial<RelayPolicy> = {}) {
    const relayer = await chain.fundedAccount({ tokens: 0n });
    const sender = createSender({
      client: chain.client,
      account: relayer,
      journal: store.journal,
      clock: Date.now,
      confirmations: 0,
    });
    const { minDeposit: _own, ...rest } = policy;
    return { relayer, relay: { sender, policy: { ...rest, minDeposit: 100n } } };
  }

  /** A donor with a channel to a pool, who signs with a session key if asked to. */
  async function donor(
    pool: Address,
    { deposit = 10_000n, session = false, payer }: { deposit?: bigint; session?: boolean; payer?: Address } = {},
  ) {
    const person = payer ?? (await stage.person());
    const wallet = stage.key(person);
    const signer = session ? privateKeyToAccount(generatePrivateKey()) : wallet;
    const channel = canonicalChannel({
      payer: person,
      payee: pool,
      token: stage.token,
      salt: stage.nextSalt(),
      authorizedSigner: session ? signer.address : zeroAddress,
    });
    await stage.onEscrow(person).approve({ token: stage.token, amount: deposit });
    const hash = await stage.onEscrow(person).open({ ...channel, deposit });
    await stage.mined(hash);
    return donorOf({ person, wallet, signer, channel, hash, deposit });
  }

  function donorOf(of: {
    person: Address;
    wallet: PrivateKeyAccount;
    signer: PrivateKeyAccount;
    channel: Channel;
    hash: Hex;
    deposit: bigint;
  }) {
    const { channel, signer, hash } = of;
    const id = channelId(channel, chain.escrow);
    const pool = { address: channel.payee, chainId: chain.escrow.chainId };

    /** Voucher and allocation of the same sum, rightly signed unless a field says another thing. */
    async function sign(gifts: readonly Gift[], fields: Partial<Signing> = {}) {
      const sum = gifts.reduce((total, { cumulativeAmount }) => total + cumulativeAmount, 0n);
      const { gateData = "0x", by = signer, at = pool, cumulativeAmount = sum } = fields;
      const message: Allocation = { channelId: id, cumulativeAmount, gateDataHash: gateDataHash(gateData), gifts };
      const voucher = { channelId: id, cumulativeAmount };
      const { signature } = await signVoucher(fields.voucherBy ?? signer, voucher, chain.escrow);
      // By its digest: a hostile donor's kit does not ask whether the rules are kept.
      const allocation = await by.sign({ hash: allocationDigest(message, at) });
      const { buildsOn } = fields;
      const base = buildsOn === undefined ? {} : { buildsOn };
      const signed: AllocationPayload = { gateData, gifts, signature: allocation, ...base };
      return { channelId: id, cumulativeAmount, voucherSignature: signature, allocation: signed };
    }
    return { ...of, id, pool, sign, open: { salt: channel.salt, authorizedSigner: channel.authorizedSigner, hash } };
  }

  return {
    chain,
    stage,
    projects,
    folder,
    newRound,
    collectorOptions,
    open,
    relayOf,
    donor,
    donorOf,
    suspend,
    close,
    day,
    async stop() {
      await Promise.all(stops.map((stop) => stop()));
      await chain.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

export type Signing = {
  gateData: Hex;
  /** Who signs the allocation. */
  by: PrivateKeyAccount;
  /** Who signs the voucher. */
  voucherBy: PrivateKeyAccount;
  /** Which pool the allocation is signed for. */
  at: Pool;
  cumulativeAmount: bigint;
  /** What the device believes to be held. */
  buildsOn: bigint;
};

export type Signed = Awaited<ReturnType<Donor["sign"]>>;

const challenges = new Map<string, Challenge>();

async function challengeOf(url: string): Promise<Challenge> {
  const known = challenges.get(url);
  if (known) return known;
  const response = await fetch(`${url}/gifts`, { method: "POST" });
  const [challenge] = parseChallenges(response.headers.get("www-authenticate") ?? "");
  await response.body?.cancel();
  if (!challenge) throw new Error(`no challenge came with ${response.status}`);
  challenges.set(url, challenge);
  return challenge;
}

export type Answer = {
  status: number;
  /** The last part of a problem's type, or the status' title. */
  code: string;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any route.
  body: any;
};

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const body = text === "" ? undefined : JSON.parse(text);
  const type = body?.type as string | undefined;
  const code = type === undefined ? "ok" : type === "about:blank" ? body.title : (type.split(/[/:]/).at(-1) ?? type);
  return { status: response.status, code, headers: response.headers, body };
}

/** Sends a credential of any payload, as a client with a cached challenge does. */
export async function post(url: string, payload: Payload, key: string | undefined, payer?: Address): Promise<Answer> {
  const challenge = await challengeOf(url);
  const source = payer && { source: { chainId: 31337, address: payer } };
  const authorization = formatCredential({ challenge, ...source, payload } as never);
  const headers = { authorization, ...(key === undefined ? {} : { "idempotency-key": key }) };
  return answerOf(await fetch(`${url}/gifts`, { method: "POST", headers }));
}

/** Gives on a channel that the collector knows. */
export function give(url: string, signed: Signed, key: string = crypto.randomUUID()): Promise<Answer> {
  const { channelId: id, cumulativeAmount, voucherSignature: signature, allocation } = signed;
  return post(url, { action: "voucher", channelId: id, cumulativeAmount, signature, allocation }, key);
}

/** Presents a donor's channel, and gives with it where something is signed. */
export async function present(url: string, donor: Donor, signed?: Signed, key: string = crypto.randomUUID()) {
  const { id, open, person } = donor;
  const first = signed ?? (await donor.sign([]));
  const { cumulativeAmount, voucherSignature: signature, allocation } = first;
  const voucher = { channelId: id, cumulativeAmount, signature, ...(signed ? { allocation } : {}) };
  return post(url, { action: "open", type: "hash", ...open, ...voucher }, key, person);
}

export async function get(url: string): Promise<Answer> {
  return answerOf(await fetch(url));
}
