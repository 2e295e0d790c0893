import { expect } from "chai";
import type { Address } from "viem";
import { openRound, WrongPoolError } from "../../../src/collector/round.ts";
import { type LyingNode, lyingTransport } from "../../support/lyingTransport.ts";
import { clientOver, failure } from "../chain/support.ts";
import { type Rig, startRig } from "./rig.ts";

describe("collector's look at its round", () => {
  let rig: Rig;
  let pool: Address;
  let node: LyingNode;
  before(async () => {
    rig = await startRig();
    pool = await rig.newRound();
  });
  after(() => rig.stop());
  beforeEach(() => {
    node = lyingTransport(rig.chain.transport);
  });

  const open = (escrow = rig.chain.escrow) =>
    openRound({ client: clientOver(rig.chain, node.transport), pool, escrow });

  /** Holds what is asked from now on back until the function that it returns is called. */
  function hold(): () => void {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    node.lie = async (_request, honest) => {
      const answer = await honest();
      await held;
      return answer;
    };
    return () => {
      node.lie = undefined;
      release();
    };
  }

  it("never answers by a look that began before it was asked for", async () => {
    const round = await open();
    const release = hold();
    const first = round.atMost(0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const later = (await rig.stage.now()) + 50n;
    await rig.stage.at(later);
    const second = round.atMost(0);
    release();
    expect((await first).time < later).to.equal(true);
    expect((await second).time).to.equal(later);
    expect(round.last().time).to.equal(later);
  });

  it("looks once for however many ask meanwhile", async () => {
    const round = await open();
    const release = hold();
    const first = round.atMost(0);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const rest = Promise.all(Array.from({ length: 100 }, () => round.atMost(0)));
    release();
    await first;
    const facts = await rest;
    expect(new Set(facts).size).to.equal(1);
    const looks = node.asked.filter(({ method, params }) => {
      const [call] = params as [{ data?: string }];
      // The selector of `projects()`, which each look asks for once.
      return method === "eth_call" && call.data === "0x8b79543c";
    });
    expect(looks.length).to.be.at.most(3);
  });

  it("lets no replica that lags turn time back", async () => {
    const round = await open();
    const now = (await rig.stage.now()) + 100n;
    await rig.stage.at(now);
    expect((await round.atMost(0)).time).to.equal(now);
    const behind = (await rig.chain.client.getBlockNumber()) - 1n;
    node.lie = async ({ method, params }, honest) =>
      method === "eth_getBlockByNumber" && params[0] === "latest"
        ? honest({ method, params: [`0x${behind.toString(16)}`, false] })
        : honest();
    expect((await round.atMost(0)).time).to.equal(now);
  });

  it("of another escrow, is refused with a sentence", async () => {
    const escrow = { ...rig.chain.escrow, address: rig.stage.registry };
    expect(await failure(open(escrow))).to.be.instanceOf(WrongPoolError);
  });
});
