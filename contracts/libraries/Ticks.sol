// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @title Ticks
/// @notice PayWord hash chains (Rivest and Shamir, 1996): each released link is worth a fixed amount.
library Ticks {
    /// @notice Most ticks of one claim: hashing them takes five and a half million gas, less than any block has.
    uint256 internal constant MAX_TICKS = 65_535;

    /// @notice The root of the chain on which `link` is the one after `ticks` steps; `link` itself for none.
    function rootOf(bytes32 link, uint256 ticks) internal pure returns (bytes32 root) {
        assembly ("memory-safe") {
            mstore(0x00, link)
            for {} ticks {
                ticks := sub(ticks, 1)
            } {
                mstore(0x00, keccak256(0x00, 0x20))
            }
            root := mload(0x00)
        }
    }
}
