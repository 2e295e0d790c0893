// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @notice Refuses the native coin with as much revert data as half of its gas buys.
contract ReturnBombReceiver {
    receive() external payable {
        assembly ("memory-safe") {
            // Memory of n words costs 3n + n^2 / 512; 100,000 gas buys about 190 kilobytes, so this fits.
            revert(0, 131072)
        }
    }
}
