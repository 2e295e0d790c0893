// For each named fault of the escrow, a story that a sound escrow passes and that the fault turns red. Each throws when what it
// saw is unsafe. Tokens, not coins, wherever an audit must see it too: their own logs tell what really moved.
import { type Address, concat } from "viem";
import { ChannelRevertError } from "../../src/chain/index.ts";
import { type Stage, setStage } from "./stage.ts";

export type FaultName =
  | "settles-past-the-deposit"
  | "close-forgets-the-refund"
  | "skips-the-grace-period"
  | "asks-erc1271-before-ecdsa"
  | "batch-pays-a-skipped-row";

type Scenario = (stage: Stage) => Promise<void>;

/** A payer's voucher above its own deposit must not be paid from somebody else's. */
const settlesPastTheDeposit: Scenario = async (stage) => {
  const { token, payer, payee } = await people(stage);
  const other = await stage.person();
  await stage.open(other, payee, 10_000n, token);
  const channel = await stage.open(payer, payee, 100n, token);
  const before = await stage.balance(token, payee);
  await refused("a voucher above the deposit", () => stage.settle(channel, 600n));
  equal("the payee's balance", await stage.balance(token, payee), before);
};

/** A cooperative close must bring the payer the remainder at once. */
const closeForgetsTheRefund: Scenario = async (stage) => {
  const { token, payer, payee } = await people(stage);
  const before = await stage.balance(token, payer);
  const channel = await stage.open(payer, payee, 1_000n, token);
  await stage.close(channel, 300n);
  equal("the payer's balance after the close", await stage.balance(token, payer), before - 300n);
};

/** A payer that asks to leave must wait, however soon it comes back. */
const skipsTheGracePeriod: Scenario = async (stage) => {
  const { token, payer, payee } = await people(stage);
  const channel = await stage.open(payer, payee, 1_000n, token);
  await stage.requestClose(channel);
  await refused("a withdrawal within the grace period", () => stage.withdraw(channel));
};

/** A payer that delegates to code after it signed must not be able to disown its voucher. */
const asksErc1271BeforeEcdsa: Scenario = async (stage) => {
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
const batchPaysASkippedRow: Scenario = async (stage) => {
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

const scenarios: Record<FaultName, Scenario> = {
  "settles-past-the-deposit": settlesPastTheDeposit,
  "close-forgets-the-refund": closeForgetsTheRefund,
  "skips-the-grace-period": skipsTheGracePeriod,
  "asks-erc1271-before-ecdsa": asksErc1271BeforeEcdsa,
  "batch-pays-a-skipped-row": batchPaysASkippedRow,
};

/** Plays one scenario on a chain. @returns what was unsafe, in a sentence, or undefined. */
export async function play(name: FaultName, chain: Stage["chain"]): Promise<string | undefined> {
  const stage = await setStage(chain);
  try {
    await scenarios[name](stage);
    return undefined;
  } catch (error) {
    // A verb that must work and reverted is unsafe as well. Any other error is the test's own, and says nothing of the escrow.
    if (error instanceof UnsafeError || error instanceof ChannelRevertError) return error.message;
    throw error;
  }
}

class UnsafeError extends Error {
  override readonly name = "UnsafeError";
}

async function people(stage: Stage): Promise<{ token: Address; payer: Address; payee: Address }> {
  return { token: stage.chain.tokens.plain, payer: await stage.person(), payee: await stage.person() };
}

async function refused(what: string, attempt: () => Promise<unknown>): Promise<void> {
  const refusal = await attempt().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (refusal === undefined) throw new UnsafeError(`${what} went through`);
  if (!(refusal instanceof ChannelRevertError)) throw refusal;
}

function equal(what: string, actual: bigint, expected: bigint): void {
  if (actual !== expected) throw new UnsafeError(`${what} is ${actual}, and should be ${expected}`);
}
