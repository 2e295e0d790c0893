import type { Address, Client, Hex } from "viem";
import { keccak256 } from "viem";
import { getStanding, type RoundTerms, weighDonor } from "../chain/index.ts";
import { FarthingError } from "../protocol/index.ts";

/** Who counts for matching: asked of the chain once for each donor and gate data, and remembered for a while. */
export type Eligibility = {
  /** Whether the pool would take gifts of this donor under these data. @throws what reading the chain throws. */
  counts(donor: Address, gateData: Hex): Promise<boolean>;
};

/**
 * A donor whom the pool has weighed counts for the rest of the round. Before that the gate is asked, as the pool will ask it.
 * @param options.clock Milliseconds that never go back.
 */
export function createEligibility(options: {
  client: Client;
  pool: Address;
  terms: Pick<RoundTerms, "gate" | "matching">;
  /** Most answers kept: 10,000 unless told. */
  capacity?: number;
  clock?: () => number;
}): Eligibility {
  const { client, pool, terms, capacity = 10_000, clock = () => performance.now() } = options;
  let underWay = 0;
  const answers = new Map<string, { until: number; counts: Promise<boolean> }>();

  async function ask(donor: Address, gateData: Hex): Promise<{ counts: boolean; lifetime: number }> {
    const { weightBps: frozen } = await getStanding(client, { address: pool, donor });
    if (frozen > 0) return { counts: true, lifetime: Number.POSITIVE_INFINITY };
    const weight = await weighDonor(client, { gate: terms.gate, pool, donor, gateData });
    return weight > 0 ? { counts: true, lifetime: yesFor } : { counts: false, lifetime: noFor };
  }

  async function askInTurn(donor: Address, gateData: Hex) {
    // Keys cost nothing: whoever makes up donors must not make the chain's endpoint everybody's problem.
    if (underWay >= mostUnderWay) throw new GateBusyError();
    underWay += 1;
    try {
      return await ask(donor, gateData);
    } finally {
      underWay -= 1;
    }
  }

  function remember(name: string, donor: Address, gateData: Hex): Promise<boolean> {
    const asked = askInTurn(donor, gateData);
    const answer = { until: Number.POSITIVE_INFINITY, counts: asked.then(({ counts }) => counts) };
    answers.set(name, answer);
    asked.then(
      ({ lifetime }) => {
        answer.until = clock() + lifetime;
      },
      () => answers.delete(name),
    );
    const [oldest] = answers.keys();
    if (answers.size > capacity && oldest !== undefined) answers.delete(oldest);
    return answer.counts;
  }

  return {
    async counts(donor, gateData) {
      // A pool without matching never asks, and data without bytes ask for none.
      if (gateData === "0x" || !terms.matching) return true;
      const name = `${donor} ${keccak256(gateData)}`;
      const known = answers.get(name);
      return known && known.until > clock() ? known.counts : remember(name, donor, gateData);
    },
  };
}

/** A yes may end with an attestation: ten minutes, milliseconds. */
const yesFor = 600_000;
/** A no may become a yes in the next block; a donor who insists is asked for once in ten seconds, milliseconds. */
const noFor = 10_000;
/** Questions to the gate at once. */
const mostUnderWay = 256;

/** Too many donors are being asked about at this moment. */
export class GateBusyError extends FarthingError {
  override readonly name = "GateBusyError";
  constructor() {
    super("gate-busy", `${mostUnderWay} donors are being asked about at the gate. Try again in a moment.`);
  }
}
