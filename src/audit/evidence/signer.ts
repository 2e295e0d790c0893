import { type Address, type Client, type Hex, parseAbi } from "viem";
import { readContract } from "viem/actions";
import { selectVerifier } from "../../verifier/index.ts";
import { unlessRefused } from "../provider.ts";

/**
 * Whether an account stands by a digest at a block, as escrow and pool judge it: its key signed, or else it is a contract
 * that says so (ERC-1271).
 */
export async function standsBy(
  client: Client,
  { signer, digest, signature }: { signer: Address; digest: Hex; signature: Hex },
  blockNumber: bigint,
): Promise<boolean> {
  if ((await verifier.recover(digest, signature)) === signer) return true;
  const answer = await unlessRefused(
    readContract(client, {
      address: signer,
      abi,
      functionName: "isValidSignature",
      args: [digest, signature],
      blockNumber,
    }),
  );
  return answer === magicValue;
}

const verifier = selectVerifier({ order: ["js"] });
const magicValue = "0x1626ba7e";
const abi = parseAbi(["function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)"]);
