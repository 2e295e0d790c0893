// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {AuthorizationToken} from "./AuthorizationToken.sol";

/// @notice An EIP-3009 token that charges nothing until its owner changes the rules: then a hundredth of whatever moves, at the
/// receiver's cost.
contract SwitchedFeeAuthorizationToken is AuthorizationToken {
    bool public charging;

    function charge() external {
        charging = true;
    }

    function _update(address from, address to, uint256 amount) internal override {
        uint256 fee = charging && from != address(0) && to != address(0) ? amount / 100 : 0;
        super._update(from, to, amount - fee);
        if (fee != 0) super._update(from, address(0), fee);
    }
}
