// The registry's part of the season: twelve applications, a challenge that the stewards decide, deposits back.
import { keccak256, stringToHex } from "viem";
import { encodeDecideProject, encodeSuspendProject } from "../../../src/chain/index.ts";
import { projects, special } from "./cast.ts";
import type { SeasonStage } from "./stage.ts";
import { applicationDeposit, challengeWindow } from "./terms.ts";

const reason = (text: string) => keccak256(stringToHex(text));

/** Every project applies; one is challenged, and the stewards accept it; silence accepts the others. */
export async function enterProjects(stage: SeasonStage): Promise<void> {
  const { world, token, registry: address, managers, payouts, challenger, mined, steward } = stage;
  const pay = { token, amount: applicationDeposit };
  for (const [index, manager] of managers.entries()) {
    const act = stage.onRegistry(manager);
    await mined(await act.approve(pay));
    const payout = payouts[index] ?? manager.address;
    await mined(await act.submitProject({ payout, metadataHash: reason(projects[index] ?? "") }));
  }
  const rival = stage.onRegistry(challenger);
  const projectId = special.challenged;
  await mined(await rival.approve(pay));
  await mined(await rival.challengeProject({ projectId, reasonHash: reason("nobody knows these people") }));
  await steward(
    encodeDecideProject({ address, projectId, accepted: true, reasonHash: reason("we went and saw the kites") }),
  );
  await world.pass(challengeWindow);
  for (let id = 1n; id <= BigInt(projects.length); id += 1n) {
    if (id !== projectId) await mined(await rival.acceptProject({ projectId: id }));
  }
  for (const { address: owner } of managers) await mined(await rival.withdrawDeposit({ owner }));
}

/** The stewards stop a project's gifts. */
export async function suspendProject(stage: SeasonStage): Promise<void> {
  const { registry: address, steward } = stage;
  await steward(
    encodeSuspendProject({ address, projectId: special.suspended, reasonHash: reason("the bell is gone") }),
  );
}
