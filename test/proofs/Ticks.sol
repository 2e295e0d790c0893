// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {Ticks} from "../../contracts/libraries/Ticks.sol";

/// @notice What `settleTicks` owes and pays, with the contract's own bound on ticks: every sum as the integers have it, so that one
/// that wrapped would show.
contract TickAmounts {
    function owed(uint128 cumulativeAmount, uint256 ticks, uint128 tickValue) external pure {
        require(ticks <= Ticks.MAX_TICKS);
        assert(ticks * tickValue < 1 << 144);
        assert(cumulativeAmount + ticks * tickValue < 1 << 145); // far from wrapping 256 bits
    }

    function paid(
        uint128 cumulativeAmount,
        uint256 ticks,
        uint128 tickValue,
        uint104 settled,
        uint104 deposit
    ) external pure {
        require(settled <= deposit);
        require(ticks <= Ticks.MAX_TICKS);
        uint256 due = uint256(cumulativeAmount) + ticks * tickValue;
        require(due > settled);
        require(due <= deposit);
        assert(due <= type(uint104).max); // nothing is cut when the word is written
        assert(due - settled <= deposit);
        assert(settled + (due - settled) <= deposit);
    }
}

contract BrokenTakesAnyTicks {
    function owed(uint128 cumulativeAmount, uint256 ticks, uint128 tickValue) external pure {
        require(ticks <= type(uint24).max);
        assert(ticks * tickValue < 1 << 144);
        assert(cumulativeAmount + ticks * tickValue < 1 << 145);
    }
}

contract BrokenPaysPastTheDeposit {
    function paid(
        uint128 cumulativeAmount,
        uint256 ticks,
        uint128 tickValue,
        uint104 settled,
        uint104 deposit
    ) external pure {
        require(settled <= deposit);
        require(ticks <= Ticks.MAX_TICKS);
        uint256 due = uint256(cumulativeAmount) + ticks * tickValue;
        require(due > settled);
        assert(due <= type(uint104).max);
        assert(due - settled <= deposit);
        assert(settled + (due - settled) <= deposit);
    }
}
