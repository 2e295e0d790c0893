// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../interfaces/IPaymentChannels.sol";

/// @title EscrowCalls
/// @notice The calls of each gift to the escrow, laid by hand: the compiler's own coding of them would cost as much as a
/// project's count.
library EscrowCalls {
    uint256 private constant CHANNEL_SIZE = 0xa0;

    /// @notice A channel's id, as the escrow computes it.
    /// @dev Dirty upper bits of an address give an id that no channel has.
    function idOf(
        IPaymentChannels escrow,
        IPaymentChannels.Channel calldata channel
    ) internal view returns (bytes32 channelId) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, channel, CHANNEL_SIZE)
            mstore(add(free, 0xa0), escrow)
            mstore(add(free, 0xc0), chainid())
            channelId := keccak256(free, 0xe0)
        }
    }

    /// @notice `escrow.settle(channel, cumulativeAmount, signature)` without reverting.
    /// @return settled Whether it did.
    /// @return reason The escrow's error; empty when settled.
    function trySettle(
        IPaymentChannels escrow,
        IPaymentChannels.Channel calldata channel,
        uint128 cumulativeAmount,
        bytes calldata signature
    ) internal returns (bool settled, bytes memory reason) {
        bytes4 selector = IPaymentChannels.settle.selector;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, selector)
            let arguments := add(free, 4)
            calldatacopy(arguments, channel, CHANNEL_SIZE)
            mstore(add(arguments, 0xa0), cumulativeAmount)
            mstore(add(arguments, 0xc0), 0xe0)
            mstore(add(arguments, 0xe0), signature.length)
            calldatacopy(add(arguments, 0x100), signature.offset, signature.length)
            settled := call(gas(), escrow, 0, free, add(0x104, signature.length), 0, 0)
            reason := 0x60 // the empty one
            if iszero(settled) {
                reason := free
                let size := returndatasize()
                mstore(reason, size)
                returndatacopy(add(reason, 0x20), 0, size)
                mstore(0x40, and(add(add(reason, size), 0x3f), not(0x1f)))
            }
        }
    }

    /// @notice What the escrow owes `account`, base units of `token`.
    function creditOf(IPaymentChannels escrow, address token, address account) internal view returns (uint256 credit) {
        bytes4 selector = IPaymentChannels.credit.selector;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, selector)
            mstore(add(free, 0x04), token)
            mstore(add(free, 0x24), account)
            if iszero(staticcall(gas(), escrow, free, 0x44, 0, 0x20)) { revert(0, 0) }
            credit := mload(0)
        }
    }
}
