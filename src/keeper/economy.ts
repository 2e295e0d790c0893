import type { ClaimChannel, ClaimEnv } from "./policy.ts";

/**
 * How many rows share each channel's transaction. The fee of a channel depends on how many share it, and who shares depends
 * on the fee: start with everybody, drop who says no, ask the rest again at their higher fee, until nobody leaves.
 * @param wants Whether a channel would settle when `env.batch` rows share the transaction.
 */
export function companions<T extends ClaimChannel>(
  channels: readonly T[],
  env: ClaimEnv,
  batchSize: number,
  wants: (channel: T, env: ClaimEnv) => boolean,
): ReadonlyMap<T, number> {
  const sizes = new Map<T, number>();
  for (const group of groups(channels)) {
    let staying = group;
    let shared = 0;
    // Each round loses a channel or ends; above `batchSize` the fee no longer changes, so rounds are few.
    while (staying.length > 0 && shared !== Math.min(staying.length, batchSize)) {
      const size = Math.min(staying.length, batchSize);
      staying = staying.filter((channel) => wants(channel, { ...env, batch: size }));
      shared = size;
    }
    for (const channel of group) sizes.set(channel, Math.max(1, shared));
  }
  return sizes;
}

function groups<T extends ClaimChannel>(channels: readonly T[]): T[][] {
  const groups = new Map<string, T[]>();
  for (const channel of channels) {
    const { payee, token } = channel.record.channel;
    const group = groups.get(`${payee}:${token}`) ?? [];
    groups.set(`${payee}:${token}`, group);
    group.push(channel);
  }
  return [...groups.values()];
}
