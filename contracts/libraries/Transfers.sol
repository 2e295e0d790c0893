// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title Transfers
/// @notice Payouts that tell a receiver's refusal from a token's lie.
library Transfers {
    /// @notice Gas that a payout in the native coin hands to its receiver: enough for a splitter or a wallet's proxy.
    uint256 private constant PAYOUT_GAS = 100_000;

    /// @dev What a call with value to a contract costs before its receiver gets any gas: 2,600 cold and 9,000 for the value.
    uint256 private constant CALL_GAS = 12_000;

    /// @notice Sends `amount` of `token`, the native coin when zero.
    /// @dev Copies no more than one word of what the receiver returns.
    /// @return pushed Whether it went through. When it did not, nothing moved unless `mustRevert`.
    /// @return mustRevert Of a push that did not go through: whether it may not become a credit. Some tokens return without
    /// reverting, but neither nothing nor true: they may have moved the money, and a credit on top would pay twice. And a
    /// receiver of the native coin that failed on less than `PAYOUT_GAS` (EIP-150 hands on 63/64) may have refused early to give
    /// the rest back: a caller could turn its payout into a credit at will.
    function tryPush(address token, address to, uint256 amount) internal returns (bool pushed, bool mustRevert) {
        if (token != address(0)) {
            bytes4 selector = IERC20.transfer.selector;
            assembly ("memory-safe") {
                let free := mload(0x40)
                mstore(free, selector)
                mstore(add(free, 0x04), to)
                mstore(add(free, 0x24), amount)
                mustRevert := call(gas(), token, 0, free, 0x44, 0x00, 0x20)
                pushed := and(gt(returndatasize(), 0x1f), eq(mload(0x00), 1))
                if iszero(returndatasize()) {
                    pushed := gt(extcodesize(token), 0)
                }
                pushed := and(pushed, mustRevert)
            }
        } else {
            uint256 payoutGas = PAYOUT_GAS;
            uint256 available = gasleft();
            assembly ("memory-safe") {
                pushed := call(payoutGas, to, amount, 0, 0, 0, 0)
            }
            mustRevert = !pushed && available < CALL_GAS + PAYOUT_GAS + PAYOUT_GAS / 63 + 1;
        }
    }
}
