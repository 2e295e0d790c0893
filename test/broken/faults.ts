import type { FaultName } from "./scenarios.ts";

/** One fault: the exact text that it replaces in one source, and whether an audit must see the money that it moves. */
export type Fault = { name: FaultName; file: string; from: string; to: string; movesMoney: boolean };

const escrow = "contracts/PaymentChannels.sol";

export const faults: readonly Fault[] = [
  {
    name: "settles-past-the-deposit",
    file: escrow,
    from: "        require(cumulativeAmount <= word.deposit(), AmountExceedsDeposit(word.deposit(), cumulativeAmount));\n",
    to: "",
    movesMoney: true,
  },
  {
    name: "close-forgets-the-refund",
    file: escrow,
    from: "        _pay(channel.token, channel.payee, increase);\n        _pay(channel.token, channel.payer, refunded);\n",
    to: "        _pay(channel.token, channel.payee, increase);\n",
    movesMoney: true,
  },
  {
    name: "skips-the-grace-period",
    file: escrow,
    from: "        require(block.timestamp >= readyAt, CloseNotReady(readyAt));\n",
    to: "        require(block.timestamp >= requestedAt, CloseNotReady(readyAt));\n",
    movesMoney: true,
  },
  {
    name: "asks-erc1271-before-ecdsa",
    file: "contracts/libraries/Signatures.sol",
    from: "            isBy(signer, recover(digest, signature)) ||\n            (signer.code.length != 0 && SignatureChecker",
    to: "            (signer.code.length == 0 && isBy(signer, recover(digest, signature))) ||\n            (signer.code.length != 0 && SignatureChecker",
    movesMoney: false,
  },
  {
    name: "batch-pays-a-skipped-row",
    file: escrow,
    from: "                emit SettlementSkipped(channelId, reason);\n                continue;\n",
    to: "                emit SettlementSkipped(channelId, reason);\n                paid += row.cumulativeAmount;\n                continue;\n",
    movesMoney: true,
  },
];
