import { expect } from "chai";
import { zeroHash } from "viem";
import { encodeCancelRound } from "../../../src/chain/index.ts";
import { lyingTransport, rpcError } from "../../support/lyingTransport.ts";
import { gifts } from "../../support/roundStage.ts";
import { clientOver } from "../chain/support.ts";
import { type Answer, give, margin, present, type Rig, startRig } from "./rig.ts";

describe("collector's window", () => {
  let rig: Rig;
  before(async () => {
    rig = await startRig();
  });
  after(() => rig.stop());

  function expectClosed(answer: Answer, detail: RegExp) {
    expect([answer.status, answer.code], JSON.stringify(answer.body)).to.deep.equal([403, "round-closed"]);
    expect(answer.body.detail).to.match(detail);
  }

  it("opens in the first second of the round and closes in the first of the margin, by the chain's clock", async () => {
    const start = (await rig.stage.now()) + 1_000n;
    const end = start + 5_000n;
    const pool = await rig.newRound({ start, end });
    const { url, collector } = await rig.open(pool);
    const donor = await rig.donor(pool);

    await rig.stage.at(start - 1n);
    expectClosed(await present(url, donor, await donor.sign(gifts([1n, 1n]))), /takes gifts from .* on/);
    await rig.stage.at(start);
    expect((await present(url, donor, await donor.sign(gifts([1n, 1n])))).status).to.equal(200);

    await rig.stage.at(end - margin - 1n);
    expect((await give(url, await donor.sign(gifts([1n, 2n])), "last")).status).to.equal(200);
    await rig.stage.at(end - margin);
    const late = await donor.sign(gifts([1n, 3n]));
    expectClosed(await give(url, late), /Gifts were taken until .* still give on-chain/);
    // What was acknowledged keeps its receipt for ever.
    expect((await give(url, late, "last")).body).to.include({ cumulativeAmount: "2", amount: "1" });

    // The margin is for collecting: the chain itself still takes what was acknowledged.
    await rig.stage.collect(donor.channel, gifts([1n, 2n]), "0x");
    await rig.stage.at(end - 1n);
    expectClosed(await give(url, late), /still give on-chain/);
    await rig.stage.at(end);
    expectClosed(await give(url, late), /Gifts were taken until [^ ]* \(\d+\), and it is [^ ]* \(\d+\)\.$/);
    expect(collector.totals().sum).to.equal(2n);
  });

  it("lets a channel be shown before the round begins", async () => {
    const start = (await rig.stage.now()) + 1_000n;
    const pool = await rig.newRound({ start });
    const { url } = await rig.open(pool);
    const donor = await rig.donor(pool);
    expect((await present(url, donor)).body).to.include({ channelId: donor.id, cumulativeAmount: "0", amount: "0" });
  });

  it("closes for good when the round is cancelled", async () => {
    const pool = await rig.newRound();
    const { url, collector } = await rig.open(pool);
    const donor = await rig.donor(pool);
    await present(url, donor, await donor.sign(gifts([1n, 1n])));
    await rig.stage.steward(encodeCancelRound({ address: pool, reasonHash: zeroHash }));
    expectClosed(await give(url, await donor.sign(gifts([1n, 2n]))), /round is refunded/);
    expect(collector.totals().sum).to.equal(1n);
  });

  it("stays shut while the chain cannot be read, and opens again with it", async () => {
    const pool = await rig.newRound();
    const node = lyingTransport(rig.chain.transport);
    const { url, faults, logged } = await rig.open(pool, { client: clientOver(rig.chain, node.transport) });
    const donor = await rig.donor(pool);
    const first = await donor.sign(gifts([1n, 1n]));
    expect((await present(url, donor, first, "first")).status).to.equal(200);
    node.lie = async () => {
      throw rpcError("down");
    };
    const second = await donor.sign(gifts([1n, 2n]));
    const answer = await give(url, second, "second");
    expect([answer.status, answer.headers.get("retry-after")]).to.deep.equal([503, "1"]);
    expect((await give(url, first, "first")).body, "a kept key needs no chain").to.include({ cumulativeAmount: "1" });
    node.lie = undefined;
    expect((await give(url, second, "second")).status).to.equal(200);
    expect(faults).to.deep.equal([]);
    expect(logged.join("\n")).to.match(/a fault was survived .*chain-unavailable/);
  });

  it("is not older than it may be: facts within their freshness serve many gifts, and not one more after", async () => {
    const pool = await rig.newRound();
    const node = lyingTransport(rig.chain.transport);
    const client = clientOver(rig.chain, node.transport);
    const { url } = await rig.open(pool, { client, terms: { freshness: 600_000 }, interval: 600_000 });
    const donor = await rig.donor(pool);
    await present(url, donor, await donor.sign(gifts([1n, 1n])));
    node.asked.length = 0;
    for (let amount = 2n; amount < 12n; amount++) await give(url, await donor.sign(gifts([1n, amount])));
    expect(node.asked).to.deep.equal([]);
  });

  it("looks again before it refuses by what it remembers", async () => {
    const pool = await rig.newRound();
    const { url } = await rig.open(pool, { terms: { freshness: 600_000 }, interval: 600_000 });
    const donor = await rig.donor(pool);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    await rig.stage.admit(pool, 4n);
    const answer = await present(url, donor, await donor.sign(gifts([4n, 5n])));
    expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
  });
});
