// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @notice Accepts the native coin only when `appetite` gas comes with it, and burns none of it to find out.
contract HungryReceiver {
    error Hungry(uint256 appetite, uint256 gasGiven);

    uint256 public immutable appetite;

    constructor(uint256 appetite_) {
        appetite = appetite_;
    }

    receive() external payable {
        require(gasleft() >= appetite, Hungry(appetite, gasleft()));
    }
}
