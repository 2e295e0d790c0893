import { type Address, type Hex, type LocalAccount, parseAbi } from "viem";
import type { TestChain } from "../../support/chain.ts";

const abi = parseAbi([
  "function mint(address to, uint256 amount)",
  "function approve(address spender, uint256 amount) returns (bool)",
  "function deny(address account, bool listed)",
  "function refuse()",
  "function arm(address target, bytes data)",
  "function result() view returns (bytes)",
]);

/** A token of a test's own, deployed: `tell` calls what makes it awkward, `result` is what its call from within gave. */
export async function deployToken(chain: TestChain, name: string, owner: LocalAccount) {
  const address: Address = await chain.deploy(name);
  type Word = "mint" | "approve" | "deny" | "refuse" | "arm";
  async function tell(functionName: Word, ...args: readonly unknown[]) {
    const wallet = chain.wallet(owner as never);
    const hash = await wallet.writeContract({ address, abi, functionName, args } as never);
    await wallet.waitForTransactionReceipt({ hash });
  }
  const result = (): Promise<Hex> => chain.client.readContract({ address, abi, functionName: "result" });
  return { address, tell, result };
}
