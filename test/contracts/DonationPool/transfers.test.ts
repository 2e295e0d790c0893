import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { type Address, encodeFunctionData, type Log } from "viem";
import { donationPoolAbi } from "../../../src/abi/donationPool.ts";
import { decodePoolEvents } from "../../../src/chain/pool/decodeEvents.ts";
import { outgoing, paymentsOf } from "./transfers/payments.ts";
import { leadGiving, leadMatched, type Round } from "./transfers/rounds.ts";
import { formatTable, readTable, type Sighting } from "./transfers/table.ts";
import { argumentsOf, type Verb, verbs } from "./transfers/verbs.ts";
import { type Role, roles, setWorld, type World } from "./transfers/world.ts";

const payers: Partial<Record<Verb, string>> = {
  claim: "Claimed",
  refund: "Refunded",
  refundDonation: "Refunded",
  refundSponsor: "SponsorRefunded",
};

describe("What leaves a donation pool", () => {
  const sightings: Sighting[] = [];
  /** Every verb that was tried by every role in a phase. */
  const tried = new Set<string>();
  let world: World;

  before(async function () {
    this.timeout(300_000);
    world = await setWorld();
    const { chain } = world;
    const start = await chain.client.snapshot();
    await leadMatched(world, (phase, round) => tryEverything(phase, round));
    await chain.client.revert({ id: start });
    await leadGiving(world, (phase, round) => tryEverything(`${phase} without matching`, round));
  });

  after(() => world.chain.stop());

  /** Every verb by every role, each from the state that stands; what leaves the pool must be what its events say. */
  async function tryEverything(phase: string, round: Round) {
    const given = await argumentsOf(world, round);
    for (const verb of verbs) {
      for (const role of roles) {
        tried.add(`${verb} by ${role} ${phase}`);
        const data = encodeFunctionData({ abi: donationPoolAbi, functionName: verb, args: given[verb] } as never);
        const logs = await attempt(role, { to: round.pool, data });
        if (!logs || !changed(logs, round.pool)) continue;
        const paid = paymentsOf(logs, world.token, round.pool);
        for (const payment of paid) expect(payment.verb, `${verb} ${phase}`).to.equal(payers[verb]);
        const fromEscrow = outgoing(logs, world.token, world.chain.escrow.address);
        const receivers = [
          ...paid.map(({ receiver }) => nameOf(receiver)),
          ...fromEscrow
            .filter(({ receiver }) => receiver !== round.pool)
            .map(({ receiver }) => `${nameOf(receiver)} (from the escrow)`),
        ];
        sightings.push({ verb, role, phase, receivers });
      }
    }
  }

  /** @returns the transaction's logs, or undefined where it reverts. The state is then as it was. */
  async function attempt(role: Role, call: { to: Address; data: `0x${string}` }): Promise<Log[] | undefined> {
    const { client } = world.chain;
    const from = world.addresses[role];
    const passes = await client.call({ account: from, ...call }).then(
      () => true,
      () => false,
    );
    if (!passes) return undefined;
    const snapshot = await client.snapshot();
    const { logs } = await world.send(from, call);
    await client.revert({ id: snapshot });
    return logs;
  }

  /** Whether more happened than that an item was passed over. */
  function changed(logs: readonly Log[], pool: Address): boolean {
    const watched = [pool, world.token, world.chain.escrow.address];
    const events = logs.filter((log) => watched.includes(log.address.toLowerCase() as Address));
    const skipped = decodePoolEvents(logs as Log[], { address: pool }).filter(
      ({ eventName }) => eventName === "CollectSkipped",
    );
    return events.length > skipped.length;
  }

  function nameOf(account: Address): string {
    const { addresses, projects } = world;
    const role = roles.find((name) => addresses[name] === account);
    if (role) return `the ${role}`;
    if (projects.some(({ payout }) => payout === account)) return "the project's payout";
    return account;
  }

  it("is, by every verb, every role and in every phase, one of three payments, and the rest of the verbs pays nothing", () => {
    expect(tried.size).to.equal(verbs.length * roles.length * 10);
    const paying = new Set(
      sightings
        .filter(({ receivers }) => receivers.some((name) => !name.endsWith("(from the escrow)")))
        .map(({ verb }) => verb),
    );
    expect([...paying].sort()).to.deep.equal(Object.keys(payers).sort());
    const acting = new Set(sightings.map(({ verb }) => verb));
    expect(verbs.filter((verb) => !acting.has(verb))).to.deep.equal(["collectItem"]);
  });

  it("is what docs/transfers.md says, row by row", async () => {
    const document = await readFile("docs/transfers.md", "utf8");
    expect(readTable(document)).to.deep.equal(formatTable(sightings));
  });
});
