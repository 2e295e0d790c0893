import {
  type Address,
  encodeFunctionData,
  type Hash,
  type Hex,
  numberToHex,
  type PrivateKeyAccount,
  parseAbi,
  zeroAddress,
  zeroHash,
} from "viem";
import { channelActions } from "../../src/chain/channels/actions.ts";
import { factoryActions } from "../../src/chain/factory/actions.ts";
import { decodeFactoryEvents } from "../../src/chain/factory/rounds.ts";
import { poolActions } from "../../src/chain/pool/actions.ts";
import { decodePoolEvents } from "../../src/chain/pool/decodeEvents.ts";
import { type CollectItem, encodeAdmit } from "../../src/chain/pool/encode.ts";
import type { RoundTerms } from "../../src/chain/pool/reads.ts";
import { registryActions } from "../../src/chain/registry/actions.ts";
import { type Gift, signAllocation } from "../../src/protocol/allocation.ts";
import { type Channel, canonicalChannel, channelId } from "../../src/protocol/channel.ts";
import { gateDataHash } from "../../src/protocol/donation.ts";
import { openGateData } from "../../src/protocol/gate/openGate.ts";
import { signVoucher } from "../../src/protocol/voucher.ts";
import type { TestChain } from "./chain.ts";

export type RoundStage = Awaited<ReturnType<typeof setRoundStage>>;

export const day = 86_400n;
/** Delay of the stewards' timelock, seconds. */
export const stewardsDelay = 3_600n;
const tenYears = 10n * 365n * day;

/** A gift list in short: project, base units. */
export const gifts = (...list: [projectId: bigint, cumulativeAmount: bigint][]): Gift[] =>
  list.map(([projectId, cumulativeAmount]) => ({ projectId, cumulativeAmount }));

/** Escrow, registry behind a timelock, factory and gates on a simulated chain, with people who act on them. */
export async function setRoundStage(chain: TestChain, token: Address = chain.tokens.plain) {
  const { escrow, client } = chain;
  const people = new Map<Address, PrivateKeyAccount>();
  let salts = 0;
  const nextSalt = () => numberToHex(++salts, { size: 32 });

  const anyone = await person();
  const safe = await person();
  const stewards = await chain.deploy("test/contracts/support/Timelock.sol:Timelock", [stewardsDelay, [safe]]);
  const registryArguments = [token, 50n, day, 2n * day, day, stewards];
  const registry = await chain.deploy("ProjectRegistry", registryArguments);
  const factory = await chain.deploy("DonationPoolFactory", [escrow.address]);
  const openGate = await chain.deploy("OpenGate");

  /** Someone with coins, a thousand million units of each token, and a known key. */
  async function person(): Promise<Address> {
    const account = (await chain.fundedAccount()) as PrivateKeyAccount;
    const address = account.address.toLowerCase() as Address;
    people.set(address, account);
    return address;
  }

  function key(address: Address): PrivateKeyAccount {
    const account = people.get(address);
    if (!account) throw new Error(`${address} has no key on this stage`);
    return account;
  }

  const wallet = (address: Address) => chain.wallet(key(address));
  const onEscrow = (address: Address) => wallet(address).extend(channelActions({ address: escrow.address }));
  const onRegistry = (address: Address) => wallet(address).extend(registryActions({ address: registry }));
  const onFactory = (address: Address) => wallet(address).extend(factoryActions({ address: factory }));
  const onPool = (pool: Address, address = anyone) => wallet(address).extend(poolActions({ address: pool }));

  async function mined(hash: Hash | undefined) {
    if (hash === undefined) throw new Error("nothing was sent");
    const receipt = await client.waitForTransactionReceipt({ hash, pollingInterval: 20 });
    if (receipt.status !== "success") throw new Error(`transaction ${hash} reverted`);
    return receipt;
  }

  async function now(): Promise<bigint> {
    return (await client.getBlock()).timestamp;
  }

  /** Makes the next block's time this. */
  async function at(timestamp: bigint) {
    await client.setNextBlockTimestamp({ timestamp });
    await client.mine({ blocks: 1 });
  }

  /** Lets the stewards call a contract: proposed, waited for, executed by anyone. */
  async function steward({ to, data }: { to: Address; data: Hex }) {
    const salt = nextSalt();
    const operation = [to, 0n, data, zeroHash, salt] as const;
    const schedule = encodeFunctionData({
      abi: timelockAbi,
      functionName: "schedule",
      args: [...operation, stewardsDelay],
    });
    await mined(await wallet(safe).sendTransaction({ to: stewards, data: schedule }));
    await chain.increaseTime(stewardsDelay);
    const execute = encodeFunctionData({ abi: timelockAbi, functionName: "execute", args: operation });
    return mined(await wallet(anyone).sendTransaction({ to: stewards, data: execute }));
  }

  /** Projects that were submitted, each with its payout address and manager, and nobody challenged. */
  async function acceptedProjects(count: number) {
    const projects: { id: bigint; payout: Address; manager: Address }[] = [];
    for (let index = 0; index < count; index += 1) {
      const [manager, payout] = [await person(), await person()];
      await mined(await onRegistry(manager).approve({ token, amount: 50n }));
      await mined(await onRegistry(manager).submitProject({ payout, metadataHash: zeroHash }));
      projects.push({ id: await onRegistry(manager).getProjectCount(), payout, manager });
    }
    await chain.increaseTime(day);
    for (const { id } of projects) await mined(await onRegistry(anyone).acceptProject({ projectId: id }));
    return projects;
  }

  /** Terms that start now, of a round with a pot behind the open gate. */
  async function terms(fields: Partial<RoundTerms> = {}): Promise<RoundTerms> {
    const start = fields.start ?? (await now());
    const end = fields.end ?? start + 30n * day;
    return {
      token,
      registry,
      gate: openGate,
      closer: zeroAddress,
      start,
      end,
      challengeEnd: end + 2n * day,
      settleBy: end + 9n * day,
      matching: true,
      acceptsSybil: true,
      cap: 1_000_000n,
      minCounted: 0n,
      maxCounted: 2n ** 95n,
      ...fields,
    };
  }

  const withoutMatching = async (): Promise<RoundTerms> => {
    const start = await now();
    const off = { gate: zeroAddress, challengeEnd: 0n, settleBy: 0n, matching: false, acceptsSybil: false, cap: 0n };
    return terms({ start, end: start + tenYears, ...off, maxCounted: 0n });
  };

  async function createRound(of: RoundTerms, projectIds: readonly bigint[], creator = anyone): Promise<Address> {
    const receipt = await mined(await onFactory(creator).createRound({ terms: of, projectIds, salt: nextSalt() }));
    const [event] = decodeFactoryEvents(receipt.logs, { address: factory });
    if (!event) throw new Error("no round was created");
    return event.args.pool.toLowerCase() as Address;
  }

  async function open(payer: Address, pool: Address, deposit: bigint): Promise<Channel> {
    const channel = canonicalChannel({ payer, payee: pool, token, salt: nextSalt(), authorizedSigner: zeroAddress });
    await onEscrow(payer).approve({ token, amount: deposit });
    await mined(await onEscrow(payer).open({ ...channel, deposit }));
    return channel;
  }

  /** What stands on a line, by its last event. */
  async function standing(pool: Address, lineId: Hex): Promise<readonly Gift[]> {
    const logs = await client.getLogs({ address: pool, fromBlock: 0n });
    const lists = decodePoolEvents(logs, { address: pool }).flatMap((event) => {
      if (event.eventName === "Collected" && event.args.channelId === lineId) return [event.args.gifts];
      if (event.eventName === "Donated" && event.args.donationId === lineId) return [event.args.gifts];
      if (event.eventName === "Refunded" && event.args.lineId === lineId) return [event.args.gifts];
      return [];
    });
    return lists.at(-1) ?? [];
  }

  /** The newest pair of signatures of a channel that says these gifts. */
  async function item(channel: Channel, list: readonly Gift[], gateData: Hex = openGateData): Promise<CollectItem> {
    const pool = { address: channel.payee, chainId: escrow.chainId };
    const id = channelId(channel, escrow);
    const cumulativeAmount = list.reduce((sum, gift) => sum + gift.cumulativeAmount, 0n);
    const allocation = { channelId: id, cumulativeAmount, gateDataHash: gateDataHash(gateData), gifts: list };
    const [voucher, signed, previousGifts] = await Promise.all([
      signVoucher(key(channel.payer), { channelId: id, cumulativeAmount }, escrow),
      signAllocation(key(channel.payer), allocation, pool),
      standing(channel.payee, id),
    ]);
    const signatures = { voucherSignature: voucher.signature, allocationSignature: signed.signature };
    return { channel, previousGifts, gifts: list, gateData, ...signatures };
  }

  async function collect(channel: Channel, list: readonly Gift[], gateData: Hex = openGateData) {
    return mined(await onPool(channel.payee).collect(await item(channel, list, gateData)));
  }

  async function donate(donor: Address, pool: Address, list: readonly Gift[], gateData: Hex = openGateData) {
    const salt = nextSalt();
    const amount = list.reduce((sum, gift) => sum + gift.cumulativeAmount, 0n);
    await mined(await onPool(pool, donor).approve({ token, amount }));
    await mined(await onPool(pool, donor).donate({ gifts: list, gateData, salt }));
    return salt;
  }

  async function sponsor(from: Address, pool: Address, deposit: bigint) {
    await mined(await onPool(pool, from).approve({ token, amount: deposit }));
    return mined(await onPool(pool, from).sponsor({ deposit }));
  }

  async function refund(channel: Channel, by = anyone) {
    const attributedGifts = await standing(channel.payee, channelId(channel, escrow));
    return mined(await onPool(channel.payee, by).refund({ channel, attributedGifts }));
  }

  const admit = (pool: Address, ...projectIds: bigint[]) => steward(encodeAdmit({ address: pool, projectIds }));

  /** Puts an account on the list of a deny-list token, or takes it off. */
  async function deny(account: Address, listed: boolean) {
    const data = encodeFunctionData({ abi: timelockAbi, functionName: "deny", args: [account, listed] });
    return mined(await wallet(anyone).sendTransaction({ to: token, data }));
  }

  /** What an account holds, base units. */
  function balance(account: Address): Promise<bigint> {
    return client.readContract({ address: token, abi: timelockAbi, functionName: "balanceOf", args: [account] });
  }

  return {
    chain,
    escrow,
    token,
    anyone,
    stewards,
    registry,
    factory,
    openGate,
    person,
    key,
    onEscrow,
    onRegistry,
    onFactory,
    onPool,
    mined,
    now,
    at,
    steward,
    acceptedProjects,
    terms,
    withoutMatching,
    createRound,
    open,
    standing,
    item,
    collect,
    donate,
    sponsor,
    refund,
    admit,
    deny,
    balance,
    nextSalt,
  };
}

const timelockAbi = parseAbi([
  "function schedule(address target, uint256 value, bytes data, bytes32 predecessor, bytes32 salt, uint256 delay)",
  "function execute(address target, uint256 value, bytes payload, bytes32 predecessor, bytes32 salt) payable",
  "function balanceOf(address account) view returns (uint256)",
  "function deny(address account, bool listed)",
]);
