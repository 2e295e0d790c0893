// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {PlainToken} from "./PlainToken.sol";

/// @notice Once told to refuse, returns false and moves nothing, instead of reverting.
contract FalseStillToken is PlainToken {
    bool public refusing;

    function refuse() external {
        refusing = true;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return !refusing && super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return !refusing && super.transferFrom(from, to, amount);
    }
}
