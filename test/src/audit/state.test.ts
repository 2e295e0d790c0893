import { expect } from "chai";
import {
  createClient,
  custom,
  decodeFunctionResult,
  encodeFunctionResult,
  getAbiItem,
  type Hex,
  numberToHex,
  toFunctionSelector,
} from "viem";
import { paymentChannelsAbi } from "../../../src/abi/paymentChannels.ts";
import { audit } from "../../../src/audit/index.ts";
import { channelId } from "../../../src/protocol/channel.ts";
import { type Stage, setStage } from "../../broken/stage.ts";
import { startChain, type TestChain } from "../../support/chain.ts";

describe("audit of an escrow's storage", () => {
  let chain: TestChain;
  let stage: Stage;

  beforeEach(async () => {
    chain = await startChain();
    stage = await setStage(chain);
  });

  afterEach(() => chain.stop());

  /** Audits through a provider that changes what one view answers. */
  function auditWhere(view: typeof getChannels | typeof credit, change: (answer: Hex) => Hex) {
    const request = async (asked: { method: string; params?: unknown }) => {
      const answer = (await chain.client.request(asked as never)) as Hex;
      const [call] = (asked.params ?? []) as { data?: Hex }[];
      return asked.method === "eth_call" && call?.data?.startsWith(toFunctionSelector(view)) ? change(answer) : answer;
    };
    const client = createClient({ transport: custom({ request }, { retryCount: 0 }) });
    return audit({ client, escrow: stage.escrow.address });
  }

  const words: [field: string, change: (state: State) => State][] = [
    ["deposit", (state) => ({ ...state, deposit: state.deposit + 1n })],
    ["settled", (state) => ({ ...state, settled: state.settled + 1n })],
    ["closeRequestedAt", (state) => ({ ...state, closeRequestedAt: state.closeRequestedAt + 1n })],
    ["finalized", (state) => ({ ...state, finalized: !state.finalized })],
  ];

  for (const [field, change] of words) {
    it(`given a stored word with another ${field}, when audited, it should name the channel`, async () => {
      const channel = await stage.open(await stage.person(), await stage.person(), 100n);
      await stage.open(await stage.person(), await stage.person(), 100n);
      const { facts } = await auditWhere(getChannels, (data) => {
        const [first, ...rest] = decodeFunctionResult({ abi: [getChannels], data });
        return encodeFunctionResult({ abi: [getChannels], result: [change(first as State), ...rest] });
      });
      expect(facts.map(({ code }) => code)).to.deep.equal(["state-mismatch"]);
      expect(facts[0]?.channelId).to.equal(channelId(channel, stage.escrow));
    });
  }

  it("given a credit that is not as its events say, when audited, it should name the account", async () => {
    const refuser = await chain.deploy("RevertingReceiver");
    await stage.settle(await stage.open(await stage.person(), refuser, 100n), 40n);
    const { facts } = await auditWhere(credit, () => numberToHex(41n, { size: 32 }));
    expect(facts).to.have.length(1);
    expect(facts[0]).to.deep.include({ code: "credit-mismatch", account: refuser, expected: 40n, actual: 41n });
  });
});

type State = { deposit: bigint; settled: bigint; closeRequestedAt: bigint; finalized: boolean };

const getChannels = getAbiItem({ abi: paymentChannelsAbi, name: "getChannels" });
const credit = getAbiItem({ abi: paymentChannelsAbi, name: "credit" });
