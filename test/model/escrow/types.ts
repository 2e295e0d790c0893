// The words in which the model speaks of the escrow: names for accounts and tokens, papers for signatures, nothing packed.

/** Somebody or something with an address, by name; `zero` is the zero address and `escrow` the escrow. */
export type Name = string;

/** A channel's descriptor. The token `zero` is the native coin, the signer `zero` means the payer. */
export type Channel = { payer: Name; payee: Name; token: Name; salt: number; authorizedSigner: Name };

/** An EIP-3009 nonce: the one that binds an opening or a top-up, or any other. */
export type Nonce =
  | { of: "open"; channel: Channel }
  | { of: "topUp"; channel: Channel; amount: bigint; salt: number }
  | { of: "nothing"; number: number };

/** Of a hash chain: link 0 is its root, each link the hash of the next; below 0 the root's own hashes. */
export type Link = { chain: Name; index: number };

/** What a paper says, and in whose domain: the escrow's, a token's, Permit2's, or `elsewhere`, where it is worth nothing here. */
export type Message =
  | { type: "Voucher"; domain: Name; channel: Channel; cumulativeAmount: bigint }
  | { type: "TickVoucher"; domain: Name; channel: Channel; cumulativeAmount: bigint; tickRoot: Link; tickValue: bigint }
  | { type: "CloseRequest"; domain: Name; channel: Channel; deposit: bigint }
  | { type: "CloseAuthorization"; domain: Name; channel: Channel; cumulativeAmount: bigint; deadline: bigint }
  | {
      type: "Authorization";
      domain: Name;
      from: Name;
      value: bigint;
      validAfter: bigint;
      validBefore: bigint;
      nonce: Nonce;
    }
  | { type: "OpenPermit"; domain: Name; channel: Channel; amount: bigint; nonce: bigint; deadline: bigint }
  | {
      type: "TopUpPermit";
      domain: Name;
      channel: Channel;
      amount: bigint;
      nonce: bigint;
      deadline: bigint;
    };

/**
 * How a signature is written: 65 bytes, 64 (EIP-2098), 65 with the other `s`, 65 with `v` of 0 or 1, 65 and one more, 63,
 * none at all.
 */
export type Form = "long" | "short" | "highS" | "oldV" | "trailed" | "cut" | "none";

/** A message signed with somebody's key. */
export type Paper = { by: Name; form: Form; over: Message };

/** A row of a batch. Without a paper its signature is zero. */
export type Row = {
  payer: Name;
  salt: number;
  authorizedSigner: Name;
  cumulativeAmount: bigint;
  paper: Paper | undefined;
};

/** A value of an event, an error or an answer, before it is turned into words. */
export type Value =
  | bigint
  | string
  | boolean
  | { is: "account"; name: Name }
  | { is: "id"; channel: Channel }
  | { is: "salt"; salt: number }
  | { is: "nonce"; nonce: Nonce }
  | { is: "link"; link: Link }
  | { is: "selector"; error: Name | undefined };

/** What a call answers: a value, previews, or nothing. */
export type Answer = Value | Preview[] | undefined;

export type Preview = { channelId: Value; increase: bigint; reason: Value };

export type Event = { name: string; args: Value[] };

/** Why a call is refused; no name is no reason at all. `args` undefined: they follow from a signature's bytes. */
export type Refusal = { error: string; args: Value[] | undefined };

/** The model's refusal. */
export class Refused extends Error {
  readonly refusal: Refusal;
  constructor(error: string, args: Value[] | undefined) {
    super(error);
    this.refusal = { error, args };
  }
}

/** @param args What the error carries, in its order. */
export function need(condition: boolean, error: string, ...args: Value[]): asserts condition {
  if (!condition) throw new Refused(error, args);
}

export const account = (name: Name): Value => ({ is: "account", name });
export const idOf = (channel: Channel): Value => ({ is: "id", channel });

/** One name for each channel, as its id is one for it. */
export function nameOf({ payer, payee, token, salt, authorizedSigner }: Channel): string {
  return `${payer} to ${payee} in ${token}, ${salt}, by ${authorizedSigner}`;
}

/** Whether two things made of plain values say the same. */
export function same(one: unknown, other: unknown): boolean {
  return write(one) === write(other);
}

/** As a person would write it down. */
export function write(value: unknown): string {
  const text = JSON.stringify(value ?? null, (_, each) => (typeof each === "bigint" ? `${each}` : each));
  return text.replaceAll('"', "");
}
