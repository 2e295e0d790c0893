// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {AnsweringGate} from "../gates/AnsweringGate.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice The count itself: exact, free of order and of splitting, frozen in its weights, bounded in its widths.
contract CountTest is PoolBase {
    AnsweringGate private gate;

    function setUp() public override {
        super.setUp();
        gate = new AnsweringGate();
        for (uint256 i; i < 8; ++i) {
            gate.answer(donorOf(i), bytes32(i + 1), 10_000);
        }
        behind(address(gate));
    }

    function test_GivenAnyGiftsOfManyDonors_WhenCounted_TheyAreTheSlowSumOverPairsAndNeverFall(uint256 seed) public {
        uint256[] memory totals = new uint256[](5);
        uint256 lastSum;
        uint256 lastSubsidy;
        for (uint256 step; step < 12; ++step) {
            uint256 random = uint256(keccak256(abi.encode(seed, step)));
            uint256 donor = random % 5;
            uint128 amount = 1 + uint128((random >> 8) % (step % 3 == 0 ? 20_000 : 80e6));
            donated(donor, list(1, amount), ANY, bytes32(step));
            totals[donor] += amount;

            IDonationPool.ProjectState memory state = pool.getProject(1);
            assertTrue(state.rootSum >= lastSum, "S never falls");
            assertTrue(state.subsidy >= lastSubsidy, "R never falls");
            (lastSum, lastSubsidy) = (state.rootSum, state.subsidy);
        }
        for (uint256 i; i < 5; ++i) {
            totals[i] =
                totals[i] < MIN_COUNTED
                    ? 0
                    : totals[i] > MAX_COUNTED
                        ? MAX_COUNTED
                        : totals[i];
        }
        assertCount(1, totals);
    }

    function test_GivenTheSameGifts_WhenSplitAndOrderedInAnyWay_TheCountIsTheSame(uint256 seed) public {
        seed %= 1 << 128;
        uint128[3] memory wholes;
        for (uint256 i; i < 3; ++i) {
            wholes[i] = 4 + uint128(uint256(keccak256(abi.encode(seed, i))) % 100e6);
            donated(i, list(1, wholes[i]), ANY, 0);
        }
        for (uint256 step; step < 12; ++step) {
            uint256 i = (step + seed) % 3;
            uint256 part = ((step + seed) / 3) % 4;
            uint128 quarter = wholes[i] / 4;
            uint128 amount = part == 3 ? wholes[i] - 3 * quarter : quarter;
            donated(i, list(2, amount), ANY, bytes32(step + 1));
        }
        IDonationPool.ProjectState memory whole = pool.getProject(1);
        IDonationPool.ProjectState memory split = pool.getProject(2);
        assertEq(abi.encode(split), abi.encode(whole), "count of the split gifts");
    }

    function test_GivenAGrowingChannel_WhenCollectedAtEveryStepOrOnce_TheCountIsTheSame(uint64 a, uint64 b) public {
        uint128 first = 1 + (a % 100e6);
        uint128 second = first + 1 + (b % 100e6);
        donated(0, list(1, 7e6, 2, 7e6), ANY, 0);
        IPaymentChannels.Channel memory channel = given(1, list(1, first));
        collect(channel, list(1, first), list(1, second));
        given(2, list(2, second));
        assertEq(pool.getProject(1).subsidy, pool.getProject(2).subsidy, "R");
        assertEq(pool.getProject(1).rootSum, pool.getProject(2).rootSum, "S");
    }

    function test_GivenAGateThatChangesItsAnswer_WhenTheDonorGivesMore_KeyAndWeightAreTheFirst() public {
        gate.answer(donorOf(1), "first", 5_000);
        donated(1, list(1, 4e6), ANY, 0);
        (bytes30 keyId, ) = pool.standingOf(donorOf(1));
        gate.answer(donorOf(1), "second", 10_000);
        donated(1, list(1, 4e6), hex"02", "more");
        gate.answer(donorOf(1), "third", 0);
        donated(1, list(1, 4e6), hex"03", "still more");

        (bytes30 after_, uint16 weightBps) = pool.standingOf(donorOf(1));
        assertEq(bytes32(after_), bytes32(keyId), "key");
        assertEq(weightBps, 5_000, "weight");
        uint256[] memory counted = new uint256[](1);
        counted[0] = 6e6;
        assertCount(1, counted);
    }

    function test_GivenTwoDonorsOfOneKey_WhenTheyGive_TheyAddUpBeforeTheRootAndAreOneDonor() public {
        gate.answer(donorOf(1), "household", 10_000);
        gate.answer(donorOf(2), "household", 2_500);
        donated(1, list(1, 4e6), ANY, 0);
        donated(2, list(1, 4e6), ANY, 0);
        uint256[] memory counted = new uint256[](1);
        counted[0] = 5e6;
        assertCount(1, counted);
        assertGifts(1, 8e6);
    }

    function test_GivenAProjectThatGivesToItself_WhenItsFriendsJoin_TheyDrawByTheKeysThatTheGateGivesThem() public {
        gate.answer(payoutOf(1), "circle", 10_000);
        gate.answer(donorOf(1), "circle", 10_000);
        funds(payoutOf(1), 40e6);
        vm.prank(payoutOf(1));
        pool.donate(list(1, 40e6), ANY, 0);
        assertEq(pool.getProject(1).subsidy, 0, "R of a project that has its own gift alone");
        donated(1, list(1, 40e6), ANY, 0);
        assertEq(pool.getProject(1).subsidy, 0, "R of one person, by the gate's word");

        // The limit of any count by keys: a friend whom the gate takes for another person draws.
        donated(2, list(1, 40e6), ANY, 0);
        assertTrue(pool.getProject(1).subsidy != 0, "R of two people, by the gate's word");
        assertGifts(1, 120e6);
    }

    function test_GivenASmallWeight_WhenManyTinyGiftsCome_WhatWeighsIsTheirSumAndNotEachFloor() public {
        gate.answer(donorOf(1), "key", 3_333);
        for (uint256 i; i < 10; ++i) {
            donated(1, list(1, 10_001), ANY, bytes32(i));
        }
        uint256[] memory counted = new uint256[](1);
        counted[0] = 33_333; // 10 * 10,001 * 0.3333 = 33,333.333
        assertCount(1, counted);
    }

    function test_GivenGiftsBelowTheMinimum_WhenTheirTotalReachesIt_TheTotalCountsAndNotBefore() public {
        donated(2, list(1, 1e6), ANY, 0);
        donated(1, list(1, MIN_COUNTED - 1), ANY, 0);
        uint256[] memory counted = new uint256[](2);
        counted[0] = 1e6;
        assertCount(1, counted);

        donated(1, list(1, 1), ANY, "one more");

        counted[1] = MIN_COUNTED;
        assertCount(1, counted);
    }

    function test_GivenGiftsAboveTheMaximum_WhenTheirTotalPassesIt_OnlyTheMaximumCounts() public {
        donated(2, list(1, 1e6), ANY, 0);
        donated(1, list(1, MAX_COUNTED - 1), ANY, 0);
        uint256[] memory counted = new uint256[](2);
        (counted[0], counted[1]) = (1e6, MAX_COUNTED - 1);
        assertCount(1, counted);

        donated(1, list(1, 1), ANY, "to the maximum");
        counted[1] = MAX_COUNTED;
        assertCount(1, counted);
        donated(1, list(1, 900e6), ANY, "past it");
        assertCount(1, counted);
        assertGifts(1, 1e6 + uint256(MAX_COUNTED) + 900e6);
    }

    function test_GivenTheLargestGiftThereIs_WhenCounted_NothingWraps() public {
        donated(2, list(1, 1e6), ANY, 0);
        donated(1, list(1, type(uint128).max - 1e6), ANY, 0);
        uint256[] memory counted = new uint256[](2);
        (counted[0], counted[1]) = (1e6, MAX_COUNTED);
        assertCount(1, counted);
        funds(donorOf(3), 1);
        vm.prank(donorOf(3));
        vm.expectRevert(abi.encodeWithSignature("SafeCastOverflowedUintDowncast(uint8,uint256)", 128, 1 << 128));
        pool.donate(list(1, 1), ANY, 0);
    }

    function test_GivenARootSumAtItsLimit_WhenMoreComes_ItIsAttributedAndNotCounted() public {
        uint256 root = slowRoot(4e6 << 64);
        donated(1, list(1, 4e6), ANY, 0);
        fill(uint256(type(uint96).max) - root, 1);
        donated(2, list(1, 4e6), ANY, 0);
        assertEq(pool.getProject(1).rootSum, type(uint96).max, "S at its limit");
        IDonationPool.ProjectState memory before = pool.getProject(1);

        donated(3, list(1, 4e6), ANY, 0);
        given(2, list(1, 4e6));

        IDonationPool.ProjectState memory state = pool.getProject(1);
        assertEq(state.gifts, uint256(before.gifts) + 8e6, "gifts");
        assertEq(state.rootSum, before.rootSum, "S");
        assertEq(state.subsidy, before.subsidy, "R");
        assertEq(state.donors, before.donors, "donors");
        (bytes30 keyId, ) = pool.standingOf(donorOf(3));
        (uint112 weighted, ) = pool.voiceOf(keyId, 1);
        assertEq(weighted, 0, "w of a gift that did not count");
    }

    function test_GivenAsManyDonorsAsThereCanBe_WhenOneMoreComes_ItIsAttributedAndNotCounted() public {
        donated(1, list(1, 4e6), ANY, 0);
        fill(slowRoot(4e6 << 64), type(uint32).max - 1);
        donated(2, list(1, 4e6), ANY, 0);
        assertEq(pool.getProject(1).donors, type(uint32).max, "donors at their limit");
        IDonationPool.ProjectState memory before = pool.getProject(1);

        donated(3, list(1, 4e6), ANY, 0);
        assertEq(pool.getProject(1).rootSum, before.rootSum, "S");
        assertEq(pool.getProject(1).donors, before.donors, "donors");
        assertGifts(1, 12e6);
        donated(1, list(1, 5e6), ANY, "a donor that counts already");
        assertTrue(pool.getProject(1).rootSum > before.rootSum, "S of a known donor's increment");
    }

    /// @dev No test can afford the gifts: writes `S` and the number of donors where they are stored, found by their value.
    function fill(uint256 rootSum, uint256 donors) private {
        IDonationPool.ProjectState memory state = pool.getProject(1);
        uint256 word = uint256(state.gifts) | (uint256(state.rootSum) << 128) | (uint256(state.donors) << 224);
        for (uint256 base; base < 32; ++base) {
            bytes32 slot = bytes32(uint256(keccak256(abi.encode(uint256(1), base))) + 1);
            if (uint256(vm.load(address(pool), slot)) != word) continue;
            vm.store(address(pool), slot, bytes32(state.gifts | (rootSum << 128) | (donors << 224)));
        }
        assertEq(pool.getProject(1).rootSum, rootSum, "S as written");
        assertEq(pool.getProject(1).donors, donors, "donors as written");
    }

    function test_GivenADonorWithoutWeight_WhenCollectedForMatching_ItRevertsAndWithoutMatchingItCounts() public {
        gate.answer(donorOf(1), "key", 0);
        refusedByGate();
        gate.answer(donorOf(1), "key", 10_001);
        refusedByGate();
        gate.answer(donorOf(1), "key", type(uint256).max);
        refusedByGate();
        gate.answer(donorOf(1), "key", 1);
        given(1, list(1, 3e6));
        (, uint16 weightBps) = pool.standingOf(donorOf(1));
        assertEq(weightBps, 1, "the least weight");
        assertGifts(1, 3e6);
    }

    function refusedByGate() private {
        IPaymentChannels.Channel memory channel = line(1);
        IDonationPool.CollectItem memory item = itemOf(channel, none(), list(1, 3e6), ANY);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.NotEligible.selector, donorOf(1)));
        collect(item);
        assertState(channel, DEPOSIT, 0, 0, false);
    }
}
