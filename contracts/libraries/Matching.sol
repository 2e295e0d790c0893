// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IDonationPool} from "../interfaces/IDonationPool.sol";

/// @title Matching
/// @notice What each project draws from the pot, and what goes back to the sponsors.
/// @dev Pot below 2^128, each `R` below 2^192, at most 1,000 of them.
library Matching {
    /// @notice Base units of match for each unit of `R`: `numerator / denominator`, at most 1/2^64.
    struct Lambda {
        uint256 numerator;
        uint256 denominator;
    }

    /// @notice `min(1/2^64, (M - k*cap) / (T - T_k))`, the minimum taken before anything is multiplied.
    /// @param projects How many there are.
    /// @param total `T`: the sum of their `R`.
    function lambdaOf(
        uint256 projects,
        uint256 total,
        uint256 pot,
        uint256 cap,
        uint256 cappedCount,
        uint256 cappedSubsidy
    ) internal pure returns (Lambda memory) {
        bool possible = cappedCount <= projects && cappedCount * cap <= pot && cappedSubsidy <= total;
        require(possible, IDonationPool.WrongPair(cappedCount, cappedSubsidy));
        uint256 numerator = pot - cappedCount * cap;
        uint256 denominator = total - cappedSubsidy;
        return numerator << 64 < denominator ? Lambda(numerator, denominator) : Lambda(1, 1 << 64);
    }

    /// @notice Reverts unless exactly the projects of the pair reach the cap.
    /// @return matched The sum of all matches, base units; never above the pot.
    function settle(
        uint256[] memory subsidies,
        Lambda memory lambda,
        uint256 cap,
        uint256 cappedCount,
        uint256 cappedSubsidy
    ) internal pure returns (uint128 matched) {
        uint256 count;
        uint256 subsidy;
        uint256 sum;
        (uint256 numerator, uint256 denominator) = (lambda.numerator, lambda.denominator);
        unchecked {
            for (uint256 i; i < subsidies.length; ++i) {
                uint256 subsidyOf = subsidies[i];
                uint256 share = Math.mulDiv(subsidyOf, numerator, denominator);
                if (share < cap) {
                    sum += share;
                } else {
                    sum += cap;
                    subsidy += subsidyOf;
                    ++count;
                }
            }
        }
        bool right = count == cappedCount && subsidy == cappedSubsidy;
        require(right, IDonationPool.WrongPair(cappedCount, cappedSubsidy));
        return uint128(sum);
    }

    /// @notice `min(cap, floor(lambda * R))`, base units.
    function matchOf(uint256 subsidy, Lambda memory lambda, uint256 cap) internal pure returns (uint256) {
        return Math.min(cap, Math.mulDiv(subsidy, lambda.numerator, lambda.denominator));
    }

    /// @notice A receipt's part of what is unused, `floor(U*(prefix+d)/M) - floor(U*prefix/M)`: all of them together are `U`
    /// to the unit, in whatever order they come.
    function shareOf(uint256 unused, uint256 pot, uint256 prefix, uint256 deposit) internal pure returns (uint256) {
        return Math.mulDiv(unused, prefix + deposit, pot) - Math.mulDiv(unused, prefix, pot);
    }
}
