// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";

/// @notice Tells many balances or credits at once, a word each, in a row.
/// @dev Laid by hand: a stage asks after every one of its steps.
contract Teller {
    /// @param pairs Tokens, each with the holder that is meant; the zero address is the native coin.
    function balances(address[2][] calldata pairs) external view {
        bytes4 selector = IERC20.balanceOf.selector;
        assembly {
            let start := mload(0x40)
            let end := start
            for {
                let pair := pairs.offset
                let last := add(pair, shl(6, pairs.length))
            } lt(pair, last) {
                pair := add(pair, 0x40)
                end := add(end, 0x20)
            } {
                let token := calldataload(pair)
                let holder := calldataload(add(pair, 0x20))
                switch token
                case 0 {
                    mstore(end, balance(holder))
                }
                default {
                    mstore(end, selector)
                    mstore(add(end, 0x04), holder)
                    if iszero(staticcall(gas(), token, end, 0x24, end, 0x20)) {
                        revert(0, 0)
                    }
                }
            }
            return(start, sub(end, start))
        }
    }

    /// @param pairs Tokens, each with the account that is meant.
    function credits(IPaymentChannels escrow, address[2][] calldata pairs) external view {
        bytes4 selector = IPaymentChannels.credit.selector;
        assembly {
            let start := mload(0x40)
            let end := start
            for {
                let pair := pairs.offset
                let last := add(pair, shl(6, pairs.length))
            } lt(pair, last) {
                pair := add(pair, 0x40)
                end := add(end, 0x20)
            } {
                mstore(end, selector)
                calldatacopy(add(end, 0x04), pair, 0x40)
                if iszero(staticcall(gas(), escrow, end, 0x44, end, 0x20)) {
                    revert(0, 0)
                }
            }
            return(start, sub(end, start))
        }
    }
}
