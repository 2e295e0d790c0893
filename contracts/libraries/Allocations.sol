// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IDonationPool} from "../interfaces/IDonationPool.sol";
import {GiftLists} from "./GiftLists.sol";
import {Words} from "./Words.sol";

/// @title Allocations
/// @notice The EIP-712 message by which a donor says where a channel's money goes, and the rules that it is held to.
library Allocations {
    /// @notice Most gifts of an allocation.
    uint256 internal constant MAX_GIFTS = 64;

    bytes32 internal constant ALLOCATION = keccak256(
        "Allocation(bytes32 channelId,uint128 cumulativeAmount,bytes32 gateDataHash,Gift[] gifts)"
        "Gift(uint256 projectId,uint128 cumulativeAmount)"
    );
    bytes32 internal constant GIFT = keccak256("Gift(uint256 projectId,uint128 cumulativeAmount)");

    /// @notice What gifts count under: the hash of the gate's data, 0 for none.
    function hashGateData(bytes calldata gateData) internal pure returns (bytes32 result) {
        if (gateData.length == 0) return 0;
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, gateData.offset, gateData.length)
            result := keccak256(free, gateData.length)
        }
    }

    /// @notice Hash of an allocation's struct. `giftHashes` is `read`'s.
    function hashStruct(
        bytes32 channelId,
        uint128 cumulativeAmount,
        bytes32 gateDataHash,
        uint256[] memory giftHashes
    ) internal pure returns (bytes32 result) {
        bytes32 typeHash = ALLOCATION;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            mstore(add(free, 0x20), channelId)
            mstore(add(free, 0x40), cumulativeAmount)
            mstore(add(free, 0x60), gateDataHash)
            mstore(add(free, 0x80), keccak256(add(giftHashes, 0x20), mul(mload(giftHashes), 0x20)))
            result := keccak256(free, 0xa0)
        }
    }

    /// @notice Holds an allocation to its own rules and to what it replaces.
    /// @param previous What stands of the line: attributed gifts and, under project 0, what was refunded.
    /// @return sum Of all gifts, base units.
    /// @return increments What each gift adds to `previous`, base units.
    /// @return giftHashes Hash of each gift's struct.
    function read(
        IDonationPool.Gift[] calldata previous,
        IDonationPool.Gift[] calldata gifts
    ) internal pure returns (uint128 sum, uint256[] memory increments, uint256[] memory giftHashes) {
        uint256 count = gifts.length;
        require(count <= MAX_GIFTS, IDonationPool.TooManyGifts(MAX_GIFTS, count));
        increments = Words.allocate(count);
        giftHashes = Words.allocate(count);
        uint256 total;
        uint256 lastId;
        uint256 met; // how many of `previous`
        (uint256 leastId, uint256 least) = nextOf(previous, 0);
        for (uint256 i; i < count; ++i) {
            (uint256 id, uint256 amount) = GiftLists.at(gifts, i);
            require(id > lastId || i == 0, IDonationPool.GiftsNotAscending(id));
            require(amount != 0, IDonationPool.ZeroAmount());
            uint256 increment = amount;
            if (leastId <= id && met < previous.length) {
                uint256 actual = leastId == id ? amount : 0;
                require(actual >= least, IDonationPool.AllocationDiverges(leastId, least, actual));
                unchecked {
                    increment = amount - least;
                    (leastId, least) = nextOf(previous, ++met);
                }
            }
            total += amount;
            lastId = id;
            Words.set(increments, i, increment);
            Words.set(giftHashes, i, hashGift(id, amount));
        }
        require(met >= previous.length, IDonationPool.AllocationDiverges(leastId, least, 0));
        return (SafeCast.toUint128(total), increments, giftHashes);
    }

    function nextOf(
        IDonationPool.Gift[] calldata gifts,
        uint256 index
    ) private pure returns (uint256 projectId, uint256 amount) {
        return index < gifts.length ? GiftLists.at(gifts, index) : (0, 0);
    }

    /// @dev In the scratch space beyond the free pointer: an `abi.encode` a gift would cost a third of the count.
    function hashGift(uint256 projectId, uint256 amount) private pure returns (uint256 hash) {
        bytes32 typeHash = GIFT;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            mstore(add(free, 0x20), projectId)
            mstore(add(free, 0x40), amount)
            hash := keccak256(free, 0x60)
        }
    }
}
