import { expect } from "chai";
import { type Address, type Hex, numberToHex, pad } from "viem";
import { reconcile, type TokenFlow, transferTopic } from "../../../src/audit/flows.ts";
import type { Movement, RawLog } from "../../../src/audit/index.ts";

const escrow: Address = `0x${"ee".repeat(20)}`;
const token: Address = `0x${"70".repeat(20)}`;
const ann: Address = `0x${"a1".repeat(20)}`;
const shop: Address = `0x${"b2".repeat(20)}`;
const [first, second]: Hex[] = [`0x${"01".repeat(32)}`, `0x${"02".repeat(32)}`];

const claim = (kind: Movement["kind"], account: Address, amount: bigint, transactionHash = first as Hex): Movement => ({
  kind,
  token,
  account,
  amount,
  at: { blockNumber: 1n, logIndex: 0, transactionHash },
});

const transfer = (from: Address, to: Address, amount: bigint, transactionHash = first as Hex): RawLog => ({
  address: token,
  topics: [transferTopic, pad(from), pad(to)],
  data: numberToHex(amount, { size: 32 }),
  blockNumber: "0x1",
  blockHash: pad("0x1"),
  transactionHash,
  logIndex: "0x0",
});

function flowOf(movements: Movement[], transfers: RawLog[]): TokenFlow {
  const flows = new Map<Address, TokenFlow>();
  reconcile(flows, movements, transfers, escrow);
  return flows.get(token) as TokenFlow;
}

const deposited = [claim("deposit", ann, 100n), transfer(ann, escrow, 100n)] as const;

describe("reconcile", () => {
  const codes = (flow: TokenFlow) => flow.facts.map(({ code, account }) => [code, account]);

  it("given a payout that went to somebody else, when compared, it should accuse both receivers", () => {
    const claims = [deposited[0], claim("payment", shop, 30n), claim("refund", ann, 70n)];
    const swapped = [deposited[1], transfer(escrow, shop, 70n), transfer(escrow, ann, 30n)];
    expect(codes(flowOf(claims, swapped))).to.deep.equal([
      ["payout-mismatch", shop],
      ["payout-mismatch", ann],
    ]);
  });

  it("given a payout made in another transaction, when compared, it should accuse both", () => {
    const flow = flowOf(
      [deposited[0], claim("payment", shop, 30n)],
      [deposited[1], transfer(escrow, shop, 30n, second)],
    );
    expect(flow.facts.map(({ transactionHash, actual }) => [transactionHash, actual])).to.deep.equal([
      [first, 0n],
      [second, 30n],
    ]);
  });

  it("given a payout that became a credit, when compared, it should expect no transfer until it is withdrawn", () => {
    const kept = [
      claim("payment", shop, 30n),
      claim("credit", shop, -30n),
      claim("credit-withdrawal", ann, 30n, second),
    ];
    const flow = flowOf([deposited[0], ...kept], [deposited[1], transfer(escrow, ann, 30n, second)]);
    expect(flow.facts).to.deep.equal([]);
    expect(flow).to.deep.include({ received: 100n, sent: 30n, donated: 0n });
  });

  it("given a deposit that came short, when compared, it should say how much arrived", () => {
    const { facts } = flowOf([claim("deposit", ann, 100n)], [transfer(ann, escrow, 99n)]);
    expect(facts).to.have.length(1);
    expect(facts[0]).to.deep.include({ code: "deposit-not-received", expected: 100n, actual: 99n });
  });

  it("given more than was promised, when compared, it should count the rest as donated", () => {
    const flow = flowOf([claim("deposit", ann, 100n)], [transfer(ann, escrow, 100n), transfer(shop, escrow, 7n)]);
    expect([flow.facts, flow.donated]).to.deep.equal([[], 7n]);
  });

  it("given transfers of nothing and of the escrow to itself, when compared, it should ignore them", () => {
    const noise = [transfer(escrow, shop, 0n), transfer(escrow, escrow, 5n)];
    expect(flowOf([deposited[0]], [deposited[1], ...noise])).to.deep.include({ facts: [], received: 100n, sent: 0n });
  });

  it("given a thousand broken payouts, when compared, it should keep a hundred and count all", () => {
    const many = Array.from({ length: 1_000 }, (_, index) =>
      transfer(escrow, numberToHex(index + 1, { size: 20 }), 1n),
    );
    const flow = flowOf([], many);
    expect([flow.facts.length, flow.broken]).to.deep.equal([100, 1_000]);
  });
});
