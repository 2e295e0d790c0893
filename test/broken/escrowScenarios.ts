// For each named fault of the escrow, a story that a sound escrow passes and that the fault turns red. Tokens, not coins,
// wherever an audit must see it too: their own logs tell what really moved.
import { type Address, concat } from "viem";
import type { Stage } from "./stage.ts";
import { equal, refused, type Scenario } from "./unsafe.ts";

export type EscrowFault =
  | "settles-past-the-deposit"
  | "close-forgets-the-refund"
  | "skips-the-grace-period"
  | "asks-erc1271-before-ecdsa"
  | "batch-pays-a-skipped-row";

/** A payer's voucher above its own deposit must not be paid from somebody else's. */
const settlesPastTheDeposit: Scenario<Stage> = async (stage) => {
  const { token, payer, payee } = await people(stage);
  const other = await stage.person();
  await stage.open(other, payee, 10_000n, token);
  const channel = await stage.open(payer, payee, 100n, token);
  const before = await stage.balance(token, payee);
  await refused("a voucher above the deposit", () => stage.settle(channel, 600n));
  equal("the payee's balance", await stage.balance(token, payee), before);
};

/** A cooperative close must bring the payer the remainder at once. */
const closeForgetsTheRefund: Scenario<Stage> = async (stage) => {
  const { token, payer, payee } = await people(stage);
  const before = await stage.balance(token, payer);
  const channel = await stage.open(payer, payee, 1_000n, token);
  await stage.close(channel, 300n);
  equal("the payer's balance after the close", await stage.balance(token, payer), before - 300n);
};

/** A payer that asks to leave must wait, however soon it comes back. */
const skipsTheGracePeriod: Scenario<Stage> = async (stage) => {
  const { token, payer, payee } = await people(stage);
  const channel = await stage.open(payer, payee, 1_000n, token);
  await stage.requestClose(channel);
  await refused("a withdrawal within the grace period", () => stage.withdraw(channel));
};

/** A payer that delegates to code after it signed must not be able to disown its voucher. */
const asksErc1271BeforeEcdsa: Scenario<Stage> = async (stage) => {
  const { token, payer, payee } = await people(stage);
  const channel = await stage.open(payer, payee, 1_000n, token);
  const signature = await stage.voucher(channel, 400n);
  const before = await stage.balance(token, payee);
  const denier = await stage.chain.deploy("NoWallet");
  await stage.chain.client.setCode({ address: payer, bytecode: concat(["0xef0100", denier]) });
  await stage.settle(channel, 400n, signature);
  equal("the payee's balance", await stage.balance(token, payee), before + 400n);
};

/** A batch must pay its good rows and nothing for the others. */
const batchPaysASkippedRow: Scenario<Stage> = async (stage) => {
  const { token, payer, payee } = await people(stage);
  const other = await stage.person();
  await stage.open(other, payee, 10_000n, token);
  const good = await stage.open(payer, payee, 1_000n, token);
  const stale = await stage.open(payer, payee, 1_000n, token);
  await stage.settle(stale, 700n);
  const before = await stage.balance(token, payee);
  await stage.settleBatch(payee, token, [
    [good, 50n],
    [stale, 600n],
  ]);
  equal("the payee's balance", await stage.balance(token, payee), before + 50n);
};

/** The story of each fault. */
export const escrowScenarios: Record<EscrowFault, Scenario<Stage>> = {
  "settles-past-the-deposit": settlesPastTheDeposit,
  "close-forgets-the-refund": closeForgetsTheRefund,
  "skips-the-grace-period": skipsTheGracePeriod,
  "asks-erc1271-before-ecdsa": asksErc1271BeforeEcdsa,
  "batch-pays-a-skipped-row": batchPaysASkippedRow,
};

async function people(stage: Stage): Promise<{ token: Address; payer: Address; payee: Address }> {
  return { token: stage.chain.tokens.plain, payer: await stage.person(), payee: await stage.person() };
}
