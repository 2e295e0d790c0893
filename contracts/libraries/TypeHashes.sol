// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @title TypeHashes
/// @notice Every EIP-712 message of the escrow: its type hash, and how its struct is hashed.
library TypeHashes {
    bytes32 internal constant VOUCHER = keccak256("Voucher(bytes32 channelId,uint128 cumulativeAmount)");
    bytes32 internal constant CLOSE_REQUEST = keccak256("CloseRequest(bytes32 channelId,uint128 deposit)");
    bytes32 internal constant CLOSE_AUTHORIZATION = keccak256(
        "CloseAuthorization(bytes32 channelId,uint128 cumulativeAmount,uint256 deadline)"
    );

    function voucher(bytes32 channelId, uint128 cumulativeAmount) internal pure returns (bytes32) {
        return keccak256(abi.encode(VOUCHER, channelId, cumulativeAmount));
    }

    function closeRequest(bytes32 channelId, uint128 deposit) internal pure returns (bytes32) {
        return keccak256(abi.encode(CLOSE_REQUEST, channelId, deposit));
    }

    function closeAuthorization(
        bytes32 channelId,
        uint128 cumulativeAmount,
        uint256 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(CLOSE_AUTHORIZATION, channelId, cumulativeAmount, deadline));
    }
}
