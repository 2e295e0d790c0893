// Where the rows are measured: the same work on any chain that can start afresh.
import { startChain, type TestChain } from "../../../test/support/chain.ts";

/** Seconds from a transaction's block to the next one's. */
export const blockTime = 2n;

export type Venue = {
  /** A fresh chain whose clock starts at `initialDate`, with the escrow and its tokens on it. */
  start(initialDate: Date): Promise<TestChain>;
  /** Sees to it that the next transaction happens at this second, and that its gas may be free. */
  turnTo(chain: TestChain, second: bigint): Promise<void>;
};

/** Hardhat's simulated OP chain, in this process. */
export const simulated: Venue = {
  start: (initialDate) => startChain({ initialDate }),
  async turnTo({ client }, second) {
    await client.setNextBlockTimestamp({ timestamp: second });
    await client.setNextBlockBaseFeePerGas({ baseFeePerGas: 0n });
  },
};
