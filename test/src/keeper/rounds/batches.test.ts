import { readFileSync } from "node:fs";
import { expect } from "chai";
import type { Hex } from "viem";
import { type CollectItem, collectBatchGas, encodeCollectBatch } from "../../../../src/chain/index.ts";
import { claimFee } from "../../../../src/keeper/index.ts";
import { limitsOf, planCollects } from "../../../../src/keeper/rounds/batches.ts";
import { bytesOf, collectEnv, collectGas } from "../../../../src/keeper/rounds/gas.ts";
import type { Gift } from "../../../../src/protocol/index.ts";

const address = `0x${"10".repeat(20)}` as const;
const signature: Hex = `0x${"5a".repeat(64)}1b`;
const list = (count: number, amount = 1n): Gift[] =>
  Array.from({ length: count }, (_, index) => ({ projectId: BigInt(index) + 1n, cumulativeAmount: amount }));

function collecting(count: number, fields: Partial<CollectItem> = {}) {
  const channel = { payer: address, payee: address, token: address, salt: signature.slice(0, 66) as Hex };
  const item: CollectItem = {
    channel: { ...channel, authorizedSigner: address },
    ...{ voucherSignature: signature, previousGifts: [], gifts: list(count), gateData: "0x" },
    ...{ allocationSignature: signature, ...fields },
  };
  return { channel: { count } as never, item };
}

const counts = (batches: ReturnType<typeof planCollects>) =>
  batches.map((batch) => batch.map(({ item }) => item.gifts.length));

describe("batches of a round", () => {
  it("name at most half a block's gas, and never more than a transaction may", () => {
    expect(limitsOf({ gasLimit: 30_000_000n }).gas).equal(15_000_000n);
    expect(limitsOf({ gasLimit: 400_000_000n }).gas).equal(16_777_216n);
  });

  it("hold as many as the gas that they name allows, in the order given", () => {
    const items = Array.from({ length: 100 }, () => collecting(1));
    const batches = planCollects(items, limitsOf({ gasLimit: 60_000_000n }));
    expect(batches.flat()).deep.equal(items);
    for (const batch of batches) expect(collectBatchGas(batch.map(({ item }) => item)) <= 16_777_216n).equal(true);
    expect(batches.map((batch) => batch.length)).deep.equal([34, 34, 32]);
  });

  it("hold as many as calldata allows, whatever gas there is", () => {
    const gateData: Hex = `0x${"7a".repeat(2_048)}`;
    const items = Array.from({ length: 100 }, () => collecting(1, { gateData }));
    const batches = planCollects(items, { gas: 10n ** 12n, bytes: 120_000 });
    for (const batch of batches) {
      const { data } = encodeCollectBatch({ address, items: batch.map(({ item }) => item) });
      expect((data.length - 2) / 2).at.most(120_000);
    }
    expect(batches[0]?.length).above(40);
    expect(batches.flat().length).equal(100);
  });

  it("count the bytes of an item as the call has them", () => {
    for (const { item } of [collecting(1), collecting(7, { gateData: "0x1234", previousGifts: list(3) })]) {
      const size = (count: number) =>
        encodeCollectBatch({ address, items: Array.from({ length: count }, () => item) }).data.length / 2;
      expect(bytesOf(item)).at.least(size(2) - size(1));
      expect(bytesOf(item)).at.most(size(2) - size(1) + 32);
    }
  });

  it("keep long lists from making short ones dear", () => {
    const items = [collecting(1), collecting(64), collecting(2), collecting(1), collecting(3), collecting(4)];
    const batches = planCollects(items, limitsOf({ gasLimit: 60_000_000n }));
    expect(counts(batches)).deep.equal([[1, 1], [64], [2], [3, 4]]);
  });

  it("leave an item that is too large for any batch alone", () => {
    expect(counts(planCollects([collecting(64), collecting(64)], { gas: 100n, bytes: 100 }))).deep.equal([[64], [64]]);
  });
});

describe("what collecting costs", () => {
  const file = new URL("../../../snapshots/gas.json", import.meta.url);
  const snapshot = JSON.parse(readFileSync(file, "utf8")) as Record<string, number>;
  const alone = (item: CollectItem) =>
    claimFee({ ...collectEnv(env, item), gasPrice: 1n, l1Fee: { source: "none", base: 0n, row: 0n } });
  const env = {
    ...{ timestamp: 0n, grace: 0n, gasPrice: 1n, prices: new Map(), batch: 1 },
    l1Fee: { source: "oracle" as const, base: 10n, row: 1n },
  };

  it("is what the gas snapshot says and up to a sixth more", () => {
    const cases: [string, CollectItem][] = [
      ["collect_1_first", collecting(1).item],
      ["collect_1_again", collecting(1, { previousGifts: list(1), gifts: list(1, 2n) }).item],
      ["collect_5_first", collecting(5).item],
      ["collect_5_again", collecting(5, { previousGifts: list(5), gifts: list(5, 2n) }).item],
    ];
    for (const [row, item] of cases) {
      const measured = snapshot[row] ?? 0;
      expect(Number(alone(item)), row)
        .at.least(measured)
        .and.at.most((measured * 7) / 6);
    }
  });

  it("counts the gifts that it raises alone", () => {
    const five = collecting(5, {
      previousGifts: list(5),
      gifts: [{ projectId: 1n, cumulativeAmount: 9n }, ...list(5).slice(1)],
    });
    const one = collecting(1, { previousGifts: list(1), gifts: list(1, 9n) });
    expect(collectGas(five.item)).equal(collectGas(one.item));
  });

  it("counts the L1 data fee by the bytes that it brings", () => {
    const short = collectEnv(env, collecting(1).item).l1Fee.row;
    const long = collectEnv(env, collecting(1, { gateData: `0x${"7a".repeat(1_920)}` }).item).l1Fee.row;
    expect(long - short).equal(10n);
  });
});
