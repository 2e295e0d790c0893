// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @title TypeHashes
/// @notice Every EIP-712 message of the escrow: its type hash, and how its struct is hashed.
library TypeHashes {
    bytes32 internal constant VOUCHER = keccak256("Voucher(bytes32 channelId,uint128 cumulativeAmount)");
    bytes32 internal constant TICK_VOUCHER = keccak256(
        "TickVoucher(bytes32 channelId,uint128 cumulativeAmount,bytes32 tickRoot,uint128 tickValue)"
    );
    bytes32 internal constant CLOSE_REQUEST = keccak256("CloseRequest(bytes32 channelId,uint128 deposit)");
    bytes32 internal constant CLOSE_AUTHORIZATION = keccak256(
        "CloseAuthorization(bytes32 channelId,uint128 cumulativeAmount,uint256 deadline)"
    );

    function voucher(bytes32 channelId, uint256 cumulativeAmount) internal pure returns (bytes32) {
        return hash(VOUCHER, channelId, cumulativeAmount);
    }

    function tickVoucher(
        bytes32 channelId,
        uint128 cumulativeAmount,
        bytes32 tickRoot,
        uint128 tickValue
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(TICK_VOUCHER, channelId, cumulativeAmount, tickRoot, tickValue));
    }

    function closeRequest(bytes32 channelId, uint128 deposit) internal pure returns (bytes32) {
        return hash(CLOSE_REQUEST, channelId, deposit);
    }

    function closeAuthorization(
        bytes32 channelId,
        uint128 cumulativeAmount,
        uint256 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(CLOSE_AUTHORIZATION, channelId, cumulativeAmount, deadline));
    }

    /// @dev Of a struct with two members, laid by hand beyond the free pointer.
    function hash(bytes32 typeHash, bytes32 first, uint256 second) private pure returns (bytes32 result) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            mstore(add(free, 0x20), first)
            mstore(add(free, 0x40), second)
            result := keccak256(free, 0x60)
        }
    }
}
