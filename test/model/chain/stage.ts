// The real contracts, a round with matching and one without, and everybody who takes part: as they stand before a history.
import hre from "hardhat";
import {
  type Abi,
  type Address,
  encodeFunctionData,
  type Hex,
  keccak256,
  numberToHex,
  stringToHex,
  zeroAddress,
  zeroHash,
} from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { type Channel, channelId, type Escrow } from "../../../src/protocol/channel.ts";
import { startAnvil } from "../../support/anvil.ts";
import { settleOn, startChain } from "../../support/chain.ts";
import { cast } from "../cast.ts";
import { donorOf } from "../history.ts";
import type { RoundTerms } from "../types.ts";
import { remembered } from "./remembered.ts";

/** What every donor and sponsor has at first, base units. */
export const fortune = 10n ** 24n;

/** Gas of one transaction of a stage: more than any history's steps between two waits need. */
export const gas = 2n ** 31n;

export type Stage = Awaited<ReturnType<typeof setStage>>;
/** A contract that is called, by its name. */
export type Contract = keyof Awaited<ReturnType<typeof readAbis>>;
export type Round = Awaited<ReturnType<Stage["createRound"]>>;

/** @param anvil Where an anvil is, to play on that: twice as fast as the chain inside of this process, which records each instruction. */
export async function setStage(anvil?: string) {
  const gasLimit = 2n * gas;
  const chain = anvil
    ? await settleOn(await startAnvil(anvil, { gasLimit }))
    : await startChain({ blockGasLimit: gasLimit });
  const { client, deployer, escrow } = chain;
  const request = client.request as (call: { method: string; params: readonly unknown[] }) => Promise<unknown>;
  const people = [...cast.donors, ...cast.sponsors, "stranger", "closer", "proposer"];
  const keys = new Map([...people, "session"].map((name) => [name, keccak256(stringToHex(`key of ${name}`))]));
  const key = (name: string) => keys.get(name) as Hex;
  const addresses = new Map(
    [...keys].map(([name, each]) => [name, privateKeyToAddress(each).toLowerCase() as Address]),
  );
  const address = (name: string) => addresses.get(name) as Address;
  const payout = (project: number) => numberToHex(0xfee0000 + project, { size: 20 });

  const abis = await readAbis();
  const encode = (contract: Contract, functionName: string, args: readonly unknown[]) =>
    encodeFunctionData({ abi: abis[contract], functionName, args });

  const encoded = new Map<string, Hex>();
  /** As `encode`, for what is asked again and again. */
  function encodeOnce(contract: Contract, functionName: string, args: readonly unknown[]): Hex {
    const name = `${contract}.${functionName}(${args.join()})`;
    const data = encoded.get(name) ?? encode(contract, functionName, args);
    encoded.set(name, data);
    return data;
  }

  /** Sends a transaction that has to succeed. */
  async function send(to: Address, data: Hex) {
    await request({ method: "eth_sendTransaction", params: [{ from: deployer, to, data, gas: numberToHex(gas) }] });
  }

  const token = await chain.deploy("RouteDenyToken");
  const stewards = await chain.deploy("Timelock", [0n, [address("proposer")]]);
  const gate = await chain.deploy("HouseholdGate", [address("ann"), address("ben"), address("cid")]);
  const factory = await chain.deploy("DonationPoolFactory", [escrow.address]);
  const player = await chain.deploy("RoundStage");

  const puppet = (await hre.artifacts.readArtifact("Puppet")).deployedBytecode as Hex;
  for (const name of people) await client.setCode({ address: address(name), bytecode: puppet });
  const act = (name: string, to: Address, data: Hex) => send(address(name), encode("Puppet", "act", [to, data]));
  for (const name of [...cast.donors, ...cast.sponsors]) {
    await send(token, encode("RouteDenyToken", "mint", [address(name), fortune]));
    await act(name, token, encode("RouteDenyToken", "approve", [escrow.address, fortune]));
  }
  const registry = await openRegistry(cast.registered.map(payout));
  /** Second 0 of every history. */
  const epoch = Number((await client.getBlock()).timestamp) + 1_000;
  let rounds = 0;

  /** A registry in which a project of each payout applied and, as nobody objected, was accepted. */
  async function openRegistry(payouts: readonly Address[]): Promise<Address> {
    const [deposit, window] = [1_000n, 3_600n];
    const terms = [token, deposit, window, window, window, stewards];
    const opened = await chain.deploy("ProjectRegistry", terms);
    const total = deposit * BigInt(payouts.length);
    await send(token, encode("RouteDenyToken", "mint", [address("stranger"), total]));
    await act("stranger", token, encode("RouteDenyToken", "approve", [opened, total]));
    for (const each of payouts) await act("stranger", opened, encode("ProjectRegistry", "submit", [each, zeroHash]));
    await chain.increaseTime(window);
    for (const id of payouts.keys()) await send(opened, encode("ProjectRegistry", "accept", [BigInt(id + 1)]));
    return opened;
  }

  /** A round of the real factory's, whose times count from the epoch. */
  async function createPool(terms: RoundTerms, judges: { gate: Address; registry: Address }, projects: bigint[] = []) {
    const { matching } = terms;
    const onChain = {
      token,
      registry: judges.registry,
      gate: matching ? judges.gate : zeroAddress,
      closer: address("closer"),
      start: BigInt(epoch + terms.start),
      end: BigInt(epoch + terms.end),
      challengeEnd: matching ? BigInt(epoch + terms.challengeEnd) : 0n,
      settleBy: matching ? BigInt(epoch + terms.settleBy) : 0n,
      matching,
      acceptsSybil: false,
      cap: matching ? terms.cap : 0n,
      minCounted: matching ? terms.minCounted : 0n,
      maxCounted: matching ? terms.maxCounted : 0n,
    };
    const salt = numberToHex(++rounds, { size: 32 });
    await send(factory, encode("DonationPoolFactory", "createRound", [onChain, projects, salt]));
    const pool = (await client.readContract({
      address: factory,
      abi: abis.DonationPoolFactory,
      functionName: "rounds",
      args: [
        ((await client.readContract({
          address: factory,
          abi: abis.DonationPoolFactory,
          functionName: "roundCount",
        })) as bigint) - 1n,
      ],
    })) as Address;
    return { address: pool, chainId: escrow.chainId } satisfies Escrow;
  }

  async function createRound(terms: RoundTerms) {
    const pool = await createPool(terms, { gate, registry });
    for (const name of [...cast.donors, ...cast.sponsors]) {
      await act(name, token, encode("RouteDenyToken", "approve", [pool.address, fortune]));
    }
    const channels = new Map(cast.channels.map((line) => [line, describeChannel(line, pool.address)]));
    const channel = (line: string) => channels.get(line as (typeof cast.channels)[number]) as Channel;
    const ids = new Map<string, Hex>([
      ...cast.channels.map((line) => [line, channelId(channel(line), escrow)] as const),
      ...cast.donations.map((line) => [line, donationId(address(donorOf(line)), saltOf(line))] as const),
    ]);
    const id = (line: string) => ids.get(line) as Hex;
    return { terms, pool, channel, id };
  }

  /** Every second channel is signed by a key of its own. */
  function describeChannel(line: (typeof cast.channels)[number], payee: Address): Channel {
    const authorizedSigner = cast.channels.indexOf(line) % 2 === 1 ? address("session") : zeroAddress;
    return { payer: address(donorOf(line)), payee, token, salt: saltOf(line), authorizedSigner };
  }

  return {
    ...{ client, escrow, token, stewards, registry, player, puppet, epoch, abis },
    ...{
      key,
      address,
      encode,
      encodeOnce,
      payout,
      send,
      createPool,
      createRound,
      openRegistry,
      deploy: chain.deploy,
      stop: chain.stop,
    },
    request: (method: string, params: readonly unknown[]) => request({ method, params }),
  };
}

export function saltOf(line: string): Hex {
  return stringToHex(line, { size: 32 });
}

/** The upper 240 bits of the hash of a gate's key. */
export const keyIdOf = remembered((key) => BigInt(keccak256(stringToHex(key, { size: 32 }))) >> 16n);

function donationId(donor: Address, salt: Hex): Hex {
  return keccak256(`0x${donor.slice(2).padStart(64, "0")}${salt.slice(2)}`);
}

async function readAbis() {
  const abi = async (name: string) => (await hre.artifacts.readArtifact(name)).abi as Abi;
  return {
    DonationPool: await abi("DonationPool"),
    DonationPoolFactory: await abi("DonationPoolFactory"),
    PaymentChannels: await abi("PaymentChannels"),
    Puppet: await abi("Puppet"),
    RoundStage: await abi("RoundStage"),
    RouteDenyToken: await abi("RouteDenyToken"),
    ProjectRegistry: await abi("ProjectRegistry"),
    Timelock: await abi("Timelock"),
  };
}
