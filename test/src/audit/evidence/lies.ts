import type { FactCode, PublishedTotals } from "../../../../src/audit/index.ts";
import { canonicalChannel, type Evidence, formatEvidence } from "../../../../src/protocol/index.ts";
import { gifts } from "../../../support/roundStage.ts";
import { type EvidenceWorld, line, totalsOf } from "./world.ts";

export type Told = { lines: readonly Evidence[]; text?: readonly string[]; totals: PublishedTotals };

type LieAboutEvidence = [condition: string, code: FactCode, lie: (world: EvidenceWorld) => Promise<Told> | Told];

/** Changes Ben's line, and publishes what the changed export adds up to. */
const ofBen =
  (change: (own: Evidence, world: EvidenceWorld) => Evidence | Promise<Evidence>) => async (world: EvidenceWorld) => {
    const lines = await Promise.all(world.lines.map((own, index) => (index === 1 ? change(own, world) : own)));
    return { lines, totals: totalsOf(lines) };
  };

const withGifts = (own: Evidence, amount: bigint): Evidence => ({
  ...own,
  cumulativeAmount: amount,
  allocation: { ...own.allocation, gifts: gifts([1n, amount]) },
});

const onlyTotals = (change: (totals: PublishedTotals) => PublishedTotals) => (world: EvidenceWorld) => ({
  lines: world.lines,
  totals: change(world.totals),
});

/** Every lie that a collector's export or its published totals can tell, and what must be found first. */
export const evidenceLies: LieAboutEvidence[] = [
  ["one unit more in a gift", "unsigned-voucher", ofBen((own) => withGifts(own, own.cumulativeAmount + 1n))],
  ["one unit less in a gift", "unsigned-voucher", ofBen((own) => withGifts(own, own.cumulativeAmount - 1n))],
  [
    "a gift moved to another project",
    "unsigned-allocation",
    ofBen((own) => ({ ...own, allocation: { ...own.allocation, gifts: gifts([2n, own.cumulativeAmount]) } })),
  ],
  [
    "gate data that the donor did not sign",
    "unsigned-allocation",
    ofBen((own) => ({ ...own, allocation: { ...own.allocation, gateData: "0x" } })),
  ],
  [
    "another's voucher signature",
    "unsigned-voucher",
    ofBen((own, { lines }) => ({ ...own, voucherSignature: lines[0]?.voucherSignature ?? "0x" })),
  ],
  [
    "another's allocation signature",
    "unsigned-allocation",
    ofBen((own, { lines }) => {
      const signature = lines[0]?.allocation.signature ?? "0x";
      return { ...own, allocation: { ...own.allocation, signature } };
    }),
  ],
  [
    "gifts that do not add up to the voucher",
    "invalid-allocation",
    ofBen((own) => ({ ...own, allocation: { ...own.allocation, gifts: gifts([1n, 32n]) } })),
  ],
  [
    "gifts out of order",
    "invalid-allocation",
    ofBen((own) => ({ ...own, allocation: { ...own.allocation, gifts: gifts([2n, 3n], [1n, 30n]) } })),
  ],
  [
    "an allocation that leaves out what was attributed",
    "evidence-diverges",
    ofBen((own, { stage }) => line(stage, own.channel, gifts([2n, 33n]))),
  ],
  [
    "a refund that never was",
    "evidence-diverges",
    ofBen((own, { stage }) => line(stage, own.channel, gifts([0n, 1n], [1n, 33n]))),
  ],
  [
    "more than the channel holds",
    "evidence-above-deposit",
    ofBen((own, { stage }) => line(stage, own.channel, gifts([1n, 1_001n]))),
  ],
  [
    "a channel that was never opened",
    "foreign-evidence",
    ofBen((own, { stage }) =>
      line(stage, canonicalChannel({ ...own.channel, salt: `0x${"99".repeat(32)}` }), gifts([1n, 33n])),
    ),
  ],
  [
    "a channel to another round",
    "foreign-evidence",
    async ({ stage, lines, channels }) => {
      const all = [...lines, await line(stage, channels.elsewhere, gifts([1n, 9n]))];
      return { lines: all, totals: totalsOf(all) };
    },
  ],
  [
    "a channel told twice",
    "repeated-evidence",
    ({ lines }) => ({ lines: [...lines, ...lines.slice(1, 2)], totals: totalsOf([...lines, ...lines.slice(1, 2)]) }),
  ],
  [
    "a line cut short",
    "malformed-evidence",
    ({ lines, totals }) => ({
      lines,
      text: lines.map((own, index) => formatEvidence(own).slice(0, index === 1 ? -9 : undefined)),
      totals,
    }),
  ],
  ["a channel left out", "totals-mismatch", ({ lines, totals }) => ({ lines: lines.slice(1), totals })],
  [
    "one unit more published for a project",
    "totals-mismatch",
    onlyTotals((totals) => {
      const [first, ...rest] = totals.projects;
      return first ? { ...totals, projects: [{ ...first, gifts: first.gifts + 1n }, ...rest] } : totals;
    }),
  ],
  [
    "a unit published for another project",
    "totals-mismatch",
    onlyTotals((totals) => {
      const shift = [1n, -1n, 0n];
      const moved = totals.projects.map((row, index) => ({ ...row, gifts: row.gifts + (shift[index] ?? 0n) }));
      return { ...totals, projects: moved };
    }),
  ],
  [
    "a donor more published",
    "totals-mismatch",
    onlyTotals((totals) => ({
      ...totals,
      projects: totals.projects.map((row) => ({ ...row, donors: row.donors + 1 })),
    })),
  ],
  [
    "a project not published",
    "totals-mismatch",
    onlyTotals((totals) => ({ ...totals, projects: totals.projects.slice(1) })),
  ],
  ["another sum published", "totals-mismatch", onlyTotals((totals) => ({ ...totals, sum: totals.sum - 1n }))],
  [
    "a channel more published",
    "totals-mismatch",
    onlyTotals((totals) => ({ ...totals, channels: totals.channels + 1 })),
  ],
];
