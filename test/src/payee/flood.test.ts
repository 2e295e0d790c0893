import { expect } from "chai";
import type { Hex } from "viem";
import { burst, createFailures, perSecond } from "../../../src/payee/failures.ts";
import { signVoucher } from "../../../src/protocol/voucher.ts";
import { codeOf, escrow, type Fixture, fixture, newAccount } from "./fixture.ts";

describe("payee under a flood", () => {
  let f: Fixture;
  beforeEach(async () => {
    f = await fixture();
  });

  it("given a thousand forgeries for one channel, verifies a burst of them, and every voucher of the others", async () => {
    const victim = await f.open();
    const others = await Promise.all(Array.from({ length: 10 }, () => f.open()));
    const forged = await signVoucher(newAccount(), { channelId: victim.id, cumulativeAmount: 5n }, escrow);
    const good = await Promise.all(others.map(({ voucher }) => voucher(5n)));
    f.verifier.calls = 0;
    const codes = new Map<string, number>();
    for (let index = 0; index < 1_000; index++) {
      const code = codeOf(await f.payee.accept(forged));
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect(Object.fromEntries(codes)).to.deep.equal({ "signer-mismatch": burst, unavailable: 1_000 - burst });
    expect(f.verifier.calls).to.equal(burst);
    const answers = await Promise.all(good.map((voucher) => f.payee.accept(voucher)));
    expect(answers.map(codeOf)).to.deep.equal(good.map(() => "ok"));
    expect(f.verifier.calls).to.equal(burst + good.length);
  });

  it("given the flood has passed, the channel pays again within a second's share", async () => {
    const { id, voucher } = await f.open();
    const forged = await signVoucher(newAccount(), { channelId: id, cumulativeAmount: 5n }, escrow);
    for (let index = 0; index < 100; index++) await f.payee.accept(forged);
    expect(codeOf(await f.payee.accept(await voucher(5n)))).to.equal("unavailable");
    f.clock.now += 1_000 / perSecond;
    expect(codeOf(await f.payee.accept(await voucher(5n)))).to.equal("ok");
  });

  it("given forged close requests and forged offers of ticks, counts them alike", async () => {
    const { id } = await f.open();
    const { signature } = await signVoucher(newAccount(), { channelId: id, cumulativeAmount: 5n }, escrow);
    const link = `0x${"12".repeat(32)}` as Hex;
    const offer = { cumulativeAmount: 0n, tickValue: 1n, signature };
    for (let index = 0; index < burst / 2; index++) {
      expect(codeOf(await f.payee.requestClose(id, signature))).to.equal("signer-mismatch");
      const tick = { channelId: id, tickRoot: link, ticks: 1, link, offer };
      expect(codeOf(await f.payee.acceptTick(tick))).to.equal("signer-mismatch");
    }
    f.verifier.calls = 0;
    expect(codeOf(await f.payee.requestClose(id, signature))).to.equal("unavailable");
    expect(f.verifier.calls).to.equal(0);
  });

  it("given messages that are cheap to refuse, verifies none of them", async () => {
    const { id } = await f.open();
    const { signature } = await signVoucher(newAccount(), { channelId: id, cumulativeAmount: 5n }, escrow);
    f.verifier.calls = 0;
    for (let index = 0; index < 200; index++) {
      await f.payee.accept({ channelId: `0x${"ab".repeat(32)}`, cumulativeAmount: 5n, signature });
      await f.payee.accept({ channelId: id, cumulativeAmount: 2n ** 104n, signature });
      await f.payee.accept({ channelId: id, cumulativeAmount: 5n, signature: `${signature}00` });
      await f.payee.accept({ channelId: id, cumulativeAmount: 5n, signature: `0x${"00".repeat(65)}` });
    }
    expect(f.verifier.calls).to.equal(0);
  });

  it("given more calls at once than it may remember, refuses those beyond at once and does the others", async () => {
    const small = await fixture({ terms: { maxInFlight: 4 } });
    const { voucher } = await small.open();
    const vouchers = await Promise.all([1n, 2n, 3n, 4n, 5n, 6n].map((amount) => voucher(amount)));
    const answers = await Promise.all(vouchers.map((each) => small.payee.accept(each)));
    expect(answers.map(codeOf)).to.deep.equal(["ok", "ok", "ok", "ok", "unavailable", "unavailable"]);
    expect(codeOf(await small.payee.accept(vouchers[5] as never))).to.equal("ok");
  });

  it("given a clock that goes back, forgives nothing by it", () => {
    let now = 10_000;
    const failures = createFailures(() => now);
    for (let index = 0; index < burst; index++) failures.count("0xaa");
    now = 0;
    expect(failures.allows("0xaa")).to.equal(false);
    now = 10_000 + 1_000 / perSecond;
    expect(failures.allows("0xaa")).to.equal(true);
  });
});
