import { maxHeaderLength } from "../protocol/index.ts";
import { type Denial, plainProblem } from "./problemResponse.ts";

/** How much of a request is looked at. */
export type Limits = {
  /** Bytes of a request's body: 1 MiB unless told. */
  maxBody?: number;
  /** Characters of all its headers together: 32 KiB unless told. */
  maxHeaders?: number;
};

/**
 * The request with its body read, so that one that is too large, or breaks off, is refused before it is charged.
 * @returns The request to serve, or why it is not.
 */
export async function limited(request: Request, limits: Limits): Promise<Request | Denial> {
  const { maxBody = 1024 * 1024, maxHeaders = 2 * maxHeaderLength } = limits;
  let length = 0;
  for (const [name, value] of request.headers) length += name.length + value.length;
  if (length > maxHeaders) {
    const detail = `The headers are longer than ${maxHeaders} characters. Send less.`;
    return { problem: plainProblem(431, "Request Header Fields Too Large", detail) };
  }
  if (!request.body) return request;
  const tooLarge: Denial = {
    // The rest of the body is on its way and nobody reads it: the connection cannot be used again.
    close: true,
    problem: plainProblem(
      413,
      "Content Too Large",
      `The body is longer than ${maxBody} bytes. Send less; nothing was charged.`,
    ),
  };
  if (Number(request.headers.get("content-length") ?? 0) > maxBody) return tooLarge;
  const body = await readUpTo(request.body, maxBody);
  if (!body) return tooLarge;
  const { method, headers, url, signal } = request;
  return new Request(url, { method, headers, signal, body });
}

/** All of a stream, or undefined once it is longer than `max` bytes. */
export async function readUpTo(stream: ReadableStream<Uint8Array>, max: number): Promise<Blob | undefined> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Blob(chunks);
    length += value.length;
    if (length > max) {
      await reader.cancel();
      return undefined;
    }
    chunks.push(new Uint8Array(value));
  }
}
