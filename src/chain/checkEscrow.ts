import { type Address, type Client, type Hex, keccak256 } from "viem";
import { getChainId, getCode, readContract } from "viem/actions";
import { paymentChannelsAbi as abi } from "../abi/paymentChannels.ts";
import type { Escrow } from "../protocol/channel.ts";
import { FarthingError } from "../protocol/errors.ts";
import { chainFailure, WrongChainError } from "./failure.ts";

/** Shortest grace period that an escrow can have, seconds: ten minutes. */
const minGracePeriod = 600n;

/**
 * Checks before anything is trusted to it that an escrow is there and speaks as one: code, EIP-5267 domain, grace period.
 * Pass `codeHash` to demand one deployment's exact runtime code.
 * @throws {@link NotAnEscrowError}, {@link WrongChainError}, {@link ChainUnavailableError}
 */
export async function checkEscrow(
  client: Client,
  escrow: Escrow,
  expected: { codeHash?: Hex | undefined } = {},
): Promise<{ /** Seconds. */ closeGracePeriod: bigint; codeHash: Hex }> {
  const { address } = escrow;
  try {
    const chainId = await getChainId(client);
    if (chainId !== escrow.chainId) throw new WrongChainError(escrow.chainId, chainId);
    const code = await getCode(client, { address });
    if (!code || code === "0x") throw new NotAnEscrowError(address, "there is no contract at this address");
    const codeHash = keccak256(code);
    if (expected.codeHash && codeHash !== expected.codeHash) {
      throw new NotAnEscrowError(address, `its code hash is ${codeHash}, not ${expected.codeHash}`);
    }
    const [, name, version, domainChain, verifyingContract] = await answered(address, "eip712Domain", () =>
      readContract(client, { address, abi, functionName: "eip712Domain" }),
    );
    const own = verifyingContract.toLowerCase() === address.toLowerCase() && domainChain === BigInt(escrow.chainId);
    if (name !== "EVM Payment Channel" || version !== "1" || !own) {
      throw new NotAnEscrowError(address, `its typed-data domain is ${name} ${version} of ${verifyingContract}`);
    }
    const closeGracePeriod = await answered(address, "closeGracePeriod", () =>
      readContract(client, { address, abi, functionName: "closeGracePeriod" }),
    );
    if (closeGracePeriod < minGracePeriod) {
      throw new NotAnEscrowError(address, `its grace period is ${closeGracePeriod} seconds, below ${minGracePeriod}`);
    }
    return { closeGracePeriod, codeHash };
  } catch (error) {
    throw chainFailure(error, "checking the escrow");
  }
}

/** What is at the address is not an escrow of this kind. */
export class NotAnEscrowError extends FarthingError {
  override readonly name = "NotAnEscrowError";
  constructor(address: Address, reason: string) {
    super("not-an-escrow", `${address} is not a payment-channel escrow: ${reason}. Check the address and the chain.`);
  }
}

// A contract that lacks the function answers nothing or reverts: that is a fact about it, not a fault of the node.
async function answered<T>(address: Address, name: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const failure = chainFailure(error, `asking for ${name}`);
    const cause = (error as { cause?: { name?: string } }).cause?.name;
    if (failure.code === "reverted" || cause === "ContractFunctionZeroDataError" || cause?.startsWith("AbiDecoding")) {
      throw new NotAnEscrowError(address, `it does not answer ${name}()`);
    }
    throw failure;
  }
}
