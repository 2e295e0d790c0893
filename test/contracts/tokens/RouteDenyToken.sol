// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {PlainToken} from "./PlainToken.sol";

/// @notice Refuses to move money from one account to another, each way of its own.
contract RouteDenyToken is PlainToken {
    error RouteDenied(address from, address to);

    mapping(address from => mapping(address to => bool)) public denied;

    function deny(address from, address to, bool listed) external {
        denied[from][to] = listed;
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(!denied[from][to], RouteDenied(from, to));
        super._update(from, to, amount);
    }
}
