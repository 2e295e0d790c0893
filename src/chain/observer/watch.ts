import type { Client, Hex } from "viem";
import { watchBlockNumber } from "viem/actions";
import type { ChannelStore } from "../../store/store.ts";
import type { Passes } from "./passes.ts";

export type Pass = { kind: "sync" | "poll"; block: bigint; touched: Hex[] };

export type Watch = {
  /** Milliseconds between passes when no new block is announced: 4,000 unless told. */
  intervalMs?: number | undefined;
  /** Every so many intervals the pass is a full poll by state: 15 unless told, one a minute. The first always is. */
  pollEvery?: number | undefined;
  onPass?: ((pass: Pass) => void) | undefined;
  /** Told of every failed pass; the next is tried all the same. */
  onError?: ((error: unknown) => void) | undefined;
};

/** Passes without end, never two at once. Resolves `stop()` when the one under way has ended. */
export function watchStore(
  options: Watch & { client: Client; passes: Passes; store: ChannelStore },
): () => Promise<void> {
  const { client, passes, store, intervalMs = 4_000, pollEvery = 15 } = options;
  let wanted: Pass["kind"] | undefined;
  let running: Promise<void> | undefined;
  let stopped = false;
  let ticks = 0;

  function request(kind: Pass["kind"]) {
    if (stopped) return;
    if (wanted !== "poll") wanted = kind;
    running ??= run().finally(() => {
      running = undefined;
    });
  }

  async function run() {
    while (wanted && !stopped) {
      const kind = wanted;
      wanted = undefined;
      try {
        options.onPass?.(await once(kind));
      } catch (error) {
        report(error);
      }
    }
  }

  // A poll syncs too: state first, so that a provider without logs cannot hold it up.
  async function once(kind: Pass["kind"]): Promise<Pass> {
    if (kind === "poll") {
      const { block, touched } = await passes.poll(store);
      return { kind, block, touched };
    }
    const { to, touched } = await passes.sync(store);
    return { kind, block: to, touched };
  }

  function report(error: unknown) {
    try {
      options.onError?.(error);
    } catch {
      // A reporter that throws must not end the watch: its own error has nobody left to hear it.
    }
  }

  function tick() {
    request(ticks % pollEvery === 0 ? "poll" : "sync");
    ticks += 1;
  }

  tick();
  const timer = setInterval(tick, intervalMs);
  const unwatch = watchBlockNumber(client, {
    pollingInterval: intervalMs,
    onBlockNumber: () => request("sync"),
    onError: report,
  });

  return async () => {
    stopped = true;
    clearInterval(timer);
    unwatch();
    await running;
  };
}
