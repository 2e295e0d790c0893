import type { EscrowFault } from "./escrowScenarios.ts";
import type { PoolFault } from "./poolScenarios.ts";

export type FaultName = EscrowFault | PoolFault;

/** One fault: the exact text that it replaces in one source, and whether an audit must see the money that it moves. */
export type Fault = {
  name: FaultName;
  /** The contract that is deployed broken. */
  contract: "PaymentChannels" | "DonationPoolFactory";
  file: string;
  from: string;
  to: string;
  movesMoney: boolean;
};

const escrow = "contracts/PaymentChannels.sol";
const books = "contracts/ChannelBooks.sol";
const pool = "contracts/DonationPool.sol";
const payouts = "contracts/RoundPayouts.sol";

/** Five of the escrow, five of the donation pool. */
export const faults: readonly Fault[] = [
  {
    name: "settles-past-the-deposit",
    contract: "PaymentChannels",
    file: books,
    from: "        require(cumulativeAmount <= word.deposit(), AmountExceedsDeposit(word.deposit(), cumulativeAmount));\n",
    to: "",
    movesMoney: true,
  },
  {
    name: "close-forgets-the-refund",
    contract: "PaymentChannels",
    file: books,
    from: "        _pay(channel.tokenOf(), channel.payeeOf(), increase);\n        _pay(channel.tokenOf(), channel.payerOf(), refunded);\n",
    to: "        _pay(channel.tokenOf(), channel.payeeOf(), increase);\n",
    movesMoney: true,
  },
  {
    name: "skips-the-grace-period",
    contract: "PaymentChannels",
    file: escrow,
    from: "        require(block.timestamp >= readyAt, CloseNotReady(readyAt));\n",
    to: "        require(block.timestamp >= requestedAt, CloseNotReady(readyAt));\n",
    movesMoney: true,
  },
  {
    name: "asks-erc1271-before-ecdsa",
    contract: "PaymentChannels",
    file: "contracts/libraries/Signatures.sol",
    from: "            isBy(signer, recover(digest, signature)) ||\n            (signer.code.length != 0 && SignatureChecker",
    to: "            (signer.code.length == 0 && isBy(signer, recover(digest, signature))) ||\n            (signer.code.length != 0 && SignatureChecker",
    movesMoney: false,
  },
  {
    name: "batch-pays-a-skipped-row",
    contract: "PaymentChannels",
    file: escrow,
    from: "            if (reason != 0) {\n                emit SettlementSkipped(channelId, reason);\n                continue;\n",
    to: "            if (reason != 0) {\n                emit SettlementSkipped(channelId, reason);\n                paid += cumulativeAmount;\n                continue;\n",
    movesMoney: true,
  },
  {
    name: "attributes-before-the-cash",
    contract: "DonationPoolFactory",
    file: pool,
    from: "            require(settled >= sum, AllocationExceedsCash(settled, sum));\n",
    to: "",
    movesMoney: true,
  },
  {
    name: "allocation-leaves-out-a-gift",
    contract: "DonationPoolFactory",
    file: "contracts/libraries/Allocations.sol",
    from: "        require(met >= previous.length, IDonationPool.AllocationDiverges(leastId, least, 0));\n",
    to: "",
    movesMoney: true,
  },
  {
    name: "lone-donor-draws-matching",
    contract: "DonationPoolFactory",
    file: "contracts/libraries/QuadraticCount.sol",
    from: "uint256 gain = 2 * (root - oldRoot) * (rootSum - oldRoot);",
    to: "uint256 gain = 2 * (root - oldRoot) * rootSum;",
    movesMoney: true,
  },
  {
    name: "settles-by-any-pair",
    contract: "DonationPoolFactory",
    file: "contracts/libraries/Matching.sol",
    from: "        require(right, IDonationPool.WrongPair(cappedCount, cappedSubsidy));\n",
    to: "",
    movesMoney: true,
  },
  {
    name: "refund-forgets-the-line",
    contract: "DonationPoolFactory",
    file: payouts,
    from: "        list.setFirst(refunded + amount);\n        giftsHash[lineId] = list.hash();\n",
    to: "        list.setFirst(refunded + amount);\n",
    movesMoney: true,
  },
];
