import { type Address, type Hex, numberToHex, toFunctionSelector, zeroHash } from "viem";
import { decodeFactoryEvents } from "../../../../src/chain/factory/rounds.ts";
import { allocationDigest } from "../../../../src/protocol/allocation.ts";
import { authorizationTypedData } from "../../../../src/protocol/authorization.ts";
import { signCloseRequest } from "../../../../src/protocol/close.ts";
import { donationNonce, gateDataHash } from "../../../../src/protocol/donation.ts";
import { openGateData } from "../../../../src/protocol/gate/openGate.ts";
import { donationId, giftsHash } from "../../../../src/protocol/line.ts";
import { createTally } from "../../../../src/protocol/quadratic/tally.ts";
import { gifts } from "../../../support/roundStage.ts";
import { openKeyId, type PoolStage } from "./stage.ts";

/** Every way to give, as events tell it, and every view of what it wrote. */
export function describeGiving(the: () => PoolStage) {
  it("is made, takes projects in, and every view of an empty round answers", async () => {
    const { chain, round, witness, projects, ann } = the();
    const terms = await round.terms();
    const salt = round.nextSalt();
    const creator = round.onFactory(ann.address);
    const hash = await creator.createRound({ terms, projectIds: [1n, 2n], salt });
    const { logs } = await round.mined(hash);
    const pool = decodeFactoryEvents(logs, { address: round.factory })[0]?.args.pool as Address;
    const admitted = (projectId: bigint) => ({ name: "ProjectAdmitted", args: { projectId } });
    await witness.created(hash, pool, [admitted(1n), admitted(2n)]);
    const admit = { functionName: "admit", args: [projects.slice(2).map(({ id }) => id)] };
    await witness.transactBy(round.steward, admit, [admitted(3n)], pool);

    const read = (functionName: string, args: readonly unknown[], expected: unknown) =>
      witness.read(ann, { functionName, args }, expected, pool);
    await read("channels", [], chain.escrow.address);
    await read("roundId", [], donationId(ann.address, salt));
    await read("terms", [], terms);
    await read("status", [], 0n);
    await read("pot", [], 0n);
    await read("projects", [], [1n, 2n, 3n]);
    await read("giftsHash", [zeroHash], zeroHash);
    await read("standingOf", [ann.address], [numberToHex(0, { size: 30 }), 0n]);
    await read("receiptCount", [], 0n);
    await read("settlement", [], { numerator: 0n, denominator: 0n, unused: 0n });
    const domain = ["0x0f", "Farthing Donation Pool", "1", BigInt(chain.chain.id), pool, zeroHash, []];
    await read("eip712Domain", [], domain);
  });

  it("collects what channels give, weighs each donor once, and leaves what a project may not have", async () => {
    const { chain, round, witness, ann, ben, idOf, createRound, collectCall, weighed } = the();
    const pool = await createRound();
    const [mine, other] = [await round.open(ann.address, pool, 1_000n), await round.open(ben.address, pool, 1_000n)];
    const id = idOf(mine);
    const collected = (list: ReturnType<typeof gifts>, matched: boolean, lineId = id, donor = ann.address) => ({
      name: "Collected",
      args: { channelId: lineId, donor, matched, gifts: list },
    });
    const first = gifts([1n, 90n]);
    await witness.transact(
      ben,
      collectCall(await round.item(mine, first)),
      [weighed(ann.address), collected(first, true)],
      pool,
    );
    const second = gifts([1n, 100n], [2n, 7n], [3n, 5n]);
    await witness.transact(
      ben,
      collectCall(await round.item(mine, second, "0x")),
      [
        { name: "GiftSkipped", args: { channelId: id, projectId: 3n, amount: 5n } },
        collected(second.slice(0, 2), false),
      ],
      pool,
    );
    const good = await round.item(other, gifts([1n, 40n]));
    const stale = await round.item(other, gifts([1n, 30n]));
    await witness.transact(
      ann,
      { functionName: "collectBatch", args: [[good, { ...stale, previousGifts: good.gifts }]], gas: 2_000_000n },
      [
        weighed(ben.address),
        collected(good.gifts as typeof first, true, idOf(other), ben.address),
        {
          name: "CollectSkipped",
          args: { channelId: idOf(other), reason: toFunctionSelector("AllocationDiverges(uint256,uint256,uint256)") },
        },
      ],
      pool,
    );

    const tally = createTally(await round.terms());
    const counted = { project: 1n, weightBps: 10_000 };
    tally.count({ ...counted, key: openKeyId(ann.address), amount: 90n });
    tally.count({ ...counted, key: openKeyId(ben.address), amount: 40n });
    const { rootSum, subsidy } = tally.project(1n);
    const state = { gifts: 140n, paid: 0n, rootSum, subsidy, donors: 2n, admitted: true, disqualified: false };
    const { weighted, root } = tally.entry(1n, openKeyId(ann.address));
    const read = (functionName: string, args: readonly unknown[], expected: unknown) =>
      witness.read(ann, { functionName, args }, expected, pool);
    await read("getProject", [1n], state);
    await read("matchOf", [1n], 0n);
    await read("giftsHash", [id], giftsHash(second.slice(0, 2)));
    await read("standingOf", [ann.address], [openKeyId(ann.address), 10_000n]);
    await read("voiceOf", [openKeyId(ann.address), 1n], [weighted, root]);
    const allocation = { channelId: id, gateDataHash: gateDataHash(openGateData), gifts: second };
    const digest = allocationDigest(
      { ...allocation, cumulativeAmount: 112n },
      { address: pool, chainId: chain.escrow.chainId },
    );
    await read("allocationDigest", [id, allocation.gateDataHash, second], digest);
  });

  it("closes a channel by the round's closer with the donor's word, and by anyone after the end", async () => {
    const { chain, round, witness, ann, ben, closer, idOf, createRound, weighed, next } = the();
    const pool = await createRound();
    const [leaving, staying] = [await round.open(ann.address, pool, 100n), await round.open(ann.address, pool, 100n)];
    const list = gifts([2n, 30n]);
    const item = await round.item(leaving, list);
    const request = { channelId: idOf(leaving), deposit: 100n };
    const consent = await signCloseRequest(ann, request, chain.escrow);
    const args = { channelId: idOf(leaving), donor: ann.address, matched: true, gifts: list };
    await witness.transact(
      closer,
      { functionName: "collectAndClose", args: [item, consent] },
      [weighed(ann.address), { name: "Collected", args }],
      pool,
    );
    await next((await round.onPool(pool).getRoundTerms()).end);
    await witness.transact(ben, { functionName: "closeChannel", args: [staying] }, [], pool);
  });

  it("takes donations by allowance and by authorization, and sponsors' deposits", async () => {
    const { chain, round, witness, ann, ben, sue, createRound, weighed } = the();
    const token = chain.tokens.authorization;
    const pool = await createRound({ token });
    const by = (account: typeof ann) => round.onPool(pool, account.address);
    const donated = (donor: typeof ann, salt: Hex, matched: boolean, list: ReturnType<typeof gifts>) => {
      const lineId = donationId(donor.address, salt);
      return { name: "Donated", args: { donationId: lineId, donor: donor.address, salt, matched, gifts: list } };
    };
    const salt = round.nextSalt();
    await round.mined(await by(ann).approve({ token, amount: 25n }));
    const plain = { functionName: "donate", args: [gifts([1n, 25n]), "0x", salt] };
    await witness.transact(ann, plain, [donated(ann, salt, false, gifts([1n, 25n]))], pool);

    const donation = { from: ben.address, gifts: gifts([1n, 4n], [2n, 6n]), gateData: openGateData, salt };
    const times = { validAfter: 0n, validBefore: 2n ** 40n };
    const authorization = { from: ben.address, to: pool, value: 10n, ...times, nonce: donationNonce(donation) };
    const domain = { name: "Demo Dollar", version: "1", chainId: chain.chain.id, verifyingContract: token };
    const signature = await ben.signTypedData(authorizationTypedData(authorization, domain));
    const call = [ben.address, donation.gifts, openGateData, salt, times.validAfter, times.validBefore, signature];
    await witness.transact(
      ann,
      { functionName: "donateWithAuthorization", args: call },
      [weighed(ben.address), donated(ben, salt, true, donation.gifts)],
      pool,
    );

    await round.mined(await by(sue).approve({ token, amount: 70n }));
    const sponsored = { name: "Sponsored", args: { index: 0n, sponsor: sue.address, deposit: 70n } };
    await witness.transact(sue, { functionName: "sponsor", args: [70n] }, [sponsored], pool);
    const receipt = { sponsor: sue.address, refunded: false, prefix: 0n, deposit: 70n };
    await witness.read(ann, { functionName: "getReceipt", args: [0n] }, receipt, pool);
    await witness.read(ann, { functionName: "pot" }, 70n, pool);
  });
}
