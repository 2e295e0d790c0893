// What the season stands on: token, registry behind a timelock, factory, gates; and who acts, each with a key of its own.
import hre from "hardhat";
import {
  type Address,
  createWalletClient,
  encodeFunctionData,
  type Hash,
  type Hex,
  http,
  keccak256,
  type PrivateKeyAccount,
  parseAbi,
  publicActions,
  stringToHex,
  zeroHash,
} from "viem";
import { hardhat } from "viem/chains";
import { deployMerkleGate, deployPools } from "../../../deploy/deployPools.ts";
import { channelActions, poolActions, registryActions } from "../../../src/chain/index.ts";
import { createEligibilityTree, type Escrow, roundId } from "../../../src/protocol/index.ts";
import type { World } from "../world.ts";
import { account, type Donor, deposit, donorWallet, eligibleDonors, projects, special } from "./cast.ts";
import { applicationDeposit, poolsParameters, sponsorDeposits, stewardsDelay } from "./terms.ts";

export type SeasonStage = Awaited<ReturnType<typeof setSeasonStage>>;

/** How many people give to the second round, and what each brings. */
export const secondDonors = 10;

/** @param name The run's: Ignition's journals go with it. */
export async function setSeasonStage(
  world: World,
  { escrow, seed, donors, name }: { escrow: Escrow; seed: string; donors: readonly Donor[]; name: string },
) {
  const { client, rpc } = world;
  const organiser = account(seed, "organiser");
  const safe = account(seed, "safe");
  const roundSalt = keccak256(stringToHex(`the season of ${seed}`));
  const list = { chainId: escrow.chainId, roundId: roundId(organiser.address, roundSalt) };
  const tree = createEligibilityTree(list, eligibleDonors(seed, donors));

  const token = await world.deploy("SeasonDollar");
  const parameters = poolsParameters(escrow.address, token, safe.address);
  const pools = await world.ignite(`${name}-pools`, (options) => deployPools(hre, parameters, options));
  const gateOf = { root: tree.root, roundId: list.roundId };
  const merkleGate = await world.ignite(`${name}-gate`, (options) => deployMerkleGate(hre, gateOf, options));

  const managers = projects.map((_, index) => account(seed, "manager", index));
  const payouts = projects.map((_, index) => account(seed, "payout", index).address);
  const sponsors = sponsorDeposits.map((_, index) => account(seed, "sponsor", index));
  const challenger = account(seed, "challenger");
  const second = Array.from({ length: secondDonors }, (_, index) => account(seed, "second donor", index));
  const services = {
    keeper: account(seed, "keeper"),
    closer: account(seed, "closer"),
    relayer: account(seed, "relayer"),
  };

  const newPayout = account(seed, "new payout").address;

  await fund();

  async function fund() {
    const rich = [organiser, safe, challenger, ...managers, ...sponsors, ...second, ...Object.values(services)];
    const acting = donors.filter(({ relayed }) => !relayed).map(({ index }) => donorWallet(seed, index));
    await Promise.all([...rich, ...acting].map(({ address }) => client.setBalance({ address, value: 10n ** 20n })));
    for (const one of [...managers, challenger]) await mint(one.address, applicationDeposit);
    // Each sponsors both rounds.
    for (const [index, one] of sponsors.entries()) await mint(one.address, 2n * (sponsorDeposits[index] ?? 0n));
    for (const one of second) await mint(one.address, deposit);
    for (const { index } of donors) await mint(donorWallet(seed, index).address, deposit);
  }

  function mint(to: Address, amount: bigint): Promise<Hash> {
    const data = encodeFunctionData({ abi: tokenAbi, functionName: "mint", args: [to, amount] });
    return client.sendTransaction({ account: world.stranger, to: token, data, gas: 150_000n });
  }

  const as = (who: PrivateKeyAccount) =>
    createWalletClient({ account: who, chain: hardhat, transport: http(rpc), pollingInterval: 100 }).extend(
      publicActions,
    );
  const onEscrow = (who: PrivateKeyAccount) => as(who).extend(channelActions({ address: escrow.address }));
  const onRegistry = (who: PrivateKeyAccount) => as(who).extend(registryActions({ address: pools.registry }));
  const onPool = (who: PrivateKeyAccount, pool: Address) => as(who).extend(poolActions({ address: pool }));

  async function mined(hash: Hash | undefined) {
    if (hash === undefined) throw new Error("nothing was sent");
    const receipt = await client.waitForTransactionReceipt({ hash });
    if (receipt.status !== "success") throw new Error(`transaction ${hash} reverted`);
    return receipt;
  }

  /** Lets the stewards do something: proposed by the Safe, public for the timelock's delay, executed by a stranger. */
  async function steward({ to, data }: { to: Address; data: Hex }) {
    const salt = keccak256(data);
    const operation = [to, 0n, data, zeroHash, salt] as const;
    const args = [...operation, stewardsDelay] as const;
    const schedule = encodeFunctionData({ abi: timelockAbi, functionName: "schedule", args });
    await mined(await as(safe).sendTransaction({ to: pools.stewards, data: schedule }));
    await world.pass(stewardsDelay);
    const execute = encodeFunctionData({ abi: timelockAbi, functionName: "execute", args: operation });
    await mined(await client.sendTransaction({ account: world.stranger, to: pools.stewards, data: execute }));
  }

  /** Puts an account on the token's own list of those whom it pays nothing, or takes it off. */
  async function deny(who: Address, listed: boolean) {
    const data = encodeFunctionData({ abi: tokenAbi, functionName: "deny", args: [who, listed] });
    await mined(await client.sendTransaction({ account: world.stranger, to: token, data }));
  }

  /** Where a project's money went: by its first address, and by the one that the denied project changed to. */
  function payoutsOf(index: number): Address[] {
    const first = payouts[index];
    const changed = index + 1 === Number(special.denied) ? [newPayout] : [];
    return [...(first ? [first] : []), ...changed];
  }

  /** What an account holds, base units. */
  function balance(who: Address): Promise<bigint> {
    return client.readContract({ address: token, abi: tokenAbi, functionName: "balanceOf", args: [who] });
  }

  return {
    ...{ world, escrow, seed, donors, token, ...pools, merkleGate, tree, roundSalt },
    ...{ organiser, managers, payouts, sponsors, challenger, second, services },
    ...{ as, onEscrow, onRegistry, onPool, mined, steward, deny, balance, payoutsOf, newPayout },
  };
}

const tokenAbi = parseAbi([
  "function mint(address to, uint256 amount)",
  "function deny(address account, bool listed)",
  "function balanceOf(address account) view returns (uint256)",
]);
const timelockAbi = parseAbi([
  "function schedule(address target, uint256 value, bytes data, bytes32 predecessor, bytes32 salt, uint256 delay)",
  "function execute(address target, uint256 value, bytes payload, bytes32 predecessor, bytes32 salt) payable",
]);
