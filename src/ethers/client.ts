import {
  type Signer as EthersSigner,
  isError,
  type JsonRpcApiProvider,
  type JsonRpcSigner,
  type Provider,
  type TransactionRequest,
} from "ethers";
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
  const send = (method: string, params: unknown) => provider.send(method, params as unknown[]);

  async function sendTransaction({ from: _, gas, nonce, ...rest }: Sent): Promise<string> {
    const transaction = { ...rest, ...(gas === undefined ? {} : { gasLimit: gas }) };
    if (isWallet(signer)) return signer.sendUncheckedTransaction(transaction);
    // Asked here, since ethers would answer from what it remembers of a quarter of a second ago.
    const next = nonce ?? (await send("eth_getTransactionCount", [address, "pending"]));
    return (await signer.sendTransaction({ ...transaction, nonce: Number(next) })).hash;
  }

  const verbs: Record<string, (params: readonly unknown[]) => Promise<unknown>> = {
    eth_sendTransaction: ([transaction]) => sendTransaction(transaction as Sent),
    eth_signTypedData_v4: ([, definition]) => signTypedData(JSON.parse(String(definition)) as TypedDataDefinition),
  };
  const request = async ({ method, params = [] }: { method: string; params?: unknown }) => {
    try {
      return await (verbs[method]?.(params as unknown[]) ?? send(method, params));
    } catch (error) {
      throw bare(error);
    }
  };
  const { pollingInterval } = provider as { pollingInterval?: number };
  return createClient({
    account: address,
    // One try: ethers' provider has its own.
    transport: custom({ request }, { retryCount: 0 }),
    ...(pollingInterval === undefined ? {} : { pollingInterval }),
  });
}

/** A transaction as JSON-RPC has it; ethers knows the sender, and calls a limit of gas so. */
type Sent = Omit<TransactionRequest, "from" | "gasLimit" | "nonce"> & { from?: Hex; gas?: Hex; nonce?: Hex };

/** Whether it sends by itself, as a browser's: nonces and fees are its own. */
function isWallet(signer: EthersSigner): signer is EthersSigner & Pick<JsonRpcSigner, "sendUncheckedTransaction"> {
  return "sendUncheckedTransaction" in signer;
}

/** By what it can do and not by its class, for there may be two copies of ethers. */
function speaksJsonRpc(provider: Provider | null): provider is JsonRpcApiProvider {
  return provider !== null && "send" in provider && typeof provider.send === "function";
}

/** Nobody but the person said no. Source: EIP-1193. */
const userRejected = 4001;

/**
 * What the node or the wallet itself said, with its code and a revert's data, which ethers wraps and viem must see. Without what
 * ethers wrapped around it: that holds the request, and a request may hold vouchers.
 */
function bare(error: unknown): unknown {
  const { info, error: direct } = error as { info?: { error?: unknown }; error?: unknown };
  const inner = (info?.error ?? direct) as { code?: number; message?: string; data?: unknown } | undefined;
  if (typeof inner?.code === "number") {
    return Object.assign(new Error(inner.message), { code: inner.code, data: inner.data });
  }
  if (isError(error, "ACTION_REJECTED")) {
    return Object.assign(new Error(error.message), { code: userRejected });
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
