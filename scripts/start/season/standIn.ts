// TEMPORARY: donors, collector and keeper in one, until the real ones are here.
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Hex, keccak256, numberToHex, stringToHex, zeroAddress } from "viem";
import {
  type Channel,
  canonicalChannel,
  channelId,
  formatEvidence,
  type Gift,
  gateDataHash,
  signAllocation,
  signVoucher,
} from "../../../src/protocol/index.ts";
import { deposit, donorSession, donorWallet } from "./cast.ts";
import { readStanding } from "./payouts.ts";
import type { Round } from "./rounds.ts";
import type { SeasonStage } from "./stage.ts";

type Held = {
  channel: Channel;
  id: Hex;
  gifts: Gift[];
  gateData: Hex;
  voucherSignature: Hex;
  allocationSignature: Hex;
};

export async function standIn(stage: SeasonStage, round: Round, directory: string) {
  const { seed, token, escrow, donors } = stage;
  const held: Held[] = [];
  await mkdir(join(directory, "donors"), { recursive: true });

  async function open() {
    for (const { index, session } of donors) {
      const payer = donorWallet(seed, index);
      await stage.world.client.setBalance({ address: payer.address, value: 10n ** 18n });
      const channel = canonicalChannel({
        payer: payer.address,
        payee: round.pool,
        token,
        salt: keccak256(stringToHex(`channel ${numberToHex(index)}`)),
        authorizedSigner: session ? donorSession(seed, index).address : zeroAddress,
      });
      const act = stage.onEscrow(payer);
      await stage.mined(await act.approve({ token, amount: deposit }));
      await stage.mined(await act.open({ ...channel, deposit }));
      const gateData = stage.tree.gateData(payer.address) ?? "0x";
      held.push({
        channel,
        id: channelId(channel, escrow),
        gifts: [],
        gateData,
        voucherSignature: "0x",
        allocationSignature: "0x",
      });
    }
  }

  async function give(wave: number) {
    for (const { index, taps, session } of donors) {
      const one = held[index] as Held;
      const signer = session ? donorSession(seed, index) : donorWallet(seed, index);
      for (const { projectId, amount } of taps.filter((tap) => tap.wave === wave)) {
        if (projectId === 7n && wave >= 3) continue;
        const gifts = new Map(one.gifts.map((gift) => [gift.projectId, gift.cumulativeAmount]));
        gifts.set(projectId, (gifts.get(projectId) ?? 0n) + amount);
        one.gifts = [...gifts]
          .map(([id, cumulativeAmount]) => ({ projectId: id, cumulativeAmount }))
          .sort((a, b) => Number(a.projectId - b.projectId));
        const line = {
          outcome: "acknowledged",
          wave,
          device: 0,
          id: `${index}-${wave}-${Math.random()}`,
          channelId: one.id,
          projectId: projectId.toString(),
          amount: amount.toString(),
        };
        await appendFile(join(directory, "donors", `${index}.jsonl`), `${JSON.stringify(line)}\n`);
      }
      const cumulativeAmount = one.gifts.reduce((sum, gift) => sum + gift.cumulativeAmount, 0n);
      const allocation = { channelId: one.id, cumulativeAmount, gateDataHash: gateDataHash(one.gateData) };
      const voucher = await signVoucher(signer, { channelId: one.id, cumulativeAmount }, escrow);
      const pool = { address: round.pool, chainId: escrow.chainId };
      const signed = await signAllocation(signer, { ...allocation, gifts: one.gifts }, pool);
      one.voucherSignature = voucher.signature;
      one.allocationSignature = signed.signature;
    }
  }

  async function collect() {
    const standing = await readStanding(stage, round.pool);
    const act = stage.onPool(stage.services.keeper, round.pool);
    const items = held.map(({ id, ...item }) => ({ ...item, previousGifts: standing.get(id) ?? [] }));
    for (let from = 0; from < items.length; from += 15) {
      const batch = items.slice(from, from + 15);
      await stage.mined(await act.collectBatch({ items: batch }));
    }
  }

  async function write() {
    const lines = held.map(({ channel, gifts, gateData, voucherSignature, allocationSignature }) =>
      formatEvidence({
        channel,
        cumulativeAmount: gifts.reduce((sum, gift) => sum + gift.cumulativeAmount, 0n),
        voucherSignature,
        allocation: { gifts, gateData, signature: allocationSignature },
      }),
    );
    await writeFile(join(directory, "evidence.ndjson"), lines.map((line) => `${line}\n`).join(""));
    const rows = new Map<bigint, { gifts: bigint; donors: number }>();
    for (const gift of held.flatMap(({ gifts }) => gifts)) {
      const row = rows.get(gift.projectId) ?? { gifts: 0n, donors: 0 };
      rows.set(gift.projectId, { gifts: row.gifts + gift.cumulativeAmount, donors: row.donors + 1 });
    }
    const projects = [...rows].map(([projectId, { gifts, donors }]) => ({
      projectId: `${projectId}`,
      gifts: `${gifts}`,
      donors,
    }));
    const sum = [...rows.values()].reduce((total, { gifts }) => total + gifts, 0n);
    await writeFile(join(directory, "totals.json"), JSON.stringify({ projects, sum: `${sum}`, channels: held.length }));
  }

  return { open, give, collect, write, channels: () => held.map(({ channel }) => channel) };
}
