import { plainProblem, problemResponse } from "../http/problemResponse.ts";
import { FarthingError } from "../protocol/index.ts";
import type { StreamOptions } from "./options.ts";

/** Server-sent events of one text that changes, to many listeners. */
export type Stream = {
  /** The response of one listener, or 503 when there are too many. */
  open(): Response;
  readonly clients: number;
  /** Ends every listener's response. */
  stop(): void;
};

/**
 * Each listener has one event waiting at most: who is slow skips texts, who takes nothing is let go, and nothing is ever queued.
 * @param source.version Grows with the text.
 */
export function createStream(
  source: { version(): number; text(): string },
  { maxClients = 1_000, pace = 250, heartbeat = 15_000 }: StreamOptions = {},
): Stream {
  const listeners = new Set<Listener>();
  let shown = { version: -1, bytes: new Uint8Array() };
  let beats = 0;

  function newest(): { version: number; bytes: Uint8Array<ArrayBuffer> } {
    const version = source.version();
    if (version !== shown.version) {
      shown = { version, bytes: new TextEncoder().encode(`event: totals\nid: ${version}\ndata: ${source.text()}\n\n`) };
    }
    return shown;
  }

  /** Gives each listener that waits what it has not seen, or a sign of life. */
  function serve(isBeat: boolean): void {
    for (const listener of listeners) {
      if (listener.seen !== source.version()) listener.take(newest());
      else if (isBeat) listener.take({ version: listener.seen, bytes: alive });
    }
  }

  let timers: ReturnType<typeof setInterval>[] = [];
  function beat(): void {
    beats += 1;
    serve(true);
    for (const listener of listeners) if (beats - listener.lastBeat > patience) listener.drop();
  }

  function add(listener: Listener): void {
    listeners.add(listener);
    if (timers.length === 0) timers = [setInterval(() => serve(false), pace), setInterval(beat, heartbeat)];
  }
  function remove(listener: Listener): void {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    timers.forEach(clearInterval);
    timers = [];
  }

  return {
    get clients() {
      return listeners.size;
    },
    open() {
      if (listeners.size >= maxClients) {
        const detail = "Too many listen already. Ask for /totals now and then, or come back later.";
        return problemResponse({ problem: plainProblem(503, "Service Unavailable", detail), retryAfter: 60 });
      }
      const listener = createListener(() => beats, remove);
      add(listener);
      listener.take(newest());
      return new Response(listener.body, {
        headers: { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" },
      });
    },
    stop() {
      for (const listener of listeners) listener.end();
    },
  };
}

type Listener = {
  readonly body: ReadableStream<Uint8Array>;
  /** The version that it was given last. */
  seen: number;
  /** The beat at which it last had room. */
  lastBeat: number;
  /** Gives it a chunk if it has room, else nothing happens. */
  take(chunk: { version: number; bytes: Uint8Array<ArrayBuffer> }): void;
  end(): void;
  /** Breaks the connection off: it takes nothing. */
  drop(): void;
};

function createListener(beats: () => number, left: (listener: Listener) => void): Listener {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const listener: Listener = {
    body: new ReadableStream<Uint8Array>(
      {
        start(opened) {
          controller = opened;
        },
        cancel() {
          left(listener);
        },
      },
      { highWaterMark: 1 },
    ),
    seen: -1,
    lastBeat: beats(),
    take({ version, bytes }) {
      if (!controller || (controller.desiredSize ?? 0) <= 0) return;
      controller.enqueue(bytes);
      listener.seen = version;
      listener.lastBeat = beats();
    },
    end() {
      left(listener);
      controller?.close();
      controller = undefined;
    },
    drop() {
      left(listener);
      controller?.error(new TooSlowError());
      controller = undefined;
    },
  };
  return listener;
}

/** A comment of the event stream: nothing to whoever listens, a byte to whoever watches the connection. */
const alive = new TextEncoder().encode(":\n\n");
/** Beats that a listener may leave a chunk untaken. */
const patience = 4;

/** A reader took nothing for too long. */
export class TooSlowError extends FarthingError {
  override readonly name = "TooSlowError";
  constructor() {
    super("too-slow", "The reader took nothing for so long that its place was given away. Ask again.");
  }
}
