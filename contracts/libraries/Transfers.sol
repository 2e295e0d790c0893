// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IPaymentChannels} from "../interfaces/IPaymentChannels.sol";

/// @title Transfers
/// @notice Payouts that tell a receiver's refusal from a token's lie.
library Transfers {
    /// @notice Gas that a payout in the native coin hands to its receiver: enough for a splitter or a wallet's proxy.
    /// @dev A caller who leaves less than this for the receiver cannot turn a payout into a credit by it: of gas so short,
    /// the 1/64 that stays behind (EIP-150) is below 1,600, less than recording a credit takes, so everything reverts.
    uint256 internal constant PAYOUT_GAS = 100_000;

    /// @notice Sends `amount` of `token`, the native coin when zero.
    /// @dev Copies no more than one word of what the receiver returns.
    /// Reverts with `TransferFailed` when a token returns without reverting but neither nothing nor true: some move the
    /// money and return false, and a credit on top would pay twice.
    /// @return pushed False when the receiver or the token reverted: nothing moved.
    function tryPush(address token, address to, uint256 amount, uint256 nativeGas) internal returns (bool pushed) {
        if (token == address(0)) {
            assembly ("memory-safe") {
                pushed := call(nativeGas, to, amount, 0, 0, 0, 0)
            }
            return pushed;
        }
        bytes memory data = abi.encodeCall(IERC20.transfer, (to, amount));
        bool confirmed;
        assembly ("memory-safe") {
            mstore(0x00, 0)
            pushed := call(gas(), token, 0, add(data, 0x20), mload(data), 0x00, 0x20)
            switch returndatasize()
            case 0 {
                confirmed := gt(extcodesize(token), 0)
            }
            default {
                confirmed := and(gt(returndatasize(), 0x1f), eq(mload(0x00), 1))
            }
        }
        require(!pushed || confirmed, IPaymentChannels.TransferFailed(token, to, amount));
    }
}
