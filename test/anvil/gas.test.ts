import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";
import { type Hash, recoverTransactionAddress } from "viem";
import { anvil } from "../../scripts/bench/gas/anvil.ts";
import { gasRows } from "../../scripts/bench/gas/index.ts";
import type { GasRow } from "../../scripts/bench/gas/row.ts";
import { readSnapshot } from "../../scripts/bench/gas/snapshot.ts";
import { withStage } from "../../scripts/bench/gas/stage.ts";
import { findAnvil } from "../support/findAnvil.ts";

const script = join(import.meta.dirname, "../../scripts/bench.ts");

type Figure = { key: string; value: number; unit: string; anvil: number; difference_percent: number };

describe("npm run bench -- gas --anvil", () => {
  it("given every verb, when measured on anvil too, it should print figures within one percent of the accepted ones", async () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, "gas", "--anvil", "--json"], {
      encoding: "utf8",
    });
    expect(status, stderr).to.equal(0);
    const { rows, versions } = JSON.parse(stdout) as { rows: Figure[]; versions: Record<string, string> };
    expect(versions).to.include.keys("anvil", "anvil_hardfork", "hardfork");
    expect(rows.map(({ key }) => key)).to.deep.equal(gasRows.map(({ key }) => key));
    const accepted = await readSnapshot();
    for (const { key, value, anvil, difference_percent } of rows) {
      expect(value, key).to.equal(accepted[key]);
      expect(anvil, key).to.be.within(value * 0.99, value * 1.01);
      expect(difference_percent, key).to.equal((100 * (anvil - value)) / value);
    }
  }).timeout(600_000); // it compiles first where the contracts have changed

  it("given a row, when it was measured, its transaction should be one that its sender signed, alone in its block", async () => {
    await withStage(
      async (stage) => {
        const { client, payer } = stage;
        await (gasRows.find(({ key }) => key === "open_native") as GasRow).measure(stage);
        const hash = stage.lastTransaction() as Hash;
        const serializedTransaction = await client.request({
          method: "eth_getRawTransactionByHash",
          params: [hash],
        } as never);
        expect(await recoverTransactionAddress({ serializedTransaction })).to.equal(payer.address);
        expect(await client.request({ method: "web3_clientVersion" } as never)).to.match(/^anvil\//);
        const { blockNumber } = await client.getTransactionReceipt({ hash });
        const { baseFeePerGas, transactions } = await client.getBlock({ blockNumber });
        expect({ baseFeePerGas, transactions }).to.deep.equal({ baseFeePerGas: 0n, transactions: [hash] });
      },
      anvil(findAnvil() ?? ""),
    );
  });
});
