// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice A thousand projects, all given to, in one settlement. The gifts are made in `setUp`, a transaction of its own, so
/// that the settlement meets cold storage as it would on a chain.
contract SettleAThousandProjectsTest is PoolBase {
    function setUp() public override {
        super.setUp();
        register(1_000);
        pool = created(matchingTerms(), range(1, 400));
        vm.prank(stewards);
        pool.admit(range(401, 700));
        vm.prank(stewards);
        pool.admit(range(701, 1_000));
        sponsored(1, 5_000e6);
        for (uint256 first = 1; first <= 1_000; first += 64) {
            uint256 count = first + 63 > 1_000 ? 1_001 - first : 64;
            IDonationPool.Gift[] memory gifts = new IDonationPool.Gift[](count);
            for (uint256 i; i < count; ++i) {
                gifts[i] = IDonationPool.Gift(first + i, uint128(1e6 + first + i));
            }
            donated(1, gifts, ANY, bytes32(first));
            donated(2, gifts, ANY, bytes32(first));
        }
        travelTo(CHALLENGE_END);
    }

    function test_GivenAThousandProjects_WhenSettled_ItTakesOneTransactionBelowFiveMillionGas() public {
        uint256 before = gasleft();
        pool.settleRound(0, 0);
        uint256 used = before - gasleft();

        assertTrue(used > 2_100_000, "a thousand cold words were read");
        // Code that counts its own lines for coverage is past the size that a chain takes, and its gas says nothing.
        bool instrumented = address(pool).code.length > 24_576;
        assertTrue(instrumented || used + 21_000 + 64 * 16 < 5_000_000, "gas of the whole transaction");
        uint256 total = pool.settlement().unused;
        for (uint256 id = 1; id <= 1_000; ++id) {
            total += pool.matchOf(id);
        }
        assertEq(total, 5_000e6, "matches and what is unused");
        assertEq(pool.claim(1_000), 2 * (1e6 + 1_000) + pool.matchOf(1_000), "claim of the last project");
    }
}

/// @notice What a gift costs does not depend on how many came before.
contract GasOfAGiftTest is PoolBase {
    IDonationPool private quiet;
    IDonationPool private busy;

    function setUp() public override {
        super.setUp();
        quiet = pool;
        crowd(10);
        busy = pool = created(matchingTerms(), range(1, 3));
        crowd(10_000);
    }

    function crowd(uint256 donors) private {
        for (uint256 i; i < donors; ++i) {
            address donor = address(uint160(0xC0000000 + i));
            funds(donor, 2e6);
            vm.prank(donor);
            pool.donate(list(1, 2e6), ANY, 0);
        }
        assertEq(pool.getProject(1).donors, donors, "donors");
    }

    function test_GivenTenOrTenThousandDonorsBefore_WhenOneMoreGives_TheGasIsTheSame() public {
        // The first gift of each warms what both share.
        gasOf(quiet, 1);
        gasOf(busy, 1);
        uint256 few = gasOf(quiet, 2);
        uint256 many = gasOf(busy, 2);
        assertTrue(many < few + 500 && few < many + 500, "gas with many donors is gas with few");
    }

    function gasOf(IDonationPool round, uint256 number) private returns (uint256 used) {
        pool = round;
        funds(donorOf(number), 2e6);
        IDonationPool.Gift[] memory gifts = list(1, 2e6);
        vm.prank(donorOf(number));
        used = gasleft();
        round.donate(gifts, ANY, 0);
        used -= gasleft();
    }
}
