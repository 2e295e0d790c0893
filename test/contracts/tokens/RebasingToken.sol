// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {PlainToken} from "./PlainToken.sol";

/// @notice Changes what an account holds without a transfer.
contract RebasingToken is PlainToken {
    function rebase(address account, uint256 balance) external {
        uint256 held = balanceOf(account);
        if (balance < held) _burn(account, held - balance);
        else _mint(account, balance - held);
    }
}
