import { Counter, Gauge, Registry } from "prom-client";

/** What `/metrics` shows. A registry of its own, so that two collectors in one process do not mix. */
export type CollectorMetrics = ReturnType<typeof createMetrics>;

export function createMetrics(registry: Registry = new Registry()) {
  const registers = [registry];
  const counter = <T extends string>(name: string, help: string, labelNames: T[]) =>
    new Counter<T>({ name: `farthing_collector_${name}`, help, labelNames, registers });
  const gauge = (name: string, help: string) => new Gauge({ name: `farthing_collector_${name}`, help, registers });
  return {
    registry,
    requests: counter("requests_total", "Requests, by route and status", ["route", "status"]),
    gifts: counter("gift_requests_total", "Gift requests, by what came of them: a refusal's code, accepted, replayed", [
      "outcome",
    ]),
    closeRequests: counter("close_requests_total", "Close requests, by status", ["status"]),
    faults: counter("faults_total", "What failed and was survived, by where", ["where"]),
    given: gauge("given", "Sum of all gifts held, base units; for eyes, never for decisions"),
    channels: gauge("channels", "Channels that gave"),
    listeners: gauge("listeners", "Open streams of totals"),
    block: gauge("block", "Newest block at which the round was read"),
    factsAge: gauge("facts_age_seconds", "Seconds since the round was read"),
  };
}
