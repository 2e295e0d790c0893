import { type Address, type Client, type Hex, parseAbi } from "viem";
import { readContract } from "viem/actions";

/** Asks the chain whether a contract stands by a signature (ERC-1271). False for an account without code. */
export type ContractSignerCheck = (query: { signer: Address; digest: Hex; signature: Hex }) => Promise<boolean>;

/**
 * The check over a viem client: `isValidSignature` by `eth_call`, bounded in gas. A contract that reverts, answers anything but
 * the magic value, or is not there, does not stand by it. Source: ERC-1271.
 */
export function contractSignerCheck(client: Client): ContractSignerCheck {
  return async ({ signer, digest, signature }) => {
    try {
      const answer = await readContract(client, {
        address: signer,
        abi,
        functionName: "isValidSignature",
        args: [digest, signature],
        // What the escrow can be expected to spend on one signature; more would make settling it a loss.
        gas: 500_000n,
      } as Parameters<typeof readContract>[1]);
      return answer === magicValue;
    } catch (error) {
      if (isRefusedCall(error)) return false;
      // viem's errors quote the call's arguments: neither message nor cause may leave here with a signature in them.
      throw new Error("The chain could not be asked about a contract's signature.");
    }
  };
}

/** Whether the call was made and failed: no code, a revert, gas that ran out, an answer that is no `bytes4`. */
function isRefusedCall(error: unknown): boolean {
  let innermost = error;
  for (; innermost instanceof Error && innermost.cause instanceof Error; innermost = innermost.cause) {
    if (answeredBadly.has(innermost.name)) return true;
  }
  // What the node itself said: viem calls its internal errors reverts as well.
  return (
    innermost instanceof Error && (answeredBadly.has(innermost.name) || /revert|out of gas/i.test(innermost.message))
  );
}

/** viem's errors for an answer that came and was not one. */
const answeredBadly = new Set([
  "ContractFunctionZeroDataError",
  "AbiDecodingZeroDataError",
  "AbiDecodingDataSizeTooSmallError",
  "PositionOutOfBoundsError",
]);
const magicValue = "0x1626ba7e";
const abi = parseAbi(["function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)"]);
