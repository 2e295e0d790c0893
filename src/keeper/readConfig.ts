import { existsSync } from "node:fs";
import type { Address, Hex } from "viem";
import { FarthingError } from "../protocol/errors.ts";
import { inputsOf } from "./inputs.ts";
import type { TokenPrice } from "./policy.ts";
import type { PayoutRule } from "./rounds/options.ts";

/** What the keeper's command was told, checked. */
export type KeeperConfig = {
  rpc: string;
  rpc2: string | undefined;
  escrow: Address;
  /** Payees' store files; all exist. */
  stores: readonly string[];
  journal: string | undefined;
  key: Hex;
  port: number | undefined;
  once: boolean;
  dryRun: boolean;
  /** Milliseconds between passes of the deadline loop. */
  interval: number;
  confirmations: number;
  /** How long the lease is good, milliseconds: how long after a crash another keeper must wait. */
  leaseTtl: number;
  /** How many times its fee a settlement must be worth. */
  times: bigint;
  /** Seconds. */
  maxAge: bigint;
  prices: ReadonlyMap<Address, TokenPrice>;
  rounds: readonly RoundConfig[];
};

/** A round that the command was told to keep. */
export type RoundConfig = {
  pool: Address;
  /** The collector's store file, one of the stores. */
  store: string;
  /** Seconds. */
  margin: bigint;
  /** The closer's private key. */
  closer: Hex | undefined;
  fromBlock: bigint;
  claims: PayoutRule;
  refunds: PayoutRule;
  unsettled: "settle" | "refund";
};

/** The text of `--help`. */
export const help = `Usage: farthing keeper --rpc URL --escrow ADDRESS --store PATH [options]

Settles the vouchers in payees' stores, in time and at least cost, and keeps rounds of giving. It needs a key of its own
with coin for fees, and nobody else's but, for a round, its closer's. Each flag can be an environment variable instead: FARTHING_ and its name, as FARTHING_RPC.

  --rpc URL            JSON-RPC endpoint of the chain
  --rpc2 URL           a second, independent one: where they differ, the worse news counts
  --escrow ADDRESS     the PaymentChannels contract
  --store PATH         a payee's SQLite store; may be given again (in the environment, separated by commas)
  --journal PATH       SQLite file for journal and lease; the first store unless given. Share it between keepers of one key
  --key-file PATH      file with the private key in hexadecimal; or put the key itself into FARTHING_KEEPER_KEY
  --price TOKEN=WEI/UNITS  what UNITS base units of a token are worth; may be given again
  --times N            settle once worth N times the fee (10)
  --max-age SECONDS    settle whatever it costs after this long (604800, a week)
  --pool ADDRESS[=PATH]  a round to keep, and its collector's store if not the only --store; may be given again
  --margin SECONDS     before a round's end, the collector's: in it everything is collected, at a loss too (600)
  --closer-key PATH    file with the key of the rounds' closer; or put the key itself into FARTHING_CLOSER_KEY
  --from-block N       where reading the rounds' events starts: the block of their making (0)
  --claims RULE        pay projects what they are due: never, always, or once worth so many times the fee (never)
  --refunds RULE       the same for donors and sponsors, once a round is over (10)
  --unsettled VERB     what to do with a round that nobody settled in time: settle or refund (settle)
  --confirmations N    blocks on top of what counts (2)
  --interval SECONDS   between looks at deadlines (12); exits every two, ordinary value every ten of them
  --lease SECONDS      how long after a crash another keeper of this key must wait (60)
  --port N             serve /healthz and /metrics on 127.0.0.1
  --once               one run, then exit: 0 fine, 1 something is quarantined or overdue, 2 could not tell
  --dry-run            print what would be done with each channel and why; send nothing
`;

/**
 * Reads flags, then the environment for what no flag says.
 * @returns undefined when help was asked for.
 * @throws {@link KeeperConfigError} with one line that says which input is wrong.
 */
export function readConfig(args: readonly string[], env: Record<string, string | undefined>): KeeperConfig | undefined {
  const flags = inputs.parse(args, options);
  if (flags.help) return undefined;
  const text = (name: TextFlag) =>
    flags[name] ?? (name === "closer-key" ? undefined : env[`FARTHING_${name.toUpperCase().replaceAll("-", "_")}`]);
  const list = (name: "store" | "price" | "pool") =>
    flags[name] ?? env[`FARTHING_${name.toUpperCase()}`]?.split(",") ?? [];
  const whole = (name: TextFlag, fallback: number, least = 0) =>
    inputs.whole(name, text(name) ?? String(fallback), least);
  const journal = text("journal");
  const pools = list("pool").map(pool);
  const stores = [...new Set([...list("store"), ...pools.flatMap(({ store }) => store ?? [])])];
  if (stores.length === 0) throw new KeeperConfigError("--store is missing: name at least one payee's store");
  for (const path of stores) {
    if (!existsSync(path)) throw new KeeperConfigError(`--store ${path} does not exist; its payee makes it`);
  }
  return {
    rpc: inputs.url("rpc", text("rpc")),
    rpc2: text("rpc2") === undefined ? undefined : inputs.url("rpc2", text("rpc2")),
    escrow: inputs.address("--escrow", text("escrow")),
    stores,
    journal,
    key: required(inputs.secret("key-file", text("key-file"), env.FARTHING_KEEPER_KEY)),
    port: text("port") === undefined ? undefined : whole("port", 0),
    once: flags.once ?? env.FARTHING_ONCE === "1",
    dryRun: flags["dry-run"] ?? env.FARTHING_DRY_RUN === "1",
    interval: whole("interval", 12, 1) * 1_000,
    confirmations: whole("confirmations", 2),
    leaseTtl: whole("lease", 60, 1) * 1_000,
    times: BigInt(whole("times", 10)),
    maxAge: BigInt(whole("max-age", 604_800)),
    prices: new Map(list("price").map(price)),
    rounds: pools.map(({ pool, store }) => ({
      pool,
      store: store ?? only(stores),
      margin: BigInt(whole("margin", 600)),
      closer: inputs.secret("closer-key", text("closer-key"), env.FARTHING_CLOSER_KEY),
      fromBlock: BigInt(whole("from-block", 0)),
      claims: rule("claims", text("claims") ?? "never"),
      refunds: rule("refunds", text("refunds") ?? "10"),
      unsettled: verb(text("unsettled") ?? "settle"),
    })),
  };
}

/** One of the command's inputs is missing or malformed. Never repeats a key. */
export class KeeperConfigError extends FarthingError {
  override readonly name = "KeeperConfigError";
  constructor(message: string) {
    super("keeper-config", `${message}. See --help.`);
  }
}

const inputs = inputsOf((message) => new KeeperConfigError(message));

const options = {
  rpc: { type: "string" },
  rpc2: { type: "string" },
  escrow: { type: "string" },
  store: { type: "string", multiple: true },
  journal: { type: "string" },
  "key-file": { type: "string" },
  price: { type: "string", multiple: true },
  pool: { type: "string", multiple: true },
  margin: { type: "string" },
  "closer-key": { type: "string" },
  "from-block": { type: "string" },
  claims: { type: "string" },
  refunds: { type: "string" },
  unsettled: { type: "string" },
  times: { type: "string" },
  "max-age": { type: "string" },
  confirmations: { type: "string" },
  interval: { type: "string" },
  lease: { type: "string" },
  port: { type: "string" },
  once: { type: "boolean" },
  "dry-run": { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

type TextFlag = Exclude<
  {
    [name in keyof typeof options]: (typeof options)[name]["type"] extends "string" ? name : never;
  }[keyof typeof options],
  "store" | "price" | "pool"
>;

function required(key: Hex | undefined): Hex {
  if (key) return key;
  throw new KeeperConfigError("no key: give --key-file, or FARTHING_KEEPER_KEY in the environment");
}

function pool(text: string): { pool: Address; store: string | undefined } {
  const [name, path] = text.split(/=(.*)/s);
  return { pool: inputs.address("--pool", name), store: path };
}

function only(stores: readonly string[]): string {
  const [store] = stores;
  if (store && stores.length === 1) return store;
  throw new KeeperConfigError("--pool must name its collector's store where there are several: ADDRESS=PATH");
}

function rule(name: string, text: string): PayoutRule {
  if (text === "never" || text === "always") return text;
  if (/^\d{1,12}$/.test(text)) return { times: BigInt(text) };
  throw new KeeperConfigError(`--${name} must be never, always or a whole number of times the fee`);
}

function verb(text: string): "settle" | "refund" {
  if (text === "settle" || text === "refund") return text;
  throw new KeeperConfigError("--unsettled must be settle or refund");
}

function price(text: string): [Address, TokenPrice] {
  const [, token, wei, units] = /^(0x[0-9a-fA-F]{40})=(\d+)\/([1-9]\d*)$/.exec(text) ?? [];
  if (!token || !wei || !units) throw new KeeperConfigError("--price must look like 0xTOKEN=WEI/UNITS");
  return [inputs.address("--price", token), { wei: BigInt(wei), units: BigInt(units) }];
}
