import { Writable } from "node:stream";
import { inspect } from "node:util";
import { expect } from "chai";
import { pino } from "pino";
import type { Hex } from "viem";
import { signVoucher } from "../../../src/protocol/voucher.ts";
import { escrow, fixture, newAccount } from "./fixture.ts";

describe("what a payee says", () => {
  it("given every verb with good, forged and failing input, leaves no signature, link or key in what it says and what is logged of it", async () => {
    let log = "";
    const sink = new Writable({
      write(chunk, _encoding, done) {
        log += chunk;
        done();
      },
    });
    const logger = pino({ level: "trace" }, sink);
    const f = await fixture({ payee: { onFault: (fault, verb) => logger.error({ err: fault, verb }, "fault") } });
    const { id, channel, voucher } = await f.open();
    const good = await voucher(50n);
    const forged = await signVoucher(newAccount(), { channelId: id, cumulativeAmount: 60n }, escrow);
    const link = `0x${"5e".repeat(32)}` as Hex;
    const offer = { cumulativeAmount: 50n, tickValue: 1n, signature: forged.signature };
    const ask = async () => {
      for (const each of [
        good,
        forged,
        { ...good, cumulativeAmount: 55n },
        { ...good, signature: `${good.signature}00` as Hex },
      ]) {
        for (const work of [
          () => f.payee.accept(each, { charge: { amount: 1n } }),
          () => f.payee.heal(channel, each),
          () => f.payee.requestClose(id, each.signature),
          () => f.payee.acceptTick({ channelId: id, tickRoot: link, ticks: 1, link, offer }),
          () => f.payee.reserve(id, 1n, { idempotencyKey: "r" }),
        ]) {
          const answer = await work();
          // The record is the payee's own book and holds the proof; refusals go to strangers.
          if (!answer.ok) logger.info(answer, answer.detail);
        }
      }
    };
    await ask();
    const { update, get } = f.store;
    f.store.update = () => Promise.reject(new Error("disk full"));
    await ask();
    f.store.update = update;
    f.store.get = () => Promise.reject(new Error("disk gone"));
    await ask();
    f.store.get = get;
    f.chain.isDown = true;
    f.clock.now += 60_000;
    await ask();
    expect(log).to.match(/disk full/);
    expect(log).to.match(/signer-mismatch/);
    const said = log + inspect(f.faults, { depth: 8 });
    for (const secret of [good.signature, forged.signature, link]) {
      expect(said.toLowerCase()).not.to.contain(secret.slice(2, 66).toLowerCase());
    }
  });
});
