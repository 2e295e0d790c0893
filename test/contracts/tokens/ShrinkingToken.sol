// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {PlainToken} from "./PlainToken.sol";

/// @notice Halves what the receiver held before, whenever something is pulled.
contract ShrinkingToken is PlainToken {
    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        _burn(to, balanceOf(to) / 2);
        return super.transferFrom(from, to, amount);
    }
}
