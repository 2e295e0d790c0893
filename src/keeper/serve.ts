import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Keeper } from "./keeper.ts";

/**
 * Serves `GET /healthz` (200 when all is well, 503 when not, JSON either way) and `GET /metrics` (Prometheus text).
 * @param options.port 0 for a free one.
 * @param options.host 127.0.0.1 unless told: neither page is for the public.
 */
export async function serveKeeper(
  keeper: Keeper,
  options: { port: number; host?: string },
): Promise<{ url: string; stop(): Promise<void> }> {
  const { port, host = "127.0.0.1" } = options;
  const server = createServer((request, response) => {
    answer(keeper, request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${actual}`,
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function answer(keeper: Keeper, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url?.split("?")[0];
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD" }).end();
  } else if (path === "/healthz") {
    const health = keeper.health();
    response.writeHead(health.ok ? 200 : 503, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(JSON.stringify({ ...health, block: health.block?.toString() }));
  } else if (path === "/metrics") {
    const { registry } = keeper.metrics;
    const text = await registry.metrics();
    response.writeHead(200, { "content-type": registry.contentType }).end(text);
  } else {
    response.writeHead(404).end();
  }
}
