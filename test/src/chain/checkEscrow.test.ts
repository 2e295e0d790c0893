import { expect } from "chai";
import { type Hex, numberToHex, pad, toFunctionSelector } from "viem";
import { chainNow } from "../../../src/chain/chainNow.ts";
import { checkEscrow, NotAnEscrowError } from "../../../src/chain/checkEscrow.ts";
import { ChainUnavailableError, WrongChainError } from "../../../src/chain/failure.ts";
import { gracePeriod, startChain, type TestChain } from "../../support/chain.ts";
import { lyingTransport, rpcError } from "../../support/lyingTransport.ts";
import { clientOver, failure } from "./support.ts";

describe("checkEscrow", () => {
  let chain: TestChain;

  before(async () => {
    chain = await startChain();
  });

  after(() => chain.stop());

  it("of an escrow tells its grace period and code hash", async () => {
    const facts = await checkEscrow(chain.client, chain.escrow);
    expect(facts.closeGracePeriod).to.equal(gracePeriod);
    expect(await checkEscrow(chain.client, chain.escrow, facts)).to.deep.equal(facts);
  });

  it("refuses other code at the same address", async () => {
    const codeHash: Hex = `0x${"ab".repeat(32)}`;
    expect(await failure(checkEscrow(chain.client, chain.escrow, { codeHash }))).to.be.instanceOf(NotAnEscrowError);
  });

  it("refuses an address without code, and a contract that is no escrow", async () => {
    for (const address of [chain.deployer, chain.tokens.plain, chain.tokens.authorization]) {
      const error = await failure(checkEscrow(chain.client, { address, chainId: chain.escrow.chainId }));
      expect(error, address).to.be.instanceOf(NotAnEscrowError);
    }
  });

  it("refuses a grace period below ten minutes", async () => {
    const node = lyingTransport(chain.transport);
    node.lie = async (request, honest) => {
      const [{ data } = {}] = request.params as [{ data?: Hex }?];
      return data === toFunctionSelector("closeGracePeriod()") ? pad(numberToHex(599)) : honest();
    };
    const error = await failure(checkEscrow(clientOver(chain, node.transport), chain.escrow));
    expect(error).to.be.instanceOf(NotAnEscrowError);
    expect(error.message).to.include("599");
  });

  it("tells another chain, and a node that is down, from a wrong address", async () => {
    const elsewhere = { ...chain.escrow, chainId: 8453 };
    expect(await failure(checkEscrow(chain.client, elsewhere))).to.be.instanceOf(WrongChainError);
    const node = lyingTransport(chain.transport);
    for (const method of ["eth_chainId", "eth_getCode", "eth_call"]) {
      node.lie = async (request, honest) => {
        if (request.method === method) throw rpcError("connection refused");
        return honest();
      };
      const error = await failure(checkEscrow(clientOver(chain, node.transport), chain.escrow));
      expect(error, method).to.be.instanceOf(ChainUnavailableError);
    }
  });
});

describe("chainNow", () => {
  it("is the chain's time, whatever the host's clock says", async () => {
    const chain = await startChain();
    const before = await chainNow(chain.client);
    await chain.increaseTime(86_400);
    expect((await chainNow(chain.client)) - before >= 86_400n).to.equal(true);
    await chain.stop();
  });
});
