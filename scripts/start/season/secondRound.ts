// The round that is cancelled: people give to it by channels and from their wallets, and everybody gets everything back.
import { type Address, keccak256, numberToHex, type PrivateKeyAccount, stringToHex, zeroAddress } from "viem";
import { encodeCancelRound } from "../../../src/chain/index.ts";
import {
  type Channel,
  canonicalChannel,
  channelId,
  type Gift,
  gateDataHash,
  openGateData,
  signAllocation,
  signVoucher,
} from "../../../src/protocol/index.ts";
import { cent, deposit } from "./cast.ts";
import type { Round } from "./rounds.ts";
import type { SeasonStage } from "./stage.ts";

/** What one of its donors gave. */
export type Given = { donor: PrivateKeyAccount; gifts: Gift[] } & ({ channel: Channel } | { salt: `0x${string}` });

/** Half of the donors give by a channel, half at once. */
export async function giveToDoomed(stage: SeasonStage, { pool }: Round): Promise<Given[]> {
  const given: Given[] = [];
  for (const [index, donor] of stage.second.entries()) {
    const gifts = [1n, 5n, 8n].map((projectId) => ({
      projectId,
      cumulativeAmount: BigInt(index + 1) * cent * projectId,
    }));
    const salt = keccak256(stringToHex(`second ${stage.seed} ${numberToHex(index)}`));
    if (index % 2 === 0) given.push({ donor, gifts, channel: await byChannel(stage, pool, donor, gifts, salt) });
    else {
      const act = stage.onPool(donor, pool);
      const amount = gifts.reduce((sum, { cumulativeAmount }) => sum + cumulativeAmount, 0n);
      await stage.mined(await act.approve({ token: stage.token, amount }));
      await stage.mined(await act.donate({ gifts, gateData: openGateData, salt }));
      given.push({ donor, gifts, salt });
    }
  }
  return given;
}

export async function cancelDoomed(stage: SeasonStage, { pool }: Round): Promise<void> {
  await stage.steward(encodeCancelRound({ address: pool, reasonHash: keccak256(stringToHex("the hall burnt down")) }));
}

/** A stranger sends everybody what is theirs: donors, their channels' remainders, sponsors. */
export async function refundDoomed(stage: SeasonStage, { pool }: Round, given: readonly Given[]): Promise<void> {
  const act = stage.onPool(stage.organiser, pool);
  for (const line of given) {
    if ("salt" in line) {
      const { address: donor } = line.donor;
      await stage.mined(await act.refundDonation({ donor, salt: line.salt, attributedGifts: line.gifts }));
      continue;
    }
    await stage.mined(await act.refund({ channel: line.channel, attributedGifts: line.gifts }));
    await stage.mined(await act.closeChannel({ channel: line.channel }));
  }
  for (const index of stage.sponsors.keys()) await stage.mined(await act.refundSponsor({ index: BigInt(index) }));
}

async function byChannel(
  stage: SeasonStage,
  pool: Address,
  donor: PrivateKeyAccount,
  gifts: Gift[],
  salt: `0x${string}`,
): Promise<Channel> {
  const { escrow, token, mined } = stage;
  const channel = canonicalChannel({
    payer: donor.address,
    payee: pool,
    token,
    salt,
    authorizedSigner: zeroAddress,
  });
  const act = stage.onEscrow(donor);
  await mined(await act.approve({ token, amount: deposit }));
  await mined(await act.open({ ...channel, deposit }));
  const id = channelId(channel, escrow);
  const cumulativeAmount = gifts.reduce((sum, gift) => sum + gift.cumulativeAmount, 0n);
  const allocation = { channelId: id, cumulativeAmount, gateDataHash: gateDataHash(openGateData), gifts };
  const voucher = await signVoucher(donor, { channelId: id, cumulativeAmount }, escrow);
  const signed = await signAllocation(donor, allocation, { address: pool, chainId: escrow.chainId });
  const item = { channel, previousGifts: [], gifts, gateData: openGateData };
  const signatures = { voucherSignature: voucher.signature, allocationSignature: signed.signature };
  await mined(await stage.onPool(donor, pool).collect({ ...item, ...signatures }));
  return channel;
}
