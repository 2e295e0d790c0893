import { inspect } from "node:util";
import { expect } from "chai";
import { parseProblem } from "../../../src/protocol/index.ts";
import { postgresStore } from "../../../src/store/postgres.ts";
import { postgresServer } from "../../support/postgres.ts";
import { price, type Rig, startRig } from "./rig.ts";

describe("paywall over a PostgreSQL server that is killed", () => {
  const { server, schema } = postgresServer();
  let rig: Rig;
  before(async () => {
    rig = await startRig();
  });
  after(() => rig.stop());

  it("given a kill between two requests, answers 503 without service, and serves the same request once afterwards", async () => {
    const store = await postgresStore(server().pool(), { schema: schema() });
    const shop = await rig.shop({ store });
    const answers: { status: number; headers: Headers; body: string }[] = [];
    let mend: () => Promise<void> = async () => undefined;
    const { paid } = await rig.customer(shop, {
      sleep: () => mend(),
      fetch: async (request) => {
        const response = await fetch(request);
        const { status, headers } = response;
        const body = await response.text();
        answers.push({ status, headers, body });
        return new Response(body, { status, headers });
      },
    });
    expect((await paid(shop.url)).status).to.equal(200);
    const channel = await paid.channel();
    const spent = async () => (channel ? (await store.get(channel.id))?.spent : undefined);
    const [servedBefore, spentBefore] = [shop.served(), await spent()];

    await server().kill();
    answers.length = 0;
    let servedDown: number | undefined;
    mend = async () => {
      servedDown = shop.served();
      await server().start();
    };
    expect((await paid(shop.url)).status).to.equal(200);

    expect(answers.map(({ status }) => status)).to.deep.equal([503, 200]);
    expect(answers[0]?.headers.get("retry-after")).to.equal("1");
    const problem = parseProblem(answers[0]?.body ?? "");
    expect(problem).to.include({ status: 503, title: "Service Unavailable" });
    expect(problem.detail).to.match(/No service was given; try again with the same idempotency key/);
    expect(servedDown, "while it was down").to.equal(servedBefore);
    expect(shop.served() - servedBefore, "in all").to.equal(1);
    expect((await spent()) ?? 0n).to.equal((spentBefore ?? 0n) + price);

    const { signature } = (channel && (await store.get(channel.id))) ?? {};
    expect(signature).to.match(/^0x[0-9a-f]{130}$/);
    const said = `${inspect(shop.faults, { depth: 9 })}${JSON.stringify(problem)}${server().log()}`;
    expect(said).to.contain("StoreUnavailableError").and.not.contain(signature?.slice(2, 60));
    await store.close();
  });
});
