// Random histories of a round: the same commands can be put to the model and to the contract, and the answers compared.
import fc from "fast-check";
import type { RoundModel } from "./round.ts";
import { type Listed, type Reason, Refused } from "./types.ts";

/** The donor's newest allocation, one that forgets what was refunded, or nothing: `gifts` are then the whole allocation. */
export type Onto = "newest" | "forgetful" | "nothing";

export type Command =
  | { verb: "wait"; seconds: number }
  | { verb: "block"; blocked: boolean }
  | { verb: "openChannel"; line: string; donor: string; deposit: bigint }
  | { verb: "settleChannel"; line: string; amount: bigint }
  | { verb: "closeChannel"; line: string }
  | { verb: "admit" | "suspend" | "disqualify" | "claim"; project: number }
  /** What `gifts` are added to; see {@link allocation}. */
  | { verb: "collect"; line: string; gifts: Listed[]; onto: Onto; data: string | undefined }
  | { verb: "donate"; line: string; donor: string; gifts: Listed[]; data: string | undefined }
  | { verb: "sponsor"; sponsor: string; deposit: bigint }
  | { verb: "cancel" | "switchToRefunds" }
  /** `rightPair` false asks with one project too many. */
  | { verb: "settleRound"; rightPair: boolean }
  | { verb: "refund"; line: string; caller: string }
  | { verb: "refundSponsor"; index: number };

/** What came of a command: what it paid, base units (0 where it pays nothing), or why it was refused. */
export type Outcome = { paid: bigint } | { refused: Reason };

/** Puts a command to the model. `findPair` answers what `settleRound` is to be called with. */
export function run(
  round: RoundModel,
  command: Command,
  findPair: (round: RoundModel) => { cappedCount: number; cappedSubsidy: bigint },
): Outcome {
  try {
    return { paid: dispatch(round, command, findPair) ?? 0n };
  } catch (error) {
    if (error instanceof Refused) return { refused: error.reason };
    throw error;
  }
}

/** The gifts that a `collect` lists, by rising project: what a harness has to sign. */
export function allocation(round: RoundModel, command: Extract<Command, { verb: "collect" }>): Listed[] {
  const line = round.lines.get(command.line);
  if (command.onto === "nothing" || !line) return command.gifts;
  const listed = new Map(line.gifts);
  if (line.refunded > 0n && command.onto === "newest") listed.set(0, line.refunded);
  for (const { project, amount } of command.gifts) listed.set(project, (listed.get(project) ?? 0n) + amount);
  return [...listed].map(([project, amount]) => ({ project, amount })).sort((a, b) => a.project - b.project);
}

function dispatch(round: RoundModel, command: Command, findPair: Parameters<typeof run>[2]): bigint | undefined {
  switch (command.verb) {
    case "wait":
      round.now += command.seconds;
      return undefined;
    case "block":
      round.blocked = command.blocked;
      return undefined;
    case "openChannel":
      return void round.openChannel(command.line, command.donor, command.deposit);
    case "settleChannel":
      return void round.settleChannel(command.line, command.amount);
    case "closeChannel":
      return void round.closeChannel(command.line);
    case "collect":
      return void round.collect(command.line, allocation(round, command), command.data);
    case "donate":
      return void round.donate(command.line, command.donor, command.gifts, command.data);
    case "sponsor":
      return void round.sponsor(command.sponsor, command.deposit);
    case "settleRound": {
      const { cappedCount, cappedSubsidy } = findPair(round);
      return void round.settleRound(cappedCount + (command.rightPair ? 0 : 1), cappedSubsidy);
    }
    case "refund":
      return round.refund(command.line, command.caller);
    case "refundSponsor":
      return round.refundSponsor(command.index);
    case "claim":
      return round.claim(command.project);
    case "admit":
    case "suspend":
    case "disqualify":
      return void round[command.verb](command.project);
    case "cancel":
    case "switchToRefunds":
      return void round[command.verb]();
  }
}

const donors = ["ann", "ben", "cid", "dot"];
const channels = ["c0", "c1", "c2"];
const donations = ["d0", "d1", "d2", "d3", "d4", "d5"];
const sponsors = ["sam", "sue"];

const project = fc.integer({ min: 1, max: 5 });
const amount = fc.oneof(fc.bigInt({ min: 1n, max: 20n }), fc.bigInt({ min: 1n, max: 1_000_000n }));
const data = fc.option(fc.constantFrom("proof", "worse"), { nil: undefined });

/** Gifts as an allocation lists them, now and then to project 0, where refunds are listed. */
const gifts = fc
  .uniqueArray(fc.record({ project: fc.oneof({ weight: 9, arbitrary: project }, fc.constant(0)), amount }), {
    minLength: 1,
    maxLength: 4,
    selector: (gift) => gift.project,
  })
  .map((listed) => listed.sort((a, b) => a.project - b.project));

const onto = fc.constantFrom<Onto[]>("newest", "newest", "newest", "forgetful", "nothing");
const line = fc.constantFrom(...channels);
const donor = fc.constantFrom(...donors);

/** One step of a history. @param wait Most seconds that one step lets pass. */
export function commands(wait: number): fc.Arbitrary<Command> {
  const seconds = fc.oneof(fc.nat({ max: wait }), fc.constant(wait));
  const weighted: [weight: number, arbitrary: fc.Arbitrary<Command>][] = [
    [26, fc.record({ verb: fc.constant("collect" as const), line, gifts, data, onto })],
    [10, fc.record({ verb: fc.constant("donate" as const), line: fc.constantFrom(...donations), donor, gifts, data })],
    [10, fc.record({ verb: fc.constant("wait" as const), seconds })],
    [
      10,
      fc.record({
        verb: fc.constant("refund" as const),
        line: fc.constantFrom(...channels, ...donations),
        caller: donor,
      }),
    ],
    [5, fc.record({ verb: fc.constant("settleRound" as const), rightPair: fc.constantFrom(true, true, false) })],
    [5, fc.record({ verb: fc.constant("claim" as const), project })],
    [
      4,
      fc.record({ verb: fc.constant("openChannel" as const), line, donor, deposit: amount.map((each) => each * 9n) }),
    ],
    [4, fc.record({ verb: fc.constant("admit" as const), project })],
    [4, fc.record({ verb: fc.constant("sponsor" as const), sponsor: fc.constantFrom(...sponsors), deposit: amount })],
    [4, fc.record({ verb: fc.constant("refundSponsor" as const), index: fc.nat({ max: 3 }) })],
    [3, fc.record({ verb: fc.constant("settleChannel" as const), line, amount })],
    [3, fc.record({ verb: fc.constant("suspend" as const), project })],
    [2, fc.record({ verb: fc.constant("disqualify" as const), project })],
    [1, fc.record({ verb: fc.constant("closeChannel" as const), line })],
    [1, fc.record({ verb: fc.constant("block" as const), blocked: fc.constant(true) })],
    [3, fc.record({ verb: fc.constant("block" as const), blocked: fc.constant(false) })],
    [
      1,
      fc.record({
        verb: fc.constantFrom<("cancel" | "switchToRefunds")[]>(
          "switchToRefunds",
          "switchToRefunds",
          "switchToRefunds",
          "cancel",
        ),
      }),
    ],
  ];
  return fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary })));
}
