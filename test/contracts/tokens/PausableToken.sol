// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {PlainToken} from "./PlainToken.sol";

/// @notice Moves nothing for anybody while paused.
contract PausableToken is PlainToken {
    error Paused();

    bool public paused;

    function pause(bool paused_) external {
        paused = paused_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(!paused, Paused());
        super._update(from, to, amount);
    }
}
