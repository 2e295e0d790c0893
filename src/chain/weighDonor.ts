import { type Address, type Client, decodeAbiParameters, encodeFunctionData, type Hex, hexToBytes, size } from "viem";
import { call } from "viem/actions";
import { eligibilityGateAbi as abi } from "../abi/eligibilityGate.ts";
import { chainFailure, reasonOf } from "./failure.ts";
import { decodeRevert } from "./revert.ts";

/**
 * The weight that a pool would give a donor if it asked its gate now, basis points: as the pool does it, a gate that reverts, burns its
 * gas, answers short or says more than 10,000 gives 0.
 * @throws `ChainUnavailableError` when the node does not say.
 */
export async function weighDonor(
  client: Client,
  parameters: { gate: Address; pool: Address; donor: Address; gateData: Hex; blockNumber?: bigint },
): Promise<number> {
  const { gate, pool, donor, gateData, ...when } = parameters;
  const data = encodeFunctionData({ abi, functionName: "check", args: [donor, gateData] });
  try {
    const gas = gateGas + intrinsicGas(data);
    const answer = (await call(client, { account: pool, to: gate, data, gas, ...when })).data ?? "0x";
    if (size(answer) < 64) return 0;
    const [, weight] = decodeAbiParameters([{ type: "bytes32" }, { type: "uint256" }], answer);
    return weight <= fullWeight ? Number(weight) : 0;
  } catch (error) {
    if (decodeRevert(error, abi) || /out of gas|invalid opcode/i.test(reasonOf(error))) return 0;
    throw chainFailure(error, "asking a gate");
  }
}

/** What the pool lets its gate burn. Source: contracts/libraries/GiftCalls.sol, `GATE_GAS`. */
const gateGas = 200_000n;
/** 100 %, basis points. */
const fullWeight = 10_000n;

/** What a call from outside pays before the first step. Source: EIP-2028. */
function intrinsicGas(data: Hex): bigint {
  const zeros = hexToBytes(data).reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0);
  return 21_000n + 16n * BigInt(size(data) - zeros) + 4n * BigInt(zeros);
}
