import { preflight, withCors } from "../http/cors.ts";
import { faultDenial, plainProblem, problemResponse } from "../http/problemResponse.ts";

export type Route = (request: Request) => Response | Promise<Response>;

/** Handlers by path and method; HEAD is answered as GET, without its body. */
export type Routes = Readonly<Record<string, Readonly<Partial<Record<"GET" | "POST", Route>>>>>;

/** One handler of all routes, readable by any page of `origin`. Never throws. */
export function createRouter(options: {
  origin: string;
  routes: Routes;
  onAnswer: (route: string, status: number) => void;
  onFault: (where: string, fault: unknown) => void;
}): (request: Request) => Promise<Response> {
  const { origin, routes, onAnswer, onFault } = options;

  async function answer(request: Request, path: string): Promise<Response> {
    const methods = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (!methods) {
      const detail = `There is nothing here. The routes are ${Object.keys(routes).join(", ")}.`;
      return problemResponse({ problem: plainProblem(404, "Not Found", detail) });
    }
    const isHead = request.method === "HEAD";
    const route = methods[(isHead ? "GET" : request.method) as keyof typeof methods];
    if (route && isHead) {
      const { status, headers, body } = await route(request);
      await body?.cancel();
      return new Response(null, { status, headers });
    }
    if (route) return route(request);
    const allow = Object.keys(methods).join(", ");
    const problem = plainProblem(405, "Method Not Allowed", `Ask by ${allow}.`);
    return problemResponse({ problem }, { allow: `${allow}, OPTIONS` });
  }

  return async (request) => {
    if (request.method === "OPTIONS") return preflight(origin);
    const path = new URL(request.url).pathname;
    const name = Object.hasOwn(routes, path) ? path : "other";
    const response = await answer(request, path).catch((fault: unknown) => {
      onFault(name, fault);
      return problemResponse(faultDenial(fault));
    });
    onAnswer(name, response.status);
    return response.headers.has("access-control-allow-origin") ? response : withCors(response, origin);
  };
}
