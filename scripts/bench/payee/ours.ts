import { type Address, type Hex, zeroAddress } from "viem";
import { generatePrivateKey } from "viem/accounts";
import type { Observer } from "../../../src/chain/observer.ts";
import { createPayee } from "../../../src/payee/index.ts";
import { type Channel, channelId, type Escrow, nativeCoin, signVoucher } from "../../../src/protocol/index.ts";
import { fieldsOf } from "../../../src/protocol/wire/fields.ts";
import { readPayload } from "../../../src/protocol/wire/payload.ts";
import type { ChannelStore } from "../../../src/store/index.ts";
import { nativeSigner } from "../../../src/verifier/native.ts";
import type { Verifier } from "../../../src/verifier/verifier.ts";
import { channelCount, deposit, owed, type Taker, turn, unit, WrongResultError } from "./taker.ts";

const escrow: Escrow = { address: "0x00000000000000000000000000000000000e5c40", chainId: 31337 };
const payeeAddress: Address = "0x000000000000000000000000000000000000bee5";

/** This library's payee; `take` tells how long each voucher took, microseconds, where it is asked to. */
export type OwnTaker = Taker & {
  take(told?: (micros: number) => void): Promise<void>;
  /** As `take`, with a message of garbage before each voucher. */
  takeAmidGarbage(): Promise<void>;
};

/** This library's payee: each voucher is read, verified and kept, and its request charged, before the next. */
export async function ours(store: ChannelStore, verifier: Verifier): Promise<OwnTaker> {
  const payee = createPayee({
    escrow,
    account: { address: payeeAddress },
    observer: calmChain(),
    store,
    verifier,
    terms: { tokens: [nativeCoin] },
  });
  await payee.start();
  const open = (count: number) => Promise.all(Array.from({ length: count }, openOne));
  const openOne = async () => {
    const signer = await nativeSigner(generatePrivateKey());
    const channel: Channel = {
      payer: signer.address,
      payee: payeeAddress,
      token: nativeCoin,
      salt: generatePrivateKey(),
      authorizedSigner: zeroAddress,
    };
    const registered = await payee.register(channel);
    if (!registered.ok) throw new WrongResultError(registered.detail);
    return { signer, id: channelId(channel, escrow) };
  };
  const channels = await open(channelCount);
  /** Whose vouchers are forged: nobody here pays on them. */
  const victims = await open(channelCount);
  let signed = 0;
  let taken = 0;
  let texts: string[] = [];

  const { signature: anySignature } = await signVoucher(
    await nativeSigner(generatePrivateKey()),
    { channelId: `0x${"cd".repeat(32)}`, cumulativeAmount: unit },
    escrow,
  );
  /** Forged, of a channel that nobody knows, and with a signature that is none, in turn. */
  const garbage = victims
    .flatMap(({ id }) => {
      const forged = { action: "voucher", channelId: id, cumulativeAmount: unit.toString(), signature: anySignature };
      return [
        forged,
        { ...forged, channelId: `0x${"ab".repeat(32)}` },
        { ...forged, signature: `0x${"00".repeat(65)}` },
      ];
    })
    .map((payload) => JSON.stringify(payload));

  async function accept(text: string) {
    const payload = readPayload(fieldsOf(JSON.parse(text), "payload", (reason) => new WrongResultError(reason)));
    if (payload.action !== "voucher") throw new WrongResultError("it is no voucher");
    return payee.accept(payload, { charge: { amount: unit } });
  }

  async function takeOne(text: string): Promise<void> {
    const answer = await accept(text);
    if (!answer.ok) throw new WrongResultError(answer.detail);
    if (answer.replayed || !answer.charge) throw new WrongResultError("the request was not charged");
    taken += 1;
  }

  async function refuseOne(text: string): Promise<void> {
    if ((await accept(text)).ok) throw new WrongResultError("garbage was accepted");
  }

  return {
    async prepare(count) {
      texts = [];
      for (let n = 0; n < count; n++) {
        const { channel, cumulativeAmount } = turn(signed++);
        const { signer, id } = channels[channel] as (typeof channels)[number];
        const { signature } = await signVoucher(signer, { channelId: id, cumulativeAmount }, escrow);
        const text = { action: "voucher", channelId: id, cumulativeAmount: cumulativeAmount.toString(), signature };
        texts.push(JSON.stringify(text));
      }
    },
    async take(told?: (micros: number) => void) {
      for (const text of texts) {
        const from = told ? performance.now() : 0;
        await takeOne(text);
        told?.((performance.now() - from) * 1_000);
      }
    },
    async takeAmidGarbage() {
      for (const [index, text] of texts.entries()) {
        await refuseOne(garbage[index % garbage.length] as string);
        await takeOne(text);
      }
    },
    async check() {
      for (const [index, { id }] of channels.entries()) {
        const record = await store.get(id);
        if (record?.authorized !== owed(index, taken) || record.spent !== record.authorized)
          throw new WrongResultError(`channel ${id} keeps ${record?.authorized}, not ${owed(index, taken)}`);
      }
    },
  };
}

/** A chain on which every channel holds the deposit and nothing happens. */
function calmChain(): Observer {
  const block = { number: 1n, hash: `0x${"01".repeat(32)}` as Hex, timestamp: 1n };
  const unused = () => Promise.reject(new WrongResultError("the bench asks this of no chain"));
  return {
    block: async () => block,
    read: async (ids) => ids.map((id) => ({ id, deposit, settled: 0n, closeRequestedAt: 0n, finalized: false, block })),
    opened: async () => [],
    sync: unused,
    poll: unused,
    watch: () => unused,
  };
}
