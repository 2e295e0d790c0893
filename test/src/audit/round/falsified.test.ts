import { expect } from "chai";
import { audit, type FactCode } from "../../../../src/audit/index.ts";
import { startChain, type TestChain } from "../../../support/chain.ts";
import { type Lie, lyingTransport } from "../../../support/lyingTransport.ts";
import { type RoundStage, setRoundStage } from "../../../support/roundStage.ts";
import { clientOver } from "../../chain/support.ts";
import { logLies, type World } from "./logLies.ts";
import { playScenario } from "./scenario.ts";
import { registryLies, stateLies } from "./stateLies.ts";

describe("audit of falsified rounds", () => {
  let chain: TestChain;
  let stage: RoundStage;
  let world: World;

  before(async () => {
    chain = await startChain();
    stage = await setRoundStage(chain);
    const scenario = await playScenario(stage);
    const { registry, token, openGate: gate } = stage;
    world = { ...scenario, pool: scenario.settled, registry, token, gate };
  });
  after(() => chain.stop());

  async function codes(lie?: Lie): Promise<FactCode[]> {
    const node = lyingTransport(chain.transport);
    node.lie = lie;
    const client = clientOver(chain, node.transport);
    const { escrow, factory } = stage;
    const report = await audit({ client, escrow: escrow.address, factory, fees: false });
    expect(report.verdict).to.equal(report.facts.length === 0 ? "balanced" : "broken");
    return report.facts.map(({ code }) => code);
  }

  it("given no lie, when audited, it should find nothing", async () => {
    expect(await codes()).to.deep.equal([]);
  });

  for (const [condition, code, lie] of [...logLies, ...stateLies, ...registryLies]) {
    it(`given ${condition}, when audited, it should find ${code}`, async () => {
      expect(await codes(lie(world))).to.include(code);
    });
  }
});
