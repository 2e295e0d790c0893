import { expect } from "chai";
import type { Address } from "viem";
import type { CollectItem } from "../../../src/chain/index.ts";
import { channelId, parseEvidence } from "../../../src/protocol/index.ts";
import { selectVerifier } from "../../../src/verifier/index.ts";
import { lyingTransport } from "../../support/lyingTransport.ts";
import { gifts } from "../../support/roundStage.ts";
import { clientOver } from "../chain/support.ts";
import { type Answer, type Donor, give, margin, post, present, type Rig, startRig } from "./rig.ts";

describe("collector in the last minute", function () {
  this.timeout(180_000);
  let rig: Rig;
  before(async () => {
    rig = await startRig();
  });
  after(() => rig.stop());

  it("given 300 donors who tap at once while the margin begins, acknowledges or refuses each, and all of it is collected before the end", async () => {
    const crowd = 300;
    const start = await rig.stage.now();
    const end = start + 20n * rig.day;
    const pool = await rig.newRound({ start, end });
    const { url, collector } = await rig.open(pool, { interval: 200, terms: { freshness: 100 } });
    const donors: Donor[] = [];
    for (let index = 0; index < crowd; index++) donors.push(await rig.donor(pool, { deposit: 1_000n }));
    const first = donors.slice(0, 200);
    for (const donor of first) {
      expect((await present(url, donor, await donor.sign(gifts([1n, 5n])), "first")).status).to.equal(200);
    }

    await rig.stage.at(end - margin - 2n);
    const lists = donors.map((_, index) => (index < 200 ? gifts([1n, 5n], [2n, 7n]) : gifts([3n, 9n])));
    const signed = await Promise.all(donors.map((donor, index) => donor.sign(lists[index] ?? [])));
    const tap = async (index: number): Promise<Answer> => {
      const [donor, wish] = [donors[index] as Donor, signed[index] as (typeof signed)[number]];
      // Half of them tap a moment later, when the margin has begun.
      if (index % 2 === 1) await closing;
      return index < 200 ? give(url, wish, "rush") : present(url, donor, wish, "rush");
    };
    const closing = new Promise((resolve) => setTimeout(resolve, 500)).then(() => rig.stage.at(end - margin));
    const answers = await Promise.all(donors.map((_, index) => tap(index)));
    await closing;

    const codes = new Map<string, number>();
    for (const { code } of answers) codes.set(code, (codes.get(code) ?? 0) + 1);
    expect([...codes.keys()].sort()).to.deep.equal(["ok", "round-closed"]);
    expect(codes.get("ok")).to.be.above(0);
    const taken = new Map<bigint, bigint>([[1n, 5n * 200n]]);
    for (const [index, { status }] of answers.entries()) {
      if (status !== 200) continue;
      const [projectId, amount] = index < 200 ? [2n, 7n] : [3n, 9n];
      taken.set(projectId, (taken.get(projectId) ?? 0n) + amount);
    }
    expect(new Map(collector.totals().projects.map((row) => [row.projectId, row.gifts]))).to.deep.equal(taken);

    const exported = (await (await fetch(`${url}/evidence`)).text()).trim().split("\n").map(parseEvidence);
    const items: CollectItem[] = exported.map(({ channel, voucherSignature, allocation }) => {
      const { gifts: list, gateData, signature: allocationSignature } = allocation;
      return { channel, voucherSignature, previousGifts: [], gifts: list, gateData, allocationSignature };
    });
    for (let from = 0; from < items.length; from += 25) {
      await rig.stage.mined(await rig.stage.onPool(pool).collectBatch({ items: items.slice(from, from + 25) }));
    }
    expect((await rig.stage.now()) < end).to.equal(true);
    for (const [projectId, amount] of taken) {
      const state = await rig.stage.onPool(pool as Address).getProjectState({ projectId });
      expect(state.gifts, `project ${projectId}`).to.equal(amount);
    }
    for (const { channel, allocation } of exported) {
      expect(await rig.stage.standing(pool, channelId(channel, rig.chain.escrow))).to.deep.equal(allocation.gifts);
    }
  });

  it("given a flood of garbage, answers it without a look at the chain or at a signature, and gifts go on", async () => {
    const pool = await rig.newRound();
    let recovered = 0;
    const js = selectVerifier({ order: ["js"] });
    const verifier: typeof js = {
      name: js.name,
      recover(digest, signature) {
        recovered += 1;
        return js.recover(digest, signature);
      },
    };
    const node = lyingTransport(rig.chain.transport);
    const client = clientOver(rig.chain, node.transport);
    const quiet = { interval: 600_000, terms: { freshness: 600_000 } };
    const { url, logged } = await rig.open(pool, { client, verifier, ...quiet });
    const donor = await rig.donor(pool);
    await present(url, donor, await donor.sign(gifts([1n, 5n])));
    const real = await donor.sign(gifts([1n, 6n]));
    node.asked.length = 0;
    recovered = 0;
    const stranger = `0x${"ab".repeat(32)}` as const;
    const junk = async (index: number) => {
      const kinds: (() => Promise<Response | Answer>)[] = [
        () => fetch(`${url}/gifts`, { method: "POST", headers: { authorization: `Payment ${"A".repeat(9_000)}` } }),
        () => fetch(`${url}/gifts`, { method: "POST", headers: { authorization: "Payment" } }),
        () => fetch(`${url}/close-requests`, { method: "POST", body: "{}" }),
        () => give(url, { ...real, channelId: stranger }),
        () => give(url, { ...real, cumulativeAmount: 7n }),
        () =>
          post(
            url,
            { action: "close", channelId: stranger, cumulativeAmount: 1n, signature: real.voucherSignature },
            "k",
          ),
      ];
      const { status } = await (kinds[index % kinds.length] as (typeof kinds)[number])();
      expect(status).to.be.within(400, 431);
    };
    await Promise.all(Array.from({ length: 600 }, (_, index) => junk(index)));
    expect(node.asked).to.deep.equal([]);
    expect(recovered).to.equal(0);
    expect((await give(url, real)).status).to.equal(200);
    expect(logged.filter((line) => line.startsWith("a fault"))).to.deep.equal([]);
  });
});
