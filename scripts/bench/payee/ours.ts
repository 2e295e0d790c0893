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

/** This library's payee: each voucher is read, verified and kept, and its request charged, before the next. */
export async function ours(store: ChannelStore, verifier: Verifier): Promise<Taker> {
  const payee = createPayee({
    escrow,
    account: { address: payeeAddress },
    observer: calmChain(),
    store,
    verifier,
    terms: { tokens: [nativeCoin] },
  });
  await payee.start();
  const channels = await Promise.all(
    Array.from({ length: channelCount }, async () => {
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
    }),
  );
  let signed = 0;
  let taken = 0;
  let texts: string[] = [];

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
    async take() {
      for (const text of texts) {
        const payload = readPayload(fieldsOf(JSON.parse(text), "payload", (reason) => new WrongResultError(reason)));
        if (payload.action !== "voucher") throw new WrongResultError("it is no voucher");
        const answer = await payee.accept(payload, { charge: { amount: unit } });
        if (!answer.ok) throw new WrongResultError(answer.detail);
        if (answer.replayed || !answer.charge) throw new WrongResultError("the request was not charged");
        taken += 1;
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
