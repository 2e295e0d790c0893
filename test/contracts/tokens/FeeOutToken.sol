// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {PlainToken} from "./PlainToken.sol";

/// @notice Keeps a hundredth of what is pushed, at the receiver's cost.
contract FeeOutToken is PlainToken {
    function transfer(address to, uint256 amount) public override returns (bool) {
        _transfer(msg.sender, to, amount - amount / 100);
        _burn(msg.sender, amount / 100);
        return true;
    }
}
