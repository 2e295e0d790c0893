// Plays the scenarios named on the command line, each on a chain of its own, audits each chain, and prints a line of JSON for
// each: on the contracts as they were compiled or, with --break and one name, with that fault in them.
import { parseArgs } from "node:util";
import { audit } from "../../src/audit/index.ts";
import { startChain, type TestChain } from "../support/chain.ts";
import { setRoundStage } from "../support/roundStage.ts";
import { deployBroken } from "./breakContract.ts";
import { type EscrowFault, escrowScenarios } from "./escrowScenarios.ts";
import { type FaultName, faults } from "./faults.ts";
import { type PoolFault, poolScenarios } from "./poolScenarios.ts";
import { setStage } from "./stage.ts";
import { verdictOf } from "./unsafe.ts";

/** What is printed of each scenario. */
export type Verdicts = { unsafe: string | undefined; audit: string; fact: string | undefined };

const { values, positionals } = parseArgs({ options: { break: { type: "boolean" } }, allowPositionals: true });
for (const name of positionals) {
  const fault = faults.find((one) => one.name === name);
  if (!fault) throw new Error(`there is no fault ${name}: choose of ${faults.map((one) => one.name).join(", ")}`);
  if (values.break) await deployBroken(fault);
  const chain = await startChain();
  const { unsafe, factory } = await play(fault.name, chain);
  const { verdict, facts } = await audit({ client: chain.client, escrow: chain.escrow.address, factory });
  const verdicts: Verdicts = { unsafe, audit: verdict, fact: facts[0]?.message };
  console.log(JSON.stringify(verdicts));
  await chain.stop();
}

async function play(name: FaultName, chain: TestChain) {
  if (name in poolScenarios) {
    const stage = await setRoundStage(chain);
    return { unsafe: await verdictOf(() => poolScenarios[name as PoolFault](stage)), factory: stage.factory };
  }
  const stage = await setStage(chain);
  return { unsafe: await verdictOf(() => escrowScenarios[name as EscrowFault](stage)), factory: undefined };
}
