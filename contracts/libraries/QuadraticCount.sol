// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title QuadraticCount
/// @notice A project's count in two storage words, kept exactly at constant cost whatever came before.
/// @dev `S` is held below 2^96, so `R < S^2` stays below 2^192: an increment that would pass that, or the 2^32nd donor, is
/// attributed but not counted. `c <= maxCounted < 2^96` keeps a root's input below 2^160 and a root below 2^80.
library QuadraticCount {
    /// @param subsidyWord subsidy `R` (192) | admitted (1) | disqualified (1)
    /// @param giftsWord gifts (128) | rootSum `S` (96) | donors (32)
    struct Project {
        uint256 subsidyWord;
        uint256 giftsWord;
        uint128 paid;
    }

    /// @notice A gate's full weight, basis points.
    uint256 internal constant FULL_WEIGHT = 10_000;

    uint256 internal constant ADMITTED = 1 << 192;
    uint256 internal constant DISQUALIFIED = 1 << 193;

    uint256 private constant ROOT_SHIFT = 112;

    /// @notice Adds a gift, and counts it where it has a weight.
    /// @param subsidyWord The project's, as the caller read it.
    /// @param voices What the donor's key has given to each project: weighted `w` (112) | root `s` (80).
    /// @param increment Base units.
    /// @param weightBps 0 to 10,000; 0 adds the gift alone.
    function add(
        Project storage project,
        uint256 subsidyWord,
        mapping(uint256 projectId => uint256) storage voices,
        uint256 projectId,
        uint256 increment,
        uint256 weightBps,
        uint256 minCounted,
        uint256 maxCounted
    ) internal {
        uint256 word = project.giftsWord;
        uint256 gifts = SafeCast.toUint128(uint128(word) + increment);
        if (weightBps == 0) {
            project.giftsWord = (word & ~uint256(type(uint128).max)) | gifts;
            return;
        }
        uint256 rootSum = uint96(word >> 128);
        uint256 donors = word >> 224;
        uint256 voice = voices[projectId];
        uint256 oldRoot = voice >> ROOT_SHIFT;
        // Widths: increment < 2^128 and weightBps < 2^14; weighted < 2^110; roots only rise, and each is part of rootSum.
        unchecked {
            uint256 weighted = Math.min(uint112(voice) + increment * weightBps, maxCounted * FULL_WEIGHT);
            uint256 root = rootOf(weighted / FULL_WEIGHT, minCounted);
            uint256 newSum = rootSum + root - oldRoot;
            uint256 newDonors = oldRoot == 0 && root != 0 ? donors + 1 : donors;
            if (newSum <= type(uint96).max && newDonors <= type(uint32).max) {
                voices[projectId] = weighted | (root << ROOT_SHIFT);
                uint256 gain = 2 * (root - oldRoot) * (rootSum - oldRoot);
                if (gain != 0) project.subsidyWord = subsidyWord + gain;
                (rootSum, donors) = (newSum, newDonors);
            }
        }
        project.giftsWord = gifts | (rootSum << 128) | (donors << 224);
    }

    /// @notice `isqrt(counted * 2^64)`, where less than `minCounted` counts as nothing.
    function rootOf(uint256 counted, uint256 minCounted) internal pure returns (uint256) {
        return counted < minCounted ? 0 : Math.sqrt(counted << 64);
    }
}
