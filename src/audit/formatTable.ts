import { formatEther } from "viem";
import { formatEvidence } from "./evidence/formatEvidence.ts";
import { type L1DataFeeParameters, l1DataFee } from "./l1DataFee.ts";
import type { AuditReport, Costs, TokenReport } from "./report.ts";
import { formatRegistries, formatRoundProjects, formatRounds } from "./round/formatRounds.ts";
import { amount, name, type Symbols, table } from "./table.ts";

export type TableOptions = {
  /** Names and decimals by token address; base units are printed for a token that is not named. */
  tokenSymbols?: Symbols | undefined;
  /** Gifts that all these transactions carried, counted by whoever knows: prints what one of them cost. */
  gifts?: number | undefined;
  /** Assumed price of L2 gas, wei: prints money at this price instead of the fees paid. */
  l2GasPriceWei?: bigint | undefined;
  /** Assumed prices of L1 data; {@link assumedL1} when absent. */
  l1?: Omit<L1DataFeeParameters, "bytes"> | undefined;
  /** Assumed price of one ether, US dollars. */
  ethUsd?: number | undefined;
};

/** A quiet day's L1 (1 gwei, blobs 1 wei) and Base's scalars: assumptions for a model, not a quotation. */
export const assumedL1: Omit<L1DataFeeParameters, "bytes"> = {
  baseFee: 1_000_000_000n,
  blobBaseFee: 1n,
  scalars: { baseFee: 2_269n, blobBaseFee: 1_055_762n },
};

const verdicts = {
  balanced: "balanced: every unit is accounted for",
  broken: "NOT balanced",
  unknown: "could not tell",
};

/** Payees that a table shows; JSON and CSV have them all. */
const payeesShown = 10;

/** The report as text for a person: verdict first, then a table of tokens, of payees, and of costs. */
export function formatTable(report: AuditReport, options: TableOptions = {}): string {
  const { tokenSymbols } = options;
  const sections = [
    verdict(report),
    tokens(report, options),
    payees(report, options),
    formatRounds(report.rounds, tokenSymbols),
    ...report.rounds.map((round) => formatRoundProjects(round, tokenSymbols)),
    formatRegistries(report.registries, tokenSymbols),
    formatEvidence(report.evidence, tokenSymbols),
    costs(report.costs, options),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function verdict(report: AuditReport): string {
  const { escrow, block, fromBlock, events, unprovenCloses } = report;
  const count = Object.values(events).reduce((sum, number) => sum + number, 0);
  const lines = [
    verdicts[report.verdict],
    `escrow ${escrow.address} on chain ${escrow.chainId}, blocks ${fromBlock} to ${block.number} (${time(block.timestamp)}), ${count} events`,
    ...report.facts.slice(0, 10).map(({ code, message, pool, registry, channelId, transactionHash }) => {
      const place = pool ? `round ${pool}` : registry && `registry ${registry}`;
      const where = [place, channelId && `channel ${channelId}`, transactionHash && `transaction ${transactionHash}`];
      return `  ${[`${code}: ${message}`, ...where.filter(Boolean)].join(" ")}`;
    }),
    report.broken > 10 ? `  … ${report.broken} broken facts in all` : "",
    ...report.doubts.map((doubt) => `  ${doubt}`),
    unprovenCloses > 0
      ? `  ${unprovenCloses} early closes went through a contract: their payees' consent cannot be seen from here`
      : "",
  ];
  return lines.filter((line) => line !== "").join("\n");
}

function tokens(report: AuditReport, options: TableOptions): string {
  const amounts = ["deposited", "settled", "given", "refunded", "locked", "credits", "balance", "surplus"] as const;
  const rows = report.tokens.map((row: TokenReport) => [
    name(row.token, options.tokenSymbols),
    row.verdict,
    `${row.channels}`,
    `${row.closed}`,
    ...amounts.map((field) => amount(row[field], row.token, options.tokenSymbols)),
  ]);
  return table(["token", "verdict", "channels", "closed", ...amounts], rows);
}

function payees(report: AuditReport, options: TableOptions): string {
  const byGiven = report.payees.toSorted((a, b) => (a.given < b.given ? 1 : a.given > b.given ? -1 : 0));
  const rows = byGiven
    .slice(0, payeesShown)
    .map(({ payee, token, channels, settled, given }) => [
      payee,
      name(token, options.tokenSymbols),
      `${channels}`,
      amount(settled, token, options.tokenSymbols),
      amount(given, token, options.tokenSymbols),
    ]);
  const rest = report.payees.length - rows.length;
  const text = table(["payee", "token", "channels", "settled", "given"], rows);
  return rest > 0 ? `${text}\n… and ${rest} more` : text;
}

function costs(all: Costs | undefined, options: TableOptions): string {
  if (!all) return "";
  const { settling } = all;
  const rows = [cost("all transactions", all, all.transactions, options)];
  if (settling.settlements > 0) rows.push(cost("a settlement", settling, settling.settlements, options, true));
  if (options.gifts) rows.push(cost("a gift", all, options.gifts, options, true));
  const { l2GasPriceWei, ethUsd, l1 = assumedL1 } = options;
  const assumed = [
    l2GasPriceWei === undefined
      ? ""
      : `L2 gas at ${l2GasPriceWei} wei; L1 data modelled (${l1.rules ?? "fjord"}, uncompressed size, an upper bound) at base fee ` +
        `${l1.baseFee}, blob base fee ${l1.blobBaseFee} wei, scalars ${l1.scalars.baseFee} and ${l1.scalars.blobBaseFee}`,
    ethUsd === undefined ? "" : `one ether at ${ethUsd} US dollars`,
  ].filter((text) => text !== "");
  const note = assumed.length === 0 ? "" : `\nassumed: ${assumed.join("; ")}`;
  return `${table(["cost", "count", "gas", "fee, ether", "US dollars"], rows)}${note}`;
}

type Work = { transactions: number; gasUsed: bigint; fee: bigint; bytes: bigint };

/** One row of costs: in all, or of one among `count`. */
function cost(label: string, work: Work, count: number, options: TableOptions, each = false): string[] {
  const share = each ? count : 1;
  const wei = fee(work, options);
  const dollars = options.ethUsd === undefined ? "" : ((Number(wei) / 1e18) * (options.ethUsd / share)).toPrecision(4);
  const gas = each ? (Number(work.gasUsed) / share).toFixed(1) : `${work.gasUsed}`;
  return [label, `${count}`, gas, formatEther(wei / BigInt(share)), dollars];
}

function fee(work: Work, { l2GasPriceWei, l1 = assumedL1 }: TableOptions): bigint {
  if (l2GasPriceWei === undefined) return work.fee;
  // Every transaction at the average size: the model is a straight line above its floor.
  const each = work.transactions === 0 ? 0n : work.bytes / BigInt(work.transactions);
  return work.gasUsed * l2GasPriceWei + BigInt(work.transactions) * l1DataFee({ bytes: each, ...l1 });
}

function time(timestamp: bigint): string {
  return new Date(Number(timestamp) * 1_000).toISOString();
}
