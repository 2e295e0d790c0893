// What the contracts have to store and everybody to hold after each step, if the model and the library are right.
import { type Address, type Hex, keccak256, numberToHex } from "viem";
import { quadratic } from "../../../src/protocol/index.ts";
import { cast } from "../cast.ts";
import { standingList } from "../lines.ts";
import { sum } from "../matching.ts";
import type { RoundModel } from "../round.ts";
import type { Line, Listed } from "../types.ts";
import { type LibraryCount, libraryKey } from "./libraryCount.ts";
import { type Contract, fortune, keyIdOf, type Round, type Stage } from "./stage.ts";

/** A word of a view's answer, and what it is. */
export type Word = { name: string; value: bigint };

/** A view, and what it has to answer. */
export type View = { to: Address; data: Hex; words: Word[] };

/** What follows from the rest is seen before time passes; the rest after every step, its receipts last. */
export type Picture = { often: View[]; once: View[] };

export function pictureOf(stage: Stage, round: Round, model: RoundModel, { tally }: LibraryCount): Picture {
  const often: View[] = [];
  const once: View[] = [];
  const { address, token, escrow, payout } = stage;
  const at =
    (to: Address, contract: Contract) =>
    (fn: string, args: readonly unknown[], words: [string, Value][], views = often) => {
      const data = stage.encodeOnce(contract, fn, args);
      views.push({ to, data, words: words.map(([name, value]) => ({ name, value: BigInt(value) })) });
    };
  const pool = at(round.pool.address, "DonationPool");
  const bank = at(escrow.address, "PaymentChannels");
  const coin = at(token, "RouteDenyToken");
  const holds = (name: string, holder: Address, amount: bigint) =>
    coin("balanceOf", [holder], [[`${name}'s tokens`, amount]]);

  pool("status", [], [["status", ["running", "refunding", "settled"].indexOf(model.state)]]);
  pool("pot", [], [["pot", model.pot]]);
  const lambda = lambdaOf(model);
  pool(
    "settlement",
    [],
    [
      ["lambda's numerator", lambda.numerator],
      ["lambda's denominator", lambda.denominator],
      ["unused", model.result?.unused ?? 0n],
    ],
  );
  pool(
    "projects",
    [],
    asArray(
      "projects",
      [...model.projects.keys()].map((id) => ["a project", id]),
    ),
    once,
  );
  const accepted = sum([...model.registry].map(([id, takes]) => (takes ? 1n << BigInt(id) : 0n)));
  at(stage.registry, "ProjectRegistry")("acceptedBits", [0n], [["accepted projects", accepted]]);

  for (const id of cast.projects) {
    const project = model.projects.get(id);
    const { rootSum, subsidy, donors } = tally.project(BigInt(id));
    pool(
      "getProject",
      [BigInt(id)],
      [
        [`project ${id}: gifts`, project?.given ?? 0n],
        [`project ${id}: paid`, project?.paid ?? 0n],
        [`project ${id}: S`, rootSum],
        [`project ${id}: R`, subsidy],
        [`project ${id}: donors`, donors],
        [`project ${id}: admitted`, project !== undefined],
        [`project ${id}: disqualified`, project?.disqualified ?? false],
      ],
    );
    pool("matchOf", [BigInt(id)], [[`project ${id}: match`, model.result?.matches.get(id) ?? 0n]], once);
    holds(`project ${id}`, payout(id), project?.paid ?? 0n);
    for (const key of cast.keys) {
      const { weighted, root } = tally.entry(BigInt(id), libraryKey(key));
      const keyId = numberToHex(keyIdOf(key), { size: 30 });
      const name = `${key} for project ${id}`;
      pool(
        "voiceOf",
        [keyId, BigInt(id)],
        [
          [`${name}: w`, weighted],
          [`${name}: s`, root],
        ],
        once,
      );
    }
  }

  const channels = cast.channels.map((id) => model.lines.get(id));
  const states = channels.flatMap((line, index): [string, Value][] => {
    const requested = line?.closeRequestedAt === undefined ? 0 : stage.epoch + line.closeRequestedAt;
    return [
      [`${cast.channels[index]}: deposit`, line?.deposit ?? 0n],
      [`${cast.channels[index]}: settled`, line?.received ?? 0n],
      [`${cast.channels[index]}: close requested`, requested],
      [`${cast.channels[index]}: closed`, line?.closed ?? false],
    ];
  });
  bank("getChannels", [cast.channels.map(round.id)], asArray("channels", states, 4));
  for (const id of [...cast.channels, ...cast.donations]) {
    pool("giftsHash", [round.id(id)], [[`${id}: list`, hashOf(model.lines.get(id))]]);
  }

  for (const donor of cast.donors) {
    const standing = model.frozen.get(donor);
    pool(
      "standingOf",
      [address(donor)],
      [
        [`${donor}: key`, standing ? keyIdOf(standing.key) << 16n : 0n],
        [`${donor}: weight`, standing?.weightBps ?? 0],
      ],
    );
    const lines = [...model.lines.values()].filter((line) => line.donor === donor);
    holds(donor, address(donor), fortune - sum(lines.map(spentOn)));
  }
  const locked = sum(channels.map((line) => (line && !line.closed ? line.deposit - line.received : 0n)));
  holds("the pool", round.pool.address, model.balance);
  holds("the escrow", escrow.address, locked + model.credit);
  bank("credit", [token, round.pool.address], [["the pool's credit", model.credit]]);

  const receipts = model.receipts.map((receipt, index) => ({ ...receipt, index }));
  for (const sponsor of cast.sponsors) {
    const own = receipts.filter((receipt) => receipt.sponsor === sponsor);
    const back = own.filter(({ refunded }) => refunded).map(({ index }) => model.shareOf(index));
    holds(sponsor, address(sponsor), fortune - sum(own.map(({ deposit }) => deposit)) + sum(back));
  }
  pool("receiptCount", [], [["receipts", receipts.length]]);
  let prefix = 0n;
  for (const { index, sponsor, refunded, deposit } of receipts) {
    pool(
      "getReceipt",
      [BigInt(index)],
      [
        [`receipt ${index}: sponsor`, BigInt(address(sponsor))],
        [`receipt ${index}: refunded`, refunded],
        [`receipt ${index}: prefix`, prefix],
        [`receipt ${index}: deposit`, deposit],
      ],
    );
    prefix += deposit;
  }
  return { often, once };
}

type Value = bigint | number | boolean;

/** The words of an array, alone in an answer. @param each Words of one element. */
function asArray(name: string, words: [string, Value][], each = 1): [string, Value][] {
  return [[`${name}: offset`, 32], [`${name}: number`, words.length / each], ...words];
}

/** What a line took from its donor and did not give back. */
function spentOn({ deposit, received, closed, refunded }: Line): bigint {
  return (closed ? received : deposit) - refunded;
}

/** The library's lambda. */
function lambdaOf(model: RoundModel): quadratic.Lambda {
  if (!model.result) return { numerator: 0n, denominator: 0n };
  const { cappedCount, cappedSubsidy } = model.result;
  const total = sum(model.subsidies().values());
  return quadratic.lambdaOf(total, { pot: model.pot, cap: model.terms.cap }, { cappedCount, cappedSubsidy });
}

/** Hash of the list that stands, as anyone computes it from an event: its words in a row. */
function hashOf(line: Line | undefined): bigint {
  const listed: readonly Listed[] = line ? standingList(line) : [];
  if (listed.length === 0) return 0n;
  return BigInt(keccak256(`0x${listed.map(({ project, amount }) => hex(BigInt(project)) + hex(amount)).join("")}`));
}

/** A word as 64 digits. */
export function hex(value: bigint): string {
  return value.toString(16).padStart(64, "0");
}
