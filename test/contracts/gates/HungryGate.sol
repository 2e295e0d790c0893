// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @notice Gives the full weight for `appetite` gas, and another weight for less.
contract HungryGate {
    uint256 public immutable appetite;
    uint256 public immutable weightOnLess;

    constructor(uint256 appetite_, uint256 weightOnLess_) {
        (appetite, weightOnLess) = (appetite_, weightOnLess_);
    }

    function check(address donor, bytes calldata) external view returns (bytes32 key, uint256 weightBps) {
        return (bytes32(uint256(uint160(donor))), gasleft() < appetite ? weightOnLess : 10_000);
    }
}
