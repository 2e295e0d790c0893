// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @notice Burns all gas when it is asked about a signature.
contract GasBurningWallet {
    fallback() external payable {
        assembly ("memory-safe") {
            invalid()
        }
    }
}
