// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @notice Refuses the native coin until it is told to accept.
contract RevertingReceiver {
    error Refused();

    bool public accepting;

    function accept() external {
        accepting = true;
    }

    receive() external payable {
        require(accepting, Refused());
    }
}
