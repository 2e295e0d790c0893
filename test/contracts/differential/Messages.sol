// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPermit2} from "../../../contracts/interfaces/IPermit2.sol";

/// @notice Every message that somebody signs, as a struct: the type strings are made from these by EIP-712's rules.
interface Messages {
    struct Voucher {
        bytes32 channelId;
        uint128 cumulativeAmount;
    }

    struct TickVoucher {
        bytes32 channelId;
        uint128 cumulativeAmount;
        bytes32 tickRoot;
        uint128 tickValue;
    }

    struct CloseRequest {
        bytes32 channelId;
        uint128 deposit;
    }

    struct CloseAuthorization {
        bytes32 channelId;
        uint128 cumulativeAmount;
        uint256 deadline;
    }

    struct Allocation {
        bytes32 channelId;
        uint128 cumulativeAmount;
        bytes32 gateDataHash;
        IDonationPool.Gift[] gifts;
    }

    struct Attestation {
        address pool;
        address donor;
        bytes32 key;
        uint16 weightBps;
        uint64 expiresAt;
    }

    struct ReceiveWithAuthorization {
        address from;
        address to;
        uint256 value;
        uint256 validAfter;
        uint256 validBefore;
        bytes32 nonce;
    }

    struct ChannelOpenWitness {
        address payee;
        bytes32 salt;
        address authorizedSigner;
    }

    struct ChannelTopUpWitness {
        bytes32 channelId;
    }
}

/// @notice A transfer by Permit2 whose witness is a channel to open.
interface OpenPermit {
    struct PermitWitnessTransferFrom {
        IPermit2.TokenPermissions permitted;
        address spender;
        uint256 nonce;
        uint256 deadline;
        Messages.ChannelOpenWitness witness;
    }
}

/// @notice A transfer by Permit2 whose witness is a channel to add to.
interface TopUpPermit {
    struct PermitWitnessTransferFrom {
        IPermit2.TokenPermissions permitted;
        address spender;
        uint256 nonce;
        uint256 deadline;
        Messages.ChannelTopUpWitness witness;
    }
}
