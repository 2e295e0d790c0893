// The demonstration's own judgement: every claim that a run makes, checked from records that do not know each other.
import { readFile } from "node:fs/promises";
import { type Address, formatUnits } from "viem";
import { nativeCoin } from "../../src/protocol/index.ts";
import type { Acknowledged, Report } from "./bots.ts";
import { type Member, projects, wallet } from "./cast.ts";
import type { SilentExit } from "./exits.ts";
import type { World } from "./world.ts";

/** One claim: what was expected, whether it holds, in a sentence with the figures. */
export type Claim = { holds: boolean; sentence: string };

export type Ended = { exit: SilentExit; settled: bigint; finalized: boolean; graceLeft: number | undefined };

/** What a member's client wrote down, summed by currency; base units. */
export type ClientSums = { gifts: number; token: bigint; native: bigint };

/** Adds up the clients' own log of acknowledgements. */
export async function sumLog(file: string, members: readonly Member[]): Promise<ClientSums> {
  const sums: ClientSums = { gifts: 0, token: 0n, native: 0n };
  const currencies = new Map(members.map(({ index, currency }) => [index, currency]));
  for (const line of (await readFile(file, "utf8")).split("\n")) {
    if (!line) continue;
    const { member, amount } = JSON.parse(line) as Acknowledged;
    const currency = currencies.get(member);
    if (!currency) throw new Error(`the log names a payer ${member} who takes no part`);
    sums.gifts += 1;
    sums[currency] += BigInt(amount);
  }
  return sums;
}

export type Evidence = {
  world: World;
  seed: string;
  members: readonly Member[];
  reports: readonly Report[];
  ended: readonly Ended[];
  clients: ClientSums;
  /** The audit's exit code and its totals by token. */
  audit: { code: number; tokens: readonly { token: Address; settled: bigint; refunded: bigint; closed: number }[] };
  leastGifts: number;
};

export async function judge(evidence: Evidence): Promise<Claim[]> {
  const { members, reports, ended, clients, audit, leastGifts } = evidence;
  const settled = (native: boolean) =>
    audit.tokens.filter(({ token }) => (token === nativeCoin) === native).reduce((sum, one) => sum + one.settled, 0n);
  const claims: Claim[] = [
    claim(clients.gifts >= leastGifts, `${clients.gifts} gifts were acknowledged, at least ${leastGifts} were to be`),
    claim(
      clients.token === settled(false),
      `clients have receipts for ${dollars(clients.token)}, the chain settled ${dollars(settled(false))}`,
    ),
    claim(
      clients.native === settled(true),
      `clients have receipts for ${coins(clients.native)}, the chain settled ${coins(settled(true))}`,
    ),
    claim(audit.code === 0, audit.code === 0 ? "the audit says balanced" : `the audit ended with ${audit.code}`),
    ...ended.map(silentClaim(members)),
    claim(
      ended.length === members.filter(({ role }) => role === "silent").length,
      `${ended.length} payers asked to leave and fell silent`,
    ),
    ...refusals(reports, members),
  ];
  return [...claims, await withoutGas(evidence), closedClaim(evidence)];
}

function silentClaim(members: readonly Member[]) {
  return ({ exit, settled, graceLeft }: Ended): Claim => {
    const member = members[exit.member];
    const show = member?.currency === "native" ? coins : dollars;
    const owed = exit.authorized - exit.settledThen;
    const who = `a silent payer of ${projects[member?.project ?? 0]} owed ${show(owed)} when it asked to leave`;
    if (owed <= 0n) return claim(false, `${who}: nothing was at risk, so nothing was shown`);
    if (settled !== exit.authorized || graceLeft === undefined) {
      return claim(false, `${who}, and only ${show(settled)} of ${show(exit.authorized)} was ever paid`);
    }
    return claim(graceLeft > 0, `${who}; paid in full with ${(graceLeft / 3600).toFixed(1)} h of grace left`);
  };
}

function refusals(reports: readonly Report[], members: readonly Member[]): Claim[] {
  return members
    .filter(({ role }) => role === "vandal")
    .map(({ index }) => {
      const refused = reports.find(({ member }) => member === index)?.refusals ?? 0;
      return claim(refused > 0, `${refused} pieces of garbage were refused with a problem, and none was served`);
    });
}

/** Those who signed authorizations never had any coin, and still opened, topped up, gave and, one of them, left. */
async function withoutGas({ world, seed, members, reports }: Evidence): Promise<Claim> {
  const relayed = members.filter(({ way }) => way === "authorization");
  const balances = await Promise.all(
    relayed.map(({ index }) => world.client.getBalance({ address: wallet(seed, index).address })),
  );
  const gave = relayed.filter(({ index }) => (reports.find(({ member }) => member === index)?.gifts ?? 0) > 0).length;
  const holds = relayed.length > 0 && gave === relayed.length && balances.every((balance) => balance === 0n);
  return claim(holds, `${gave} payers without any native coin opened by signature and gave`);
}

/** Closers at once, the others who left after their grace period. */
function closedClaim({ members, audit }: Evidence): Claim {
  const leaving = members.filter(({ role }) => role === "closer" || role === "silent" || role === "leaver").length;
  const closed = audit.tokens.reduce((sum, token) => sum + token.closed, 0);
  return claim(closed === leaving, `${closed} channels are closed, of ${leaving} whose payers left`);
}

export function claim(holds: boolean, sentence: string): Claim {
  return { holds, sentence };
}

export const dollars = (units: bigint) => `${formatUnits(units, 6)} USDD`;
const coins = (wei: bigint) => `${formatUnits(wei, 18)} ETH`;
