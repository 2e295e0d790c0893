// A run's summary from its records.
import { readFile } from "node:fs/promises";
import { type Address, formatUnits } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { nativeCoin } from "../../src/protocol/index.ts";
import { coinUsd, gasPrice, key, projects } from "./cast.ts";
import type { Cycle } from "./cycle.ts";
import type { RunSummary } from "./summary.ts";

/** The parts of the audit's JSON that the summary needs; amounts are decimal strings. */
type AuditJson = {
  tokens: { token: Address; deposited: string; settled: string; refunded: string; locked: string }[];
  payees: { payee: Address; token: Address; settled: string }[];
  costs: { transactions: number; gasUsed: string; fee: string };
};

export async function summarize(
  cycle: Cycle,
  run: { seed: string; seconds: number; balanced: boolean },
): Promise<RunSummary> {
  const audit = JSON.parse(await readFile(cycle.auditFile, "utf8")) as AuditJson;
  const { gifts } = cycle.clients;
  const symbolOf = (token: Address) => (token === nativeCoin ? "ETH" : "USDD");
  const tokens = audit.tokens
    .map(({ token, deposited: opened, settled, refunded, locked }) => {
      const decimals = token === nativeCoin ? 18 : 6;
      return { symbol: symbolOf(token), decimals, opened, settled, refunded, locked };
    })
    .sort((one, other) => other.symbol.localeCompare(one.symbol));
  return {
    ...run,
    payers: cycle.members.length,
    gifts,
    giftsPerSecond: gifts / cycle.givingSeconds,
    tokens,
    projects: projects.map((name, index) => {
      const payee = privateKeyToAccount(key(run.seed, "payee", index)).address.toLowerCase();
      const own = audit.payees.filter((one) => one.payee.toLowerCase() === payee);
      return {
        name,
        gifts: cycle.reports
          .filter(({ member }) => cycle.members[member]?.project === index)
          .reduce((sum, one) => sum + one.gifts, 0),
        settled: Object.fromEntries(own.map(({ token, settled }) => [symbolOf(token), settled])),
      };
    }),
    exits: cycle.ended.flatMap(({ exit, graceLeft }) => {
      const member = cycle.members[exit.member];
      if (!member || graceLeft === undefined) return [];
      const symbol = member.currency === "native" ? "ETH" : "USDD";
      return [
        {
          project: projects[member.project] ?? "",
          symbol,
          owed: (exit.authorized - exit.settledThen).toString(),
          graceLeft,
        },
      ];
    }),
    transactions: audit.costs.transactions,
    gas: { total: audit.costs.gasUsed, perGift: Math.round(Number(audit.costs.gasUsed) / gifts).toString() },
    cost: {
      perGiftUsd: ((Number(formatUnits(BigInt(audit.costs.gasUsed) * gasPrice, 18)) * Number(coinUsd)) / gifts).toFixed(
        6,
      ),
      assumption: `Assumed: ${formatUnits(gasPrice, 9)} gwei a unit of L2 gas, ${coinUsd} dollars a coin; the L1 data fee is not in it.`,
    },
  };
}
