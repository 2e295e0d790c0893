import { type Address, type Client, getAbiItem, type Hex } from "viem";
import { getLogs } from "viem/actions";
import { donationPoolAbi as abi } from "../../abi/donationPool.ts";
import { encodeRefundDonation, getGiftsHash } from "../../chain/index.ts";
import { eachSpan } from "../../chain/observer/logs.ts";
import type { LineReader } from "../../chain/pool/lines.ts";
import { read } from "../../chain/read.ts";
import { giftsHash } from "../../protocol/line.ts";
import { worth } from "../fees.ts";
import type { ClaimEnv } from "../policy.ts";
import { payoutFee, paysOut } from "./decide.ts";
import { payoutGas } from "./gas.ts";
import type { Job } from "./jobs.ts";
import type { PayoutRule } from "./options.ts";
import { refundableOf, refundedLine } from "./refundable.ts";
import type { Round } from "./round.ts";

/** A gift of a wallet without a channel: no store has it, its event does. */
export type MadeDonation = { readonly id: Hex; readonly donor: Address; readonly salt: Hex };

/** Blocks asked for in one log query; halved whenever a provider refuses. */
const chunk = 5_000n;

/** Every donation of a round up to a block. */
export async function readDonations(
  client: Client,
  { pool: address, from, to }: { pool: Address; from: bigint; to: bigint },
): Promise<MadeDonation[]> {
  const event = getAbiItem({ abi, name: "Donated" });
  const found: MadeDonation[] = [];
  await read("reading a round's donations", () =>
    eachSpan({ from, to }, chunk, async (span) => {
      const logs = await getLogs(client, { address, event, strict: true, fromBlock: span.from, toBlock: span.to });
      found.push(...logs.map(({ args }) => ({ id: args.donationId, donor: args.donor, salt: args.salt })));
    }),
  );
  return found;
}

/** What donations get back: all while refunding, else what they gave to disqualified projects. */
export function donationJobs(
  donations: readonly MadeDonation[],
  round: Round,
  env: ClaimEnv,
  context: { client: Client; lines: LineReader; refunds: PayoutRule; disqualified: ReadonlySet<bigint> },
): Job[] {
  const { client, lines, refunds, disqualified } = context;
  const everything = round.status === "refunding";
  return donations.flatMap(({ id, donor, salt }): Job[] => {
    const line = lines.standing(id).gifts;
    const received = line.reduce((sum, { cumulativeAmount }) => sum + cumulativeAmount, 0n);
    const due = refundableOf(line, received, everything, disqualified);
    if (due <= 0n || !paysOut(refunds, worth(round.token, due, env), payoutFee(env))) return [];
    const after = giftsHash(refundedLine(line, due, everything, disqualified));
    return [
      {
        purpose: `refundDonation ${id}`,
        reason: `${due} are the donor's`,
        call: encodeRefundDonation({ address: round.pool, donor, salt, attributedGifts: line }),
        ...{ gas: payoutGas, amount: due },
        isDone: async (blockNumber) =>
          (await getGiftsHash(client, { address: round.pool, lineId: id, blockNumber })) === after,
      },
    ];
  });
}
