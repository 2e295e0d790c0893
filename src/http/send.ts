/** A request that can be sent again: its body is read once. */
export type Repeatable = (headers: Record<string, string>) => Request;

export type Sending = {
  fetch: (request: Request) => Promise<Response>;
  sleep: (milliseconds: number) => Promise<void>;
};

export async function repeatable(request: Request): Promise<Repeatable> {
  const body = request.body ? await request.arrayBuffer() : undefined;
  const { method, url, signal, credentials, redirect } = request;
  return (extra) => {
    const headers = new Headers(request.headers);
    for (const [name, value] of Object.entries(extra)) headers.set(name, value);
    return new Request(url, { method, headers, signal, credentials, redirect, ...(body ? { body } : {}) });
  };
}

/**
 * Sends the very same request again where its reply was lost, or the server failed or is not ready, at most `tries` times in
 * all. Safe: key and voucher are the same, so it is charged once at most.
 * @param patience How often to wait as the server asks (`Retry-After`), for a transaction to become deep enough.
 */
export async function sendAgain(
  { fetch, sleep }: Sending,
  make: () => Request,
  { tries = 3, patience = 0 }: { tries?: number; patience?: number } = {},
): Promise<Response> {
  let lost = 0;
  let failed = 0;
  let waited = 0;
  for (;;) {
    const request = make();
    let response: Response;
    try {
      response = await fetch(request);
    } catch (error) {
      lost += 1;
      if (request.signal.aborted || lost >= tries) throw error;
      await sleep(100 * 2 ** lost);
      continue;
    }
    const wait = retryAfter(response);
    const isWaiting = wait !== undefined && waited < patience && (response.status === 410 || response.status === 503);
    const isFailed = response.status >= 500 && failed < 1;
    if (!isWaiting && !isFailed) return response;
    if (isWaiting) waited += 1;
    else failed += 1;
    await response.body?.cancel();
    await sleep(Math.min(wait ?? 0, longestWait));
  }
}

/** Milliseconds, however long a server asks for. */
const longestWait = 5_000;

function retryAfter(response: Response): number | undefined {
  const text = response.headers.get("retry-after");
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) * 1000 : undefined;
}
