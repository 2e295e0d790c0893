// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @notice Gives each donor the key and the weight that a test names. Weight in full words, so that it can be too much.
contract AnsweringGate {
    mapping(address donor => bytes32) public keys;
    mapping(address donor => uint256) public weights;

    function answer(address donor, bytes32 key, uint256 weightBps) external {
        (keys[donor], weights[donor]) = (key, weightBps);
    }

    function check(address donor, bytes calldata) external view returns (bytes32 key, uint256 weightBps) {
        return (keys[donor], weights[donor]);
    }
}
