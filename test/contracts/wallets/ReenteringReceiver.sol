// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @notice Once armed, calls its target back when it is paid, and keeps what that call gave.
contract ReenteringReceiver {
    address public target;
    bytes public data;
    bool public succeeded;
    bytes32 public resultHash;

    function arm(address target_, bytes calldata data_) external {
        (target, data) = (target_, data_);
        (succeeded, resultHash) = (false, 0);
    }

    receive() external payable {
        bytes memory result;
        (succeeded, result) = target.call(data);
        resultHash = keccak256(result);
    }
}
