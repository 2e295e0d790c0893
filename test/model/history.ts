// Histories of a round: the same commands are put to the model and to the contracts, and the answers compared.
import { quadratic } from "../../src/protocol/index.ts";
import { standingList } from "./lines.ts";
import type { RoundModel } from "./round.ts";
import { type Item, type Listed, type Papers, type Reason, Refused } from "./types.ts";

/** The donor's newest allocation, one that forgets what was refunded, or nothing: `gifts` are then the whole allocation. */
export type Onto = "newest" | "forgetful" | "nothing";

/** An item of `collect` before it is known what its gifts are added to; see {@link itemOf}. */
export type Offer = { line: string; gifts: Listed[]; onto: Onto; data: string | undefined } & Papers;

export type Command =
  | { verb: "wait"; seconds: number }
  | { verb: "block"; blocked: boolean }
  | { verb: "openChannel"; line: string; deposit: bigint }
  | { verb: "settleChannel"; line: string; amount: bigint }
  | { verb: "requestClose" | "withdrawChannel" | "closeChannel"; line: string }
  | { verb: "admit" | "suspend" | "reinstate" | "disqualify" | "claim"; project: number }
  | ({ verb: "collect" } & Offer)
  /** Offers of different channels. */
  | { verb: "collectBatch"; offers: Offer[] }
  | { verb: "collectAndClose"; offer: Offer; request: "signed" | "pending" }
  | { verb: "donate"; line: string; gifts: Listed[]; data: string | undefined }
  | { verb: "sponsor"; sponsor: string; deposit: bigint }
  | { verb: "cancel" | "switchToRefunds" }
  /** `rightPair` false asks with one project too many. */
  | { verb: "settleRound"; rightPair: boolean }
  | { verb: "refund"; line: string; caller: string }
  | { verb: "refundSponsor"; index: number };

/**
 * What came of a command: what it returned (0 where it returns nothing), or why it was refused. `passed` of a batch: why
 * each item that it passed over was.
 */
export type Outcome = { returned: bigint; passed?: Reason[] } | { refused: Reason };

/** Puts a command to the model. */
export function run(round: RoundModel, command: Command): Outcome {
  try {
    if (command.verb === "collectBatch") {
      const results = round.collectBatch(command.offers.map((offer) => itemOf(round, offer)));
      const passed = results.filter((reason) => reason !== undefined);
      return { returned: BigInt(results.length - passed.length), passed };
    }
    return { returned: dispatch(round, command) ?? 0n };
  } catch (error) {
    if (error instanceof Refused) return { refused: error.reason };
    throw error;
  }
}

/** What an offer lists, by rising project, and the papers that come with it. */
export function itemOf(round: RoundModel, { onto, ...offer }: Offer): Item {
  const line = round.lines.get(offer.line);
  if (onto === "nothing" || !line) return offer;
  const standing = standingList(line).filter(({ project }) => project !== 0 || onto === "newest");
  const listed = new Map(standing.map(({ project, amount }) => [project, amount]));
  for (const { project, amount } of offer.gifts) listed.set(project, (listed.get(project) ?? 0n) + amount);
  const gifts = [...listed].map(([project, amount]) => ({ project, amount })).sort((a, b) => a.project - b.project);
  return { ...offer, gifts };
}

/** What `settleRound` is to be called with: the library's answer, which the model and the contract have to agree with. */
export function pairOf(round: RoundModel, rightPair: boolean): quadratic.CappedPair {
  const subsidies = new Map([...round.subsidies()].map(([project, subsidy]) => [BigInt(project), subsidy]));
  const { cappedCount, cappedSubsidy } = quadratic.findCapped(subsidies, { pot: round.pot, cap: round.terms.cap });
  return { cappedCount: cappedCount + (rightPair ? 0 : 1), cappedSubsidy };
}

/** A line's donor is its name's first part. */
export function donorOf(line: string): string {
  return line.split(" ")[0] as string;
}

function dispatch(round: RoundModel, command: Exclude<Command, { verb: "collectBatch" }>): bigint | undefined {
  switch (command.verb) {
    case "wait":
      round.now += command.seconds;
      return undefined;
    case "block":
      round.blocked = command.blocked;
      return undefined;
    case "openChannel":
      return void round.openChannel(command.line, donorOf(command.line), command.deposit);
    case "settleChannel":
      return void round.settleChannel(command.line, command.amount);
    case "collect": {
      const { line, gifts, data, ...papers } = itemOf(round, command);
      return void round.collect(line, gifts, data, papers);
    }
    case "collectAndClose":
      return void round.collectAndClose(itemOf(round, command.offer), command.request);
    case "donate":
      return void round.donate(command.line, donorOf(command.line), command.gifts, command.data);
    case "sponsor":
      return round.sponsor(command.sponsor, command.deposit);
    case "settleRound": {
      const { cappedCount, cappedSubsidy } = pairOf(round, command.rightPair);
      return void round.settleRound(cappedCount, cappedSubsidy);
    }
    case "refund":
      return round.refund(command.line, command.caller, donorOf(command.line));
    case "refundSponsor":
      return round.refundSponsor(command.index);
    case "claim":
      return round.claim(command.project);
    case "requestClose":
    case "withdrawChannel":
    case "closeChannel":
      return void round[command.verb](command.line);
    case "admit":
    case "suspend":
    case "reinstate":
    case "disqualify":
      return void round[command.verb](command.project);
    case "cancel":
    case "switchToRefunds":
      return void round[command.verb]();
  }
}

/** A command as a person would write it down. */
export function describeCommand(command: Command): string {
  return JSON.stringify(command, (_, value) => (typeof value === "bigint" ? `${value}` : value)).replaceAll('"', "");
}
