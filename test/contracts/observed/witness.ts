import { expect } from "chai";
import {
  type Abi,
  type Address,
  createWalletClient,
  custom,
  decodeErrorResult,
  decodeEventLog,
  decodeFunctionData,
  decodeFunctionResult,
  encodeFunctionData,
  type Hash,
  type Hex,
  type LocalAccount,
  parseTransaction,
  publicActions,
  toEventSignature,
  toFunctionSignature,
} from "viem";
import type { TestChain } from "../../support/chain.ts";
import { recordingProvider } from "./recordingProvider.ts";

export type Call = { functionName: string; args?: readonly unknown[]; value?: bigint; gas?: bigint };
/** An error's arguments; `any` where they say what nobody can foresee, as how much gas was left. */
export type Told = readonly unknown[] | "any";
export type Expected = { name: string; args: Record<string, unknown> };
export type Send = (call: { to: Address; data: Hex }) => Promise<{ transactionHash: Hash }>;
export type Witness = ReturnType<typeof createWitness>;

/** An ABI item's kind and signature: `event ChannelClosed(bytes32,uint128,uint128)`. */
export function itemName(item: Abi[number]): string {
  if (item.type === "event") return `event ${toEventSignature(item)}`;
  if (item.type === "function") return `function ${toFunctionSignature(item)}`;
  if (item.type === "error") return `error ${item.name}(${item.inputs.map((input) => input.type).join(",")})`;
  return item.type;
}

/**
 * Drives a contract and believes only what went over the wire: calldata, results, logs and revert data, decoded with the
 * compiled ABI and compared with what the scenario expects. Only what passed is `observed`.
 * @param address Where the contract is, unless a call says otherwise: several may share one ABI.
 */
export function createWitness(chain: TestChain, abi: Abi, address: Address) {
  const provider = recordingProvider(chain.transport);
  const transport = custom(provider as never, { retryCount: 0 });
  const observed = new Set<string>();

  const client = (account: LocalAccount | Address) =>
    createWalletClient({ account, transport, chain: chain.chain, pollingInterval: 50 }).extend(publicActions);

  function see(type: "function" | "event" | "error", name: string) {
    const items = abi.filter((item) => item.type === type && "name" in item && item.name === name);
    const [item] = items;
    if (!item || items.length !== 1) throw new Error(`the compiled ABI has ${items.length} of ${type} ${name}`);
    observed.add(itemName(item));
  }

  /** Sends a transaction that must succeed and emit exactly `events`, in order. */
  async function transact(account: LocalAccount, call: Call, events: readonly Expected[], to = address) {
    const { functionName, args = [], value = 0n, gas } = call;
    const data = encodeFunctionData({ abi, functionName, args });
    const hash = await client(account).sendTransaction({ to, data, value, ...(gas && { gas }) });
    await client(account).waitForTransactionReceipt({ hash });

    const sent = parseTransaction(provider.last("eth_sendRawTransaction").params[0] as Hex);
    const decoded = decodeFunctionData({ abi, data: sent.data ?? "0x" });
    expect(plain(decoded)).to.deep.equal(plain({ functionName, args: args.length ? args : undefined }));
    emits(functionName, events, to);
    see("function", functionName);
  }

  /** As `transact`, for a call that another contract makes, such as a timelock, in the transaction that `send` resolves with. */
  async function transactBy(send: Send, call: Call, events: readonly Expected[], to = address) {
    const { functionName, args = [] } = call;
    const data = encodeFunctionData({ abi, functionName, args });
    const { transactionHash: hash } = await send({ to, data });
    const { input } = await client(to).getTransaction({ hash });
    expect(input, `the transaction carries ${functionName}`).to.include(data.slice(2));
    await client(to).getTransactionReceipt({ hash });
    emits(functionName, events, to);
    see("function", functionName);
  }

  /** Events of a creation, by the contract that came to be. */
  async function created(hash: Hash, contract: Address, events: readonly Expected[]) {
    await client(contract).getTransactionReceipt({ hash });
    emits("the constructor", events, contract);
  }

  function emits(doing: string, events: readonly Expected[], by: Address) {
    const receipt = provider.last("eth_getTransactionReceipt").result as { status: Hex; logs: WireLog[] };
    expect(receipt.status, `${doing} succeeded`).to.equal("0x1");
    const logs = receipt.logs.filter((log) => log.address.toLowerCase() === by.toLowerCase());
    const emitted = logs.map((log) => {
      const { eventName, args } = decodeEventLog({ abi, data: log.data, topics: log.topics });
      return { name: eventName, args: args ?? {} };
    });
    expect(plain(emitted)).to.deep.equal(plain(events));
    for (const event of events) see("event", event.name);
  }

  /** Calls a view that must answer `expected`. */
  async function read(account: LocalAccount | Address, call: Call, expected: unknown, to = address) {
    const { functionName, args = [] } = call;
    await client(account).call({ to, data: encodeFunctionData({ abi, functionName, args }) });

    const { params, result } = provider.last("eth_call");
    const { data } = params[0] as { data: Hex };
    expect(decodeFunctionData({ abi, data }).functionName).to.equal(functionName);
    const answer = decodeFunctionResult({ abi, functionName, data: result as Hex });
    expect(plain(answer)).to.deep.equal(plain(expected));

    see("function", functionName);
  }

  /** Makes a call that must revert with exactly this error. */
  async function reverts(account: LocalAccount | Address, call: Call, name: string, args: Told = [], to = address) {
    const { functionName, args: given = [], value = 0n, gas } = call;
    const data = encodeFunctionData({ abi, functionName, args: given });
    await refuses(account, { to, data, value, ...(gas && { gas }) }, name, args);
  }

  /** As `reverts`, for a creation, or for a call of another contract that answers in this one's errors. */
  async function refuses(
    account: LocalAccount | Address,
    request: { to?: Address; data: Hex; value?: bigint; gas?: bigint },
    name: string,
    args: Told,
  ) {
    const answer = await client(account)
      .call(request)
      .then(
        () => "went through",
        () => "reverted",
      );
    expect(answer, `a call that should meet ${name}`).to.equal("reverted");
    const { revertData } = provider.last("eth_call");
    expect(revertData, `revert data of ${name}`).to.match(/^0x[0-9a-f]{8}/);
    meets(revertData as Hex, name, args);
  }

  /** Error data that was seen in another way, as by a contract that was refused. */
  function meets(data: Hex, name: string, args: Told = []) {
    const decoded = decodeErrorResult({ abi, data });
    const told = args === "any" ? args : (decoded.args ?? []);
    expect(plain({ name: decoded.errorName, args: told })).to.deep.equal(plain({ name, args }));
    see("error", name);
  }

  return { transact, transactBy, created, read, reverts, refuses, meets, observed: observed as ReadonlySet<string> };
}

type WireLog = { address: Address; data: Hex; topics: [Hex, ...Hex[]] };

/** Hex in lower case and bigints apart from numbers, so that two spellings of one value are equal. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, field) => {
      if (typeof field === "bigint") return `${field}n`;
      if (typeof field === "number") return `${field}n`;
      return typeof field === "string" && /^0x[0-9a-fA-F]*$/.test(field) ? field.toLowerCase() : field;
    }) ?? "null",
  );
}
