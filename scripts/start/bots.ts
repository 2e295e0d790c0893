// The payers of the demonstration, one process: they give over HTTP, and write down every acknowledgement that they got.
import { createWriteStream } from "node:fs";
import type { Address, Hex } from "viem";
import { type PayingFetch, payFetch } from "../../src/http/index.ts";
import { createPayer, type PayerChannel } from "../../src/payer/index.ts";
import { nativeCoin } from "../../src/protocol/index.ts";
import { filePayerStore } from "../../src/store/filePayerStore.ts";
import { deposit, firstDeposit, type Member, price, session, tickValue, wallet } from "./cast.ts";
import { vandalise } from "./vandal.ts";
import { clientOf, openByPermit2, topUp } from "./ways.ts";

/** What the parent tells the bots, as JSON in FARTHING_BOTS. */
export type BotsConfig = {
  seed: string;
  rpc: string;
  escrow: Address;
  chainId: number;
  token: Address;
  members: Member[];
  projects: { url: string; payee: Address }[];
  /** The file of acknowledgements, and the folder of the payers' stores. */
  log: string;
  stores: string;
};

/** One line of the log: a gift that a project acknowledged with a receipt. */
export type Acknowledged = { channelId: Hex; member: number; amount: string; authorized: string };

/** What each member reports when it is done. */
export type Report = {
  member: number;
  channelId?: Hex;
  gifts: number;
  authorized?: string;
  left?: Hex;
  refusals?: number;
};

const config = JSON.parse(process.env.FARTHING_BOTS ?? "{}") as BotsConfig;
const escrow = { address: config.escrow, chainId: config.chainId };
const log = createWriteStream(config.log, { flags: "a" });
let acknowledged = 0;

process.on("disconnect", () => process.exit(1));
process.send?.({ ready: true });
const timer = setInterval(() => process.send?.({ acknowledged }), 500);
const reports = await Promise.all(config.members.map(play));
clearInterval(timer);
await new Promise<void>((resolve, reject) => log.end((error?: Error | null) => (error ? reject(error) : resolve())));
process.send?.({ acknowledged, reports }, () => process.exit(0));

async function play(member: Member): Promise<Report> {
  const project = config.projects[member.project];
  if (!project) throw new Error(`there is no project ${member.project}`);
  if (member.role === "vandal") return vandalise(member, config, escrow);

  const account = wallet(config.seed, member.index);
  const hasGas = member.way !== "authorization";
  const store = filePayerStore(`${config.stores}/${member.index}.jsonl`);
  const payer = createPayer({
    client: clientOf(config, hasGas ? account : undefined),
    signer: hasGas ? session(config.seed, member.index) : account,
    store,
    escrow,
    policy: { perRequest: price[member.currency] },
  });
  const pin = { payee: project.payee, token: member.currency === "native" ? nativeCoin : config.token };
  const first = firstDeposit(member);
  // A project's server offers to relay an EIP-3009 open before anything else: who opens otherwise does so ahead of its first gift.
  if (member.way === "approval") await payer.open({ ...pin, deposit: first });
  if (member.way === "permit2") {
    await openByPermit2(member, pin.payee, first, config);
    await payer.discover(pin);
  }
  const budget = { perRequest: price[member.currency] };
  const ticks = { value: tickValue[member.currency] };
  const paid = payFetch(fetch, payer, {
    ...{ pin, budget, open: { deposit: first } },
    ...(member.role === "metered" ? { ticks } : {}),
  });

  const url = `${project.url}/gift/${member.currency}`;
  const half = Math.ceil(member.gifts / 2);
  await give(member, paid, url, 0, half);
  const channel = await paid.channel();
  if (!channel) throw new Error(`payer ${member.index} has no channel after giving`);
  if (member.topsUp) await topUp(member, channel, deposit[member.currency] - first, config);
  await give(member, paid, url, half, member.gifts);
  const authorized = price[member.currency] * BigInt(member.gifts);
  const left = await leave(member, channel, paid, url, project.url);
  await store.close();
  return {
    member: member.index,
    channelId: channel.id,
    gifts: member.gifts,
    authorized: authorized.toString(),
    ...(left ? { left } : {}),
  };
}

/** Gives one gift after another, two at a time, and logs each receipt: those after the first `from`, up to `to` in all. */
async function give(member: Member, paid: PayingFetch, url: string, from: number, to: number): Promise<void> {
  let left = to - from;
  let authorized = price[member.currency] * BigInt(from);
  const hand = async () => {
    while (left > 0) {
      left -= 1;
      const response = await paid(url);
      if (!response.ok)
        throw new Error(`payer ${member.index}: a gift was answered ${response.status}: ${await response.text()}`);
      await response.arrayBuffer();
      const channel = await paid.channel();
      if (!channel) throw new Error(`payer ${member.index} paid without a channel`);
      acknowledged += 1;
      authorized += price[member.currency];
      const line: Acknowledged = {
        channelId: channel.id,
        member: member.index,
        amount: price[member.currency].toString(),
        authorized: authorized.toString(),
      };
      log.write(`${JSON.stringify(line)}\n`);
    }
  };
  await Promise.all([hand(), hand()]);
}

/** Leaves as its role does; resolves with the transaction that asked for the exit, where the member sent one. */
async function leave(
  member: Member,
  channel: PayerChannel,
  paid: PayingFetch,
  url: string,
  projectUrl: string,
): Promise<Hex | undefined> {
  if (member.role === "silent") return channel.requestClose();
  if (member.role === "closer") await paid.close(url);
  if (member.role === "leaver") {
    const { channelId, deposit: locked, signature } = await channel.signCloseRequest();
    const body = JSON.stringify({ channelId, deposit: locked.toString(), signature });
    const response = await fetch(`${projectUrl}/close-requests`, { method: "POST", body });
    if (response.status !== 202) throw new Error(`the close request was answered ${response.status}`);
  }
  return undefined;
}
