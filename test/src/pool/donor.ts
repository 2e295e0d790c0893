// A donor with a wallet, a session key and a giver on a round of a real stage, with an honest collector in memory.
import type { Address, Hex, PrivateKeyAccount } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { getChannel, openWithAuthorization } from "../../../src/chain/index.ts";
import { createPayer, type PayerParameters } from "../../../src/payer/index.ts";
import { type CollectorClient, createGiver, type GiftReceipt, type GiverOptions } from "../../../src/pool/index.ts";
import { memoryPayerStore } from "../../../src/store/index.ts";
import type { RoundStage } from "../../support/roundStage.ts";
import { collectorModel } from "./collectorModel.ts";

export type Collector = ReturnType<typeof collectorOf>;

/** @param options.relays Whether it opens channels by authorization, and only so. */
export function collectorOf(stage: RoundStage, pool: Address, options: { relays?: boolean } = {}) {
  const { escrow, chain } = stage;
  const at = { address: escrow.address };
  const model = collectorModel({
    escrow,
    pool: { address: pool, chainId: escrow.chainId },
    deposit: async (id) => (await getChannel(chain.client, { ...at, channelId: id })).deposit,
    standing: (id) => stage.standing(pool, id),
  });
  const topUps: Hex[] = [];
  let isGone = false;
  const client: CollectorClient = {
    openings: async () => (options.relays ? ["authorization"] : ["hash"]),
    async give(gifts) {
      if (isGone) return { type: "unanswered", reason: "it is gone" };
      if (gifts.opening?.type === "authorization") {
        const { channel, opening } = gifts;
        const { from, value: deposit, validAfter, validBefore } = opening.authorization;
        const { signature } = opening;
        const request = { ...channel, deposit, from, validAfter, validBefore, signature };
        await stage.mined(await openWithAuthorization(stage.onEscrow(stage.anyone), { ...at, ...request }));
      }
      return model.give(gifts);
    },
    async present({ hash }) {
      topUps.push(hash);
    },
  };
  const vanish = () => {
    isGone = true;
  };
  return { ...model, client, topUps, vanish };
}

export type DonorOptions = Partial<GiverOptions> & {
  wallet?: PrivateKeyAccount;
  session?: PrivateKeyAccount;
  payer?: Partial<PayerParameters>;
};

/** A funded donor with a fresh store, unless told. */
export async function donorOf(
  stage: RoundStage,
  pool: Address,
  collector: Pick<Collector, "client">,
  options: DonorOptions = {},
) {
  const { chain, escrow } = stage;
  const {
    wallet = stage.key(await stage.person()),
    session = privateKeyToAccount(generatePrivateKey()),
    ...rest
  } = options;
  const { payer: overrides, ...giving } = rest;
  const store = memoryPayerStore();
  const parameters = { client: chain.wallet(wallet), signer: session, store, escrow, ...overrides };
  const payer = createPayer(parameters);
  const receipts: GiftReceipt[] = [];
  const giver = createGiver(payer, pool, {
    collector: collector.client,
    open: { deposit: 1_000n },
    onReceipt: (receipt) => {
      receipts.push(receipt);
    },
    ...giving,
  });
  return { wallet, session, address: payer.address, payer, store: parameters.store, giver, receipts };
}
