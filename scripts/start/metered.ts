// The payer whose debt is settled by ticks: the last of it is signed once more as a hash chain, and shown to the escrow.
import { settleTicks } from "../../src/chain/index.ts";
import type { PayerChannel } from "../../src/payer/index.ts";
import { createTicks, signTickVoucher } from "../../src/protocol/index.ts";
import type { BotsConfig } from "./bots.ts";
import { type Member, session, submitter } from "./cast.ts";
import { clientOf, mined } from "./ways.ts";

/** Ticks of the chain, and base units a tick. */
const length = 1_000;
const tickValue = 100n;

/** Settles all that a member has authorized, `length` ticks of it by a hash chain. Anyone may; a stranger does. */
export async function settleByTicks(member: Member, channel: PayerChannel, authorized: bigint, config: BotsConfig) {
  const signer = session(config.seed, member.index);
  const ticks = createTicks({ length });
  const cumulativeAmount = authorized - BigInt(length) * tickValue;
  const offer = { channelId: channel.id, cumulativeAmount, tickRoot: ticks.root, tickValue };
  const voucher = await signTickVoucher(signer, offer, channel.escrow);
  const stranger = clientOf(config, submitter(config.seed, member.index));
  const revealed = { ticks: length, link: ticks.link(length) };
  const request = { address: config.escrow, channel: channel.channel, voucher, revealed };
  await mined(stranger, await settleTicks(stranger, request));
}
