// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @notice Burns all the gas that it is given.
contract GasBurningGate {
    fallback() external {
        assembly ("memory-safe") {
            invalid()
        }
    }
}
