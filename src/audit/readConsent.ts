import {
  type Address,
  BaseError,
  type Client,
  compactSignatureToSignature,
  decodeFunctionData,
  type Hex,
  parseAbi,
  parseCompactSignature,
  recoverAddress,
  size,
} from "viem";
import { readContract } from "viem/actions";
import { paymentChannelsAbi } from "../abi/paymentChannels.ts";
import type { Escrow } from "../protocol/channel.ts";
import { closeAuthorizationDigest } from "../protocol/close.ts";
import type { Consent } from "./events.ts";
import { hasCode } from "./findDeployment.ts";
import { type Transaction, unlessRefused } from "./provider.ts";

/**
 * Who ended a channel, told from the transaction that did it.
 *
 * A call of the escrow itself is decided: `close` and `closeBatch` are the payee's if the payee sent them;
 * `closeWithAuthorization` is the payee's if its signature is good by recovery or by a contract's ERC-1271 answer at that
 * block; no other verb can close before the end of grace. Where a contract stands in between (a payee that is a contract, a relaying wallet)
 * the events do not say which verb it called, and the answer is `unproven`: counted in the report, never held against
 * the escrow.
 */
export async function readConsent(
  client: Client,
  escrow: Escrow,
  closed: { id: Hex; payee: Address; blockNumber: bigint },
  transaction: Transaction,
): Promise<Consent> {
  if (transaction.to !== escrow.address.toLowerCase()) return "unproven";
  const call = decode(transaction.input);
  if (!call) return "nobody";
  if (call.functionName === "close" || call.functionName === "closeBatch") {
    return transaction.from === closed.payee ? "payee" : "nobody";
  }
  if (call.functionName !== "closeWithAuthorization") return "nobody";
  const [, cumulativeAmount, , deadline, signature] = call.args;
  const hash = closeAuthorizationDigest({ channelId: closed.id, cumulativeAmount, deadline }, escrow);
  if ((await recover(hash, signature)) === closed.payee) return "payee";
  if (!(await hasCode(client, closed.payee, closed.blockNumber))) return "nobody";
  const answer = await unlessRefused(
    readContract(client, {
      address: closed.payee,
      abi: erc1271Abi,
      functionName: "isValidSignature",
      args: [hash, signature],
      blockNumber: closed.blockNumber,
    }),
  );
  // A wallet that says no at the end of the block may have said yes within it.
  return answer === erc1271Magic ? "payee" : "unproven";
}

async function recover(hash: Hex, signature: Hex): Promise<Address | undefined> {
  const length = size(signature);
  if (length !== 64 && length !== 65) return undefined;
  const parsed = length === 64 ? compactSignatureToSignature(parseCompactSignature(signature)) : signature;
  const recovered = await recoverAddress({ hash, signature: parsed }).catch(() => undefined); // Not a point of the curve.
  return recovered?.toLowerCase() as Address | undefined;
}

function decode(data: Hex) {
  try {
    return decodeFunctionData({ abi: paymentChannelsAbi, data });
  } catch (error) {
    if (error instanceof BaseError) return undefined; // No verb of the escrow, or malformed arguments.
    throw error;
  }
}

/** `bytes4(keccak256("isValidSignature(bytes32,bytes)"))`, ERC-1271. */
const erc1271Magic = "0x1626ba7e";

const erc1271Abi = parseAbi(["function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)"]);
