import { type Address, type Hash, type Hex, zeroAddress } from "viem";
import { getChannel } from "../chain/channels/reads.ts";
import { open as openChannel } from "../chain/channels/writes.ts";
import type { TransferAuthorization } from "../protocol/authorization.ts";
import {
  type Channel,
  canonicalChannel,
  channelId,
  channelSigner,
  type Escrow,
  maxDeposit,
  nativeCoin,
} from "../protocol/channel.ts";
import { FarthingError } from "../protocol/errors.ts";
import { platformRandom, randomSalt } from "../protocol/salt.ts";
import type { Signer } from "../protocol/signer.ts";
import type { PayerRecord, PayerStore } from "../store/payerStore.ts";
import { signDepositAuthorization } from "./authorization.ts";
import { createPayerChannel, type PayerChannel, UnknownChannelError } from "./channel.ts";
import { exclusive, type PayerContext } from "./context.ts";
import { discover } from "./discover.ts";
import { approveExactly, assertFunds, assertGas, hasGas } from "./funding.ts";
import { checkToken, dayOf, type Policy } from "./policy.ts";
import { InvalidPaymentError } from "./sign.ts";
import { assertChain, transact, walletOf } from "./transact.ts";

export type PayerParameters = {
  /** Reads the chain; its account, if it has one, is the payer's wallet and sends the payer's transactions. */
  client: PayerContext["client"];
  /** Signs vouchers. Where it is not the wallet, it is a session key and becomes the channel's `authorizedSigner`. */
  signer: Signer;
  store: PayerStore;
  escrow: Escrow;
  policy?: Policy;
  /** Unix milliseconds; `Date.now` unless told. */
  clock?: () => number;
  /** So many random bytes; Web Crypto unless told. */
  random?: (bytes: number) => Uint8Array;
};

export type OpenParameters = {
  payee: Address;
  /** An ERC-20 token, or {@link nativeCoin}. */
  token: Address;
  /** Base units. */
  deposit: bigint;
  /** Who signs vouchers; the payer's signer unless told, and no one else may be told: it could not pay. */
  authorizedSigner?: Address;
  /** 32 bytes unique for payer and payee; 8 random bytes unless told. The same again is the same channel. */
  salt?: Hex;
};

/** What an `open` credential of type `authorization` is made of. */
export type AuthorizedOpen = {
  channel: PayerChannel;
  descriptor: Channel;
  authorization: TransferAuthorization;
  /** EIP-3009 signature by the payer's wallet. It moves money: never log it. */
  signature: Hex;
};

/** The paying side: its own channels, its own marks, its own caps. */
export type Payer = {
  /** Who locks deposits; lower case. */
  readonly address: Address;
  readonly escrow: Escrow;
  /** Reads the chain and, where it has an account, sends from the payer's wallet. */
  readonly client: PayerContext["client"];
  /** Signs what goes with vouchers too. */
  readonly signer: Signer;
  /** Whether the payer can send transactions of its own: its client has an account, and that has coin for gas. */
  canSend(): Promise<boolean>;
  /**
   * Locks a deposit: journals, approves exactly, opens, waits until mined. With a `salt` whose channel is there already
   * nothing is sent, so that a crashed open may be repeated.
   * @throws {@link InsufficientFundsError} before anything is sent.
   */
  open(parameters: OpenParameters): Promise<{ channel: PayerChannel; hash: Hash | undefined }>;
  /**
   * Signs an EIP-3009 authorization for someone else to open by; sends nothing and needs no gas.
   * @param parameters.validFor Seconds of block time that a relayer has; one hour unless told.
   */
  openByAuthorization(parameters: OpenParameters & { validFor?: bigint }): Promise<AuthorizedOpen>;
  /** A channel of the payer's store, refreshed from the chain. */
  resume(id: Hex): Promise<PayerChannel>;
  /**
   * Writes down this payer's live channels that the chain knows and the store does not: after a change of device. Only those
   * that this signer signs for. Their marks are what was settled; adopt what was signed beyond it elsewhere.
   * @param query.fromBlock The first block that may have opened one; 0 unless told.
   */
  discover(query: { payee: Address; token: Address; fromBlock?: bigint | undefined }): Promise<PayerRecord[]>;
  /** What the payer's store holds on this escrow. */
  list(query?: { payee?: Address; token?: Address }): Promise<PayerRecord[]>;
};

/**
 * @example
 * const payer = createPayer({ client, signer: account, store: memoryPayerStore(), escrow, policy: { perDay: 1_000_000n } });
 * const { channel } = await payer.open({ payee, token, deposit: 5_000_000n });
 * const voucher = await channel.pay(10_000n); // 0.01 of a token with 6 decimals
 */
export function createPayer(parameters: PayerParameters): Payer {
  const context = contextOf(parameters);
  const { client, store, escrow, address } = context;

  async function open(request: OpenParameters) {
    walletOf(context);
    const descriptor = describe(context, request);
    return context.funding(async () => {
      await assertChain(context);
      const id = channelId(descriptor, escrow);
      const { deposit } = request;
      if ((await depositOf(id)) > 0n)
        return { channel: await resume(await journal(descriptor, deposit)), hash: undefined };
      await assertFunds(context, descriptor.token, deposit);
      await assertGas(context);
      await journal(descriptor, deposit);
      await approveExactly(context, descriptor.token, deposit);
      const { payer: _, ...opening } = descriptor;
      const at = { address: escrow.address, ...opening, deposit };
      const hash = await transact(context, "opening a channel", () => openChannel(client, at));
      return { channel: await resume(id), hash };
    });
  }

  async function openByAuthorization({ validFor = 3600n, ...request }: OpenParameters & { validFor?: bigint }) {
    const descriptor = describe(context, request);
    if (descriptor.token === nativeCoin) throw new NotAuthorizableError();
    await assertChain(context);
    await assertFunds(context, descriptor.token, request.deposit);
    const signed = await signDepositAuthorization(context, descriptor, request.deposit, validFor);
    const id = await journal(descriptor, request.deposit);
    const record = await store.get(id);
    if (!record) throw new UnknownChannelError(id);
    return { channel: createPayerChannel(context, record), descriptor, ...signed };
  }

  async function resume(id: Hex): Promise<PayerChannel> {
    const record = await store.get(id.toLowerCase() as Hex);
    if (!record || !onEscrow(record)) throw new UnknownChannelError(id);
    const signer = channelSigner(record.channel);
    if (signer !== context.signer.address.toLowerCase()) throw new WrongSignerError(signer, context.signer.address);
    const channel = createPayerChannel(context, record);
    await channel.state();
    return channel;
  }

  function onEscrow(record: PayerRecord): boolean {
    return record.escrow.chainId === escrow.chainId && record.escrow.address === escrow.address;
  }

  async function depositOf(id: Hex): Promise<bigint> {
    const { deposit } = await getChannel(client, { address: escrow.address, channelId: id });
    return deposit;
  }

  /** Writes the intent down before anything can happen to it; a channel that is open already stays as it is. */
  async function journal(channel: Channel, deposit: bigint): Promise<Hex> {
    const id = channelId(channel, escrow);
    const spentToday = { day: dayOf(context.clock()), amount: 0n };
    await store.update(id, (known) => {
      if (known?.status === "opening") return { ...known, deposit };
      return known ?? { id, escrow, channel, deposit, authorized: 0n, status: "opening", spentToday };
    });
    return id;
  }

  return {
    address,
    escrow,
    client,
    signer: context.signer,
    canSend: async () => client.account !== undefined && (await hasGas(context)),
    open,
    openByAuthorization,
    resume,
    discover: (query) => discover(context, query),
    async list(query = {}) {
      const records = await store.list({
        payer: address,
        ...(query.payee && { payee: query.payee.toLowerCase() as Address }),
        ...(query.token && { token: query.token.toLowerCase() as Address }),
      });
      return records.filter(onEscrow);
    },
  };
}

function contextOf(parameters: PayerParameters): PayerContext {
  const { client, signer, store, policy = {}, clock = Date.now, random = platformRandom } = parameters;
  const escrow = { ...parameters.escrow, address: parameters.escrow.address.toLowerCase() as Address };
  const address = (client.account?.address ?? signer.address).toLowerCase() as Address;
  const own = { chains: new Map(), signing: exclusive(), funding: exclusive() };
  return { client, signer, store, escrow, policy, clock, random, address, ...own };
}

function describe(context: PayerContext, request: OpenParameters): Channel {
  const { payee, token, deposit, salt = randomSalt(context.random) } = request;
  const signer = context.signer.address.toLowerCase() as Address;
  const own = signer === context.address ? zeroAddress : signer;
  const { authorizedSigner = own } = request;
  const channel = canonicalChannel({ payer: context.address, payee, token, salt, authorizedSigner });
  if (channelSigner(channel) !== signer) throw new WrongSignerError(channelSigner(channel), signer);
  if (deposit <= 0n || deposit > maxDeposit) throw new InvalidPaymentError(deposit);
  checkToken(context.policy, channel.token);
  return channel;
}

/** The channel's vouchers must be signed by another key than the payer's signer. */
export class WrongSignerError extends FarthingError {
  override readonly name = "WrongSignerError";
  constructor(expected: Address, actual: Address) {
    super(
      "wrong-signer",
      `The channel's vouchers are signed by ${expected} and this payer signs as ${actual}; give that signer.`,
    );
  }
}

/** The native coin cannot be pulled by a signature. */
export class NotAuthorizableError extends FarthingError {
  override readonly name = "NotAuthorizableError";
  constructor() {
    super("not-authorizable", "The native coin has no EIP-3009; use `open` with an account that has gas.");
  }
}
