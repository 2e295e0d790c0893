// The same digests, ids and chains from four sides: Solidity, viem, ethers, and what the library lays by hand.
import "../support/seed.ts";
import { expect } from "chai";
import { AbiCoder, keccak256 as ethersKeccak, TypedDataEncoder } from "ethers";
import fc from "fast-check";
import hre from "hardhat";
import {
  type Abi,
  type Address,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
  hashTypedData,
  keccak256,
  type StateOverride,
  type TypedDataDomain,
  zeroHash,
} from "viem";
import { paymentChannelsAbi } from "../../src/abi/paymentChannels.ts";
import { authorizationNonce, channelId, topUpAuthorizationNonce, verifyTick } from "../../src/protocol/index.ts";
import { startChain, type TestChain } from "../support/chain.ts";
import { extremes, type Input, inputs } from "./inputs.ts";
import { authorizationOf, type Message, messagesOf, ticksOf } from "./messages.ts";
import { type Field, structTypes } from "./solidityTypes.ts";

const harness = "test/contracts/differential/Digests.sol:Digests";
const tokenHarness = "test/contracts/differential/Digests.sol:TokenDigests";

/** Inputs a property; `FARTHING_RUNS` asks for more. */
const numRuns = Number(process.env.FARTHING_RUNS ?? 500);

describe("digests, ids and chains from four sides", () => {
  let chain: TestChain;
  let digests: { address: Address; abi: Abi };
  let token: { code: Hex; abi: Abi };
  let escrowCode: Hex;
  const types = new Map<string, Record<string, Field[]>>();

  before(async () => {
    chain = await startChain();
    digests = { address: await chain.deploy(harness), abi: (await hre.artifacts.readArtifact(harness)).abi as Abi };
    token = {
      code: await codeAt(await chain.deploy(tokenHarness)),
      abi: (await hre.artifacts.readArtifact(tokenHarness)).abi as Abi,
    };
    escrowCode = await codeAt(chain.escrow.address);
    const example = extremes[0];
    for (const { struct } of [...messagesOf(example), authorizationOf(example, 1)]) {
      types.set(struct, await structTypes(harness, struct));
    }
  });
  after(() => chain.stop());

  async function codeAt(address: Address): Promise<Hex> {
    return (await chain.client.getCode({ address })) ?? "0x";
  }

  /** By viem and by ethers, from the types that the compiler read. */
  function general({ struct, domain, message }: Message): { viem: Hex; ethers: string } {
    const own = types.get(struct) ?? {};
    const primaryType = struct.split(".").at(-1) ?? "";
    return {
      viem: hashTypedData({ domain, types: own, primaryType, message } as never),
      ethers: TypedDataEncoder.hash(domain as Record<string, unknown>, own, message),
    };
  }

  /** By the harness, all in one call. */
  async function bySolidity(messages: readonly Message[]): Promise<unknown[]> {
    const calls = messages.map(({ name, domain, message }) =>
      encodeFunctionData({ abi: digests.abi, functionName: name, args: [placeOf(domain), message] }),
    );
    const answers = (await chain.client.readContract({ ...digests, functionName: "ask", args: [calls] })) as Hex[];
    return answers.map((data, index) =>
      decodeFunctionResult({ abi: digests.abi, functionName: messages[index]?.name ?? "", data }),
    );
  }

  async function compareDigests(input: Input): Promise<void> {
    const messages = messagesOf(input);
    const solidity = await bySolidity(messages);
    messages.forEach((message, index) => {
      const { viem, ethers } = general(message);
      expect(viem, `${message.name}: viem`).to.equal(solidity[index]);
      expect(ethers, `${message.name}: ethers`).to.equal(solidity[index]);
      if (message.digest) expect(message.digest, `${message.name}: by hand`).to.equal(solidity[index]);
    });
  }

  it("given messages of every kind, when each side hashes them for any contract and chain, it should be one digest", async () => {
    await fc.assert(fc.asyncProperty(inputs, compareDigests), { numRuns });
  }).timeout(300_000);

  it("given an EIP-3009 authorization, when the token hashes it where it stands, it should be viem's and ethers' digest", async () => {
    await fc.assert(fc.asyncProperty(inputs, compareAuthorization), { numRuns });
  }).timeout(300_000);

  async function compareAuthorization(input: Input): Promise<void> {
    const authorization = authorizationOf(input, chain.chain.id);
    const { viem, ethers } = general(authorization);
    const there = await at(input.channel.token, token.code, token.abi, authorization.name, [authorization.message]);
    expect([viem, ethers]).to.deep.equal([there, there]);
  }

  it("given a channel and an escrow anywhere, when each side makes ids, nonces and the voucher's digest, they should be the same", async () => {
    await fc.assert(fc.asyncProperty(inputs, compareIds), { numRuns });
  }).timeout(300_000);

  async function compareIds({ channel, contract, chainId, amount, word }: Input): Promise<void> {
    const { payer, payee, token, salt, authorizedSigner } = channel;
    const descriptor = [payer, payee, token, salt, authorizedSigner];
    const anywhere = { address: contract, chainId };
    expect(channelId(channel, anywhere)).to.equal(byEthers(idTypes, [...descriptor, contract, chainId]));
    expect(authorizationNonce(channel)).to.equal(byEthers(idTypes.slice(0, 5), descriptor));

    const here = { address: contract, chainId: chain.chain.id };
    const id = channelId(channel, here);
    const topUp = { channel, additionalDeposit: amount, topUpSalt: word };
    const topUpNonce = byEthers(["bytes32", "uint128", "address", "bytes32"], [id, amount, payer, word]);
    expect(topUpAuthorizationNonce(topUp, here)).to.equal(topUpNonce);

    const row = { payer, salt, authorizedSigner, cumulativeAmount: 0n, r: zeroHash, vs: zeroHash };
    const code = await codeAt(digests.address);
    const laid = await at(contract, code, digests.abi, "channelIds", [channel, row]);
    expect(laid, "each layout").to.deep.equal([id, id, id]);
    const view = (name: string, args: unknown[]) => at(contract, escrowCode, paymentChannelsAbi as Abi, name, args);
    expect(await view("computeChannelId", [channel]), "the escrow's own").to.equal(id);
    const [voucher] = messagesOf({ ...extremes[0], contract, chainId: here.chainId, channel, amount });
    expect(await view("voucherDigest", [id, amount]), "the escrow's own digest").to.equal(voucher?.digest);
  }

  it("given a chain of ticks, when each side walks it to its root, it should be one root, and every link good", async () => {
    await fc.assert(fc.asyncProperty(inputs, compareTicks), { numRuns });
  }).timeout(300_000);

  async function compareTicks(input: Input): Promise<void> {
    const { root, length, link } = ticksOf(input);
    let [viem, ethers]: [Hex, string] = [input.word, input.word];
    for (let walked = 0; walked < length; walked += 1) [viem, ethers] = [keccak256(viem), ethersKeccak(ethers)];
    const solidity = await chain.client.readContract({
      ...digests,
      functionName: "tickRoot",
      args: [input.word, length],
    });
    expect([root, viem, ethers]).to.deep.equal([solidity, solidity, solidity]);
    const half = Math.ceil(length / 2);
    expect(verifyTick({ ticks: 0, link: root }, { ticks: half, link: link(half) })).to.equal(true);
    const again = await chain.client.readContract({ ...digests, functionName: "tickRoot", args: [link(half), half] });
    expect(again).to.equal(root);
  }

  for (const [index, end] of ["least", "most"].entries()) {
    it(`given everything at its ${end}, when each side hashes it, it should be the same`, async () => {
      const input = extremes[index] as Input;
      await compareDigests(input);
      await compareIds(input);
      await compareTicks(input);
      await compareAuthorization(input);
    }).timeout(120_000);
  }

  /** Asks a contract as if it stood at an address, on the simulated chain. */
  async function at(address: Address, code: Hex, abi: Abi, functionName: string, args: unknown[]): Promise<unknown> {
    const stateOverride: StateOverride = [{ address, code }];
    const call = { abi, functionName, args };
    const { data = "0x" } = await chain.client.call({ to: address, data: encodeFunctionData(call), stateOverride });
    return decodeFunctionResult({ ...call, data });
  }
});

const idTypes = ["address", "address", "address", "bytes32", "address", "address", "uint256"];

function byEthers(types: readonly string[], values: readonly unknown[]): string {
  return ethersKeccak(AbiCoder.defaultAbiCoder().encode([...types], [...values]));
}

function placeOf({ verifyingContract, chainId }: TypedDataDomain) {
  return { verifyingContract, chainId: BigInt(chainId ?? 0) };
}
