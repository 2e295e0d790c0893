import type { Address, Client } from "viem";
import { getBlockNumber, getChainId, readContract } from "viem/actions";
import { paymentChannelsAbi } from "../abi/paymentChannels.ts";
import { AuditError, notAnEscrow } from "./errors.ts";
import { findDeployment, hasCode } from "./findDeployment.ts";
import type { LedgerRules } from "./ledger.ts";
import { getBlock, unlessRefused } from "./provider.ts";
import type { AuditReport } from "./report.ts";

/** What is to be audited, and from where to where. */
export type Subject = { rules: LedgerRules; fromBlock: bigint; block: AuditReport["block"] };

/**
 * Makes sure that an address is an escrow at the audited block, and finds where its events begin.
 * @throws {@link AuditError} when it is none, when the block is not there, or when `fromBlock` would miss events.
 */
export async function locate(
  client: Client,
  escrow: Address,
  range: { fromBlock?: bigint | undefined; toBlock?: bigint | undefined },
): Promise<Subject> {
  const address = escrow.toLowerCase() as Address;
  const [chainId, head] = await Promise.all([getChainId(client), getBlockNumber(client, { cacheTime: 0 })]);
  const number = range.toBlock ?? head;
  const header = number <= head ? await getBlock(client, number) : undefined;
  if (!header) {
    throw new AuditError(
      "block-not-found",
      `Block ${number} is not there yet: the head of chain ${chainId} is ${head}.`,
    );
  }
  if (!(await hasCode(client, address, number))) throw notAnEscrow(address, chainId, number);
  const contract = { address, abi: paymentChannelsAbi, blockNumber: number } as const;
  const [domain, gracePeriod] = await Promise.all([
    unlessRefused(readContract(client, { ...contract, functionName: "eip712Domain" })),
    unlessRefused(readContract(client, { ...contract, functionName: "closeGracePeriod" })),
  ]);
  const [, name, version, domainChainId, verifyingContract] = domain ?? [];
  const known =
    name === "EVM Payment Channel" &&
    version === "1" &&
    domainChainId === BigInt(chainId) &&
    verifyingContract?.toLowerCase() === address;
  if (!known || gracePeriod === undefined) throw notAnEscrow(address, chainId, number);
  const fromBlock = await firstBlock(client, address, range.fromBlock, number);
  return { rules: { escrow: { address, chainId }, gracePeriod }, fromBlock, block: { number, ...header } };
}

async function firstBlock(client: Client, address: Address, given: bigint | undefined, to: bigint): Promise<bigint> {
  if (given === undefined) return findDeployment(client, address, to);
  if (given > to) throw new AuditError("empty-range", `The first block, ${given}, is after the last, ${to}.`);
  if (given > 0n && (await hasCode(client, address, given - 1n))) {
    throw new AuditError(
      "late-start",
      `The escrow was there before block ${given}: start at its deployment, or leave the first block out to have it found.`,
    );
  }
  return given;
}
