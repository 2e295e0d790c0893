// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {PlainToken} from "./PlainToken.sol";

/// @notice Burns all the gas that it is given when it should pay.
contract GasBurningToken is PlainToken {
    function transfer(address, uint256) public pure override returns (bool) {
        assembly ("memory-safe") {
            invalid()
        }
    }
}
