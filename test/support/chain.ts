// A simulated OP-stack chain with the escrow and two tokens on it, for one test file.
import hre from "hardhat";
import {
  type Address,
  createTestClient,
  createWalletClient,
  custom,
  type Hex,
  http,
  publicActions,
  type Transport,
  walletActions,
} from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { hardhat as hardhatChain } from "viem/chains";
import type { Escrow } from "../../src/protocol/channel.ts";

/** Grace period of the test escrow, seconds: the real one. */
export const gracePeriod = 48n * 3600n;

/** Simulated networks of the configuration, by the kind of chain. */
const networks = { op: "default", l1: "simulatedL1" } as const;

type ChainType = keyof typeof networks;

export type TestChain = Awaited<ReturnType<typeof startChain>>;

/**
 * @param options.serve Also serve JSON-RPC over HTTP on a free port of 127.0.0.1, for separate processes.
 * @param options.interval Mine a block every so many milliseconds instead of one a transaction.
 * @param options.initialDate When the chain starts; now unless told.
 * @param options.chainType `l1` where a test needs what the simulated OP chain lacks, such as EIP-7702 transactions.
 * @param options.blockGasLimit Gas that a block, and so a transaction, may use; the chain's own unless told.
 */
export async function startChain(
  options: {
    serve?: boolean;
    interval?: number;
    initialDate?: Date;
    blockGasLimit?: bigint;
    chainType?: ChainType;
  } = {},
) {
  const { interval, initialDate, blockGasLimit, chainType = "op" } = options;
  const override = {
    ...(interval ? { mining: { auto: false, interval } } : {}),
    ...(initialDate ? { initialDate } : {}),
    ...(blockGasLimit ? { blockGasLimit } : {}),
  };
  return settleOn(await (options.serve ? serve(override, chainType) : inProcess(override, chainType)));
}

/** A chain that runs, and how to end it. */
export type Connection = { transport: Transport; url: string | undefined; stop(): Promise<void> };

/** Puts the escrow and its tokens on a chain that has nothing yet. */
export async function settleOn({ transport, url, stop }: Connection) {
  const client = testClient(transport);
  const [deployer] = await client.getAddresses();
  if (!deployer) throw new Error("the simulated chain has no accounts");

  async function deploy(name: string, args: readonly unknown[] = []): Promise<Address> {
    const { abi, bytecode } = await hre.artifacts.readArtifact(name);
    const hash = await client.deployContract({ abi, bytecode: bytecode as Hex, args, account: deployer as Address });
    const { contractAddress } = await client.waitForTransactionReceipt({ hash, pollingInterval: 50 });
    if (!contractAddress) throw new Error(`${name} was not deployed`);
    return contractAddress.toLowerCase() as Address;
  }

  const escrow: Escrow = { address: await deploy("PaymentChannels", [gracePeriod]), chainId: hardhatChain.id };
  /** A plain ERC-20 and one with EIP-3009; both have 6 decimals and `mint(to, amount)` for anyone. */
  const tokens = { plain: await deploy("PlainToken"), authorization: await deploy("AuthorizationToken") };

  /** A fresh account with `ether` wei (100 coins unless told) and `amount` of each token. */
  async function fundedAccount(funds: { ether?: bigint; tokens?: bigint } = {}) {
    const privateKey = generatePrivateKey();
    const account = privateKeyToAccount(privateKey);
    const { ether = 100n * 10n ** 18n, tokens: amount = 1_000_000_000n } = funds;
    await client.setBalance({ address: account.address, value: ether });
    for (const token of Object.values(tokens)) {
      if (amount > 0n) await write(token, "mint", [account.address, amount]);
    }
    return account;
  }

  async function write(address: Address, functionName: string, args: readonly unknown[]) {
    const hash = await client.writeContract({
      address,
      abi: [
        {
          type: "function",
          name: functionName,
          stateMutability: "nonpayable",
          inputs: [{ type: "address" }, { type: "uint256" }],
          outputs: [],
        },
      ],
      functionName,
      args,
      account: deployer as Address,
    } as never);
    return client.waitForTransactionReceipt({ hash, pollingInterval: 50 });
  }

  /** Moves block time and mines one block. */
  async function increaseTime(seconds: bigint | number) {
    await client.increaseTime({ seconds: Number(seconds) });
    await client.mine({ blocks: 1 });
  }

  /** A wallet client of an account, on the same chain. */
  function wallet(account: ReturnType<typeof privateKeyToAccount>) {
    return createWalletClient({ chain: hardhatChain, transport, account, pollingInterval: 50 }).extend(publicActions);
  }

  return {
    client,
    chain: hardhatChain,
    transport,
    url,
    escrow,
    tokens,
    deployer,
    deploy,
    fundedAccount,
    increaseTime,
    wallet,
    stop,
  };
}

function testClient(transport: Transport) {
  return createTestClient({ mode: "hardhat", chain: hardhatChain, transport, pollingInterval: 50 })
    .extend(publicActions)
    .extend(walletActions);
}

async function inProcess(override: object, chainType: ChainType): Promise<Connection> {
  const connection = await hre.network.create({ network: networks[chainType], chainType, override });
  // One try: the provider is in this process, and a refused call is a result, not a fault of transport.
  return {
    transport: custom(connection.provider, { retryCount: 0 }),
    url: undefined,
    stop: () => connection.close(),
  };
}

async function serve(override: object, chainType: ChainType): Promise<Connection> {
  const server = await hre.network.createServer({ network: networks[chainType], chainType, override }, "127.0.0.1", 0);
  const { address, port } = await server.listen();
  const url = `http://${address}:${port}`;
  return { transport: http(url, { retryCount: 0 }), url, stop: () => server.close() };
}
