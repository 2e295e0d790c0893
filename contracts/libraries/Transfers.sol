// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IPaymentChannels} from "../interfaces/IPaymentChannels.sol";

/// @title Transfers
/// @notice Payouts that tell a receiver's refusal from a token's lie.
library Transfers {
    /// @notice Gas that a payout in the native coin hands to its receiver: enough for a splitter or a wallet's proxy.
    uint256 internal constant PAYOUT_GAS = 100_000;

    /// @dev What a call with value to a contract costs before its receiver gets any gas: 2,600 cold and 9,000 for the value.
    uint256 private constant CALL_GAS = 12_000;

    /// @notice Sends `amount` of `token`, the native coin when zero.
    /// @dev Copies no more than one word of what the receiver returns.
    /// Reverts with `TransferFailed` when a token returns without reverting but neither nothing nor true: some move the
    /// money and return false, and a credit on top would pay twice. Reverts with it too when a receiver of the native coin
    /// failed on less than `nativeGas` (EIP-150 hands on 63/64): one that refuses early when gas is short gives the rest back,
    /// and a caller could turn its payout into a credit at will.
    /// @return pushed False when the receiver or the token reverted: nothing moved.
    function tryPush(address token, address to, uint256 amount, uint256 nativeGas) internal returns (bool pushed) {
        if (token == address(0)) {
            uint256 available = gasleft();
            assembly ("memory-safe") {
                pushed := call(nativeGas, to, amount, 0, 0, 0, 0)
            }
            if (!pushed && available < CALL_GAS + nativeGas + nativeGas / 63 + 1) {
                revert IPaymentChannels.TransferFailed(token, to, amount);
            }
            return pushed;
        }
        bytes4 selector = IERC20.transfer.selector;
        bool denied;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, selector)
            mstore(add(free, 0x04), to)
            mstore(add(free, 0x24), amount)
            pushed := call(gas(), token, 0, free, 0x44, 0x00, 0x20)
            let confirmed := and(gt(returndatasize(), 0x1f), eq(mload(0x00), 1))
            if iszero(returndatasize()) {
                confirmed := gt(extcodesize(token), 0)
            }
            denied := gt(pushed, confirmed)
        }
        if (denied) revert IPaymentChannels.TransferFailed(token, to, amount);
    }
}
