import type { Context, MiddlewareHandler } from "hono";

/**
 * Any of this room's handlers as a Hono handler.
 * @example
 * app.all("/article", honoHandler(paywall(payee, options, () => new Response("the article"))));
 */
export function honoHandler(handler: (request: Request) => Promise<Response>): MiddlewareHandler {
  return (context: Context) => handler(context.req.raw);
}
