import { expect } from "chai";
import { showsEverything } from "./completeness.ts";
import { describeGiving } from "./pool/giving.ts";
import { describeRefusals } from "./pool/refusals.ts";
import { describeSettling } from "./pool/settling.ts";
import { type PoolStage, setPoolStage } from "./pool/stage.ts";

/** What no call from outside can reach, and why. Each must be in the compiled ABI and must not have been seen. */
const unreachable: Record<string, string> = {
  "error InvalidShortString()":
    "OpenZeppelin's, for a domain name of more than 31 bytes; ours are constants of 22 and 1",
  "error StringTooLong(string)": "OpenZeppelin's, for the same",
  "function collectItem(((address,address,address,bytes32,address),bytes,(uint256,uint128)[],(uint256,uint128)[],bytes,bytes))":
    "the pool's own call to itself, once for each item of a batch; all others meet OnlySelf",
  "event EIP712DomainChanged()": "EIP-5267's, for a domain that changes; ours never does",
};

describe("DonationPool, as observed on the wire", () => {
  let stage: PoolStage;

  before(async () => {
    stage = await setPoolStage();
  });

  after(() => stage.chain.stop());

  describeGiving(() => stage);
  describeSettling(() => stage);
  describeRefusals(() => stage);

  it("has shown every function, event and error of the compiled contract and of its interface", async () => {
    const count = await showsEverything(stage.witness, stage.abi, "IDonationPool", unreachable);
    expect(count).to.be.greaterThan(80);
  });
});
