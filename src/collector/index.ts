export { type Collector, type CollectorHealth, createCollector, type Wish } from "./createCollector.ts";
export { type CollectorMetrics, createMetrics } from "./metrics.ts";
export type { ClosingTerms, CollectorOptions, CollectorRelay, CollectorTerms, StreamOptions } from "./options.ts";
export { WrongPoolError } from "./round.ts";
export { MarginError } from "./running.ts";
export type { ProjectTotal, Totals } from "./totals.ts";
