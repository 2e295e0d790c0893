import { parseArgs } from "node:util";
import { type Address, isAddress } from "viem";
import { FarthingError } from "../protocol/errors.ts";
import type { TableOptions } from "./formatTable.ts";

/** What the audit's command was told, checked. */
export type AuditConfig = {
  rpc: string;
  escrow: Address;
  factory: Address | undefined;
  pools: readonly Address[] | undefined;
  fromBlock: bigint | undefined;
  /** The audited block. */
  at: bigint | undefined;
  json: string | undefined;
  csv: string | undefined;
  checkpoint: string | undefined;
  /** A collector's export and what it publishes, each a file or an http or https URL. */
  evidence: string | undefined;
  totals: string | undefined;
  tokens: readonly Address[] | undefined;
  fees: boolean;
  quiet: boolean;
  table: TableOptions;
};

/** The text of `--help`. */
export const help = `Usage: farthing audit --rpc URL --escrow ADDRESS [options]

Recomputes the books of an escrow, and of rounds that it pays into, from their logs and compares them with
their state, their holdings and every token's own transfers.
Exit code: 0 balanced, 1 not (the first broken fact is printed), 2 could not tell.

  --rpc URL            JSON-RPC endpoint of the chain; for past blocks one that keeps old state
  --escrow ADDRESS     the PaymentChannels contract
  --factory ADDRESS    audit also every round of this DonationPoolFactory, and the registries that they rest on
  --pool ADDRESS       audit also this round; may be given again; with --factory, these alone of its rounds
  --evidence FILE|URL  prove a collector's export (GET /evidence) of one of these rounds by signatures and the chain
  --totals FILE|URL    with --evidence: what the collector publishes (GET /totals), held to what the export proves
  --from-block N       first block to read, no later than any of these was deployed; found by bisection unless given
  --at BLOCK           audit as of this block; the head unless given
  --token ADDRESS      the verdict is about this token alone; may be given again
  --json FILE          write the report as JSON
  --csv FILE           write the totals of tokens and payees as comma-separated values
  --checkpoint FILE    keep progress there, and go on from it
  --no-fees            do not read transactions for gas and fees: much faster on a long history
  --quiet              no progress, no table: files and exit code speak
  --symbol ADDRESS=NAME:DECIMALS  print this token's amounts in whole units; may be given again
  --gifts N            print what each of N gifts cost
  --l2-gas-price WEI   count money at this gas price and a modelled L1 data fee, not at the fees paid
  --eth-usd PRICE      print costs in US dollars at this price of the native coin
`;

/**
 * Reads the command's flags.
 * @returns undefined when help was asked for.
 * @throws {@link AuditConfigError} with one line that says which input is wrong.
 */
export function readConfig(args: readonly string[]): AuditConfig | undefined {
  const flags = parse(args);
  if (flags.help) return undefined;
  const gifts = whole("gifts", flags.gifts);
  const ethUsd = flags["eth-usd"];
  if (flags.totals !== undefined && flags.evidence === undefined) {
    throw new AuditConfigError("--totals is held to --evidence, which is missing");
  }
  if (flags.evidence !== undefined && flags.pool === undefined && flags.factory === undefined) {
    throw new AuditConfigError("--evidence is of a round: name it with --pool, or its --factory");
  }
  if (ethUsd !== undefined && !/^\d{1,9}(\.\d{1,9})?$/.test(ethUsd)) {
    throw new AuditConfigError("--eth-usd must be a price such as 2500 or 2500.50");
  }
  return {
    rpc: url(flags.rpc),
    escrow: address("--escrow", flags.escrow),
    factory: flags.factory === undefined ? undefined : address("--factory", flags.factory),
    pools: flags.pool?.map((pool) => address("--pool", pool)),
    fromBlock: whole("from-block", flags["from-block"]),
    at: whole("at", flags.at),
    json: flags.json,
    csv: flags.csv,
    checkpoint: flags.checkpoint,
    evidence: flags.evidence,
    totals: flags.totals,
    tokens: flags.token?.map((token) => address("--token", token)),
    fees: !flags["no-fees"],
    quiet: flags.quiet ?? false,
    table: {
      tokenSymbols: Object.fromEntries((flags.symbol ?? []).map(symbol)),
      gifts: gifts === undefined ? undefined : Number(gifts),
      l2GasPriceWei: whole("l2-gas-price", flags["l2-gas-price"]),
      ethUsd: ethUsd === undefined ? undefined : Number(ethUsd),
    },
  };
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  const texts = { type: "string", multiple: true } as const;
  const yes = { type: "boolean" } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        rpc: text,
        escrow: text,
        factory: text,
        pool: texts,
        "from-block": text,
        at: text,
        token: texts,
        json: text,
        csv: text,
        checkpoint: text,
        evidence: text,
        totals: text,
        "no-fees": yes,
        quiet: yes,
        symbol: texts,
        gifts: text,
        "l2-gas-price": text,
        "eth-usd": text,
        help: yes,
      },
    }).values;
  } catch (cause) {
    const message = cause instanceof Error ? (cause.message.split(". ")[0] ?? cause.message) : String(cause);
    throw new AuditConfigError(`${message}; --help lists the options`, { cause });
  }
}

function url(value: string | undefined): string {
  if (value !== undefined && /^https?:$/.test(URL.parse(value)?.protocol ?? "")) return value;
  throw new AuditConfigError("--rpc must be an http or https URL");
}

function address(flag: string, value: string | undefined): Address {
  if (value !== undefined && isAddress(value, { strict: false })) return value.toLowerCase() as Address;
  throw new AuditConfigError(`${flag} must be an address: 0x and 40 hexadecimal digits`);
}

function whole(flag: string, value: string | undefined): bigint | undefined {
  if (value === undefined) return undefined;
  if (!/^\d{1,15}$/.test(value)) throw new AuditConfigError(`--${flag} must be a whole number`);
  return BigInt(value);
}

function symbol(text: string): [Address, { symbol: string; decimals: number }] {
  const [, token, name, decimals] = /^(0x[0-9a-fA-F]{40})=([^:=\s]{1,20}):(\d{1,2})$/.exec(text) ?? [];
  if (!token || !name || !decimals) throw new AuditConfigError("--symbol must look like 0x…=USDC:6");
  return [token.toLowerCase() as Address, { symbol: name, decimals: Number(decimals) }];
}

/** A flag of the audit's command is wrong; the message says which and what it should be. */
export class AuditConfigError extends FarthingError {
  override readonly name = "AuditConfigError";
  constructor(message: string, options?: ErrorOptions) {
    super("bad-config", message, options);
  }
}
