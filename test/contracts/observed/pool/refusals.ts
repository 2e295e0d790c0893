import { encodeFunctionData, type Hex, stringToHex, zeroAddress, zeroHash } from "viem";
import { donationPoolFactoryAbi } from "../../../../src/abi/donationPoolFactory.ts";
import { encodeSuspendProject } from "../../../../src/chain/registry/encode.ts";
import { donationId, giftsHash } from "../../../../src/protocol/line.ts";
import { gifts } from "../../../support/roundStage.ts";
import { deployToken } from "../tokens.ts";
import { itemOf, type PoolStage, reasonHash } from "./stage.ts";

const collect = (args: readonly unknown[]) => ({ functionName: "collect", args });
const donate = (list: ReturnType<typeof gifts>, gateData: Hex = "0x", salt: Hex = zeroHash) => ({
  functionName: "donate",
  args: [list, gateData, salt],
});

/** Everything that a pool refuses, by the error that says so. */
export function describeRefusals(the: () => PoolStage) {
  it("refuses terms that contradict themselves, and more projects than a settlement can walk", async () => {
    const { round, witness, ann } = the();
    const terms = await round.terms();
    const create = (of: typeof terms, projectIds: readonly bigint[]) => ({
      to: round.factory,
      data: encodeFunctionData({
        abi: donationPoolFactoryAbi,
        functionName: "createRound",
        args: [of, projectIds, zeroHash],
      }),
    });
    const term = stringToHex("cap", { size: 32 });
    await witness.refuses(ann, create({ ...terms, cap: 0n }, []), "InvalidTerms", [term]);
    await witness.refuses(ann, create(terms, [1n, 1n]), "ProjectAlreadyAdmitted", [1n]);
    await witness.refuses(ann, create(terms, [2n ** 32n]), "InvalidProjectId", [2n ** 32n]);
    const crowd = Array.from({ length: 1_001 }, (_, index) => BigInt(index + 1));
    const pool = await round.createRound(terms, crowd.slice(0, 500));
    const admit = { functionName: "admit", args: [crowd.slice(500)] };
    await witness.reverts(round.stewards, admit, "TooManyProjects", [1_000n], pool);
  });

  it("refuses an allocation that is not the donor's, or takes back, or has no cash", async () => {
    const { round, witness, ann, ben, idOf, createRound } = the();
    const pool = await createRound();
    const channel = await round.open(ann.address, pool, 1_000n);
    const refuses = (args: readonly unknown[], name: string, told: readonly unknown[] = []) =>
      witness.reverts(ben, collect(args), name, told, pool);
    await round.collect(channel, gifts([1n, 50n]));
    const item = await round.item(channel, gifts([1n, 60n]));
    const [, voucher, previous, list, data, signature] = itemOf(item) as [unknown, Hex, unknown, unknown, Hex, Hex];
    const foreign = { ...channel, payee: ben.address };
    await refuses([foreign, voucher, previous, list, data, signature], "NotOwnChannel", [ben.address, channel.token]);
    const mismatch = [giftsHash(gifts([1n, 50n])), zeroHash];
    await refuses([channel, voucher, [], list, data, signature], "GiftsMismatch", mismatch);
    await refuses([channel, voucher, previous, list, "0x02", signature], "InvalidSignature");
    await refuses([channel, "0x", previous, list, data, signature], "AllocationExceedsCash", [50n, 60n]);
    const lower = [channel, voucher, previous, gifts([1n, 49n]), data, signature];
    await refuses(lower, "AllocationDiverges", [1n, 50n, 49n]);
    const [unsorted, empty] = [gifts([2n, 5n], [1n, 5n]), gifts([1n, 50n], [2n, 0n])];
    await refuses([channel, voucher, previous, unsorted, data, signature], "AllocationDiverges", [1n, 50n, 0n]);
    await refuses([channel, voucher, previous, empty, data, signature], "ZeroAmount");
    await witness.reverts(ben, donate(unsorted), "GiftsNotAscending", [1n], pool);
    const many = Array.from({ length: 65 }, (_, index) => ({ projectId: BigInt(index + 1), cumulativeAmount: 1n }));
    await witness.reverts(ben, donate(many), "TooManyGifts", [64n, 65n], pool);
    const huge = gifts([1n, 2n ** 128n - 1n], [2n, 1n]);
    await witness.reverts(ben, donate(huge), "SafeCastOverflowedUintDowncast", [128n, 2n ** 128n], pool);
    await witness.reverts(ben, donate(gifts([3n, 5n])), "ProjectNotAccepted", [3n], pool);
    await round.steward(encodeSuspendProject({ address: round.registry, projectId: 2n, reasonHash }));
    await witness.reverts(ben, donate(gifts([2n, 5n])), "ProjectNotAccepted", [2n], pool);
    const salt = await round.donate(ben.address, pool, gifts([1n, 5n]));
    const exists = [donationId(ben.address, salt)];
    await witness.reverts(ben, donate(gifts([1n, 5n]), "0x", salt), "DonationExists", exists, pool);
    const asItem = { channel, previousGifts: [], gifts: [], gateData: "0x", allocationSignature: "0x" };
    const self = { functionName: "collectItem", args: [{ ...asItem, voucherSignature: "0x" }] };
    await witness.reverts(ben, self, "OnlySelf", [], pool);
    const early = { functionName: "refund", args: [channel, gifts([1n, 50n])] };
    await witness.reverts(ben, early, "NotDonor", [ann.address, ben.address], pool);
    await witness.read(ben, { functionName: "giftsHash", args: [idOf(channel)] }, giftsHash(gifts([1n, 50n])), pool);
  });

  it("refuses a donor whom the gate does not weigh", async () => {
    const { chain, witness, ann, createRound } = the();
    const gate = await chain.deploy("AttestedGate", [chain.deployer]);
    const pool = await createRound({ gate, acceptsSybil: false });
    await witness.reverts(ann, donate(gifts([1n, 5n]), "0x01"), "NotEligible", [ann.address], pool);
    const short = { ...donate(gifts([1n, 5n]), "0x01"), gas: 200_000n };
    await witness.reverts(ann, short, "NotEnoughGas", "any", pool);
  });

  it("refuses whoever is not the closer or the stewards, and what is too early, too late or in another state", async () => {
    const { round, witness, ann, closer, idOf, createRound, next } = the();
    const start = (await round.now()) + 1_000n;
    const pool = await createRound({ start });
    const { end, challengeEnd } = await round.onPool(pool).getRoundTerms();
    const channel = await round.open(ann.address, pool, 100n);
    const refuses = (
      by: Parameters<typeof witness.reverts>[0],
      functionName: string,
      args: readonly unknown[],
      name: string,
      told: readonly unknown[] = [],
    ) => witness.reverts(by, { functionName, args }, name, told, pool);
    const item = await round.item(channel, gifts([1n, 10n]));
    await next(start - 1n);
    await round.chain.client.mine({ blocks: 1 });
    await refuses(ann, "donate", [gifts([1n, 1n]), "0x", zeroHash], "NotOpen", [start, end, start - 1n]);
    await round.at(start);
    await refuses(ann, "collectAndClose", [item, "0x"], "NotCloser", [closer.address, ann.address]);
    await refuses(closer, "collectAndClose", [item, "0x"], "CloseNotRequested", [idOf(channel)]);
    await refuses(ann, "cancel", [reasonHash], "NotSteward", [round.stewards, ann.address]);
    await refuses(ann, "claim", [1n], "WrongStatus", [0n]);
    await refuses(ann, "switchToRefunds", [], "TooEarly", [(await round.onPool(pool).getRoundTerms()).settleBy, start]);
    await round.at(end);
    await refuses(ann, "sponsor", [1n], "TooLate", [end, end]);
    await refuses(round.stewards, "disqualify", [3n, reasonHash], "ProjectNotAdmitted", [3n]);
    await round.at(challengeEnd);
    await refuses(ann, "settleRound", [1n, 0n], "WrongPair", [1n, 0n]);
    await refuses(ann, "getReceipt", [0n], "ReceiptNotFound", [0n]);
    const open = await round.createRound(await round.withoutMatching(), [1n]);
    await witness.reverts(ann, { functionName: "sponsor", args: [1n] }, "NotMatching", [], open);
  });

  it("refuses to pay twice, or a project that was taken out", async () => {
    const { round, witness, ann, sue, createRound } = the();
    const pool = await createRound();
    await round.sponsor(sue.address, pool, 10n);
    const { end, challengeEnd } = await round.onPool(pool).getRoundTerms();
    await round.at(end);
    const disqualify = { functionName: "disqualify", args: [1n, reasonHash] };
    const event = { name: "ProjectDisqualified", args: { projectId: 1n, reasonHash } };
    await witness.transactBy(round.steward, disqualify, [event], pool);
    await round.at(challengeEnd);
    await round.mined(await round.onPool(pool).settleRound({ cappedCount: 0, cappedSubsidy: 0n }));
    await witness.reverts(ann, { functionName: "claim", args: [1n] }, "ProjectIsDisqualified", [1n], pool);
    await round.mined(await round.onPool(pool).refundSponsor({ index: 0n }));
    await witness.reverts(ann, { functionName: "refundSponsor", args: [0n] }, "AlreadyRefunded", [0n], pool);
  });

  it("refuses tokens that deny, keep, say no or call back", async () => {
    const { chain, round, abi, witness, ann, createRound } = the();
    /** A round of a token, and a donor who has some of it and lets the pool and the escrow take it. */
    async function roundOf(name: string) {
      const token = await deployToken(chain, name, ann);
      const pool = await createRound({ token: token.address });
      await token.tell("mint", ann.address, 1_000n);
      for (const spender of [pool, chain.escrow.address]) await token.tell("approve", spender, 1_000n);
      return { token, pool };
    }
    const gift = donate(gifts([1n, 100n]));

    const denying = await roundOf("DenyListToken");
    const parties = { payer: ann.address, payee: denying.pool, token: denying.token.address };
    const channel = { ...parties, salt: zeroHash, authorizedSigner: zeroAddress };
    await round.mined(await round.onEscrow(ann.address).open({ ...channel, deposit: 100n }));
    await denying.token.tell("deny", denying.pool, true);
    const item = itemOf(await round.item(channel, gifts([1n, 5n]), "0x"));
    await witness.reverts(ann, collect(item), "CreditRemains", [5n], denying.pool);

    const keeping = await roundOf("FeeInToken");
    await witness.reverts(ann, gift, "TransferMismatch", [100n, 99n], keeping.pool);

    const refusing = await roundOf("FalseStillToken");
    await refusing.token.tell("refuse");
    await witness.reverts(ann, gift, "SafeERC20FailedOperation", [refusing.token.address], refusing.pool);

    const calling = await roundOf("ReenteringToken");
    const inner = encodeFunctionData({ abi, functionName: "refundSponsor", args: [0n] });
    await calling.token.tell("arm", calling.pool, inner);
    const donated = { donationId: donationId(ann.address, zeroHash), donor: ann.address, salt: zeroHash };
    const event = { name: "Donated", args: { ...donated, matched: false, gifts: gifts([1n, 100n]) } };
    await witness.transact(ann, gift, [event], calling.pool);
    witness.meets(await calling.token.result(), "ReentrancyGuardReentrantCall");
  });
}
