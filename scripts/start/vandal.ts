// The member who never pays: everything it sends must be refused with a problem, and buy nothing.
import { zeroAddress } from "viem";
import { type Escrow, formatCredential, parseChallenges } from "../../src/protocol/index.ts";
import { signVoucher } from "../../src/protocol/voucher.ts";
import type { BotsConfig, Report } from "./bots.ts";
import { type Member, session } from "./cast.ts";

const oneBillion = 1_000_000_000n;

/** Sends garbage of many kinds; throws when any of it is served, or answered with anything but a problem. */
export async function vandalise(member: Member, config: BotsConfig, escrow: Escrow): Promise<Report> {
  const url = `${config.projects[member.project]?.url}/gift/token`;
  const [challenge] = parseChallenges((await fetch(url)).headers.get("www-authenticate") ?? "");
  if (!challenge) throw new Error("the vandal got no challenge");

  const stranger = session(config.seed, 10_000 + member.index);
  const unknown = `0x${"ab".repeat(32)}` as const;
  const forged = await signVoucher(stranger, { channelId: unknown, cumulativeAmount: oneBillion }, escrow);
  const elsewhere = await signVoucher(stranger, forged, { address: zeroAddress, chainId: 1 });
  const credential = (voucher: typeof forged) =>
    formatCredential({ challenge, payload: { action: "voucher", ...voucher } });
  const garbage = [
    "Payment",
    "Payment !!!",
    "Payment e30",
    `Payment ${"A".repeat(4_000)}`,
    credential(forged),
    credential(elsewhere),
    credential({ ...forged, cumulativeAmount: 0n }),
    `Payment ${btoa(JSON.stringify({ challenge: {}, payload: { action: "voucher", cumulativeAmount: "-1" } })).replaceAll("=", "")}`,
    `Payment ${btoa(JSON.stringify({ challenge: {}, payload: { action: "voucher", cumulativeAmount: "1e9" } })).replaceAll("=", "")}`,
  ];
  let refusals = 0;
  for (let round = 0; round < 5; round++) {
    for (const authorization of garbage) {
      const response = await fetch(url, { headers: { authorization } });
      const type = response.headers.get("content-type") ?? "";
      await response.arrayBuffer();
      if (response.ok) throw new Error(`garbage was served: ${authorization.slice(0, 24)}…`);
      if (response.status >= 500 || !type.startsWith("application/problem+json")) {
        throw new Error(`garbage was answered ${response.status} ${type}: ${authorization.slice(0, 24)}…`);
      }
      refusals += 1;
    }
  }
  return { member: member.index, gifts: 0, refusals };
}
