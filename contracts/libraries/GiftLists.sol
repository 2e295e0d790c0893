// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../interfaces/IDonationPool.sol";

/// @notice A list of gifts in memory, laid out as the data of an event `(word, Gift[])`:
/// word | 0x40 | count | projectId, cumulativeAmount of each.
type GiftList is uint256;

using GiftLists for GiftList global;

/// @title GiftLists
/// @notice What stands of a line: the gifts attributed and, under project 0, what was refunded. Only its hash is stored;
/// each event that changes a line has the whole list.
library GiftLists {
    uint256 private constant COUNT = 0x40;
    uint256 private constant GIFTS = 0x60;

    /// @notice Hash of a list, 0 when it is empty.
    function hashOf(IDonationPool.Gift[] calldata gifts) internal pure returns (bytes32 result) {
        if (gifts.length == 0) return 0;
        assembly ("memory-safe") {
            let free := mload(0x40)
            let size := mul(gifts.length, 0x40)
            calldatacopy(free, gifts.offset, size)
            result := keccak256(free, size)
        }
    }

    /// @notice A gift of a list in calldata, read once and without the compiler's checks.
    /// @dev `index` is below the list's length, and whether the amount has 128 bits is left to whoever adds them up.
    function at(
        IDonationPool.Gift[] calldata gifts,
        uint256 index
    ) internal pure returns (uint256 projectId, uint256 amount) {
        assembly ("memory-safe") {
            let gift := add(gifts.offset, mul(index, 0x40))
            projectId := calldataload(gift)
            amount := calldataload(add(gift, 0x20))
        }
    }

    /// @notice Reverts unless `gifts` is the list with hash `expected`.
    function requireStanding(bytes32 expected, IDonationPool.Gift[] calldata gifts) internal pure {
        bytes32 actual = hashOf(gifts);
        require(actual == expected, IDonationPool.GiftsMismatch(expected, actual));
    }

    /// @notice An empty list with room for `max` gifts.
    function allocate(uint256 max) internal pure returns (GiftList list) {
        assembly ("memory-safe") {
            list := mload(0x40)
            mstore(0x40, add(add(list, GIFTS), mul(max, 0x40)))
            mstore(add(list, COUNT), 0)
        }
    }

    /// @dev `max` of `allocate` is the caller's to keep.
    function push(GiftList list, uint256 projectId, uint256 amount) internal pure {
        assembly ("memory-safe") {
            let count := mload(add(list, COUNT))
            let end := add(add(list, GIFTS), mul(count, 0x40))
            mstore(end, projectId)
            mstore(add(end, 0x20), amount)
            mstore(add(list, COUNT), add(count, 1))
        }
    }

    /// @notice Overwrites the first gift's amount.
    function setFirst(GiftList list, uint256 amount) internal pure {
        assembly ("memory-safe") {
            mstore(add(list, add(GIFTS, 0x20)), amount)
        }
    }

    /// @notice Hash of a list that is not empty.
    function hash(GiftList list) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            result := keccak256(add(list, GIFTS), mul(mload(add(list, COUNT)), 0x40))
        }
    }

    /// @notice Emits the event `topic(bytes32 indexed lineId, address indexed donor, <word>, Gift[] gifts)`.
    function log(GiftList list, bytes32 topic, bytes32 lineId, address donor, uint256 word) internal {
        assembly ("memory-safe") {
            mstore(list, word)
            mstore(add(list, 0x20), 0x40)
            log3(list, add(GIFTS, mul(mload(add(list, COUNT)), 0x40)), topic, lineId, donor)
        }
    }

    /// @notice As `log`, with a third indexed word.
    function log(GiftList list, bytes32 topic, bytes32 lineId, address donor, bytes32 third, uint256 word) internal {
        assembly ("memory-safe") {
            mstore(list, word)
            mstore(add(list, 0x20), 0x40)
            log4(list, add(GIFTS, mul(mload(add(list, COUNT)), 0x40)), topic, lineId, donor, third)
        }
    }
}
