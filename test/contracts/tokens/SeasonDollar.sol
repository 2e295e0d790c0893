// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AuthorizationToken} from "./AuthorizationToken.sol";

/// @notice A stable token with EIP-3009 and a deny list, as the ones that people hold: what the demonstration's season gives.
contract SeasonDollar is AuthorizationToken {
    error Denied(address account);

    mapping(address account => bool) public denied;

    function deny(address account, bool listed) external {
        denied[account] = listed;
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(!denied[from], Denied(from));
        require(!denied[to], Denied(to));
        super._update(from, to, amount);
    }
}
