import { type Signer as EthersSigner, isError, type JsonRpcApiProvider, type Provider } from "ethers";
import {
  type Account,
  type Client,
  createClient,
  custom,
  type Hex,
  type Transport,
  type TypedDataDefinition,
} from "viem";
import { FarthingError } from "../protocol/errors.ts";
import { ethersSigner } from "./signer.ts";

/**
 * An ethers signer as the client of a payer: its provider carries what is read, and it signs and sends what is sent, with the nonces
 * and fees that ethers chooses. A browser's wallet shows each to people.
 *
 * @example
 * const wallet = await new BrowserProvider(window.ethereum).getSigner();
 * const payer = createPayer({ client: await ethersClient(wallet), signer, store, escrow });
 * @throws {@link NoProviderError} unless the signer is connected to a provider that speaks JSON-RPC.
 */
export async function ethersClient(signer: EthersSigner): Promise<Client<Transport, undefined, Account>> {
  const { provider } = signer;
  if (!speaksJsonRpc(provider)) throw new NoProviderError();
  const { address, signTypedData } = await ethersSigner(signer);
  const verbs: Record<string, (params: readonly unknown[]) => Promise<unknown>> = {
    eth_sendTransaction: async ([transaction]) => (await signer.sendTransaction(toRequest(transaction as Sent))).hash,
    eth_signTypedData_v4: ([, definition]) => signTypedData(JSON.parse(String(definition)) as TypedDataDefinition),
  };
  const request = async ({ method, params = [] }: { method: string; params?: unknown }) => {
    try {
      return await (verbs[method]?.(params as unknown[]) ?? provider.send(method, params as unknown[]));
    } catch (error) {
      throw bare(error);
    }
  };
  // One try: ethers' provider has its own.
  return createClient({ account: address, transport: custom({ request }, { retryCount: 0 }) });
}

/** By what it can do and not by its class, for there may be two copies of ethers. */
function speaksJsonRpc(provider: Provider | null): provider is JsonRpcApiProvider {
  return provider !== null && "send" in provider && typeof provider.send === "function";
}

/** A transaction as JSON-RPC has it. */
type Sent = { from?: Hex; gas?: Hex } & Record<string, unknown>;

/** As ethers has it: it knows the sender, and calls a limit of gas so. */
function toRequest({ from: _, gas, ...transaction }: Sent) {
  return { ...transaction, ...(gas === undefined ? {} : { gasLimit: gas }) };
}

/** Nobody but the person said no. Source: EIP-1193. */
const userRejected = 4001;

/** What the node or the wallet itself said, with its code and a revert's data, which ethers wraps and viem must see. */
function bare(error: unknown): unknown {
  const { info, error: direct } = error as { info?: { error?: unknown }; error?: unknown };
  const inner = (info?.error ?? direct) as { code?: number; message?: string; data?: unknown } | undefined;
  if (typeof inner?.code === "number") {
    return Object.assign(new Error(inner.message, { cause: error }), { code: inner.code, data: inner.data });
  }
  if (isError(error, "ACTION_REJECTED")) {
    return Object.assign(new Error(error.message, { cause: error }), { code: userRejected });
  }
  return error;
}

/** The signer cannot read the chain. */
export class NoProviderError extends FarthingError {
  override readonly name = "NoProviderError";
  constructor() {
    super(
      "no-provider",
      "The signer is connected to no provider that speaks JSON-RPC: give it one, as `wallet.connect(new JsonRpcProvider(url))`.",
    );
  }
}
