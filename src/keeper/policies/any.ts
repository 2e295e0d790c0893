import type { ClaimDecision, ClaimPolicy } from "../policy.ts";

/** The first policy that does not say `wait` decides; if all wait, so does this, for all their reasons. */
export function any(...policies: readonly [ClaimPolicy, ...ClaimPolicy[]]): ClaimPolicy {
  return (channel, env) => {
    const reasons: string[] = [];
    for (const policy of policies) {
      const decision: ClaimDecision = policy(channel, env);
      if (decision.action !== "wait") return decision;
      if (!reasons.includes(decision.reason)) reasons.push(decision.reason);
    }
    return { action: "wait", reason: reasons.join("; ") };
  };
}
