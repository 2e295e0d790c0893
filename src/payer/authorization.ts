import { type Address, type Hex, parseAbi, type TypedDataDomain } from "viem";
import { readContract, signTypedData } from "viem/actions";
import { chainNow } from "../chain/chainNow.ts";
import { chainFailure } from "../chain/failure.ts";
import { authorizationNonce, authorizationTypedData, type TransferAuthorization } from "../protocol/authorization.ts";
import type { Channel } from "../protocol/channel.ts";
import type { PayerContext } from "./context.ts";

/**
 * Signs, by the payer's wallet, an authorization that opens `channel` with `deposit`. Needs no gas.
 * @param validFor Seconds of block time for which a relayer may use it.
 */
export async function signDepositAuthorization(
  context: PayerContext,
  channel: Channel,
  deposit: bigint,
  validFor: bigint,
): Promise<{ authorization: TransferAuthorization; signature: Hex }> {
  const { client, escrow, signer } = context;
  const authorization: TransferAuthorization = {
    from: channel.payer,
    to: escrow.address,
    value: deposit,
    validAfter: 0n,
    validBefore: (await chainNow(client)) + validFor,
    nonce: authorizationNonce(channel),
  };
  const definition = authorizationTypedData(authorization, await tokenDomain(context, channel.token));
  const signature = client.account
    ? await signTypedData(client, { ...definition, account: client.account })
    : await signer.signTypedData(definition);
  return { authorization, signature };
}

/** The token's own EIP-712 domain: by EIP-5267 where it has it, else by `name` and `version` as USDC. */
async function tokenDomain({ client, escrow }: PayerContext, token: Address): Promise<TypedDataDomain> {
  const at = { address: token, abi: tokenAbi } as const;
  const place = { chainId: escrow.chainId, verifyingContract: token };
  try {
    const [, name, version] = await readContract(client, { ...at, functionName: "eip712Domain" });
    return { name, version, ...place };
  } catch {
    // Older tokens lack EIP-5267; one that has neither fails here, with its own reason.
    try {
      const name = await readContract(client, { ...at, functionName: "name" });
      const version = await readContract(client, { ...at, functionName: "version" });
      return { name, version, ...place };
    } catch (error) {
      throw chainFailure(error, "reading the token's signing domain");
    }
  }
}

const tokenAbi = parseAbi([
  "function name() view returns (string)",
  "function version() view returns (string)",
  "function eip712Domain() view returns (bytes1 fields, string name, string version, uint256 chainId, address verifyingContract, bytes32 salt, uint256[] extensions)",
]);
