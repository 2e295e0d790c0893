import { type Address, type Client, concat, keccak256, numberToHex } from "viem";
import { getCode, getGasPrice, readContract } from "viem/actions";
import { chainFailure } from "../chain/failure.ts";
import type { ClaimEnv, TokenPrice } from "./policy.ts";

/** Where an OP-stack chain tells what its L1 data fee is. Source: the OP stack's predeploys. */
export const gasPriceOracle: Address = "0x420000000000000000000000000000000000000f";

/** Unsigned bytes of a `settleBatch` without rows, and of one row: six words, of which the L1 sees these. */
const baseBytes = 256n;
const bytesOfRow = 192n;

/**
 * Reads what policies weigh: the gas price, and the L1 data fee from the chain's own oracle. A chain without the oracle has
 * an L1 fee of 0, labelled `none`.
 */
export async function readSurroundings(
  client: Client,
  known: { timestamp: bigint; grace: bigint; prices: ReadonlyMap<Address, TokenPrice> },
): Promise<ClaimEnv> {
  try {
    const [gasPrice, l1Fee] = await Promise.all([getGasPrice(client), readL1Fee(client)]);
    return { ...known, gasPrice, l1Fee, batch: 1 };
  } catch (error) {
    throw chainFailure(error, "reading what a transaction costs");
  }
}

async function readL1Fee(client: Client): Promise<ClaimEnv["l1Fee"]> {
  const code = await getCode(client, { address: gasPriceOracle });
  if (!code || code === "0x") return { source: "none", base: 0n, row: 0n };
  const [base, withRow] = await Promise.all([l1FeeOf(client, baseBytes), l1FeeOf(client, baseBytes + bytesOfRow)]);
  return { source: "oracle", base, row: withRow > base ? withRow - base : 0n };
}

/** The oracle is asked about bytes that do not compress, as signatures and salts do not. */
function l1FeeOf(client: Client, bytes: bigint): Promise<bigint> {
  const words = Array.from({ length: Number(bytes / 32n) }, (_, index) => keccak256(numberToHex(index)));
  return readContract(client, {
    address: gasPriceOracle,
    abi: [
      {
        type: "function",
        name: "getL1Fee",
        stateMutability: "view",
        inputs: [{ type: "bytes" }],
        outputs: [{ type: "uint256" }],
      },
    ],
    functionName: "getL1Fee",
    args: [concat(words)],
  });
}
