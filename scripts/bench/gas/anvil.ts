// Foundry's anvil as the chain to measure on.
import { spawnSync } from "node:child_process";
import { startAnvil } from "../../../test/support/anvil.ts";
import { settleOn } from "../../../test/support/chain.ts";
import { blockTime, type Venue } from "./venue.ts";

/** Its version, as `1.7.1`, and the rules that its chain follows. */
export async function anvilVersions(program: string): Promise<Record<"anvil" | "anvil_hardfork", string>> {
  const { stdout } = spawnSync(program, ["--version"], { encoding: "utf8" });
  const version = /anvil Version: (\S+)/.exec(stdout ?? "")?.[1];
  if (!version) throw new Error(`${program} --version does not say what anvil would`);
  const { transport, stop } = await startAnvil(program);
  const info = await transport({})
    .request({ method: "anvil_nodeInfo" } as never)
    .finally(stop);
  return { anvil: version, anvil_hardfork: (info as { hardFork: string }).hardFork.toLowerCase() };
}

/** `anvil --optimism`, a process a stage, whose blocks follow each other by the clock that was set before. */
export function anvil(program: string): Venue {
  return {
    async start(initialDate) {
      const chain = await settleOn(await startAnvil(program, { timestamp: BigInt(initialDate.getTime() / 1_000) }));
      await chain.client.request({ method: "anvil_setBlockTimestampInterval", params: [Number(blockTime)] } as never);
      return chain;
    },
    async turnTo({ client }, second) {
      const { timestamp } = await client.getBlock();
      if (timestamp + blockTime === second) return;
      await client.setNextBlockTimestamp({ timestamp: second - blockTime });
      await client.mine({ blocks: 1 });
    },
  };
}
