// Uniswap's Permit2 on a simulated chain, as its constructor would have left it there.
import { readFile } from "node:fs/promises";
import { type Address, encodeAbiParameters, erc20Abi, type Hex, keccak256, maxUint256, stringToHex } from "viem";
import { permit2Address } from "../../src/protocol/permit2.ts";
import type { TestChain } from "./chain.ts";

const source = new URL(
  "../../node_modules/@uniswap/v4-periphery/lib/permit2/test/utils/DeployPermit2.sol",
  import.meta.url,
);

/** `require(chainId() == cached, separator)` of its code: the two immutables, each behind its push. */
const immutables = /467f[0-9a-f]{64}03611b69577f[0-9a-f]{64}/;

/**
 * Puts Permit2 at its one address. No package carries its creation code; what Uniswap's own tests carry is the code that a run of it
 * left at another address, so the two immutables (chain id and domain separator) are set to what the constructor computes here.
 */
export async function installPermit2(client: Pick<TestChain["client"], "getChainId" | "setCode">): Promise<void> {
  const code = /hex"([0-9a-f]+)"/.exec(await readFile(source, "utf8"))?.[1];
  if (code?.match(new RegExp(immutables, "g"))?.length !== 1) throw new Error(`${source} is not as it was`);
  const chainId = await client.getChainId();
  const id = chainId.toString(16).padStart(64, "0");
  const patched = code.replace(immutables, `467f${id}03611b69577f${separator(chainId).slice(2)}`);
  await client.setCode({ address: permit2Address, bytecode: `0x${patched}` });
}

/** Lets Permit2 take any amount of a token, as its users do once. */
export async function approvePermit2(wallet: ReturnType<TestChain["wallet"]>, token: Address): Promise<void> {
  const hash = await wallet.writeContract({
    address: token,
    abi: erc20Abi,
    functionName: "approve",
    args: [permit2Address, maxUint256],
  });
  await wallet.waitForTransactionReceipt({ hash });
}

/** Source: permit2 `EIP712.sol`. */
function separator(chainId: number): Hex {
  const typeHash = keccak256(stringToHex("EIP712Domain(string name,uint256 chainId,address verifyingContract)"));
  const types = [{ type: "bytes32" }, { type: "bytes32" }, { type: "uint256" }, { type: "address" }] as const;
  const name = keccak256(stringToHex("Permit2"));
  return keccak256(encodeAbiParameters(types, [typeHash, name, BigInt(chainId), permit2Address]));
}
