// What happens in a history: calls of the escrow, and what tokens, accounts and time do around it.
import { type Batch, closeBatch, previewSettle, settleBatch } from "./batch.ts";
import * as escrow from "./escrow.ts";
import { withdrawCredit } from "./money.ts";
import { tokenOf, transfer } from "./tokens.ts";
import { type Answer, type Channel, type Event, type Name, need, type Paper, type Refusal, Refused } from "./types.ts";
import { balanceOf, type Wallet, type World } from "./world.ts";

/** Calls that anybody may make, so that their callers decide nothing. */
type Anyone =
  | { verb: "openWithAuthorization"; channel: Channel; amount: bigint; by: escrow.Relayed }
  | { verb: "openWithPermit2"; channel: Channel; amount: bigint; by: escrow.Permitted }
  | { verb: "topUpWithAuthorization"; channel: Channel; amount: bigint; salt: number; by: escrow.Relayed }
  | { verb: "topUpWithPermit2"; channel: Channel; amount: bigint; by: escrow.Permitted }
  | { verb: "settle"; channel: Channel; amount: bigint; paper: Paper }
  | { verb: "settleTicks"; channel: Channel; claim: escrow.Ticks; paper: Paper }
  | { verb: "settleBatch" | "previewSettle"; batch: Batch }
  | {
      verb: "closeWithAuthorization";
      channel: Channel;
      amount: bigint;
      paper: Paper;
      deadline: bigint;
      payeePaper: Paper;
    }
  | { verb: "requestCloseWithSignature"; channel: Channel; paper: Paper }
  | { verb: "withdraw"; channel: Channel }
  | { verb: "withdrawCredit"; token: Name; account: Name };

/** Calls in which it matters who calls. */
type Somebody =
  /** `value`: coins that are sent along. */
  | { verb: "open" | "topUp"; channel: Channel; amount: bigint; value: bigint }
  | { verb: "close"; channel: Channel; amount: bigint; paper: Paper }
  | { verb: "closeBatch"; batch: Batch }
  | { verb: "requestClose"; channel: Channel }
  | { verb: "withdrawCreditTo"; token: Name; to: Name };

export type EscrowCall = (Anyone | Somebody) & { caller: Name };

/** What is not the escrow's doing. */
export type Surroundings =
  | { verb: "wait"; seconds: bigint }
  | { verb: "approve"; token: Name; caller: Name; spender: Name; amount: bigint }
  /** Tokens, or coins, for nothing; the escrow has no use for either, and refuses coins. */
  | { verb: "give"; token: Name; caller: Name; amount: bigint }
  /** Charges, pauses, refuses or lies from now on, or, of one that pauses, no longer. */
  | { verb: "mood"; token: Name; moody: boolean }
  | { verb: "deny"; token: Name; account: Name; denied: boolean }
  | { verb: "crave"; account: Name; appetite: Wallet["appetite"] }
  | { verb: "rotate"; account: Name; key: Name | undefined }
  /** Another escrow, of which nothing is asked but whether its constructor takes the grace period. */
  | { verb: "deploy"; gracePeriod: bigint };

export type Command = EscrowCall | Surroundings;

/** What came of a command; a refused one changed nothing. */
export type Outcome = { world: World; answer: Answer; events: Event[]; refusal: Refusal | undefined };

export type Step = { command: Command; before: World; outcome: Outcome };

/** Puts a command to the model. The world that it is given stays as it is. */
export function run(world: World, command: Command): Outcome {
  const next: World = { ...structuredClone(world), events: [] };
  try {
    const answer = carryOut(next, command);
    return { world: { ...next, events: [] }, answer, events: next.events, refusal: undefined };
  } catch (error) {
    if (error instanceof Refused) return { world, answer: undefined, events: [], refusal: error.refusal };
    throw error;
  }
}

function carryOut(world: World, command: Command): Answer {
  switch (command.verb) {
    case "open":
      need(balanceOf(world, "zero", command.caller) >= command.value, "");
      return escrow.open(world, { ...command.channel, payer: command.caller }, command.amount, command.value);
    case "openWithAuthorization":
    case "openWithPermit2":
      return command.verb === "openWithPermit2"
        ? escrow.openWithPermit2(world, command.channel, command.amount, command.by)
        : escrow.openWithAuthorization(world, command.channel, command.amount, command.by);
    case "topUp":
      need(balanceOf(world, "zero", command.caller) >= command.value, "");
      return void escrow.topUp(world, command.caller, command.channel, command.amount, command.value);
    case "topUpWithAuthorization":
      return void escrow.topUpWithAuthorization(world, command.channel, command.amount, command.salt, command.by);
    case "topUpWithPermit2":
      return void escrow.topUpWithPermit2(world, command.channel, command.amount, command.by);
    case "settle":
      return void escrow.settle(world, command.channel, command.amount, command.paper);
    case "settleTicks":
      return void escrow.settleTicks(world, command.channel, command.claim, command.paper);
    case "settleBatch":
      return settleBatch(world, command.batch);
    case "previewSettle":
      return previewSettle(world, command.batch);
    case "close":
      return void escrow.close(world, command.caller, command.channel, command.amount, command.paper);
    case "closeWithAuthorization": {
      const { channel, amount, paper, deadline, payeePaper } = command;
      return void escrow.closeWithAuthorization(world, channel, amount, paper, deadline, payeePaper);
    }
    case "closeBatch":
      return closeBatch(world, command.caller, command.batch);
    case "requestClose":
      return void escrow.requestClose(world, command.caller, command.channel);
    case "requestCloseWithSignature":
      return void escrow.requestCloseWithSignature(world, command.channel, command.paper);
    case "withdraw":
      return void escrow.withdraw(world, command.channel);
    case "withdrawCredit":
      return withdrawCredit(world, command.token, command.account, command.account);
    case "withdrawCreditTo":
      return escrow.withdrawCreditTo(world, command.caller, command.token, command.to);
    default:
      return surround(world, command);
  }
}

/** Calls of others than the escrow answer what they like: nobody asks. */
function surround(world: World, command: Surroundings): undefined {
  switch (command.verb) {
    case "wait":
      world.now += command.seconds;
      return;
    case "approve":
      tokenOf(world, command.token).allowances.set(`${command.caller}/${command.spender}`, command.amount);
      return;
    case "give":
      need(command.token !== "zero", "");
      transfer(world, command.token, command.caller, "escrow", command.amount);
      return;
    case "mood":
      tokenOf(world, command.token).moody = command.moody;
      return;
    case "deny":
      if (command.denied) tokenOf(world, command.token).denied.add(command.account);
      else tokenOf(world, command.token).denied.delete(command.account);
      return;
    case "crave":
      (world.wallets.get(command.account) as Wallet).appetite = command.appetite;
      return;
    case "rotate":
      (world.wallets.get(command.account) as Wallet).key = command.key;
      return;
    case "deploy":
      escrow.requireGracePeriod(command.gracePeriod);
      return;
  }
}
