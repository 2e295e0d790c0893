// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @notice Refuses to answer.
contract RevertingGate {
    error Refused();

    function check(address, bytes calldata) external pure {
        revert Refused();
    }
}
