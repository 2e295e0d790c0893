// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {PlainToken} from "./PlainToken.sol";

/// @notice Can be put in, and never taken out: every `transfer` reverts.
contract RevertingToken is PlainToken {
    error TransfersRevert();

    function transfer(address, uint256) public pure override returns (bool) {
        revert TransfersRevert();
    }
}
