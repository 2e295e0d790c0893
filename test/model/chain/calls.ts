// A command of a history as calls of the real contracts, each with its sender; papers are signed by the library.
import secp256k1 from "secp256k1/bindings.js";
import {
  type Address,
  bytesToHex,
  type Hex,
  hexToBytes,
  keccak256,
  numberToHex,
  stringToHex,
  zeroAddress,
  zeroHash,
} from "viem";
import { allocationDigest, closeRequestDigest, unmatched, voucherDigest } from "../../../src/protocol/index.ts";
import { type Command, donorOf, itemOf, pairOf } from "../history.ts";
import { standingList } from "../lines.ts";
import { sum } from "../matching.ts";
import type { RoundModel } from "../round.ts";
import type { Item, Listed } from "../types.ts";
import { type Round, type Stage, saltOf } from "./stage.ts";

export type Call = { actor: Address; to: Address; data: Hex };

/** @param model As it is before the command. @param step The command's number: no two decisions of stewards are one. */
export async function callsOf(
  stage: Stage,
  round: Round,
  model: RoundModel,
  command: Command,
  step: number,
): Promise<Call[]> {
  const { address, encode } = stage;
  const call = (actor: string, to: Address, data: Hex): Call => ({ actor: address(actor), to, data });
  const pool = (actor: string, functionName: string, args: readonly unknown[]) =>
    call(actor, round.pool.address, encode("DonationPool", functionName, args));
  const escrow = (actor: string, functionName: string, args: readonly unknown[]) =>
    call(actor, stage.escrow.address, encode("PaymentChannels", functionName, args));
  /** Proposed and, without delay, carried out. */
  const decide = (to: Address, data: Hex): Call[] => {
    const [operation, salt] = [[to, 0n, data, zeroHash] as const, numberToHex(step, { size: 32 })];
    const carryOut = encode("Timelock", "execute", [...operation, salt]);
    const propose = encode("Timelock", "schedule", [...operation, salt, 0n]);
    return [call("proposer", stage.stewards, propose), call("stranger", stage.stewards, carryOut)];
  };
  const decideOfPool = (functionName: string, args: readonly unknown[]) =>
    decide(round.pool.address, encode("DonationPool", functionName, args));
  const signer = (line: string) => (round.channel(line).authorizedSigner === zeroAddress ? donorOf(line) : "session");
  const signed = (by: string, hash: Hex) => signNatively(hash, stage.key(by));

  async function collectItem(item: Item) {
    const { line, gifts, data, voucher = "signed", allocation = "signed", previous = "standing" } = item;
    const known = model.lines.get(line);
    const standing = known ? standingList(known) : [];
    const gateData = bytesOf(data);
    const cumulativeAmount = sum(gifts.map(({ amount }) => amount));
    const promise = { channelId: round.id(line), cumulativeAmount };
    const meant = {
      ...promise,
      gateDataHash: data === undefined ? unmatched : keccak256(gateData),
      gifts: toGifts(gifts),
    };
    const by = { signed: signer(line), forged: "stranger", absent: undefined };
    const voucherBy = by[voucher];
    return {
      channel: round.channel(line),
      voucherSignature: voucherBy ? await signed(voucherBy, voucherDigest(promise, stage.escrow)) : "0x",
      previousGifts: toGifts(previous === "standing" ? standing : other(standing)),
      gifts: meant.gifts,
      gateData,
      allocationSignature: await signed(by[allocation], allocationDigest(meant, round.pool)),
    };
  }

  switch (command.verb) {
    case "wait":
      return [];
    case "block": {
      const args = [stage.escrow.address, round.pool.address, command.blocked];
      return [call("stranger", stage.token, encode("RouteDenyToken", "deny", args))];
    }
    case "openChannel": {
      const { payee, token, salt, authorizedSigner } = round.channel(command.line);
      return [escrow(donorOf(command.line), "open", [payee, token, command.deposit, salt, authorizedSigner])];
    }
    case "settleChannel": {
      const promise = { channelId: round.id(command.line), cumulativeAmount: command.amount };
      const signature = await signed(signer(command.line), voucherDigest(promise, stage.escrow));
      return [escrow("stranger", "settle", [round.channel(command.line), command.amount, signature])];
    }
    case "requestClose":
      return [escrow(donorOf(command.line), "requestClose", [round.channel(command.line)])];
    case "withdrawChannel":
      return [escrow("stranger", "withdraw", [round.channel(command.line)])];
    case "closeChannel":
      return [pool("stranger", "closeChannel", [round.channel(command.line)])];
    case "admit":
      return decideOfPool("admit", [[BigInt(command.project)]]);
    case "disqualify":
      return decideOfPool("disqualify", [BigInt(command.project), zeroHash]);
    case "cancel":
      return decideOfPool("cancel", [zeroHash]);
    case "suspend":
    case "reinstate":
      return decide(stage.registry, encode("ProjectRegistry", command.verb, [BigInt(command.project), zeroHash]));
    case "collect":
      return [pool("stranger", "collect", Object.values(await collectItem(itemOf(model, command))))];
    case "collectBatch": {
      const items = await Promise.all(command.offers.map((offer) => collectItem(itemOf(model, offer))));
      return [pool("stranger", "collectBatch", [items])];
    }
    case "collectAndClose": {
      const { line } = command.offer;
      const request = { channelId: round.id(line), deposit: model.lines.get(line)?.deposit ?? 0n };
      const signature = await signed(donorOf(line), closeRequestDigest(request, stage.escrow));
      const item = await collectItem(itemOf(model, command.offer));
      return [pool("closer", "collectAndClose", [item, command.request === "signed" ? signature : "0x"])];
    }
    case "donate":
      return [
        pool(donorOf(command.line), "donate", [toGifts(command.gifts), bytesOf(command.data), saltOf(command.line)]),
      ];
    case "sponsor":
      return [pool(command.sponsor, "sponsor", [command.deposit])];
    case "settleRound": {
      const { cappedCount, cappedSubsidy } = pairOf(model, command.rightPair);
      return [pool("stranger", "settleRound", [BigInt(cappedCount), cappedSubsidy])];
    }
    case "switchToRefunds":
      return [pool("stranger", "switchToRefunds", [])];
    case "claim":
      return [pool("stranger", "claim", [BigInt(command.project)])];
    case "refund": {
      const { line, caller } = command;
      const known = model.lines.get(line);
      const standing = toGifts(known ? standingList(known) : []);
      const isChannel = round.channel(line) !== undefined;
      if (isChannel) return [pool(caller, "refund", [round.channel(line), standing])];
      return [pool(caller, "refundDonation", [address(donorOf(line)), saltOf(line), standing])];
    }
    case "refundSponsor":
      return [pool("stranger", "refundSponsor", [BigInt(command.index)])];
  }
}

/** As viem's `sign`, with the native curve: half of a long campaign would be signing. */
function signNatively(hash: Hex, privateKey: Hex): Hex {
  const { signature, recid } = secp256k1.ecdsaSign(hexToBytes(hash), hexToBytes(privateKey));
  return `${bytesToHex(signature)}${recid === 0 ? "1b" : "1c"}`;
}

function bytesOf(data: string | undefined): Hex {
  return data === undefined ? "0x" : stringToHex(data);
}

function toGifts(listed: readonly Listed[]) {
  return listed.map(({ project, amount }) => ({ projectId: BigInt(project), cumulativeAmount: amount }));
}

/** A list that does not stand. */
function other(standing: readonly Listed[]): Listed[] {
  return standing.length > 0 ? [] : [{ project: 1, amount: 1n }];
}
