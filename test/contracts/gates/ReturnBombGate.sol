// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @notice Answers, or refuses, with as much data as its gas buys.
contract ReturnBombGate {
    bool public refusing;

    function refuse() external {
        refusing = true;
    }

    fallback() external {
        bool refused = refusing;
        assembly ("memory-safe") {
            // Memory of n words costs 3n + n^2 / 512: 200,000 gas buys about 290 kilobytes.
            mstore(0x00, 1)
            mstore(0x20, 10000)
            if refused {
                revert(0, 262144)
            }
            return(0, 262144)
        }
    }
}
