import { type Address, encodeFunctionData, type Hex, parseAbi, zeroAddress, zeroHash } from "viem";
import type { RoundTerms } from "../../../../src/chain/pool/reads.ts";
import type { Channel } from "../../../../src/protocol/channel.ts";
import { attestedGateData, signAttestation } from "../../../../src/protocol/gate/attestation.ts";
import { startChain } from "../../../support/chain.ts";
import { day, setRoundStage } from "../../../support/roundStage.ts";

/** Everybody who has a part in a round, and one who has none. The stewards are a timelock, and act through it. */
export const roles = ["creator", "closer", "stewards", "attester", "manager", "sponsor", "donor", "stranger"] as const;
export type Role = (typeof roles)[number];

export type World = Awaited<ReturnType<typeof setWorld>>;

/** What everybody lets every pool take, base units. */
const allowance = 1_000_000n;

/**
 * A chain with three projects, of which the role `manager` has the last, and everybody with money.
 * @param together Whether all roles but the stewards are one account, which is the stewards' only proposer's friend.
 */
export async function setWorld(together = false) {
  const chain = await startChain();
  const token = chain.tokens.authorization;
  const stage = await setRoundStage(chain, token);
  const projects = await stage.acceptedProjects(3);
  const one = await stage.person();
  const addresses = {} as Record<Role, Address>;
  for (const role of roles) addresses[role] = together ? one : await stage.person();
  addresses.stewards = stage.stewards;
  const last = projects[2] as (typeof projects)[0];
  if (together) {
    const transfer = { projectId: last.id, newManager: one };
    await stage.mined(await stage.onRegistry(last.manager).transferManager(transfer));
    await stage.mined(await stage.onRegistry(one).acceptManager({ projectId: last.id }));
  } else addresses.manager = last.manager;
  await mint(stage.stewards);

  const gate = await chain.deploy("AttestedGate", [addresses.attester]);

  async function mint(to: Address) {
    const wallet = chain.wallet(stage.key(stage.anyone));
    await stage.mined(await wallet.writeContract({ address: token, abi, functionName: "mint", args: [to, allowance] }));
  }

  async function send(from: Address, call: { to: Address; data: Hex }) {
    if (from === stage.stewards) return stage.steward(call);
    // Not estimated: a batch goes through with the little gas at which it skips every item.
    return stage.mined(await chain.wallet(stage.key(from)).sendTransaction({ ...call, gas: 10_000_000n }));
  }

  /** Lets a timelock without delay make a call. */
  async function sendThrough(timelock: Address, proposer: Address, { to, data }: { to: Address; data: Hex }) {
    const operation = [to, 0n, data, zeroHash, stage.nextSalt()] as const;
    const schedule = encodeFunctionData({ abi, functionName: "schedule", args: [...operation, 0n] });
    await send(proposer, { to: timelock, data: schedule });
    return send(proposer, {
      to: timelock,
      data: encodeFunctionData({ abi, functionName: "execute", args: operation }),
    });
  }

  /** Lets a pool take everybody's money, as careless people do. */
  async function approveAll(pool: Address, others: readonly Address[] = []) {
    const data = encodeFunctionData({ abi, functionName: "approve", args: [pool, allowance] });
    for (const owner of new Set([...Object.values(addresses), ...others])) await send(owner, { to: token, data });
  }

  /** A round of the creator's that starts in five days, with a pot behind the attester's gate. */
  async function createMatched(projectIds: readonly bigint[], fields: Partial<RoundTerms> = {}) {
    const start = (await stage.now()) + 5n * day;
    const parties = { gate, acceptsSybil: false, closer: addresses.closer };
    return stage.createRound(await stage.terms({ start, ...parties, ...fields }), projectIds, addresses.creator);
  }

  /** One without matching, that starts in five days too and ends with the other. */
  async function createGiving(projectIds: readonly bigint[]) {
    const start = (await stage.now()) + 5n * day;
    const off = { gate: zeroAddress, acceptsSybil: false, matching: false, challengeEnd: 0n, settleBy: 0n };
    const terms = await stage.terms({ start, ...off, cap: 0n, maxCounted: 0n, closer: addresses.closer });
    return stage.createRound(terms, projectIds, addresses.creator);
  }

  /** What the attester signs for a donor: that it counts in full, as itself. */
  async function gateData(pool: Address, donor: Address): Promise<Hex> {
    const key = `0x${donor.slice(2).padStart(64, "0")}` as Hex;
    const attestation = { pool, donor, key, weightBps: 10_000, expiresAt: 2n ** 40n };
    const at = { address: gate, chainId: chain.escrow.chainId };
    return attestedGateData(await signAttestation(stage.key(addresses.attester), attestation, at));
  }

  async function collect(channel: Channel, list: Parameters<typeof stage.item>[1]) {
    const { matching } = await stage.onPool(channel.payee).getRoundTerms();
    const data = matching ? await gateData(channel.payee, channel.payer) : "0x";
    return stage.collect(channel, list, data);
  }

  return {
    ...{ chain, stage, token, projects, addresses, gate },
    ...{ send, sendThrough, approveAll, createMatched, createGiving, gateData, collect },
  };
}

const abi = parseAbi([
  "function mint(address to, uint256 amount)",
  "function approve(address spender, uint256 amount) returns (bool)",
  "function schedule(address target, uint256 value, bytes data, bytes32 predecessor, bytes32 salt, uint256 delay)",
  "function execute(address target, uint256 value, bytes payload, bytes32 predecessor, bytes32 salt) payable",
]);
