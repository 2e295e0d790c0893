// A command as a call of a real contract, with its caller and the coins that it sends along.
import { type Address, concat, encodeAbiParameters, type Hex, size, slice, toFunctionSelector, zeroHash } from "viem";
import type { Batch } from "../batch.ts";
import type { Command } from "../command.ts";
import type { Row } from "../types.ts";
import type { Stage } from "./stage.ts";
import { number, saltOf } from "./words.ts";

/** `data` as an `Actor` takes it: 32 bytes of coins before the call's own. */
export type Call = { actor: Address; to: Address; data: Hex };

/** Large enough that no payout's gas will do, and that no gas will. */
const appetites = { none: 0n, large: 150_000n, endless: 2n ** 255n };

/** @returns the call, or undefined for the passing of time. */
export async function callOf(stage: Stage, command: Command): Promise<Call | undefined> {
  const { words, scribe, encode, escrow } = stage;
  const { address } = words;
  const call = (caller: string, to: Address, data: Hex, value = 0n): Call => ({
    actor: address(caller),
    to,
    data: concat([number(value), data]),
  });
  const real = words.channel;
  const ofEscrow = (caller: string, verb: string, args: readonly unknown[], value = 0n) =>
    call(caller, escrow.address, encode("escrow", verb, args), value);
  const ofToken = (caller: string, token: string, verb: string, args: readonly unknown[] = []) =>
    call(caller, address(token), encode("token", verb, args));

  switch (command.verb) {
    case "wait":
      return undefined;
    case "open": {
      const { payee, token, salt, authorizedSigner } = real(command.channel);
      const args = [payee, token, command.amount, salt, authorizedSigner];
      return ofEscrow(command.caller, "open", args, command.value);
    }
    case "openWithAuthorization": {
      const { payer, payee, token, salt, authorizedSigner } = real(command.channel);
      const { validAfter, validBefore, nonce, paper } = command.by;
      const terms = [validAfter, validBefore, words.nonce(nonce), await scribe.write(paper)];
      const opening = [payee, token, command.amount, salt, authorizedSigner, payer];
      return ofEscrow(command.caller, "openWithAuthorization", [...opening, ...terms]);
    }
    case "openWithPermit2": {
      const { payer, payee, token, salt, authorizedSigner } = real(command.channel);
      const { nonce, deadline, paper } = command.by;
      const opening = [payee, token, command.amount, salt, authorizedSigner, payer];
      return ofEscrow(command.caller, "openWithPermit2", [...opening, nonce, deadline, await scribe.write(paper)]);
    }
    case "topUp":
      return ofEscrow(command.caller, "topUp", [real(command.channel), command.amount], command.value);
    case "topUpWithAuthorization": {
      const { validAfter, validBefore, nonce, paper } = command.by;
      const terms = [validAfter, validBefore, words.nonce(nonce), await scribe.write(paper)];
      const args = [real(command.channel), command.amount, saltOf(command.salt), ...terms];
      return ofEscrow(command.caller, "topUpWithAuthorization", args);
    }
    case "topUpWithPermit2": {
      const { nonce, deadline, paper } = command.by;
      const args = [real(command.channel), command.amount, nonce, deadline, await scribe.write(paper)];
      return ofEscrow(command.caller, "topUpWithPermit2", args);
    }
    case "settle":
    case "close":
      return ofEscrow(command.caller, command.verb, [
        real(command.channel),
        command.amount,
        await scribe.write(command.paper),
      ]);
    case "settleTicks": {
      const { cumulativeAmount, tickRoot, tickValue, ticks, preimage } = command.claim;
      const signed = [cumulativeAmount, words.link(tickRoot), tickValue, await scribe.write(command.paper)];
      const args = [real(command.channel), ...signed, ticks, words.link(preimage)];
      return ofEscrow(command.caller, "settleTicks", args);
    }
    case "settleBatch":
    case "previewSettle":
    case "closeBatch":
      return call(command.caller, escrow.address, await encodeBatch(stage, command.verb, command.batch));
    case "closeWithAuthorization": {
      const { channel, amount, paper, deadline, payeePaper } = command;
      const papers = [await scribe.write(paper), deadline, await scribe.write(payeePaper)];
      return ofEscrow(command.caller, command.verb, [real(channel), amount, ...papers]);
    }
    case "requestCloseWithSignature":
      return ofEscrow(command.caller, command.verb, [real(command.channel), await scribe.write(command.paper)]);
    case "requestClose":
    case "withdraw":
      return ofEscrow(command.caller, command.verb, [real(command.channel)]);
    case "withdrawCredit":
      return ofEscrow(command.caller, command.verb, [address(command.token), address(command.account)]);
    case "withdrawCreditTo":
      return ofEscrow(command.caller, command.verb, [address(command.token), address(command.to)]);
    case "approve":
      return ofToken(command.caller, command.token, "approve", [address(command.spender), command.amount]);
    case "give":
      if (command.token === "zero") return call(command.caller, escrow.address, "0x", command.amount);
      return ofToken(command.caller, command.token, "transfer", [escrow.address, command.amount]);
    case "mood": {
      const verbs = { greedy: "charge", stubborn: "refuse", lying: "lie", sleepy: "pause" };
      const verb = verbs[command.token as keyof typeof verbs];
      return ofToken("zoe", command.token, verb, verb === "pause" ? [command.moody] : []);
    }
    case "deny":
      return ofToken("zoe", command.token, "deny", [address(command.account), command.denied]);
    case "crave":
      return call("zoe", address(command.account), encode("actor", "crave", [appetites[command.appetite]]));
    case "rotate":
      return call("zoe", address(command.account), encode("actor", "rotate", [address(command.key ?? "zero")]));
    case "deploy":
      return call(
        "zoe",
        stage.builder,
        encode("builder", "build", [concat([stage.creationCode, number(command.gracePeriod)])]),
      );
  }
}

const rowTypes = "(address,bytes32,address,uint128,bytes32,bytes32)[]";

/** By hand, because a row's members may be wider than their types. */
async function encodeBatch({ words, scribe }: Stage, verb: string, { payee, token, rows }: Batch): Promise<Hex> {
  async function word({ payer, salt, authorizedSigner, cumulativeAmount, paper }: Row): Promise<Hex> {
    const signature = paper ? await scribe.write(paper) : concat([zeroHash, zeroHash]);
    if (size(signature) !== 64) throw new Error("A row's signature is 64 bytes.");
    const descriptor = [words.addressWord(payer), saltOf(salt), words.addressWord(authorizedSigner)];
    return concat([...descriptor, number(cumulativeAmount), signature]);
  }
  const head = encodeAbiParameters(
    [{ type: "address" }, { type: "address" }],
    [words.address(payee), words.address(token)],
  );
  const selector = slice(toFunctionSelector(`${verb}(address,address,${rowTypes})`), 0, 4);
  const all = await Promise.all(rows.map(word));
  return concat([selector, head, number(96n), number(BigInt(rows.length)), ...all]);
}
