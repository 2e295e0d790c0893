// Long work shown: bars on a terminal, a plain line every few seconds elsewhere; and each phase's time at the end.
import { type Presets, SingleBar } from "cli-progress";

export type Progress = { update(done: number, note?: string): void; end(): void };

const phases: { name: string; seconds: number }[] = [];

/** Runs a phase, prints its name before and its time after, and remembers it for {@link phaseTimes}. */
export async function phase<T>(name: string, work: () => Promise<T>): Promise<T> {
  console.log(`• ${name}`);
  const started = performance.now();
  try {
    return await work();
  } finally {
    const seconds = (performance.now() - started) / 1000;
    phases.push({ name, seconds });
    console.log(`  ${seconds.toFixed(1)} s`);
  }
}

export function phaseTimes(): string {
  return phases.map(({ name, seconds }) => `  ${name.padEnd(48)} ${seconds.toFixed(1).padStart(6)} s`).join("\n");
}

export function progress(total: number, unit: string): Progress {
  return process.stdout.isTTY ? bar(total, unit) : lines(total, unit);
}

function bar(total: number, unit: string): Progress {
  const format = `  {bar} {value}/{total} ${unit} {note}`;
  const preset: typeof Presets.shades_classic = { format, barCompleteChar: "█", barIncompleteChar: "░" };
  const display = new SingleBar({ barsize: 30, hideCursor: true }, preset);
  display.start(total, 0, { note: "" });
  return { update: (done, note = "") => display.update(Math.min(done, total), { note }), end: () => display.stop() };
}

function lines(total: number, unit: string): Progress {
  let printed = performance.now();
  return {
    update(done, note = "") {
      if (performance.now() - printed < 5_000) return;
      printed = performance.now();
      console.log(`  ${done}/${total} ${unit} ${note}`.trimEnd());
    },
    end() {},
  };
}
