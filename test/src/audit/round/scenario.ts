import { type Address, type Hex, keccak256, stringToHex } from "viem";
import {
  encodeCancelRound,
  encodeDecideProject,
  encodeDisqualify,
  encodeReinstateProject,
  encodeSuspendProject,
} from "../../../../src/chain/index.ts";
import { channelId, signCloseRequest } from "../../../../src/protocol/index.ts";
import { day, gifts, type RoundStage } from "../../../support/roundStage.ts";

export const reasonHash: Hex = keccak256(stringToHex("a published reason"));

export type Scenario = Awaited<ReturnType<typeof playScenario>>;

/** Every verb of registry, factory and pool at least once: four rounds, of which one each is settled, cancelled, switched, unmatched. */
export async function playScenario(stage: RoundStage) {
  const [ann, ben, eve, sam] = [await stage.person(), await stage.person(), await stage.person(), await stage.person()];
  const projects = await stage.acceptedProjects(4);
  await playRegistry(stage, ann, ben);

  const settled = await stage.createRound(await stage.terms({ cap: 60n, closer: sam }), [1n, 2n]);
  await stage.admit(settled, 3n);
  for (const deposit of [100n, 33n]) await stage.sponsor(sam, settled, deposit);
  const channels = [];
  for (const donor of [ann, ben, eve]) channels.push(await stage.open(donor, settled, 1_000n));
  const [first, second, third] = channels as [(typeof channels)[0], (typeof channels)[0], (typeof channels)[0]];
  await stage.collect(first, gifts([1n, 40n], [2n, 25n], [4n, 7n])); // 4 takes no part
  await stage.refund(first, ann);
  await stage.collect(first, gifts([0n, 7n], [1n, 90n], [2n, 25n]));
  const suspension = { address: stage.registry, projectId: 3n, reasonHash };
  await stage.steward(encodeSuspendProject(suspension));
  const batch = [await stage.item(second, gifts([1n, 50n], [3n, 9n])), await stage.item(third, gifts([1n, 30n]), "0x")];
  const stale = { ...batch[0], previousGifts: gifts([9n, 9n]) } as (typeof batch)[0];
  await stage.mined(await stage.onPool(settled).collectBatch({ items: [...batch, stale] }));
  await stage.steward(encodeReinstateProject(suspension));
  const leaving = await stage.item(second, gifts([1n, 50n], [3n, 19n]));
  const id = channelId(second, stage.escrow);
  const closeSignature = await signCloseRequest(stage.key(ben), { channelId: id, deposit: 1_000n }, stage.escrow);
  await stage.mined(await stage.onPool(settled, sam).collectAndClose({ item: leaving, closeSignature }));
  await stage.donate(eve, settled, gifts([2n, 16n], [3n, 4n]));
  const { end, challengeEnd } = await stage.onPool(settled).getRoundTerms();

  const cancelled = await stage.createRound(await stage.terms(), [1n], ann);
  await stage.sponsor(sam, cancelled, 10n);
  const doomed = await stage.open(ann, cancelled, 500n);
  await stage.collect(doomed, gifts([1n, 44n]));
  const given = await stage.donate(ben, cancelled, gifts([1n, 12n]));
  await stage.steward(encodeCancelRound({ address: cancelled, reasonHash }));
  await stage.refund(doomed);
  await stage.mined(
    await stage.onPool(cancelled).refundDonation({ donor: ben, salt: given, attributedGifts: gifts([1n, 12n]) }),
  );
  await stage.mined(await stage.onPool(cancelled).refundSponsor({ index: 0n }));
  await stage.mined(await stage.onPool(cancelled).closeChannel({ channel: doomed }));

  const unmatched = await stage.createRound(await stage.withoutMatching(), [1n, 2n], ben);
  const open = await stage.open(ann, unmatched, 500n);
  await stage.collect(open, gifts([1n, 11n], [2n, 5n]));
  await stage.mined(await stage.onPool(unmatched).claim({ projectId: 1n }));
  await stage.collect(open, gifts([1n, 21n], [2n, 5n]));
  await stage.mined(await stage.onPool(unmatched).claim({ projectId: 1n }));

  const switched = await stage.createRound(await stage.terms(), [2n], eve);
  await stage.sponsor(sam, switched, 77n);
  await stage.donate(ann, switched, gifts([2n, 3n]));

  await stage.at(end);
  await stage.steward(encodeDisqualify({ address: settled, projectId: 3n, reasonHash }));
  const disqualified = await stage.standing(settled, id);
  await stage.mined(await stage.onPool(settled).refund({ channel: second, attributedGifts: disqualified }));
  await stage.at(challengeEnd);
  const act = stage.onPool(settled);
  await stage.mined(await act.settleRound(await act.findPair()));
  for (const projectId of [1n, 2n]) await stage.mined(await act.claim({ projectId }));
  for (const index of [1n, 0n]) await stage.mined(await act.refundSponsor({ index }));
  await stage.mined(await act.closeChannel({ channel: third }));
  await stage.at((await stage.onPool(switched).getRoundTerms()).settleBy);
  await stage.mined(await stage.onPool(switched).switchToRefunds());
  await stage.mined(await stage.onPool(switched).refundSponsor({ index: 0n }));
  return { settled, cancelled, unmatched, switched, projects, ann, ben, eve, sam, first, second, third };
}

/** Applications that are challenged, decided both ways, and left undecided; and all that a manager can do. */
async function playRegistry(stage: RoundStage, manager: Address, rival: Address) {
  const act = stage.onRegistry(manager);
  const challenge = async () => {
    await act.approve({ token: stage.token, amount: 50n });
    await stage.mined(await act.submitProject({ payout: manager, metadataHash: reasonHash }));
    const projectId = await act.getProjectCount();
    await stage.onRegistry(rival).approve({ token: stage.token, amount: 50n });
    await stage.mined(await stage.onRegistry(rival).challengeProject({ projectId, reasonHash }));
    return projectId;
  };
  for (const accepted of [false, true]) {
    const projectId = await challenge();
    await stage.steward(encodeDecideProject({ address: stage.registry, projectId, accepted, reasonHash }));
  }
  const projectId = await challenge();
  await stage.chain.increaseTime(2n * day);
  await stage.mined(await act.acceptProject({ projectId }));
  await stage.mined(await act.withdrawDeposit({ owner: rival }));
  await stage.mined(await act.changePayout({ projectId, newPayout: rival }));
  await stage.chain.increaseTime(day);
  await stage.mined(await act.changePayout({ projectId, newPayout: manager }));
  await stage.mined(await act.changeMetadata({ projectId, metadataHash: reasonHash }));
  await stage.mined(await act.transferManager({ projectId, newManager: rival }));
  await stage.mined(await stage.onRegistry(rival).acceptManager({ projectId }));
  await stage.mined(await stage.onRegistry(rival).closeProject({ projectId }));
  await act.approve({ token: stage.token, amount: 50n });
  await stage.mined(await act.submitProject({ payout: manager, metadataHash: reasonHash }));
}
