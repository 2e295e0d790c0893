// A channel of the fixture that is paid by ticks: its payer's chains, and what each link of them is as a payment.

import { type SignedTickVoucher, signTickVoucher, type TickPayment } from "../../../src/protocol/tick.ts";
import { createTicks } from "../../../src/protocol/tickChain.ts";
import type { Fixture } from "./fixture.ts";
import { escrow } from "./fixture.ts";

export type TickedChannel = Awaited<ReturnType<typeof tickedChannel>>;

export async function tickedChannel(f: Fixture, deposit = 1_000n) {
  const opened = await f.open(deposit);
  const { id, payer } = opened;

  /** Signs a fresh chain on top of `base`. */
  async function chain({ base = 0n, tickValue = 3n, length = 100 } = {}) {
    const made = createTicks({ length });
    const offer = { channelId: id, cumulativeAmount: base, tickRoot: made.root, tickValue };
    const voucher = await signTickVoucher(payer, offer, escrow);
    return { ...made, voucher, tick: (ticks: number, bare = false) => payment(voucher, ticks, made.link(ticks), bare) };
  }
  return { ...opened, chain };
}

/** @param bare Without the offer. */
function payment(voucher: SignedTickVoucher, ticks: number, link: `0x${string}`, bare: boolean): TickPayment {
  const { channelId, tickRoot, ...offer } = voucher;
  return { channelId, tickRoot, ticks, link, ...(bare ? {} : { offer }) };
}
