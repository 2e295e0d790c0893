// The season's two rounds: one behind a published list, one behind an open gate that will be cancelled.
import { type Address, keccak256, stringToHex } from "viem";
import { createRound, decodeFactoryEvents, type RoundTerms } from "../../../src/chain/index.ts";
import { projects } from "./cast.ts";
import type { SeasonStage } from "./stage.ts";
import { roundTerms, sponsorDeposits } from "./terms.ts";

export type Round = { pool: Address; terms: RoundTerms /** Where it was made. */; block: bigint };

/** Both rounds, with their pots filled, starting in a minute. */
export async function openRounds(stage: SeasonStage): Promise<{ matched: Round; doomed: Round }> {
  const { world, token, registry, merkleGate, openGate, services, roundSalt } = stage;
  const start = (await world.now()) + 60n;
  const closer = services.closer.address;
  const matched = await open(stage, roundTerms(start, { token, registry, gate: merkleGate, closer }), roundSalt);
  const terms = roundTerms(start, { token, registry, gate: openGate, acceptsSybil: true });
  const doomed = await open(stage, terms, keccak256(stringToHex(`the other season of ${stage.seed}`)));
  for (const { pool } of [matched, doomed]) {
    for (const [index, sponsor] of stage.sponsors.entries()) {
      const deposit = sponsorDeposits[index] ?? 0n;
      const act = stage.onPool(sponsor, pool);
      await stage.mined(await act.approve({ token, amount: deposit }));
      await stage.mined(await act.sponsor({ deposit }));
    }
  }
  await world.passTo(start);
  return { matched, doomed };
}

async function open(stage: SeasonStage, terms: RoundTerms, salt: `0x${string}`): Promise<Round> {
  const { factory: address, organiser } = stage;
  const projectIds = projects.map((_, index) => BigInt(index + 1));
  const hash = await createRound(stage.as(organiser), { address, terms, projectIds, salt });
  const { logs, blockNumber: block } = await stage.mined(hash);
  const [event] = decodeFactoryEvents(logs, { address });
  if (!event) throw new Error("the factory made no round");
  return { pool: event.args.pool.toLowerCase() as Address, terms, block };
}
