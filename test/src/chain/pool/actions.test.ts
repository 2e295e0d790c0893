import { expect } from "chai";
import {
  type Address,
  type Hex,
  keccak256,
  numberToHex,
  parseEventLogs,
  stringToHex,
  zeroAddress,
  zeroHash,
} from "viem";
import {
  askGate,
  decodePoolEvents,
  encodeCancelRound,
  encodeCollect,
  encodeDisqualify,
  PoolRevertError,
} from "../../../../src/chain/index.ts";
import {
  allocationDigest,
  attestedGateData,
  authorizationTypedData,
  channelId,
  collectedGifts,
  createEligibilityTree,
  donationId,
  donationNonce,
  donationSum,
  gateDataHash,
  giftsHash,
  keyId,
  openGateData,
  quadratic,
  roundId,
  signAttestation,
  signCloseRequest,
} from "../../../../src/protocol/index.ts";
import { startChain, type TestChain } from "../../../support/chain.ts";
import { day, gifts, type RoundStage, setRoundStage } from "../../../support/roundStage.ts";
import { failure } from "../support.ts";

const reasonHash = keccak256(stringToHex("a published reason"));

describe("pool actions", () => {
  let chain: TestChain;
  let stage: RoundStage;
  let projects: { id: bigint; payout: Address }[];
  let [ann, ben, eve]: [Address, Address, Address] = [zeroAddress, zeroAddress, zeroAddress];

  before(async () => {
    chain = await startChain();
    stage = await setRoundStage(chain, chain.tokens.authorization);
    projects = await stage.acceptedProjects(3);
    [ann, ben, eve] = [await stage.person(), await stage.person(), await stage.person()];
  });
  after(() => chain.stop());

  const newRound = async (fields = {}) => stage.createRound(await stage.terms(fields), [1n, 2n]);
  const events = async (pool: Address) => {
    const logs = await chain.client.getLogs({ address: pool, fromBlock: 0n });
    return decodePoolEvents(logs, { address: pool }).map(({ eventName }) => eventName);
  };

  it("given a round to be made, when its address is asked, it should be the round's once it is made", async () => {
    const [terms, salt] = [await stage.terms(), stage.nextSalt()];
    const making = { terms, projectIds: [1n, 2n], salt };
    const factory = stage.onFactory(ann);
    const pool = await factory.previewRound({ ...making, creator: ann });
    expect(await factory.isRound({ pool })).to.equal(false);
    const count = await factory.getRoundCount();
    await stage.mined(await factory.createRound(making));
    expect(await factory.isRound({ pool })).to.equal(true);
    expect(await failure(factory.previewRound({ ...making, creator: ann }))).to.be.instanceOf(PoolRevertError);
    expect([await factory.getRoundCount(), await factory.getRound({ index: count })]).to.deep.equal([count + 1n, pool]);
    expect((await factory.getFactoryEscrow()).toLowerCase()).to.equal(stage.escrow.address);
    const reads = stage.onPool(pool);
    expect(await reads.getRoundId()).to.equal(roundId(ann, salt));
    expect((await reads.getRoundEscrow()).toLowerCase()).to.equal(stage.escrow.address);
    expect(await reads.getRoundProjects()).to.deep.equal([1n, 2n]);
    const { token, start, cap, matching } = await reads.getRoundTerms();
    expect([token.toLowerCase(), start, cap, matching]).to.deep.equal([terms.token, terms.start, terms.cap, true]);
  });

  it("given terms that contradict themselves, when a round is made, it should say which", async () => {
    const terms = await stage.terms({ cap: 0n });
    const error = await failure(stage.onFactory(ann).createRound({ terms, projectIds: [], salt: zeroHash }));
    expect(error).to.be.instanceOf(PoolRevertError);
    expect(error).to.include({ reason: "InvalidTerms", code: "reverted" });
    expect((error as PoolRevertError).args).to.deep.equal([stringToHex("cap", { size: 32 })]);
  });

  it("given gifts by channel, when collected twice, every view should be what the protocol computes", async () => {
    const pool = await newRound();
    const reads = stage.onPool(pool);
    const [mine, other] = [await stage.open(ann, pool, 1_000n), await stage.open(ben, pool, 1_000n)];
    const id = channelId(mine, stage.escrow);
    await stage.collect(mine, gifts([1n, 90n]));
    await stage.collect(other, gifts([1n, 40n]));
    await stage.collect(mine, gifts([1n, 100n], [2n, 7n], [3n, 5n])); // project 3 takes no part

    const list = collectedGifts(gifts([1n, 90n]), gifts([1n, 100n], [2n, 7n], [3n, 5n]), (project) => project < 3n);
    expect(await stage.standing(pool, id)).to.deep.equal(list);
    expect(await reads.getGiftsHash({ lineId: id })).to.equal(giftsHash(list));
    const digest = { channelId: id, gateDataHash: gateDataHash(openGateData), gifts: list };
    expect(await reads.poolAllocationDigest(digest)).to.equal(
      allocationDigest({ ...digest, cumulativeAmount: 107n }, { address: pool, chainId: stage.escrow.chainId }),
    );
    const tally = quadratic.createTally(await stage.terms());
    const key = numberToHex(BigInt(ann), { size: 32 });
    const weightBps = 10_000;
    tally.count({ project: 1n, key, amount: 100n, weightBps });
    tally.count({ project: 1n, key: zeroHash, amount: 40n, weightBps });
    const { rootSum, subsidy, donors } = tally.project(1n);
    const state = { gifts: 140n, paid: 0n, rootSum, subsidy, donors, admitted: true, disqualified: false };
    expect(await reads.getProjectState({ projectId: 1n })).to.deep.equal(state);
    expect(await reads.getStanding({ donor: ann })).to.deep.equal({ keyId: keyId(key), weightBps });
    const { weighted, root } = tally.entry(1n, key);
    expect(await reads.getVoice({ keyId: keyId(key), projectId: 1n })).to.deep.equal({ weighted, root });
    const gate = { address: stage.openGate, pool, donor: ann, gateData: openGateData };
    expect(await askGate(chain.client, gate)).to.deep.equal({ key, weightBps });
    expect(await events(pool)).to.include.members(["DonorWeighed", "Collected", "GiftSkipped"]);
  });

  it("given a batch with a stale item, when collected, the good one should count and the other be skipped", async () => {
    const pool = await newRound();
    const [mine, other] = [await stage.open(ann, pool, 100n), await stage.open(ben, pool, 100n)];
    const good = await stage.item(mine, gifts([1n, 10n]));
    const stale = { ...(await stage.item(other, gifts([2n, 10n]))), previousGifts: gifts([1n, 1n]) };
    const logs = (await stage.mined(await stage.onPool(pool).collectBatch({ items: [stale, good] }))).logs;
    const names = decodePoolEvents(logs, { address: pool }).map(({ eventName }) => eventName);
    expect(names).to.include.members(["CollectSkipped", "Collected"]);
    expect((await stage.onPool(pool).getProjectState({ projectId: 1n })).gifts).to.equal(10n);
    expect((await stage.onPool(pool).getProjectState({ projectId: 2n })).gifts).to.equal(0n);
  });

  it("given a donor who leaves, when the closer collects and closes, the remainder should go back at once", async () => {
    const pool = await newRound({ closer: eve });
    const channel = await stage.open(ann, pool, 100n);
    const id = channelId(channel, stage.escrow);
    const item = await stage.item(channel, gifts([1n, 30n]));
    const closeSignature = await signCloseRequest(stage.key(ann), { channelId: id, deposit: 100n }, stage.escrow);
    const before = await stage.balance(ann);
    await stage.mined(await stage.onPool(pool, eve).collectAndClose({ item, closeSignature }));
    expect((await stage.balance(ann)) - before).to.equal(70n);
    expect((await stage.onEscrow(ann).getChannel({ channelId: id })).finalized).to.equal(true);
  });

  it("given donations, when made by allowance and by authorization, each should be a line with the protocol's id", async () => {
    const pool = await newRound();
    const reads = stage.onPool(pool);
    const salt = await stage.donate(ann, pool, gifts([1n, 25n]), "0x");
    expect(await reads.getGiftsHash({ lineId: donationId(ann, salt) })).to.equal(giftsHash(gifts([1n, 25n])));
    expect(await reads.getProjectState({ projectId: 1n })).to.deep.include({ gifts: 25n, donors: 0 });

    const donation = { from: ben, gifts: gifts([1n, 4n], [2n, 6n]), gateData: openGateData, salt: stage.nextSalt() };
    const times = { validAfter: 0n, validBefore: 2n ** 40n };
    const value = donationSum(donation.gifts);
    const authorization = { from: ben, to: pool, value, ...times, nonce: donationNonce(donation) };
    const domain = { name: "Demo Dollar", version: "1", chainId: stage.escrow.chainId, verifyingContract: stage.token };
    const signature = await stage.key(ben).signTypedData(authorizationTypedData(authorization, domain));
    const submit = stage.onPool(pool, eve);
    const other = { ...donation, gifts: gifts([1n, 10n]), ...times, signature };
    expect(await failure(submit.donateWithAuthorization(other))).to.be.instanceOf(PoolRevertError);
    await stage.mined(await submit.donateWithAuthorization({ ...donation, ...times, signature }));
    const line = await reads.getGiftsHash({ lineId: donationId(ben, donation.salt) });
    expect(line).to.equal(giftsHash(donation.gifts));
  });

  it("given a matched round, when it ends, the pair found should settle it, and all be paid out to the unit", async () => {
    const pool = await newRound({ cap: 60n });
    const act = stage.onPool(pool);
    await stage.sponsor(eve, pool, 100n);
    await stage.sponsor(eve, pool, 50n);
    for (const donor of [ann, ben])
      await stage.collect(await stage.open(donor, pool, 100n), gifts([1n, 50n], [2n, 9n]));
    const { challengeEnd } = await act.getRoundTerms();
    expect(await failure(act.settleRound(await act.findPair()))).to.include({ reason: "TooEarly" });
    await stage.at(challengeEnd);
    const pair = await act.findPair();
    expect(pair.cappedCount).to.equal(1);
    const wrong = { ...pair, cappedCount: 0, cappedSubsidy: 0n };
    expect(await failure(act.settleRound(wrong))).to.include({ reason: "WrongPair" });
    await stage.mined(await act.settleRound(pair));
    expect(await act.getRoundStatus()).to.equal("settled");
    // Raw subsidies are 100 and 18: the first reaches the cap of 60, and 90 are left for the other.
    expect([await act.getMatch({ projectId: 1n }), await act.getMatch({ projectId: 2n })]).to.deep.equal([60n, 18n]);
    expect((await act.getSettlement()).unused).to.equal(72n);
    const before = await stage.balance(projects[0]?.payout as Address);
    await stage.mined(await act.claim({ projectId: 1n }));
    expect((await stage.balance(projects[0]?.payout as Address)) - before).to.equal(160n);
    const held = await stage.balance(eve);
    for (const index of [1n, 0n]) await stage.mined(await act.refundSponsor({ index }));
    expect((await stage.balance(eve)) - held).to.equal(72n);
    expect(await act.getReceiptCount()).to.equal(2n);
    const receipt = await act.getReceipt({ index: 1n });
    expect(receipt).to.deep.include({ refunded: true, prefix: 100n, deposit: 50n });
    expect(await failure(act.refundSponsor({ index: 0n }))).to.include({ reason: "AlreadyRefunded" });
    expect(await act.getPot()).to.equal(150n);
  });

  it("given a cancelled round, when refunded, channel and donation should give all back", async () => {
    const pool = await newRound();
    const act = stage.onPool(pool);
    const channel = await stage.open(ann, pool, 100n);
    await stage.collect(channel, gifts([1n, 30n]));
    const salt = await stage.donate(ben, pool, gifts([2n, 11n]));
    await stage.steward(encodeCancelRound({ address: pool, reasonHash }));
    expect(await act.getRoundStatus()).to.equal("refunding");
    const [annBefore, benBefore] = [await stage.balance(ann), await stage.balance(ben)];
    await stage.refund(channel);
    await stage.mined(await act.refundDonation({ donor: ben, salt, attributedGifts: gifts([2n, 11n]) }));
    await stage.mined(await act.closeChannel({ channel }));
    expect((await stage.balance(ann)) - annBefore).to.equal(100n);
    expect((await stage.balance(ben)) - benBefore).to.equal(11n);
    expect(await stage.standing(pool, donationId(ben, salt))).to.deep.equal(gifts([0n, 11n]));
  });

  it("given a round that nobody settled, when its time is over, anyone should switch it, and stewards disqualify no more", async () => {
    const pool = await newRound({ cap: 60n });
    const act = stage.onPool(pool);
    const { end, settleBy } = await act.getRoundTerms();
    for (const donor of [ann, ben]) await stage.donate(donor, pool, gifts([1n, 50n], [2n, 90n]));
    await stage.sponsor(eve, pool, 300n);
    await stage.at(end);
    await stage.steward(encodeDisqualify({ address: pool, projectId: 2n, reasonHash }));
    // Both projects' raw subsidies, 100 and 180, are above the cap; the one that was taken out is no longer counted.
    expect((await act.findPair()).cappedCount).to.equal(1);
    expect((await act.getProjectState({ projectId: 2n })).disqualified).to.equal(true);
    expect(await failure(act.switchToRefunds())).to.include({ reason: "TooEarly" });
    await stage.at(settleBy);
    await stage.mined(await act.switchToRefunds());
    expect(await act.getRoundStatus()).to.equal("refunding");
  });

  it("given an error of the escrow under the pool, when a collect would revert, it should be named too", async () => {
    const pool = await newRound();
    const channel = await stage.open(ann, pool, 100n);
    const item = await stage.item(channel, gifts([1n, 101n]));
    const error = await failure(stage.onPool(pool).collect(item));
    expect(error).to.include({ reason: "AmountExceedsDeposit" });
    const { data } = encodeCollect({ address: pool, ...item });
    expect(data).to.include(item.allocationSignature.slice(2, 66));
    expect(error.stack).not.to.include(item.allocationSignature.slice(2, 66));
  });

  it("given a list and an attester, when their gates are asked by the pool, the protocol's data should count", async () => {
    const pool = await newRound();
    const round = { chainId: stage.escrow.chainId, roundId: await stage.onPool(pool).getRoundId() };
    const key: Hex = numberToHex(77, { size: 32 });
    const listed = [ann, ben, eve].map((donor, index) => ({ donor, key, weightBps: 5_000 + index }));
    const tree = createEligibilityTree(round, listed);
    const merkleGate = await chain.deploy("MerkleGate", [tree.root, round.roundId]);
    for (const { donor, weightBps } of listed) {
      const asked = { address: merkleGate, pool, donor, gateData: tree.gateData(donor) as Hex };
      expect(await askGate(chain.client, asked)).to.deep.equal({ key, weightBps });
    }
    const stolen = { address: merkleGate, pool, donor: stage.anyone, gateData: tree.gateData(ann) as Hex };
    expect((await askGate(chain.client, stolen)).weightBps).to.equal(0);

    const attestedGate = await chain.deploy("AttestedGate", [ben]);
    const expiresAt = (await stage.now()) + day;
    const at = { address: attestedGate, chainId: stage.escrow.chainId };
    const signed = await signAttestation(stage.key(ben), { pool, donor: ann, key, weightBps: 123, expiresAt }, at);
    const asked = { address: attestedGate, pool, donor: ann, gateData: attestedGateData(signed) };
    expect(await askGate(chain.client, asked)).to.deep.equal({ key, weightBps: 123 });
    expect((await askGate(chain.client, { ...asked, pool: eve })).weightBps).to.equal(0);
    expect(await failure(askGate(chain.client, { ...asked, gateData: "0x01" }))).to.include({ code: "reverted" });
  });

  it("given logs of other contracts, when decoded as a pool's, they should be left out", async () => {
    const pool = await newRound();
    const { logs } = await stage.sponsor(eve, pool, 5n);
    expect(decodePoolEvents(logs, { address: pool }).map(({ eventName }) => eventName)).to.deep.equal(["Sponsored"]);
    expect(decodePoolEvents(logs, { address: stage.token })).to.deep.equal([]);
    expect(parseEventLogs({ abi: [], logs })).to.deep.equal([]);
  });
});
