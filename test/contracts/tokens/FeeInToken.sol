// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {PlainToken} from "./PlainToken.sol";

/// @notice Keeps a hundredth of what is pulled.
contract FeeInToken is PlainToken {
    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        _spendAllowance(from, msg.sender, amount);
        _transfer(from, to, amount - amount / 100);
        _burn(from, amount / 100);
        return true;
    }
}
