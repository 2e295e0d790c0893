// What a round stands on: real contracts, and projects that applied, that nobody challenged, and that were accepted.
import { type Address, encodeFunctionData, getAddress, type Hex, numberToHex, parseAbi, zeroHash } from "viem";
import { donationPoolFactoryAbi } from "../../../src/abi/donationPoolFactory.ts";
import { type CreateRoundParameters, encodeCreateRound } from "../../../src/chain/factory/rounds.ts";
import { encodeAdmit } from "../../../src/chain/pool/encode.ts";
import type { RoundTerms } from "../../../src/chain/pool/reads.ts";
import type { Stage } from "./stage.ts";

export const day = 86_400n;
const stewardsDelay = day;
const applicationDeposit = 50_000_000n;

/** How many projects one transaction takes. A thousand in `createRound` would pass the limit of a contract's creation code. */
const batch = 100;
const batchGas = 30_000_000n;

/** What of a round's matching a row chooses. */
export type Matching = { /** The most that one project is matched, base units. */ cap: bigint };

export type Ground = Awaited<ReturnType<typeof layGround>>;

/** Registry with `projectCount` accepted projects, all paid at the payee; factory; gate; a crowd that gives. */
export async function layGround(stage: Stage, projectCount: number) {
  const { client, escrow, tokens, payee, relayer } = stage;
  const token = tokens.plain;
  const crowd = await stage.deploy("Crowd");
  const stewards = await stage.deploy("test/contracts/support/Timelock.sol:Timelock", [
    stewardsDelay,
    [relayer.address],
  ]);
  const registryTerms = [token, applicationDeposit, day, 3n * day, day, stewards];
  const registry = await stage.deploy("ProjectRegistry", registryTerms);
  const gate = await stage.deploy("OpenGate");
  const factory = await stage.deploy("DonationPoolFactory", [escrow.address]);
  const projectIds = Array.from({ length: projectCount }, (_, index) => BigInt(index + 1));

  /** Lets the crowd act, with gas for many accounts or projects. */
  function byCrowd(data: Hex) {
    return stage.send(relayer, { to: crowd, data, value: 0n }, batchGas);
  }

  const batches = chunk(projectIds, batch);
  const [first = [], ...others] = batches;
  for (const ids of batches) {
    const args = [registry, BigInt(ids.length), payee.address] as const;
    await byCrowd(encodeFunctionData({ abi: crowdAbi, functionName: "submit", args }));
  }
  stage.travel(day);
  for (const ids of batches) {
    const args = [registry, ids[0] ?? 0n, ids.at(-1) ?? 0n] as const;
    await byCrowd(encodeFunctionData({ abi: crowdAbi, functionName: "accept", args }));
  }

  /** A matching round of the first hundred projects that starts now, at an address without a zero byte. */
  async function describeRound({ cap }: Matching): Promise<CreateRoundParameters & { pool: Address }> {
    const start = stage.nextSecond();
    const end = start + 30n * day;
    const terms: RoundTerms = {
      ...{ token, registry, gate, closer: relayer.address, start, end },
      ...{ challengeEnd: end + 2n * stewardsDelay, settleBy: end + 9n * day },
      ...{ matching: true, acceptsSybil: true, cap, minCounted: 10_000n, maxCounted: 2n ** 64n },
    };
    for (let attempt = 1; ; attempt += 1) {
      const salt = numberToHex(attempt, { size: 32 });
      const { result } = await client.simulateContract({
        ...{ address: factory, abi: donationPoolFactoryAbi, functionName: "createRound" },
        ...{ args: [terms, first, salt], account: relayer.address },
      });
      if (!/^0x(..)*00/.test(result)) return { terms, projectIds: first, salt, pool: getAddress(result) };
    }
  }

  /** The stewards take the other projects into a round that was made with the first of them. */
  async function admitOthers(pool: Address) {
    const calls = others.map((ids) => encodeAdmit({ address: pool, projectIds: ids }));
    const operations = calls.map(({ to, data }) => [to, 0n, data, zeroHash, zeroHash] as const);
    for (const operation of operations) {
      const args = [...operation, stewardsDelay] as const;
      const data = encodeFunctionData({ abi: timelockAbi, functionName: "schedule", args });
      await stage.send(relayer, { to: stewards, data, value: 0n });
    }
    stage.travel(stewardsDelay);
    for (const args of operations) {
      const data = encodeFunctionData({ abi: timelockAbi, functionName: "execute", args });
      await stage.send(relayer, { to: stewards, data, value: 0n });
    }
  }

  const createRound = (parameters: CreateRoundParameters) => encodeCreateRound({ address: factory, ...parameters });

  return { token, crowd, registry, gate, factory, projectIds, byCrowd, describeRound, createRound, admitOthers };
}

/** A list in pieces of `size`, the last one perhaps shorter. */
export function chunk<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );
}

const timelockAbi = parseAbi([
  "function schedule(address target, uint256 value, bytes data, bytes32 predecessor, bytes32 salt, uint256 delay)",
  "function execute(address target, uint256 value, bytes payload, bytes32 predecessor, bytes32 salt) payable",
]);

export const crowdAbi = parseAbi([
  "struct Gift { uint256 projectId; uint128 cumulativeAmount; }",
  "function submit(address registry, uint256 count, address payout)",
  "function accept(address registry, uint256 from, uint256 to)",
  "function give(address pool, Gift[] gifts, bytes gateData, uint256 donors)",
]);
