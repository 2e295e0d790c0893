import type { ClaimPolicy } from "../policy.ts";

/** The first policy that does not say `wait` decides; if all wait, the last one's reason is given. */
export function any(...policies: readonly [ClaimPolicy, ...ClaimPolicy[]]): ClaimPolicy {
  return (channel, env) => {
    let decision = policies[0](channel, env);
    for (const policy of policies.slice(1)) {
      if (decision.action !== "wait") return decision;
      decision = policy(channel, env);
    }
    return decision;
  };
}
