import { custom, type Transport } from "viem";

export type RpcRequest = { method: string; params: readonly unknown[] };

/** Answers a request itself, or through `honest`, which asks the real node. */
export type Lie = (request: RpcRequest, honest: (request?: RpcRequest) => Promise<unknown>) => Promise<unknown>;

export type LyingNode = {
  /** What was asked, oldest first. */
  asked: RpcRequest[];
  lie: Lie | undefined;
  transport: Transport;
};

/** A node between the test and the real one, that may drop, delay, falsify or refuse. `lie` may be exchanged at any time. */
export function lyingTransport(real: Transport): LyingNode {
  const { request } = real({ retryCount: 0 });
  const asked: RpcRequest[] = [];
  const node: LyingNode = {
    asked,
    lie: undefined,
    transport: custom(
      {
        async request({ method, params = [] }: { method: string; params?: readonly unknown[] }) {
          const question: RpcRequest = { method, params };
          asked.push(question);
          const honest = (other: RpcRequest = question) => request(other as never) as Promise<unknown>;
          return node.lie ? node.lie(question, honest) : honest();
        },
      },
      { retryCount: 0 },
    ),
  };
  return node;
}

/** The error that a node answers with: words and a JSON-RPC code. */
export function rpcError(message: string, code = -32000): Error {
  return Object.assign(new Error(message), { code });
}
