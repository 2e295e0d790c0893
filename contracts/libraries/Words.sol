// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @title Words
/// @notice Lists in memory without the compiler's clearing and bounds checks, for loops that keep within them by themselves.
/// @dev Warning: nothing here checks an index.
library Words {
    /// @notice A list whose words are whatever memory held before: set each one.
    function allocate(uint256 length) internal pure returns (uint256[] memory words) {
        assembly ("memory-safe") {
            words := mload(0x40)
            mstore(words, length)
            mstore(0x40, add(add(words, 0x20), shl(5, length)))
        }
    }

    function at(uint256[] memory words, uint256 index) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(words, 0x20), shl(5, index)))
        }
    }

    function set(uint256[] memory words, uint256 index, uint256 word) internal pure {
        assembly ("memory-safe") {
            mstore(add(add(words, 0x20), shl(5, index)), word)
        }
    }
}
