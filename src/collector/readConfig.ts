import { type Address, type Hex, hexToBytes } from "viem";
import { inputsOf } from "../keeper/inputs.ts";
import { FarthingError } from "../protocol/errors.ts";
import type { CollectorTerms } from "./options.ts";

/** What the collector's command was told, checked. */
export type CollectorConfig = {
  rpc: string;
  pool: Address;
  store: string;
  allowEmptyStore: boolean;
  host: string;
  port: number;
  origin: string;
  realm: string;
  terms: CollectorTerms;
  confirmations: number;
  fromBlock: bigint;
  /** Milliseconds between looks at the round. */
  interval: number;
  /** Challenges' secret; undefined for one that lasts as long as the process. */
  secret: Uint8Array<ArrayBuffer> | undefined;
  relay: RelayConfig | undefined;
};

export type RelayConfig = {
  key: Hex;
  /** Base units of the round's token. */
  minDeposit: bigint;
  perPayer: number;
  /** Opens at work at once. */
  concurrency: number;
  /** Wei. */
  perDay: bigint;
  /** Wei. */
  maxCost: bigint;
};

/** The text of `--help`. */
export const help = `Usage: farthing collector --rpc URL --pool ADDRESS --store PATH [options]

Takes gifts to the projects of one round: each is a donor's signed voucher with its allocation, on the disk before it is
acknowledged. It holds no money and no key to any; a keeper collects what its store holds. Each flag can be an environment
variable instead: FARTHING_ and its name, as FARTHING_RPC. Amounts are base units of the round's token.

  --rpc URL            JSON-RPC endpoint of the chain
  --pool ADDRESS       the round's DonationPool
  --store PATH         SQLite file, made if there is none; the keeper's --store
  --allow-empty-store  start on an empty store although the chain shows channels to the pool
  --port N             where to serve (8402), 0 for any free port
  --host NAME          on which interface (127.0.0.1); put TLS in front of it
  --origin ORIGIN      whose pages may read the answers (*)
  --realm NAME         the challenges' protection space (gifts)
  --margin SECONDS     how long before the round's end the last gift is taken (600): the keeper's time to collect
  --least-gift UNITS   least that one request may add to one project (1)
  --most-gifts N       most gifts of one allocation (64)
  --min-deposit UNITS  least deposit of a channel (1)
  --suggested-deposit UNITS  what a new channel is advised to lock
  --max-unsettled UNITS  most that a channel may owe before the keeper collects it
  --close-least UNITS  least that a close must give back to its donor for the keeper to pay for it (1)
  --close-per-payer N  most close requests of one payer a day (3)
  --relay-key-file PATH  file with a key in hexadecimal that opens channels for donors without coin, or FARTHING_RELAY_KEY
  --relay-min-deposit UNITS  least deposit that is opened for them; needed with the key
  --relay-per-payer N  most opens of one payer an hour (3)
  --relay-at-once N    most opens at work at once (8)
  --relay-max-cost WEI most that one open may cost (1000000000000000)
  --relay-per-day WEI  most that opens may cost in 24 hours (100000000000000000)
  --secret-file PATH   file with 32 bytes in hexadecimal that seal challenges, or FARTHING_COLLECTOR_SECRET; a fresh one unless given
  --confirmations N    blocks on top of what is believed of channels (2)
  --from-block N       the block of the pool's making (0)
  --interval SECONDS   between looks at the round (3)
  --freshness SECONDS  how old what is known of the chain may be when a gift is judged (10)
`;

/**
 * Reads flags, then the environment for what no flag says.
 * @returns undefined when help was asked for.
 * @throws {@link CollectorConfigError} with one line that says which input is wrong.
 */
export function readConfig(
  args: readonly string[],
  env: Record<string, string | undefined>,
): CollectorConfig | undefined {
  const flags = inputs.parse(args, options);
  if (flags.help) return undefined;
  const variable = (name: string) => env[`FARTHING_${name.toUpperCase().replaceAll("-", "_")}`];
  const text = (name: TextFlag) => flags[name] ?? variable(name);
  const whole = (name: TextFlag, fallback: number, least = 0) =>
    inputs.whole(name, text(name) ?? String(fallback), least);
  const amount = (name: TextFlag, fallback?: bigint) => {
    const value = text(name) ?? fallback?.toString();
    return value === undefined ? undefined : inputs.amount(name, value);
  };
  const store = text("store");
  if (!store) throw new CollectorConfigError("--store is missing: name the SQLite file that keeps what donors sign");
  const port = whole("port", 8402);
  if (port > 65_535) throw new CollectorConfigError("--port must be at most 65535");
  const [suggestedDeposit, maxUnsettledPerChannel] = [amount("suggested-deposit"), amount("max-unsettled")];
  const secret = inputs.secret("secret-file", text("secret-file"), env.FARTHING_COLLECTOR_SECRET);

  function readRelay(): RelayConfig | undefined {
    const key = inputs.secret("relay-key-file", text("relay-key-file"), env.FARTHING_RELAY_KEY);
    const minDeposit = amount("relay-min-deposit");
    if (!key && minDeposit === undefined) return undefined;
    if (!key) throw new CollectorConfigError("no relay key: give --relay-key-file, or FARTHING_RELAY_KEY");
    if (minDeposit === undefined) {
      throw new CollectorConfigError("--relay-min-deposit is missing: say from which deposit opens are paid for");
    }
    const perPayer = whole("relay-per-payer", 3, 1);
    const concurrency = whole("relay-at-once", 8, 1);
    const perDay = amount("relay-per-day", 10n ** 17n) ?? 0n;
    const maxCost = amount("relay-max-cost", 10n ** 15n) ?? 0n;
    if (maxCost > perDay) throw new CollectorConfigError("--relay-max-cost must not be above --relay-per-day");
    return { key, minDeposit, perPayer, concurrency, perDay, maxCost };
  }

  return {
    rpc: inputs.url("rpc", text("rpc")),
    pool: inputs.address("--pool", text("pool")),
    store,
    allowEmptyStore: flags["allow-empty-store"] ?? env.FARTHING_ALLOW_EMPTY_STORE === "1",
    host: text("host") ?? "127.0.0.1",
    port,
    origin: text("origin") ?? "*",
    realm: text("realm") ?? "gifts",
    terms: {
      margin: BigInt(whole("margin", 600, 1)),
      leastGift: amount("least-gift", 1n) ?? 1n,
      mostGifts: whole("most-gifts", 64, 1),
      minDeposit: amount("min-deposit", 1n) ?? 1n,
      freshness: whole("freshness", 10) * 1_000,
      ...(suggestedDeposit === undefined ? {} : { suggestedDeposit }),
      ...(maxUnsettledPerChannel === undefined ? {} : { maxUnsettledPerChannel }),
      closing: { leastRemainder: amount("close-least", 1n) ?? 1n, perPayer: whole("close-per-payer", 3, 1) },
    },
    confirmations: whole("confirmations", 2),
    fromBlock: BigInt(whole("from-block", 0)),
    interval: whole("interval", 3, 1) * 1_000,
    secret: secret && new Uint8Array(hexToBytes(secret)),
    relay: readRelay(),
  };
}

/** One of the command's inputs is missing or malformed. Never repeats a key or a secret. */
export class CollectorConfigError extends FarthingError {
  override readonly name = "CollectorConfigError";
  constructor(message: string) {
    super("collector-config", `${message}. See --help.`);
  }
}

const inputs = inputsOf((message) => new CollectorConfigError(message));

const options = {
  rpc: { type: "string" },
  pool: { type: "string" },
  store: { type: "string" },
  "allow-empty-store": { type: "boolean" },
  port: { type: "string" },
  host: { type: "string" },
  origin: { type: "string" },
  realm: { type: "string" },
  margin: { type: "string" },
  "least-gift": { type: "string" },
  "most-gifts": { type: "string" },
  "min-deposit": { type: "string" },
  "suggested-deposit": { type: "string" },
  "max-unsettled": { type: "string" },
  "close-least": { type: "string" },
  "close-per-payer": { type: "string" },
  "relay-key-file": { type: "string" },
  "relay-min-deposit": { type: "string" },
  "relay-per-payer": { type: "string" },
  "relay-at-once": { type: "string" },
  "relay-max-cost": { type: "string" },
  "relay-per-day": { type: "string" },
  "secret-file": { type: "string" },
  confirmations: { type: "string" },
  "from-block": { type: "string" },
  interval: { type: "string" },
  freshness: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

type TextFlag = {
  [name in keyof typeof options]: (typeof options)[name]["type"] extends "string" ? name : never;
}[keyof typeof options];
