import { Worker } from "node:worker_threads";
import { FarthingError } from "../protocol/errors.ts";
import { answerSize, type Batch, digestSize, jobSize } from "./batch.ts";

type Job = {
  digest: Uint8Array;
  signature: Uint8Array;
  resolve: (key: Uint8Array | undefined) => void;
  reject: (error: unknown) => void;
};

type Thread = { worker: Worker; jobs: Job[] };

/** Signatures of one message to a thread at most: enough that the message costs little, few enough that all threads have work. */
const batchLimit = 64;

/**
 * Threads that recover keys. What is asked for in one turn of the event loop travels together; threads that wait keep no process
 * alive.
 */
export function startPool(size: number) {
  const idle: Thread[] = [];
  const all = new Set<Thread>();
  const waiting: Job[] = [];
  let isScheduled = false;
  let isClosed = false;

  function start(): Thread {
    // The compiler rewrites imports, not this: the sources run as they are, and so does what was built from them.
    const entry = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";
    // The program's own flags may be for its main script alone, such as --input-type.
    const thread: Thread = { worker: new Worker(new URL(entry, import.meta.url), { execArgv: [] }), jobs: [] };
    const end = (cause?: unknown) => {
      all.delete(thread);
      if (idle.includes(thread)) idle.splice(idle.indexOf(thread), 1);
      for (const job of thread.jobs.splice(0)) job.reject(new VerifierThreadError(cause));
      // Whoever still waits is served by the others, or by one that takes this one's place.
      if (!isClosed) schedule();
    };
    thread.worker.on("message", (answers: Uint8Array) => {
      const jobs = thread.jobs.splice(0);
      thread.worker.unref();
      idle.push(thread);
      for (const [index, job] of jobs.entries()) job.resolve(keyAt(answers, index));
      if (waiting.length > 0) schedule();
    });
    thread.worker.on("error", end);
    thread.worker.on("exit", () => end());
    thread.worker.unref();
    all.add(thread);
    return thread;
  }

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    queueMicrotask(() => {
      isScheduled = false;
      while (waiting.length > 0) {
        const thread = idle.pop() ?? (all.size < size ? start() : undefined);
        if (!thread) return;
        const share = Math.ceil(waiting.length / (idle.length + 1 + size - all.size));
        send(thread, waiting.splice(0, Math.min(share, batchLimit)));
      }
    });
  }

  function send(thread: Thread, jobs: Job[]): void {
    const batch: Batch = new Uint8Array(jobs.length * jobSize);
    for (const [index, { digest, signature }] of jobs.entries()) {
      batch.set(digest, index * jobSize);
      batch.set(signature, index * jobSize + digestSize);
    }
    thread.jobs = jobs;
    thread.worker.ref();
    thread.worker.postMessage(batch, [batch.buffer]);
  }

  return {
    recoverKey(digest: Uint8Array, signature: Uint8Array): Promise<Uint8Array | undefined> {
      if (isClosed) return Promise.reject(new VerifierThreadError());
      if (digest.length !== 32 || signature.length !== 65) return Promise.resolve(undefined);
      return new Promise((resolve, reject) => {
        waiting.push({ digest: digest.slice(), signature: signature.slice(), resolve, reject });
        schedule();
      });
    },
    /** Ends the threads; whatever waits is rejected. */
    async close(): Promise<void> {
      isClosed = true;
      for (const job of waiting.splice(0)) job.reject(new VerifierThreadError());
      await Promise.all([...all].map(({ worker }) => worker.terminate()));
    },
  };
}

function keyAt(answers: Uint8Array, index: number): Uint8Array | undefined {
  const from = index * answerSize;
  return answers[from] === 0 ? undefined : answers.slice(from + 1, from + answerSize);
}

/** A thread that verifies has ended; nothing is known of the signatures that it had. */
export class VerifierThreadError extends FarthingError {
  override readonly name = "VerifierThreadError";
  constructor(cause?: unknown) {
    super(
      "verifier-thread",
      "A thread that verifies signatures has ended. Ask again; if it happens again, use no workers.",
      {
        cause,
      },
    );
  }
}
