// A payee behind a paywall on real HTTP, a simulated chain, and payers, for the tests of this room.
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { createObserver, createSender } from "../../../src/chain/index.ts";
import {
  closeRequests,
  createRelay,
  type PayFetchOptions,
  type Payment,
  type PaywallOptions,
  payFetch,
  paywall,
  type RelayPolicy,
} from "../../../src/http/index.ts";
import { serve } from "../../../src/http/node.ts";
import { createPayee } from "../../../src/payee/index.ts";
import { createPayer, type PayerParameters } from "../../../src/payer/index.ts";
import { type ChannelStore, memoryPayerStore, memoryStore } from "../../../src/store/index.ts";
import { selectVerifier } from "../../../src/verifier/index.ts";
import { startChain } from "../../support/chain.ts";

export const price = 10n;

export type Rig = Awaited<ReturnType<typeof startRig>>;
export type Shop = Awaited<ReturnType<Rig["shop"]>>;

export async function startRig() {
  const chain = await startChain();
  const stops: (() => Promise<unknown>)[] = [];

  /** A payee with a paywall at every path, `/close-requests` and a count of what arrives. */
  async function shop(
    options: Partial<PaywallOptions> & {
      store?: ChannelStore;
      confirmations?: number;
      relayPolicy?: Partial<RelayPolicy>;
      handler?: (request: Request, payment: Payment) => Response | Promise<Response>;
    } = {},
  ) {
    const {
      store = memoryStore(),
      confirmations = 0,
      relayPolicy,
      handler = () => new Response("the article"),
      ...overrides
    } = options;
    const account = privateKeyToAccount(generatePrivateKey());
    const token = overrides.token ?? chain.tokens.plain;
    const faults: unknown[] = [];
    const payee = createPayee({
      escrow: chain.escrow,
      account: { address: account.address, signer: account },
      observer: createObserver({ client: chain.client, escrow: chain.escrow, confirmations }),
      store,
      verifier: selectVerifier({ order: ["js"] }),
      terms: { tokens: [token], freshness: 50 },
      onFault: (fault) => faults.push(fault),
    });
    await payee.start();
    const relay = relayPolicy && (await startRelay({ minDeposit: { [token]: 100n }, ...relayPolicy }, faults));
    const seen: Request[] = [];
    let served = 0;
    const gate = paywall(
      payee,
      {
        price,
        realm: "test",
        secret: crypto.getRandomValues(new Uint8Array(32)),
        escrow: chain.escrow,
        token,
        client: chain.client,
        onFault: (fault) => faults.push(fault),
        ...(relay ? { relay } : {}),
        ...overrides,
      },
      (request, payment) => {
        served += 1;
        return handler(request, payment);
      },
    );
    const leaving = closeRequests(payee);
    const server = await serve((request) => {
      seen.push(request);
      return new URL(request.url).pathname === "/close-requests" ? leaving(request) : gate(request);
    });
    stops.push(server.stop);
    return { payee, store, token, server, url: `${server.url}/article`, seen, faults, served: () => served };
  }

  async function startRelay(policy: RelayPolicy, faults: unknown[]) {
    const relayer = await chain.fundedAccount({ tokens: 0n });
    const sender = createSender({
      client: chain.client,
      account: relayer,
      journal: memoryStore().journal,
      clock: Date.now,
      confirmations: 0,
    });
    return createRelay({
      sender,
      client: chain.client,
      escrow: chain.escrow,
      policy,
      onFault: (fault) => faults.push(fault),
    });
  }

  /** A funded payer with a session key on a memory store, and a paying fetch pinned to a shop. */
  async function customer(
    at: { payee: { address: `0x${string}` }; token: `0x${string}` },
    options: Partial<PayFetchOptions> & {
      wallet?: PrivateKeyAccount;
      payer?: Partial<PayerParameters>;
      fetch?: (request: Request) => Promise<Response>;
    } = {},
  ) {
    const { wallet = await chain.fundedAccount(), payer: overrides, fetch: transport = fetch, ...rest } = options;
    const signer = privateKeyToAccount(generatePrivateKey());
    const parameters = {
      client: chain.wallet(wallet),
      signer,
      store: memoryPayerStore(),
      escrow: chain.escrow,
      ...overrides,
    };
    const payer = createPayer(parameters);
    let requests = 0;
    const counted = (request: Request) => {
      requests += 1;
      return transport(request);
    };
    const paid = payFetch(counted, payer, {
      pin: { payee: at.payee.address, token: at.token },
      budget: { perRequest: 100n },
      open: { deposit: 10_000n },
      ...rest,
    });
    return { wallet, signer, payer, parameters, paid, requests: () => requests };
  }

  return {
    chain,
    shop,
    customer,
    async stop() {
      await Promise.all(stops.map((stop) => stop()));
      await chain.stop();
    },
  };
}
