// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {PlainToken} from "./PlainToken.sol";

/// @notice Refuses to move money to or from accounts on its list, as USDC and USDT do.
contract DenyListToken is PlainToken {
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
