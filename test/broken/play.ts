// Plays the scenario named on the command line on the escrow compiled here, audits the chain, and prints both verdicts as JSON.
import { audit } from "../../src/audit/index.ts";
import { startChain } from "../support/chain.ts";
import { type FaultName, play } from "./scenarios.ts";

/** What a fault's process prints. */
export type Verdicts = { unsafe: string | undefined; audit: string; fact: string | undefined };

const chain = await startChain();
const unsafe = await play(process.argv[2] as FaultName, chain);
const { verdict, facts } = await audit({ client: chain.client, escrow: chain.escrow.address });
const verdicts: Verdicts = { unsafe, audit: verdict, fact: facts[0]?.message };
console.log(JSON.stringify(verdicts));
await chain.stop();
