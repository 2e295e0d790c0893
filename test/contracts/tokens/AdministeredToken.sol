// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AuthorizationToken} from "./AuthorizationToken.sol";

/// @notice A stable token with EIP-3009 and with an administrator's powers: it can stop, and refuse single accounts.
contract AdministeredToken is AuthorizationToken {
    error Paused();
    error Denied(address account);

    bool public paused;
    mapping(address account => bool) public denied;

    function pause(bool paused_) external {
        paused = paused_;
    }

    function deny(address account, bool listed) external {
        denied[account] = listed;
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(!paused, Paused());
        require(!denied[from], Denied(from));
        require(!denied[to], Denied(to));
        super._update(from, to, amount);
    }
}
