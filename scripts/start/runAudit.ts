// The audit's own command: it is told an endpoint and addresses, the rest is for its table.
import { spawn } from "node:child_process";
import type { Address } from "viem";
import { nativeCoin } from "../../src/protocol/index.ts";
import { coinUsd, gasPrice } from "./cast.ts";
import type { Ground } from "./ground.ts";

/** Runs it, shows what it prints, and resolves with its exit code; its report is in `json`. */
export function runAudit(
  { world, escrow }: Ground,
  { json, dollar, gifts, more = [] }: { json: string; dollar: Address; gifts: number; more?: readonly string[] },
): Promise<number> {
  const shown = ["--symbol", `${dollar}=USDD:6`, "--symbol", `${nativeCoin}=ETH:18`, "--gifts", String(gifts)];
  const prices = ["--l2-gas-price", String(gasPrice), "--eth-usd", String(coinUsd)];
  const flags = ["--rpc", world.rpc, "--escrow", escrow.address, "--json", json, ...shown, ...prices, ...more];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["scripts/audit.ts", ...flags], { stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 2));
  });
}
