import { expect } from "chai";
import { type Address, keccak256, numberToHex, stringToHex, zeroAddress } from "viem";
import { encodeReinstateProject, encodeSuspendProject, poolActions } from "../../../src/chain/index.ts";
import { BudgetExceededError, DepositExhaustedError, NoChannelError } from "../../../src/payer/index.ts";
import {
  createGiver,
  ForeignRoundError,
  GiftRefusedError,
  GiverStoppedError,
  InvalidGiftError,
  NothingGivenError,
} from "../../../src/pool/index.ts";
import { attestedGateData, openGateData, signAttestation } from "../../../src/protocol/index.ts";
import { startChain, type TestChain } from "../../support/chain.ts";
import { day, gifts, type RoundStage, setRoundStage } from "../../support/roundStage.ts";
import { rejection } from "../payer/rejection.ts";
import { collectorOf, donorOf } from "./donor.ts";

const reasonHash = keccak256(stringToHex("a published reason"));

describe("giver", () => {
  let chain: TestChain;
  let stage: RoundStage;
  let pool: Address = zeroAddress;
  before(async () => {
    chain = await startChain();
    stage = await setRoundStage(chain, chain.tokens.authorization);
    await stage.acceptedProjects(5);
    pool = await stage.createRound(await stage.terms(), [1n, 2n, 3n, 4n, 5n]);
  });
  after(() => chain.stop());

  const projectGifts = async (projectId: bigint, of = pool) =>
    (await stage.onPool(of).getProjectState({ projectId })).gifts;

  it("given no channel, when it gives to many projects, it opens one and each gift has its receipt", async () => {
    const collector = collectorOf(stage, pool);
    const { giver, payer, receipts } = await donorOf(stage, pool, collector, { gateData: openGateData });
    const given = await Promise.all([giver.give(3n, 5n), giver.give(1n, 7n), giver.give(3n, 2n)]);
    await giver.give(1n, 1n);
    expect(given.map(({ projectId, amount }) => [projectId, amount])).to.deep.equal([
      [3n, 5n],
      [1n, 7n],
      [3n, 2n],
    ]);
    expect(receipts.map(({ amount }) => amount)).to.deep.equal([5n, 7n, 2n, 1n]);
    const records = await payer.list();
    expect(records).to.have.length(1);
    const id = records[0]?.id ?? "0x";
    expect(records[0]).to.include({ authorized: 15n, deposit: 1_000n, status: "open" });
    expect(collector.held(id)?.allocation.gifts).to.deep.equal(gifts([1n, 8n], [3n, 7n]));
    expect(await giver.gifts()).to.deep.include({
      channelId: id,
      acknowledged: gifts([1n, 8n], [3n, 7n]),
      pending: [],
      collected: [],
    });

    const before = [await projectGifts(1n), await projectGifts(3n)];
    await giver.collect();
    expect([await projectGifts(1n), await projectGifts(3n)]).to.deep.equal([
      (before[0] ?? 0n) + 8n,
      (before[1] ?? 0n) + 7n,
    ]);
    expect((await giver.gifts())?.collected).to.deep.equal(gifts([1n, 8n], [3n, 7n]));
    await giver.give(2n, 4n);
    expect(collector.held(id)?.allocation.gifts).to.deep.equal(gifts([1n, 8n], [2n, 4n], [3n, 7n]));
    await giver.collect();
    expect((await giver.gifts())?.collected).to.deep.equal(gifts([1n, 8n], [2n, 4n], [3n, 7n]));
  });

  it("given a collector that relays, when a donor without coin gives, the first gift opens the channel", async () => {
    const collector = collectorOf(stage, pool, { relays: true });
    const wallet = await chain.fundedAccount({ ether: 0n });
    const { giver, payer } = await donorOf(stage, pool, collector, { wallet });
    await Promise.all([giver.give(1n, 5n), giver.give(2n, 5n)]);
    await giver.give(2n, 5n);
    const [record] = await payer.list();
    expect(record).to.include({ status: "open", deposit: 1_000n, authorized: 15n });
    expect(collector.held(record?.id ?? "0x")?.allocation.gifts).to.deep.equal(gifts([1n, 5n], [2n, 10n]));
  });

  it("given a relayed open whose answer never came, when it starts again, it is the same channel and the same gift", async () => {
    const collector = collectorOf(stage, pool, { relays: true });
    let isLost = true;
    const losing = {
      ...collector.client,
      give: async (...[signed]: Parameters<typeof collector.client.give>) =>
        isLost ? ({ type: "unanswered", reason: "lost" } as const) : collector.client.give(signed),
    };
    const { giver, payer, wallet, session, store } = await donorOf(
      stage,
      pool,
      { client: losing },
      {
        onWaiting: () => giver.stop(),
      },
    );
    expect(await rejection(giver.give(1n, 5n))).to.be.instanceOf(GiverStoppedError);
    expect((await payer.list()).map(({ status }) => status)).to.deep.equal(["opening"]);
    isLost = false;
    const again = await donorOf(stage, pool, { client: losing }, { wallet, session, payer: { store } });
    await again.giver.resume();
    const records = await payer.list();
    expect(records.map(({ status, authorized }) => [status, authorized])).to.deep.equal([["open", 5n]]);
    expect(again.receipts.map(({ amount }) => amount)).to.deep.equal([5n]);
    expect(collector.held(records[0]?.id ?? "0x")?.allocation.gifts).to.deep.equal(gifts([1n, 5n]));
  });

  it("given a new device with an empty store, when it gives, it finds the channel on the chain and builds on what is held", async () => {
    const collector = collectorOf(stage, pool);
    const first = await donorOf(stage, pool, collector);
    await first.giver.give(1n, 10n);
    await first.giver.collect();
    await first.giver.give(2n, 10n);
    const { wallet, session } = first;
    const second = await donorOf(stage, pool, collector, { wallet, session, payer: { policy: { perDay: 7n } } });
    await second.giver.give(1n, 7n);
    const [record] = await second.payer.list();
    expect(record).to.include({ authorized: 27n });
    expect(record?.spentToday.amount).to.equal(7n);
    expect(collector.held(record?.id ?? "0x")?.allocation.gifts).to.deep.equal(gifts([1n, 17n], [2n, 10n]));
    await first.giver.give(2n, 1n);
    expect(collector.held(record?.id ?? "0x")?.allocation.gifts).to.deep.equal(gifts([1n, 17n], [2n, 11n]));
    await second.giver.collect();
    expect((await second.giver.gifts())?.collected).to.deep.equal(gifts([1n, 17n], [2n, 10n]));
  });

  it("given a deposit that runs out, when topping up is allowed, it tops up, tells the collector and gives", async () => {
    const collector = collectorOf(stage, pool);
    const { giver, payer } = await donorOf(stage, pool, collector, { open: { deposit: 10n }, topUp: { amount: 50n } });
    await giver.give(1n, 8n);
    await giver.give(1n, 8n);
    expect((await payer.list())[0]).to.include({ deposit: 60n, authorized: 16n });
    expect(collector.topUps).to.have.length(1);
  });

  it("given a deposit or a budget that covers some gifts of a batch, when asked for all, those are given and the others say why", async () => {
    const collector = collectorOf(stage, pool);
    const rich = await donorOf(stage, pool, collector, { open: { deposit: 10n } });
    const short = [rich.giver.give(1n, 8n), rejection(rich.giver.give(2n, 8n)), rich.giver.give(3n, 2n)];
    expect((await Promise.all(short))[1]).to.be.instanceOf(DepositExhaustedError);
    expect((await rich.giver.gifts())?.acknowledged).to.deep.equal(gifts([1n, 8n], [3n, 2n]));

    const thrifty = await donorOf(stage, pool, collector, { payer: { policy: { perRequest: 9n } } });
    await Promise.all([thrifty.giver.give(1n, 8n), thrifty.giver.give(2n, 9n)]);
    expect(await rejection(thrifty.giver.give(1n, 10n))).to.be.instanceOf(BudgetExceededError);
    expect((await thrifty.giver.gifts())?.acknowledged).to.deep.equal(gifts([1n, 8n], [2n, 9n]));
  });

  it("given one bad gift in a batch, when refused, the others are given alone and the bad one's money buys the next", async () => {
    const collector = collectorOf(stage, pool);
    collector.closedProjects.add(2n);
    const { giver, payer } = await donorOf(stage, pool, collector, { open: { deposit: 30n } });
    const asked = [giver.give(1n, 10n), rejection(giver.give(2n, 10n)), giver.give(3n, 10n)];
    const [, refusal] = await Promise.all(asked);
    expect(refusal).to.be.instanceOf(GiftRefusedError);
    expect((await giver.gifts())?.acknowledged).to.deep.equal(gifts([1n, 10n], [3n, 10n]));
    expect((await payer.list())[0]).to.include({ authorized: 30n });
    await giver.give(4n, 10n);
    expect((await payer.list())[0]).to.include({ authorized: 30n, deposit: 30n });
    await giver.collect();
    expect((await giver.gifts())?.collected).to.deep.equal(gifts([1n, 10n], [3n, 10n], [4n, 10n]));
  });

  it("given a gift that the pool skipped and the donor took back, when it gives again, project 0 lists what was refunded", async () => {
    const collector = collectorOf(stage, pool);
    const { giver } = await donorOf(stage, pool, collector);
    await Promise.all([giver.give(1n, 10n), giver.give(5n, 4n)]);
    await stage.steward(encodeSuspendProject({ address: stage.registry, projectId: 5n, reasonHash }));
    await giver.collect();
    expect((await giver.gifts())?.collected).to.deep.equal(gifts([1n, 10n]));
    await giver.refund();
    expect((await giver.gifts())?.collected).to.deep.equal(gifts([0n, 4n], [1n, 10n]));
    await giver.give(1n, 3n);
    expect((await giver.gifts())?.acknowledged).to.deep.equal(gifts([0n, 4n], [1n, 13n], [5n, 4n]));
    await stage.steward(encodeReinstateProject({ address: stage.registry, projectId: 5n, reasonHash }));
    await giver.collect();
    expect((await giver.gifts())?.collected).to.deep.equal(gifts([0n, 4n], [1n, 13n], [5n, 4n]));
  });

  it("given a refund that this device has not seen, when the collector diverges, the line is read and built on", async () => {
    const collector = collectorOf(stage, pool);
    const { giver, address } = await donorOf(stage, pool, collector);
    collector.closedProjects.clear();
    await Promise.all([giver.give(1n, 10n), giver.give(2n, 4n)]);
    await stage.steward(encodeSuspendProject({ address: stage.registry, projectId: 2n, reasonHash }));
    await giver.collect();
    const channel = await giver.channel();
    if (!channel) throw new Error("there is no channel");
    await stage.refund(channel.channel, address);
    await giver.give(1n, 1n);
    expect((await giver.gifts())?.acknowledged).to.deep.equal(gifts([0n, 4n], [1n, 11n], [2n, 4n]));
    await stage.steward(encodeReinstateProject({ address: stage.registry, projectId: 2n, reasonHash }));
  });

  it("given another channel of the donor in another token, or to another pool, when it gives, it opens its own", async () => {
    const collector = collectorOf(stage, pool);
    const { giver, payer } = await donorOf(stage, pool, collector);
    await payer.open({ payee: pool, token: chain.tokens.plain, deposit: 5n });
    await payer.open({ payee: chain.deployer, token: stage.token, deposit: 5n });
    await giver.give(1n, 1n);
    expect(await payer.list()).to.have.length(3);
  });

  it("given a channel that is being left, when it gives, it opens another", async () => {
    const collector = collectorOf(stage, pool);
    const { giver, payer } = await donorOf(stage, pool, collector);
    await giver.give(1n, 1n);
    await (await giver.channel())?.requestClose();
    await giver.give(1n, 2n);
    const records = await payer.list();
    expect(records.map(({ status }) => status).sort()).to.deep.equal(["closing", "open"]);
  });

  it("given a channel whose close another device asked for, when the collector says so, the next gift opens another", async () => {
    const collector = collectorOf(stage, pool);
    const over = new Set<string>();
    const give: typeof collector.client.give = async (signed) =>
      over.has(signed.voucher.channelId)
        ? { type: "refused", code: "channel-finalized", detail: "It is closing." }
        : collector.client.give(signed);
    const { giver, payer, address } = await donorOf(stage, pool, { client: { ...collector.client, give } });
    await giver.give(1n, 1n);
    const channel = await giver.channel();
    if (!channel) throw new Error("there is no channel");
    await stage.mined(await stage.onEscrow(address).requestClose({ channel: channel.channel }));
    over.add(channel.id);
    expect(await rejection(giver.give(1n, 2n))).to.have.property("reason", "channel-finalized");
    await giver.give(1n, 3n);
    const records = await payer.list();
    expect(records.map(({ status }) => status).sort()).to.deep.equal(["closing", "open"]);
    expect((await giver.gifts())?.acknowledged).to.deep.equal(gifts([1n, 3n]));
  });

  it("given no channel and no leave to open one, when it gives, it says so", async () => {
    const { giver, payer } = await donorOf(stage, pool, collectorOf(stage, pool), {});
    const bare = createGiver(payer, pool, { collector: collectorOf(stage, pool).client });
    expect(await rejection(bare.give(1n, 1n))).to.be.instanceOf(NoChannelError);
    expect(await rejection(giver.collect())).to.be.instanceOf(NoChannelError);
    expect(await giver.gifts()).to.equal(undefined);
    await giver.resume();
    expect(await payer.list()).to.deep.equal([]);
  });

  it("given a channel without a gift, when it is to be collected, it says so", async () => {
    const { giver, payer } = await donorOf(stage, pool, collectorOf(stage, pool));
    await payer.open({ payee: pool, token: stage.token, deposit: 5n });
    expect(await rejection(giver.collect())).to.be.instanceOf(NothingGivenError);
  });

  it("given a round of another escrow, when it gives, nothing is opened or signed", async () => {
    const other = await chain.deploy("PaymentChannels", [48n * 3_600n]);
    const factory = await chain.deploy("DonationPoolFactory", [other]);
    const terms = await stage.terms();
    const salt = stage.nextSalt();
    const { request, result } = await chain.client.simulateContract({
      account: chain.deployer,
      address: factory,
      abi: (await import("../../../src/abi/donationPoolFactory.ts")).donationPoolFactoryAbi,
      functionName: "createRound",
      args: [terms, [1n], salt],
    } as never);
    await stage.mined(await chain.client.writeContract(request as never));
    const foreign = result as unknown as Address;
    const { giver, payer } = await donorOf(stage, foreign, collectorOf(stage, pool));
    expect(await rejection(giver.give(1n, 1n))).to.be.instanceOf(ForeignRoundError);
    expect(await payer.list()).to.deep.equal([]);
  });

  it("given a gift to nobody or of nothing, when asked, it is refused before anything happens", async () => {
    const { giver, payer } = await donorOf(stage, pool, collectorOf(stage, pool));
    for (const [projectId, amount] of [
      [0n, 1n],
      [1n, 0n],
      [1n, -1n],
      [1n, 2n ** 104n],
    ] as const) {
      expect(await rejection(giver.give(projectId, amount))).to.be.instanceOf(InvalidGiftError);
    }
    expect(await payer.list()).to.deep.equal([]);
  });

  it("given more receipts than are kept, when looked at, the newest 256 are there and all were handed on", async function () {
    this.timeout(60_000);
    const { giver, receipts } = await donorOf(stage, pool, collectorOf(stage, pool));
    for (let round = 0; round < 3; round++) {
      await Promise.all(Array.from({ length: 100 }, () => giver.give(1n, 1n)));
    }
    const given = await giver.gifts();
    expect(receipts).to.have.length(300);
    expect(given?.receipts).to.deep.equal(receipts.slice(-256));
    expect(given?.acknowledged).to.deep.equal(gifts([1n, 300n]));
  });

  describe("estimate", () => {
    it("given others' gifts, when asked, its high is what settling now would add, and the gift itself is guaranteed", async () => {
      const round = await stage.createRound(await stage.terms({ cap: 10_000n }), [1n, 2n]);
      const sponsor = await stage.person();
      await stage.sponsor(sponsor, round, 5_000n);
      await chain.increaseTime(20n * day);
      for (const [projectId, amount] of [
        [1n, 900n],
        [1n, 400n],
        [2n, 10_000n],
        [2n, 5_000n],
      ] as const) {
        await stage.donate(await stage.person(), round, gifts([projectId, amount]));
      }
      const collector = collectorOf(stage, round);
      const { giver } = await donorOf(stage, round, collector, { gateData: openGateData });
      await giver.give(2n, 100n);
      const estimate = await giver.estimate(1n, 500n);
      expect(estimate.guaranteed).to.equal(500n);

      await giver.collect();
      const before = await settledMatch(round, 1n);
      await giver.give(1n, 500n);
      await giver.collect();
      const after = await settledMatch(round, 1n);
      expect(estimate.range.high).to.equal(after - before);
      expect(estimate.range.high > 0n && estimate.range.low < estimate.range.high).to.equal(true);
      expect(estimate.range.low > 0n).to.equal(true);
    });

    it("given a gate that weighs, when asked, the weight that was frozen counts, and none for data that it does not take", async () => {
      const attester = stage.key(await stage.person());
      const gate = await chain.deploy("AttestedGate", [attester.address]);
      const round = await stage.createRound(await stage.terms({ gate, acceptsSybil: false, cap: 10_000n }), [1n]);
      await stage.sponsor(await stage.person(), round, 5_000n);
      const at = { address: gate, chainId: stage.escrow.chainId };
      const expiresAt = (await stage.now()) + 20n * day;
      const attested = async (donor: Address, n: number, weightBps: number) => {
        const key = numberToHex(n, { size: 32 });
        return attestedGateData(await signAttestation(attester, { pool: round, donor, key, weightBps, expiresAt }, at));
      };
      const friend = await stage.person();
      await stage.donate(friend, round, gifts([1n, 400n]), await attested(friend, 1, 10_000));

      const wallet = stage.key(await stage.person());
      const donor = wallet.address.toLowerCase() as Address;
      const [half, full] = [await attested(donor, 2, 5_000), await attested(donor, 2, 10_000)];
      const collector = collectorOf(stage, round);
      const first = await donorOf(stage, round, collector, { wallet, gateData: half });
      // 2 * sqrt(400) * sqrt(100 * 0.5), and * sqrt(100) for the one with the full weight.
      expect((await first.giver.estimate(1n, 100n)).range.high).to.equal(282n);
      const { session } = first;
      const better = await donorOf(stage, round, collector, { wallet, session, gateData: full });
      expect((await better.giver.estimate(1n, 100n)).range.high).to.equal(400n);
      await first.giver.give(1n, 100n);
      await first.giver.collect();
      // Half of 200 counts from now on, whatever better data say: sqrt(100) less sqrt(50).
      expect((await better.giver.estimate(1n, 100n)).range.high).to.equal(118n);
      const none = await donorOf(stage, round, collector, { wallet, session, gateData: "0x01" });
      expect((await none.giver.estimate(1n, 100n)).range).to.deep.equal({ low: 0n, high: 0n });
    });

    it("given no gate data, when asked, no match is promised", async () => {
      const { giver } = await donorOf(stage, pool, collectorOf(stage, pool));
      expect(await giver.estimate(1n, 500n)).to.deep.equal({ guaranteed: 500n, range: { low: 0n, high: 0n } });
    });

    /** A project's match if the round were settled in this state: tried on the chain and taken back. */
    async function settledMatch(round: Address, projectId: bigint): Promise<bigint> {
      const snapshot = await chain.client.snapshot();
      const at = stage.onPool(round);
      const { challengeEnd } = await at.getRoundTerms();
      await stage.at(challengeEnd);
      const client = chain.client.extend(poolActions({ address: round }));
      await stage.mined(await at.settleRound(await client.findPair()));
      const match = await at.getMatch({ projectId });
      await chain.client.revert({ id: snapshot });
      return match;
    }
  });
});
