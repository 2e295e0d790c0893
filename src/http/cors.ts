/** Headers that a browser's script may read of an answer. */
const exposed = "WWW-Authenticate, Payment-Receipt, Idempotent-Replayed, Retry-After";

/** An answer that a browser's script of `origin` may read, with what it needs to pay. The body is passed on as it is. */
export function withCors(response: Response, origin: string): Response {
  const headers = new Headers(response.headers);
  if (!headers.has("access-control-allow-origin")) headers.set("access-control-allow-origin", origin);
  headers.append("access-control-expose-headers", exposed);
  if (origin !== "*") headers.append("vary", "Origin");
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}

/** The answer to any OPTIONS request: paying needs `Authorization` and `Idempotency-Key`. */
export function preflight(origin: string): Response {
  const headers = {
    "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
    "access-control-allow-headers": "Authorization, Idempotency-Key, Content-Type",
    // One day, seconds.
    "access-control-max-age": "86400",
  };
  return withCors(new Response(null, { status: 204, headers }), origin);
}
