// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {Assertions} from "../support/Assertions.sol";

/// @notice Turns a plain account into one that has delegated to code by EIP-7702.
abstract contract DelegatedAccount is Assertions {
    /// @dev 0xef0100 and the delegate's address: what a mined delegation leaves as the account's code.
    function delegate(address account, address implementation) internal {
        vm.etch(account, abi.encodePacked(hex"ef0100", implementation));
        assertEq(account.code, abi.encodePacked(hex"ef0100", implementation), "delegation of the account");
    }
}
