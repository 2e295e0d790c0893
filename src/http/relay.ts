import { type Address, type Client, type Hash, type Hex, isAddressEqual } from "viem";
import { call } from "viem/actions";
import { chainNow, decodeChannelError, encodeOpenWithAuthorization, type Sender } from "../chain/index.ts";
import {
  authorizationNonce,
  type Channel,
  channelId,
  type Escrow,
  FarthingError,
  type RefusalCode,
  type TransferAuthorization,
} from "../protocol/index.ts";
import type { Journal } from "../store/index.ts";
import { createRelayBudget, RelayBudgetError } from "./relayBudget.ts";

/** What a server spends gas on for its clients. */
export type RelayPolicy = {
  /** Least deposit that is relayed, base units of each token; other tokens are not relayed. */
  minDeposit: Readonly<Record<Address, bigint>>;
  /** Most opens of one payer within `window`: 3 unless told. */
  perPayer?: number;
  /** Milliseconds: one hour unless told. */
  window?: number;
  /** Most opens at work at once: 8 unless told. */
  concurrency?: number;
  /** Most that one open may cost, wei. */
  maxCost?: bigint;
  /** Most that opens may cost within 24 hours, wei. Needs `maxCost` and the sender's journal. No limit unless told. */
  perDay?: bigint;
};

export type RelayOptions = {
  /** With a key of the relayer's own, never the keeper's or the payee's. */
  sender: Sender;
  client: Client;
  escrow: Escrow;
  policy: RelayPolicy;
  /** The sender's, where the policy has a `perDay`: what was spent outlives a restart there. */
  journal?: Journal;
  /** Unix milliseconds, for the window alone. */
  clock?: () => number;
  /** Told of faults behind an `unavailable`; never given a signature. */
  onFault?: (fault: { code: string; message: string }) => void;
};

export type RelayRequest = {
  channel: Channel;
  authorization: TransferAuthorization;
  /** EIP-3009, by the payer. It moves money: never log it. */
  signature: Hex;
};

export type Relayed =
  | { ok: true; hash: Hash }
  | { ok: false; code: RefusalCode; detail: string }
  | { ok: false; code: "rate-limited"; detail: string; retryAfter: number };

/** Opens channels for payers without coin. */
export type Relay = { open(request: RelayRequest): Promise<Relayed> };

/**
 * Cheap checks, then a simulation (which proves the payer's signature), then the payer's limit and the day's, then one
 * transaction. The same open asked for twice at once is sent once.
 * @throws {@link RelayBudgetError} for a daily limit that cannot be kept.
 */
export function createRelay(options: RelayOptions): Relay {
  const { sender, client, escrow, policy, clock = Date.now, onFault } = options;
  const { perPayer = 3, window = 3_600_000, concurrency = 8 } = policy;
  const opened = new Map<Address, number[]>();
  const running = new Map<Hex, Promise<Relayed>>();
  const budget = budgetOf(options, clock);

  async function relay(id: Hex, { channel, authorization, signature }: RelayRequest): Promise<Relayed> {
    const fault = termsFault(channel, authorization, await chainNow(client));
    if (fault) return fault;
    const { payer, payee, token, salt, authorizedSigner } = channel;
    const { value: deposit, validAfter, validBefore } = authorization;
    const opening = { payee, token, deposit, salt, authorizedSigner, from: payer, validAfter, validBefore, signature };
    const { to, data } = encodeOpenWithAuthorization({ address: escrow.address, ...opening });
    const reverted = await simulate(to, data);
    if (reverted) return reverted;
    const limited = take(payer);
    if (limited) return limited;
    const reserved = await budget?.reserve();
    if (typeof reserved === "number") return { ...spent, retryAfter: reserved };
    const { maxCost } = policy;
    const request = { to, data, purpose: "openWithAuthorization", channelIds: [id] };
    const sent = await sender
      .send({ ...request, ...(maxCost === undefined ? {} : { maxCost }) })
      .finally(() => reserved?.());
    const { status, outcome } = await sender.wait(sent);
    if (status === "mined" && outcome) return { ok: true, hash: outcome.hash };
    return refuse("transaction-reverted", "The opening transaction failed on-chain. Nothing was locked; sign another.");
  }

  function termsFault(channel: Channel, authorization: TransferAuthorization, now: bigint): Relayed | undefined {
    const { from, to, value, validAfter, validBefore, nonce } = authorization;
    const [, min] =
      Object.entries(policy.minDeposit).find(([token]) => isAddressEqual(token as Address, channel.token)) ?? [];
    if (min === undefined)
      return refuse("malformed", `Opens in token ${channel.token} are not relayed. Open it yourself.`);
    if (value < min) {
      return refuse(
        "insufficient-balance",
        `The deposit of ${value} is below the ${min} from which an open is relayed.`,
      );
    }
    const bound =
      from === channel.payer && to === escrow.address.toLowerCase() && nonce === authorizationNonce(channel);
    if (!bound) return refuse("malformed", "The authorization is not for this channel: check from, to and nonce.");
    if (validAfter >= now || validBefore <= now + margin) {
      return refuse(
        "transaction-reverted",
        "The authorization is not valid now, or not for long enough. Sign a fresh one.",
      );
    }
    return undefined;
  }

  async function simulate(to: Address, data: Hex): Promise<Relayed | undefined> {
    try {
      await call(client, { account: sender.address, to, data });
      return undefined;
    } catch (error) {
      const revert = decodeChannelError(error);
      // The client's own error carries the call's data, and that the signature.
      if (!revert) throw new RelayUnavailableError();
      if (revert.reason === "InvalidSignature") return refuse("invalid-signature", revert.message);
      const isToken = revert.reason === "Unknown" || revert.reason === "Error";
      const advice =
        "The token refuses the transfer: check the balance, the signature and that it was not used before.";
      return isToken ? refuse("insufficient-balance", advice) : refuse("transaction-reverted", revert.message);
    }
  }

  function take(payer: Address): Relayed | undefined {
    const now = clock();
    for (const [one, times] of opened) if (times.every((time) => now - time >= window)) opened.delete(one);
    const recent = (opened.get(payer) ?? []).filter((time) => now - time < window);
    if (recent.length >= perPayer) {
      const retryAfter = Math.ceil((window - (now - (recent[0] ?? now))) / 1000);
      const detail = `${perPayer} channels were opened for this payer of late. Wait, or open one yourself.`;
      return { ok: false, code: "rate-limited", detail, retryAfter };
    }
    opened.set(payer, [...recent, now]);
    return undefined;
  }

  return {
    async open(request) {
      const id = channelId(request.channel, escrow);
      const known = running.get(id);
      if (known) return known;
      if (running.size >= concurrency) return refuse("unavailable", "The relayer is busy. Try again in a moment.");
      const work = relay(id, request)
        .catch((error: unknown) => {
          onFault?.(describe(error));
          return refuse(
            "unavailable",
            "The relayer cannot reach the chain or cannot pay. Try again, or open it yourself.",
          );
        })
        .finally(() => running.delete(id));
      running.set(id, work);
      return work;
    },
  };
}

/** Seconds that an authorization must still be good for: two minutes, to be mined in. */
const margin = 120n;

function budgetOf({ sender, escrow, policy, journal }: RelayOptions, clock: () => number) {
  const { perDay, maxCost } = policy;
  if (perDay === undefined) return undefined;
  if (maxCost === undefined || !journal) throw new RelayBudgetError();
  return createRelayBudget({ journal, chainId: escrow.chainId, account: sender.address, perDay, maxCost, clock });
}

const spent = {
  ok: false,
  code: "rate-limited",
  detail:
    "The relayer has spent what it may in a day. Open the channel by a transaction of your own, or come back later.",
} as const;

function refuse(code: RefusalCode, detail: string): Relayed {
  return { ok: false, code, detail };
}

/** What may be logged: a library error's words hold no signature; of any other only its class is told. */
function describe(error: unknown): { code: string; message: string } {
  if (error instanceof FarthingError) return { code: error.code, message: error.message };
  return { code: "unknown", message: error instanceof Error ? error.name : typeof error };
}

/** The chain did not answer a simulation. */
export class RelayUnavailableError extends FarthingError {
  override readonly name = "RelayUnavailableError";
  constructor() {
    super(
      "chain-unavailable",
      "The chain did not answer while an open was simulated. Nothing was sent; check the endpoint.",
    );
  }
}
