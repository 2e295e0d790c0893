import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";

export type Serving = {
  /** Where it listens, as `http://127.0.0.1:8402`. */
  readonly url: string;
  readonly port: number;
  /** Takes no new connections and resolves when what is in flight has been answered. Calling it again is the same stop. */
  stop(): Promise<void>;
};

/**
 * Serves a handler on Node over plain HTTP: put TLS in front of it wherever it leaves the machine.
 * @param options.port 0 for any free port.
 * @param options.grace How long `stop` waits for requests in flight before it cuts them off, milliseconds: 10,000 unless told.
 */
export async function serve(
  handler: (request: Request) => Response | Promise<Response>,
  options: { port?: number; hostname?: string; grace?: number } = {},
): Promise<Serving> {
  const { port = 0, hostname = "127.0.0.1", grace = 10_000 } = options;
  const server = createAdaptorServer({ fetch: handler, overrideGlobalObjects: false }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, hostname, () => {
      server.off("error", reject);
      resolve();
    });
  });
  // A connection that was busy when the stop began is closed once its answer is out, and not when it has idled long enough.
  server.on("request", (_request, response) => {
    response.once("close", () => stopping && setImmediate(() => server.closeIdleConnections()));
  });
  const address = server.address() as AddressInfo;
  let stopping: Promise<void> | undefined;
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return {
    url: `http://${host}:${address.port}`,
    port: address.port,
    stop() {
      stopping ??= new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => server.closeAllConnections(), grace);
        server.close((error) => {
          clearTimeout(timer);
          if (error) reject(error);
          else resolve();
        });
        server.closeIdleConnections();
      });
      return stopping;
    },
  };
}
