import assert from "node:assert/strict";
import hre from "hardhat";
import {
  type Address,
  encodeDeployData,
  encodeFunctionData,
  erc20Abi,
  getAddress,
  type Hash,
  type Hex,
  keccak256,
  parseAbi,
  stringToHex,
} from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { decodeChannelEvents } from "../../../src/chain/channels/decodeEvents.ts";
import { type Call, encodeOpen } from "../../../src/chain/channels/encode.ts";
import { getChannels } from "../../../src/chain/channels/reads.ts";
import { type Channel, channelId, nativeCoin } from "../../../src/protocol/channel.ts";
import { randomSalt } from "../../../src/protocol/salt.ts";
import { signVoucher } from "../../../src/protocol/voucher.ts";
import { blockTime, simulated, type Venue } from "./venue.ts";

/** Base units that everyone holds of each token, and locks in a channel. */
export const holding = 1_000_000_000n;
export const deposit = 10_000_000n;

type Event = { eventName: string; args: object };

/** What a measured transaction must do, and nothing else. */
export type Outcome = {
  token: Address;
  /** What each balance of the token gains, base units; those not named must stay. */
  gains: Partial<Record<"payer" | "payee" | "relayer" | "bystander" | "escrow", bigint>>;
  /** The escrow's events, in order. */
  events: readonly Event[];
  /** What the escrow stores afterwards. */
  channels: readonly { channel: Channel; deposit: bigint; settled: bigint; finalized: boolean }[];
};

export type Stage = Awaited<ReturnType<typeof setStage>>;

/**
 * A fresh chain on which every figure is exact: keys, salts and clock are fixed, the escrow already holds a bystander's
 * deposit of each currency, and everyone holds some of each before and after.
 */
export async function setStage(venue: Venue) {
  const chain = await venue.start(new Date("2027-01-01T00:00:00Z"));
  // The contracts' own blocks follow the host's clock; an hour later this one takes over.
  let now = (await chain.client.getBlock({ blockNumber: 0n })).timestamp + 3600n;
  const { client, transport } = chain;
  const escrow = { address: getAddress(chain.escrow.address), chainId: chain.escrow.chainId };
  const tokens = { plain: getAddress(chain.tokens.plain), authorization: getAddress(chain.tokens.authorization) };
  const salts = source("salt");
  const names = new Map<string, string>();
  let lastTransaction: Hash | undefined;

  /** Sends at the next tick of the chain's clock; gas is free, so that balances show only what verbs move. */
  async function send(from: PrivateKeyAccount, call: Call | { data: Hex }, gas = 10_000_000n) {
    now += blockTime;
    await venue.turnTo(chain, now);
    const fees = { gas, maxFeePerGas: 0n, maxPriorityFeePerGas: 0n };
    const hash = await chain.wallet(from).sendTransaction({ ...call, ...fees });
    const receipt = await client.getTransactionReceipt({ hash });
    assert.equal(receipt.status, "success", `transaction ${hash} reverted`);
    lastTransaction = hash;
    return receipt;
  }

  /** Remembers what to call a contract. */
  function called(name: string, address: Address): Address {
    names.set(address.toLowerCase(), name);
    return address;
  }
  called("PaymentChannels", escrow.address);
  for (const token of Object.values(tokens)) called("token", token);

  async function deploy(name: string, args: readonly unknown[] = []): Promise<Address> {
    const { abi, bytecode } = await hre.artifacts.readArtifact(name);
    const { contractAddress } = await send(relayer, {
      data: encodeDeployData({ abi, bytecode: bytecode as Hex, args }),
    });
    assert.ok(contractAddress);
    return called(name, getAddress(contractAddress));
  }

  async function person(name: string): Promise<PrivateKeyAccount> {
    const account = fixedAccount(name);
    await client.setBalance({ address: account.address, value: 10n ** 18n });
    for (const token of Object.values(tokens)) {
      const data = encodeFunctionData({ abi: mintAbi, args: [account.address, holding] });
      await send(account, { to: token, data, value: 0n });
    }
    return account;
  }

  const [payer, payee, relayer, bystander] = [
    await person("payer"),
    await person("payee"),
    await person("relayer"),
    await person("bystander"),
  ];
  const session = fixedAccount("session");

  /** A channel not yet open, to the payee unless told, with a session key. */
  function describeChannel(token: Address, from = payer, signer = session, to = payee.address): Channel {
    const salt = randomSalt(salts);
    return { payer: from.address, payee: to, token, salt, authorizedSigner: signer.address };
  }

  /** Lets the escrow take `amount`, or another spender; nothing for the native coin. */
  async function approve(owner: PrivateKeyAccount, token: Address, amount: bigint, spender = escrow.address) {
    if (token === nativeCoin) return;
    const data = encodeFunctionData({ abi: erc20Abi, functionName: "approve", args: [spender, amount] });
    await send(owner, { to: token, data, value: 0n });
  }

  async function open(token: Address, from = payer, signer = session, to = payee.address): Promise<Channel> {
    const channel = describeChannel(token, from, signer, to);
    await approve(from, token, deposit);
    await send(from, encodeOpen({ address: escrow.address, deposit, ...channel }));
    return channel;
  }

  async function voucher(channel: Channel, cumulativeAmount: bigint, signer = session): Promise<Hex> {
    return (await signVoucher(signer, { channelId: channelId(channel, escrow), cumulativeAmount }, escrow)).signature;
  }

  /** The gas of the whole transaction, once it is sure that it did what it should. */
  async function measure(from: PrivateKeyAccount, call: Call, outcome: Outcome): Promise<number> {
    const before = await balances(outcome.token);
    const { gasUsed, logs } = await send(from, call);
    const after = await balances(outcome.token);
    const events = decodeChannelEvents(logs, escrow).map(({ eventName, args }) => ({ eventName, args }));
    assert.deepEqual(events, outcome.events);
    for (const name of Object.keys(before) as (keyof typeof before)[]) {
      assert.equal(after[name] - before[name], outcome.gains[name] ?? 0n, `what ${name} gained`);
    }
    const channelIds = outcome.channels.map(({ channel }) => channelId(channel, escrow));
    const states = await getChannels(client, { address: escrow.address, channelIds });
    assert.deepEqual(
      states.map(({ deposit, settled, finalized }) => ({ deposit, settled, finalized })),
      outcome.channels.map(({ deposit, settled, finalized }) => ({ deposit, settled, finalized })),
    );
    return Number(gasUsed);
  }

  async function balances(token: Address) {
    const of = (address: Address) =>
      token === nativeCoin
        ? client.getBalance({ address })
        : client.readContract({ address: token, abi: erc20Abi, functionName: "balanceOf", args: [address] });
    return {
      payer: await of(payer.address),
      payee: await of(payee.address),
      relayer: await of(relayer.address),
      bystander: await of(bystander.address),
      escrow: await of(escrow.address),
    };
  }

  for (const token of [nativeCoin, ...Object.values(tokens)]) await open(token, bystander);

  return {
    ...{ venue, client, transport, escrow, tokens, payer, payee, relayer, bystander, session },
    ...{ send, deploy, called, names, person, describeChannel, approve, open, voucher, measure, stop: chain.stop },
    /** The newest that was sent: after a row, the one that it measured, or the last of them. */
    lastTransaction: () => lastTransaction,
    /** The second of the next transaction. */
    nextSecond: () => now + blockTime,
    travel: (seconds: bigint) => {
      now += seconds;
    },
  };
}

/** Lets `work` happen on a fresh stage, of the simulated chain unless told, and takes that down. */
export async function withStage<T>(work: (stage: Stage) => Promise<T>, venue: Venue = simulated): Promise<T> {
  const stage = await setStage(venue);
  try {
    return await work(stage);
  } finally {
    await stage.stop();
  }
}

/** An account whose address has no zero byte: those are cheaper calldata, and no figure shall be a lucky one. */
export function fixedAccount(name: string): PrivateKeyAccount {
  for (let attempt = 0; ; attempt += 1) {
    const account = privateKeyToAccount(keccak256(stringToHex(`bench ${name} ${attempt}`)));
    if (!/^0x(..)*00/.test(account.address)) return account;
  }
}

/** Bytes that are always the same and never zero. */
function source(name: string): (length: number) => Uint8Array {
  let drawn = 0;
  return (length) => {
    drawn += 1;
    return keccak256(stringToHex(`bench ${name} ${drawn}`), "bytes")
      .slice(0, length)
      .map((byte) => byte || 1);
  };
}

const mintAbi = parseAbi(["function mint(address to, uint256 amount)"]);
