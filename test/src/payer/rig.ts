// A simulated chain and payers on it, for the tests of this room.
import type { PrivateKeyAccount } from "viem/accounts";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { createPayer, type PayerParameters } from "../../../src/payer/index.ts";
import { memoryPayerStore } from "../../../src/store/index.ts";
import { startChain, type TestChain } from "../../support/chain.ts";

export type Rig = Awaited<ReturnType<typeof startRig>>;

export async function startRig() {
  const chain = await startChain();
  const payee = (await chain.fundedAccount({ tokens: 0n })).address;

  /** A funded payer with a session key, on a memory store, unless told. */
  async function payer(overrides: Partial<PayerParameters> & { wallet?: PrivateKeyAccount } = {}) {
    const { wallet = await chain.fundedAccount(), ...parameters } = overrides;
    const signer = privateKeyToAccount(generatePrivateKey());
    const store = memoryPayerStore();
    const all = { client: chain.wallet(wallet), signer, store, escrow: chain.escrow, ...parameters };
    return { wallet, signer: all.signer, store: all.store, payer: createPayer(all), parameters: all };
  }

  return { chain, payee, payer, token: chain.tokens.plain, stop: () => chain.stop() };
}

export type { TestChain };
