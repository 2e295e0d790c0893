// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @notice Answers a question about a signature with a megabyte that starts with the wrong word.
contract ReturnBombWallet {
    fallback() external payable {
        assembly ("memory-safe") {
            return(0, 1048576)
        }
    }
}
