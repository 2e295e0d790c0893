import { Store, tempo } from "mppx/server";
import { Session } from "mppx/tempo";
import { createClient, custom, type Hex, zeroAddress, zeroHash } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { tempo as chain } from "viem/chains";
import { channelCount, deposit, owed, type Taker, turn, unit, WrongResultError } from "./taker.ts";

const { Channel, Constants, Voucher } = Session.Precompile;
const recipient = privateKeyToAccount(generatePrivateKey()).address;
const token = "0x20c0000000000000000000000000000000000000";

/**
 * `mppx`'s session method as its server runs it: the voucher is verified and accepted and the request deducted, over its own in-memory
 * store. Its handler validates each credential once before, which verifies the voucher a second time; that, its challenges and its HTTP
 * are left out.
 */
export async function mppx(): Promise<Taker> {
  const store = Store.memory();
  const transport = custom({ request: () => Promise.reject(new WrongResultError("the bench asks this of no chain")) });
  const client = createClient({ chain, transport });
  const escrow = Constants.tip20ChannelEscrow;
  const method = tempo.session({
    store,
    getClient: () => client,
    recipient,
    currency: token,
    amount: unit.toString(),
    decimals: 0,
    unitType: "request",
    chainId: chain.id,
    channelStateTtl: Number.MAX_SAFE_INTEGER,
  });
  const request = {
    amount: unit.toString(),
    currency: token,
    recipient,
    unitType: "request",
    methodDetails: { chainId: chain.id, escrowContract: escrow },
  };
  const challenge = { id: "bench", realm: "bench", method: "tempo", intent: "session", request };
  const capturedRequest = { headers: new Headers(), hasBody: false, method: "GET", url: new URL("http://bench/") };

  const channels = await Promise.all(
    Array.from({ length: channelCount }, async () => {
      const payer = privateKeyToAccount(generatePrivateKey());
      const descriptor = {
        payer: payer.address,
        payee: recipient,
        operator: zeroAddress,
        token,
        salt: generatePrivateKey(),
        authorizedSigner: zeroAddress,
        expiringNonceHash: zeroHash,
      } as const;
      const id = Channel.computeId({ ...descriptor, chainId: chain.id, escrow });
      await store.put(id, {
        ...descriptor,
        backend: "precompile",
        chainId: chain.id,
        channelId: id,
        descriptor,
        escrowContract: escrow,
        authorizedSigner: payer.address,
        closeRequestedAt: 0n,
        deposit,
        settledOnChain: 0n,
        highestVoucherAmount: 0n,
        highestVoucher: null,
        spent: 0n,
        units: 0,
        finalized: false,
        createdAt: new Date().toISOString(),
      } as never);
      return { payer, descriptor, id };
    }),
  );
  let signed = 0;
  let taken = 0;
  let texts: { text: string; source: string }[] = [];

  return {
    async prepare(count) {
      texts = [];
      for (let n = 0; n < count; n++) {
        const { channel, cumulativeAmount } = turn(signed++);
        const { payer, descriptor, id } = channels[channel] as (typeof channels)[number];
        const voucher = { channelId: id, cumulativeAmount };
        const signature = await Voucher.signVoucher(client, payer, voucher as never, escrow, chain.id);
        const payload = {
          action: "voucher",
          channelId: id,
          descriptor,
          cumulativeAmount: `${cumulativeAmount}`,
          signature,
        };
        texts.push({ text: JSON.stringify(payload), source: `did:pkh:eip155:${chain.id}:${payer.address}` });
      }
    },
    async take() {
      for (const { text, source } of texts) {
        const credential = { challenge, payload: JSON.parse(text), source };
        const envelope = { capturedRequest, challenge, credential, request };
        const before = taken;
        const receipt = await method.broadcast?.({ credential, envelope, request } as never);
        taken += 1;
        const { spent } = receipt as unknown as { spent?: string };
        if (spent !== turn(before).cumulativeAmount.toString())
          throw new WrongResultError(`mppx did not deduct a request: ${JSON.stringify(receipt)}`);
      }
    },
    async check() {
      for (const [index, { id }] of channels.entries()) {
        const state = (await store.get(id as Hex)) as unknown as { spent: bigint; highestVoucherAmount: bigint };
        if (state.spent !== owed(index, taken) || state.highestVoucherAmount !== state.spent)
          throw new WrongResultError(`mppx keeps ${state.spent} of ${owed(index, taken)}`);
      }
    },
  };
}
