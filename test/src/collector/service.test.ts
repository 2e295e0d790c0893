import { expect } from "chai";
import { createCollector } from "../../../src/collector/index.ts";
import { parseEvidence } from "../../../src/protocol/index.ts";
import { sqliteStore } from "../../../src/store/sqlite.ts";
import { gifts } from "../../support/roundStage.ts";
import { until } from "../chain/support.ts";
import { type Counter, get, give, margin, present, type Rig, startRig } from "./rig.ts";

describe("collector service", () => {
  let rig: Rig;
  let counter: Counter;
  before(async () => {
    rig = await startRig();
    const stream = { pace: 10, heartbeat: 40, maxClients: 3 };
    counter = await rig.open(await rig.newRound(), { stream, interval: 100, terms: { suggestedDeposit: 500n } });
  });
  after(() => rig.stop());

  /** The server-sent events of a response, as they come. */
  async function* eventsOf(response: Response) {
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let buffered = "";
    try {
      for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done) return;
        buffered += value;
        for (let end = buffered.indexOf("\n\n"); end >= 0; end = buffered.indexOf("\n\n")) {
          yield buffered.slice(0, end);
          buffered = buffered.slice(end + 2);
        }
      }
    } finally {
      await reader?.cancel();
    }
  }

  async function evidenceOf(url: string) {
    const response = await fetch(`${url}/evidence`);
    expect(response.headers.get("content-type")).to.equal("application/x-ndjson");
    const lines = (await response.text()).split("\n").filter((line) => line !== "");
    return lines.map(parseEvidence);
  }

  it("says all of its round that a giver needs", async () => {
    const { status, body } = await get(`${counter.url}/round`);
    const terms = await rig.stage.onPool(counter.pool).getRoundTerms();
    expect(status).to.equal(200);
    expect(body).to.include({
      pool: counter.pool,
      escrow: rig.chain.escrow.address,
      chainId: rig.chain.escrow.chainId,
      token: rig.stage.token,
      registry: rig.stage.registry,
      status: "running",
      margin: margin.toString(),
      leastGift: "1",
      mostGifts: 64,
      suggestedDeposit: "500",
    });
    expect(body.terms).to.include({ start: terms.start.toString(), end: terms.end.toString(), matching: true });
    expect(body.projects).to.deep.equal(["1", "2", "3"].map((projectId) => ({ projectId, accepted: true })));
    expect(body.relay, "it relays nothing").to.equal(undefined);
  });

  it("keeps totals that are the sum over its store, streams them, and exports what proves them", async () => {
    const stream = eventsOf(await fetch(`${counter.url}/totals/stream`));
    const [ann, ben] = [await rig.donor(counter.pool), await rig.donor(counter.pool, { session: true })];
    await present(counter.url, ann, await ann.sign(gifts([1n, 10n])));
    await present(counter.url, ben, await ben.sign(gifts([1n, 5n], [3n, 7n])));
    const again = await rig.donor(counter.pool, { payer: ann.person });
    await present(counter.url, again, await again.sign(gifts([1n, 2n])));
    const { body } = await get(`${counter.url}/totals`);
    expect(body).to.deep.include({
      pool: counter.pool,
      channels: 3,
      sum: "24",
      projects: [
        { projectId: "1", gifts: "17", donors: 2 },
        { projectId: "2", gifts: "0", donors: 0 },
        { projectId: "3", gifts: "7", donors: 1 },
      ],
    });
    let streamed = "";
    for await (const event of stream) {
      streamed = event.split("\n").find((line) => line.startsWith("data: ")) ?? streamed;
      if (streamed.includes('"sum":"24"')) break;
    }
    expect(JSON.parse(streamed.slice(6))).to.deep.include({ channels: 3, projects: body.projects });

    const lines = await evidenceOf(counter.url);
    expect(lines.map(({ cumulativeAmount }) => cumulativeAmount).sort()).to.deep.equal([10n, 12n, 2n]);
    const line = lines.find(({ channel }) => channel.salt === ben.channel.salt);
    const { allocation, voucherSignature } = await ben.sign(gifts([1n, 5n], [3n, 7n]));
    expect(line).to.deep.equal({ channel: ben.channel, cumulativeAmount: 12n, voucherSignature, allocation });
  });

  it("adds up at its start what its store holds, and goes on from there", async () => {
    const pool = await rig.newRound();
    const first = await rig.open(pool);
    const donor = await rig.donor(pool);
    await present(first.url, donor, await donor.sign(gifts([1n, 3n], [2n, 4n])), "one");
    const before = first.collector.totals();
    await first.stop();
    const second = await rig.open(pool, { store: sqliteStore(first.path, { role: "payee" }) });
    expect(second.collector.totals()).to.deep.equal(before);
    const signed = await donor.sign(gifts([1n, 3n], [2n, 4n]));
    expect((await give(second.url, signed, "one")).headers.get("idempotent-replayed")).to.equal("true");
    await give(second.url, await donor.sign(gifts([1n, 4n], [2n, 4n])), "two");
    expect(second.collector.totals()).to.deep.include({ channels: 1, sum: 8n });
  });

  it("lets so many listen and no more, sends signs of life, and forgets who left", async () => {
    // One of a test before may not have been missed yet.
    await until(() => listeners().then((count) => count === 0));
    const aborts = [new AbortController(), new AbortController(), new AbortController()];
    const open = ({ signal }: AbortController) => fetch(`${counter.url}/totals/stream`, { signal });
    const responses = await Promise.all(aborts.map(open));
    const refused = await fetch(`${counter.url}/totals/stream`);
    expect([refused.status, refused.headers.get("retry-after")]).to.deep.equal([503, "60"]);
    for await (const event of eventsOf(responses[0] as Response)) if (event === ":") break;
    for (const abort of aborts) abort.abort();
    await until(() => listeners().then((count) => count === 0));
    expect((await open(new AbortController())).status).to.equal(200);
  });

  async function listeners() {
    const text = await (await fetch(`${counter.url}/metrics`)).text();
    return Number(/^farthing_collector_listeners (\d+)$/m.exec(text)?.[1]);
  }

  it("shows its health and what it counted", async () => {
    const health = await get(`${counter.url}/healthz`);
    expect([health.status, health.body.ok]).to.deep.equal([200, true]);
    const text = await (await fetch(`${counter.url}/metrics`)).text();
    expect(text).to.match(/^farthing_collector_gift_requests_total\{outcome="accepted"\} [1-9]/m);
    expect(text).to.match(/^farthing_collector_given 24$/m);
    expect(text).to.match(/^farthing_collector_requests_total\{route="\/round",status="200"\} 1$/m);
  });

  it("answers what it does not know with a problem, and a browser's preflight", async () => {
    expect((await get(`${counter.url}/nothing`)).body.detail).to.match(/The routes are \/gifts/);
    const wrong = await fetch(`${counter.url}/gifts`);
    expect([wrong.status, wrong.headers.get("allow")]).to.deep.equal([405, "POST, OPTIONS"]);
    const preflight = await fetch(`${counter.url}/gifts`, { method: "OPTIONS" });
    expect(preflight.headers.get("access-control-allow-headers")).to.contain("Idempotency-Key");
    expect((await fetch(`${counter.url}/round`)).headers.get("access-control-allow-origin")).to.equal("*");
    expect((await fetch(`${counter.url}/totals`, { method: "HEAD" })).status).to.equal(200);
  });

  it("before its start answers 503, and after its stop takes nothing", async () => {
    const pool = await rig.newRound();
    const donor = await rig.donor(pool);
    const made = await rig.open(pool, { allowEmptyStore: true });
    await present(made.url, donor, await donor.sign(gifts([1n, 3n])));
    await made.collector.stop();
    expect((await give(made.url, await donor.sign(gifts([1n, 4n])))).status).to.equal(503);
    expect((await get(`${made.url}/healthz`)).status).to.equal(503);

    const waiting = createCollector({ ...made.options });
    expect((await waiting.handler(new Request("http://localhost/round"))).status).to.equal(503);
    expect(waiting.health().ok).to.equal(false);
  });

  it("logs neither signatures nor keys, whatever happens", () => {
    expect(counter.logged.join("\n"))
      .to.match(/gifts are taken/)
      .and.not.match(/[0-9a-f]{66}/i);
  });
});
