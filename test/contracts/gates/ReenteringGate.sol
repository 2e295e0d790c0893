// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @notice Once armed, calls its target when it is asked, and answers with a key of 1 if that call went through.
contract ReenteringGate {
    address public target;
    bytes public data;

    function arm(address target_, bytes calldata data_) external {
        (target, data) = (target_, data_);
    }

    function check(address, bytes calldata) external returns (bytes32 key, uint16 weightBps) {
        (bool succeeded, ) = target.call(data);
        return (bytes32(uint256(succeeded ? 1 : 2)), 10_000);
    }
}
