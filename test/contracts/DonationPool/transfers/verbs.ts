import { keccak256, stringToHex } from "viem";
import { donationPoolAbi } from "../../../../src/abi/donationPool.ts";
import type { CollectItem } from "../../../../src/chain/pool/encode.ts";
import { authorizationTypedData } from "../../../../src/protocol/authorization.ts";
import { type Channel, channelId } from "../../../../src/protocol/channel.ts";
import { signCloseRequest } from "../../../../src/protocol/close.ts";
import { donationNonce } from "../../../../src/protocol/donation.ts";
import { donationId } from "../../../../src/protocol/line.ts";
import { gifts } from "../../../support/roundStage.ts";
import type { Round } from "./rounds.ts";
import type { World } from "./world.ts";

type Verbs = Extract<(typeof donationPoolAbi)[number], { type: "function"; stateMutability: "nonpayable" }>["name"];

/** Every verb of the compiled pool that is not a view. */
export const verbs = donationPoolAbi
  .filter((item) => item.type === "function" && item.stateMutability !== "view")
  .map((item) => (item as { name: Verbs }).name);

export type Verb = Verbs;

/** The best that anyone could bring to each verb as the round stands now: true lists, true signatures, the right pair. */
export async function argumentsOf(world: World, round: Round): Promise<Record<Verb, readonly unknown[]>> {
  const { stage, addresses } = world;
  const { pool, channel, leaving, donationSalt } = round;
  const { donor } = addresses;
  const idOf = (of: Channel) => channelId(of, stage.escrow);
  const reasonHash = keccak256(stringToHex("a published reason"));
  const standing = await stage.standing(pool, idOf(channel));
  const more = standing.length > 0 ? standing : gifts([1n, 10n]);
  const item = await stage.item(
    channel,
    gifts(
      ...more
        .map((gift) => [gift.projectId, gift.cumulativeAmount + 5n] as const)
        .map(([id, amount]) => [id, amount] as [bigint, bigint]),
    ),
    "0x",
  );
  const last: CollectItem = await stage.item(leaving, gifts([1n, 10n]), "0x");
  const request = { channelId: idOf(leaving), deposit: 1_000n };
  const consent = await signCloseRequest(stage.key(donor), request, stage.escrow);
  const pair = await stage
    .onPool(pool)
    .findPair()
    .catch(() => ({ cappedCount: 0, cappedSubsidy: 0n }));
  const donated = await stage.standing(pool, donationId(donor, donationSalt));
  const given = { from: donor, gifts: gifts([1n, 4n]), gateData: "0x" as const, salt: stage.nextSalt() };
  const times = { validAfter: 0n, validBefore: 2n ** 40n };
  const authorization = { from: donor, to: pool, value: 4n, ...times, nonce: donationNonce(given) };
  const domain = { name: "Demo Dollar", version: "1", chainId: stage.escrow.chainId, verifyingContract: world.token };
  const signature = await stage.key(donor).signTypedData(authorizationTypedData(authorization, domain));
  const { channel: of, voucherSignature, previousGifts, gifts: list, gateData, allocationSignature } = item;
  return {
    admit: [[3n]],
    cancel: [reasonHash],
    claim: [1n],
    closeChannel: [channel],
    collect: [of, voucherSignature, previousGifts, list, gateData, allocationSignature],
    collectAndClose: [last, consent],
    collectBatch: [[item]],
    collectItem: [item],
    disqualify: [1n, reasonHash],
    donate: [gifts([1n, 6n]), "0x", stage.nextSalt()],
    donateWithAuthorization: [donor, given.gifts, "0x", given.salt, times.validAfter, times.validBefore, signature],
    refund: [channel, standing],
    refundDonation: [donor, donationSalt, donated],
    refundSponsor: [0n],
    settleRound: [BigInt(pair.cappedCount), pair.cappedSubsidy],
    sponsor: [7n],
    switchToRefunds: [],
  };
}
