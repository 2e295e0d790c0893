import { expect } from "chai";
import { type Address, encodeAbiParameters, type Hex, keccak256 } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { encodeSettle } from "../../../src/chain/channels/encode.ts";
import { createObserver } from "../../../src/chain/observer.ts";
import { contractSignerCheck, createPayee, type Payee } from "../../../src/payee/index.ts";
import { channelId, nativeCoin } from "../../../src/protocol/channel.ts";
import { signVoucher } from "../../../src/protocol/voucher.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { selectVerifier } from "../../../src/verifier/selectVerifier.ts";
import { startChain, type TestChain } from "../../support/chain.ts";
import { describeChannel, escrowWallet } from "../chain/support.ts";
import { codeOf } from "./fixture.ts";

describe("payee and a signer whose EIP-7702 delegate signs over a hash of its own", function () {
  this.timeout(60_000);
  let chain: TestChain;
  let payee: Payee;
  let signer: PrivateKeyAccount;
  let keeper: PrivateKeyAccount;
  let id: Hex;
  let channel: ReturnType<typeof describeChannel>;

  beforeEach(async () => {
    chain = await startChain({ chainType: "l1" });
    const [payer, account, ...others] = await Promise.all([0, 0, 0, 0].map(() => chain.fundedAccount()));
    [signer, keeper] = others as [PrivateKeyAccount, PrivateKeyAccount];
    const { client, escrow } = chain;
    payee = createPayee({
      escrow,
      account: { address: (account as PrivateKeyAccount).address, signer: account as PrivateKeyAccount },
      observer: createObserver({ client, escrow, confirmations: 0 }),
      store: memoryStore(),
      verifier: selectVerifier({ order: ["js"] }),
      terms: { tokens: [nativeCoin], freshness: 0, acceptContractSigners: true },
      isValidSignature: contractSignerCheck(client),
    });
    await payee.start();
    channel = describeChannel({
      payer: (payer as PrivateKeyAccount).address.toLowerCase() as Address,
      payee: payee.address,
      authorizedSigner: signer.address.toLowerCase() as Address,
    });
    id = channelId(channel, escrow);
    await escrowWallet(chain, payer as PrivateKeyAccount).open({ ...channel, deposit: 1_000n });
    await payee.register(channel);
  });

  afterEach(() => chain.stop());

  it("given plain and rehashed vouchers before, while and after it delegates, when each comes, it should give credit exactly where settling goes through", async () => {
    const verdicts: Record<string, boolean[]> = {};
    await judge("before");
    await delegate(await chain.deploy("RehashingWallet"));
    await judge("while");
    await delegate(nativeCoin); // EIP-7702: the zero address takes the code away
    await judge("after");
    expect(verdicts).to.deep.equal({
      before: [true, false],
      while: [true, true],
      after: [true, false],
    });

    /** A voucher of each kind, a hundred higher than the last, shown to the payee and tried at the escrow. */
    async function judge(when: string) {
      verdicts[when] = [];
      for (const sign of [plain, rehashed]) {
        amount += 100n;
        const voucher = { channelId: id, cumulativeAmount: amount, signature: await sign(amount) };
        const settles = await settling(voucher);
        const credited = codeOf(await payee.accept(voucher)) === "ok";
        expect(credited, `${sign.name}, ${when}`).to.equal(settles);
        verdicts[when]?.push(credited);
      }
    }
  });

  let amount = 0n;

  async function plain(cumulativeAmount: bigint) {
    return (await signVoucher(signer, { channelId: id, cumulativeAmount }, chain.escrow)).signature;
  }

  async function rehashed(cumulativeAmount: bigint) {
    const digest = await escrowWallet(chain, keeper).voucherDigest({ channelId: id, cumulativeAmount });
    const own = encodeAbiParameters([{ type: "bytes32" }, { type: "address" }], [digest, signer.address]);
    return signer.sign({ hash: keccak256(own) });
  }

  /** What the escrow would do with it now: simulated, so that each voucher is judged alone. */
  async function settling(voucher: { cumulativeAmount: bigint; signature: Hex }): Promise<boolean> {
    const call = encodeSettle({ address: chain.escrow.address, channel, ...voucher });
    const { to, data } = call;
    return chain.client.call({ account: keeper.address, to, data }).then(
      () => true,
      () => false,
    );
  }

  async function delegate(to: Address) {
    const authorization = await chain.wallet(signer).signAuthorization({ account: signer, contractAddress: to });
    const relayer = chain.wallet(keeper);
    const hash = await relayer.sendTransaction({ authorizationList: [authorization], to: signer.address });
    const { status, type } = await relayer.waitForTransactionReceipt({ hash });
    expect([status, type]).to.deep.equal(["success", "eip7702"]);
  }
});
