// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice What a collect brings in, attributes, counts and says.
contract CollectTest is PoolBase {
    function test_GivenALiveChannel_WhenAStrangerCollects_TheCashArrivesAndEachGiftIsAttributedAndCounted() public {
        IPaymentChannels.Channel memory channel = line(1);
        IDonationPool.CollectItem memory item = itemOf(channel, none(), list(1, 3e6, 3, 4e6), ANY);

        vm.expectEmit(address(pool));
        emit IDonationPool.DonorWeighed(donorOf(1), bytes32(uint256(uint160(donorOf(1)))), 10_000);
        vm.expectEmit(address(pool));
        emit IDonationPool.Collected(idOf(channel), donorOf(1), true, item.gifts);
        vm.prank(stranger);
        collect(item);

        assertState(channel, DEPOSIT, 7e6, 0, false);
        assertHeld(address(plain), address(pool), 7e6, "the pool");
        assertHeld(address(plain), stranger, 0, "the stranger");
        assertLine(channel, item.gifts, "both gifts");
        assertGifts(1, 3e6);
        assertGifts(2, 0);
        assertGifts(3, 4e6);
        assertEq(pool.getProject(1).rootSum, slowRoot(3e6 << 64), "S of project 1");
        assertEq(pool.getProject(1).subsidy, 0, "R of a lone donor");
        assertEq(pool.getProject(1).donors, 1, "donors of project 1");
    }

    function test_GivenACollectedList_WhenALaterOneComes_OnlyWhatItAddsIsAttributed(
        uint128 first,
        uint128 more,
        uint128 other
    ) public {
        first = uint128(bound(first, 1, 100e6));
        more = uint128(bound(more, 0, 100e6));
        other = uint128(bound(other, 1, 100e6));
        IPaymentChannels.Channel memory channel = given(1, list(2, first));

        collect(channel, list(2, first), list(1, other, 2, first + more));

        assertState(channel, DEPOSIT, uint256(first) + more + other, 0, false);
        assertHeld(address(plain), address(pool), uint256(first) + more + other, "the pool");
        assertLine(channel, list(1, other, 2, first + more), "the later list");
        assertGifts(1, other);
        assertGifts(2, uint256(first) + more);
        uint256[] memory counted = new uint256[](1);
        counted[0] = first + more < MIN_COUNTED ? 0 : first + more;
        assertCount(2, counted);
    }

    function test_GivenACollectedList_WhenTheSameComesAgain_ItSucceedsAndNothingChanges() public {
        IPaymentChannels.Channel memory channel = given(1, list(1, 3e6));
        IDonationPool.CollectItem memory again = itemOf(channel, list(1, 3e6), list(1, 3e6), ANY);

        vm.recordLogs();
        collect(again);

        assertEq(vm.getRecordedLogs().length, 0, "events");
        assertLine(channel, list(1, 3e6), "as before");
        assertGifts(1, 3e6);
        assertHeld(address(plain), address(pool), 3e6, "the pool");
    }

    function test_GivenNothingCollected_WhenAnEmptyListComes_ItSucceedsAndNothingChanges() public {
        IPaymentChannels.Channel memory channel = line(1);
        IDonationPool.CollectItem memory item = itemOf(channel, none(), none(), ANY);

        vm.recordLogs();
        collect(item);

        assertEq(vm.getRecordedLogs().length, 0, "events");
        assertState(channel, DEPOSIT, 0, 0, false);
        assertEq(pool.giftsHash(idOf(channel)), 0, "hash of no gifts");
    }

    function test_GivenNoGateData_WhenCollected_TheGiftIsAttributedWithoutMatching() public {
        IPaymentChannels.Channel memory channel = line(1);
        IDonationPool.CollectItem memory item = itemOf(channel, none(), list(1, 3e6), "");

        vm.expectEmit(address(pool));
        emit IDonationPool.Collected(idOf(channel), donorOf(1), false, item.gifts);
        collect(item);

        assertGifts(1, 3e6);
        assertCount(1, new uint256[](0));
        (bytes30 keyId, uint16 weightBps) = pool.standingOf(donorOf(1));
        assertEq(bytes32(keyId), 0, "key of a donor that was not weighed");
        assertEq(weightBps, 0, "weight of a donor that was not weighed");
    }

    function test_GivenAGiftWithoutMatching_WhenALaterOneCounts_OnlyTheLaterIncrementCounts() public {
        IPaymentChannels.Channel memory channel = line(1);
        collect(itemOf(channel, none(), list(1, 3e6), ""));
        collect(channel, list(1, 3e6), list(1, 5e6));

        uint256[] memory counted = new uint256[](1);
        counted[0] = 2e6;
        assertGifts(1, 5e6);
        assertCount(1, counted);
    }

    function test_GivenARoundWithoutAPot_WhenGateDataComes_TheEventDoesNotClaimAMatch() public {
        pool = created(givingTerms(), range(1, 3));
        IPaymentChannels.Channel memory channel = line(1);
        IDonationPool.CollectItem memory item = itemOf(channel, none(), list(1, 3e6), ANY);

        vm.expectEmit(address(pool));
        emit IDonationPool.Collected(idOf(channel), donorOf(1), false, item.gifts);
        collect(item);

        assertGifts(1, 3e6);
        assertCount(1, new uint256[](0));
    }

    function test_GivenAnUnknownProject_WhenCollected_ItsGiftIsSkippedAndStaysTheDonors() public {
        IPaymentChannels.Channel memory channel = line(1);
        IDonationPool.CollectItem memory item = itemOf(channel, none(), list(1, 3e6, 77, 4e6), ANY);

        vm.expectEmit(address(pool));
        emit IDonationPool.GiftSkipped(idOf(channel), 77, 4e6);
        vm.expectEmit(address(pool));
        emit IDonationPool.Collected(idOf(channel), donorOf(1), true, list(1, 3e6));
        collect(item);

        assertState(channel, DEPOSIT, 7e6, 0, false);
        assertLine(channel, list(1, 3e6), "without the skipped gift");
        assertGifts(77, 0);
    }

    function test_GivenOnlyUnknownProjects_WhenCollected_TheCashArrivesAndNothingIsAttributed(
        uint256 projectId
    ) public {
        projectId = bound(projectId, 4, type(uint256).max);
        IPaymentChannels.Channel memory channel = line(1);
        IDonationPool.CollectItem memory item = itemOf(channel, none(), list(projectId, 3e6), ANY);

        vm.expectEmit(address(pool));
        emit IDonationPool.GiftSkipped(idOf(channel), projectId, 3e6);
        collect(item);

        assertEq(pool.giftsHash(idOf(channel)), 0, "hash of no gifts");
        assertHeld(address(plain), address(pool), 3e6, "the pool");
        (, uint16 weightBps) = pool.standingOf(donorOf(1));
        assertEq(weightBps, 0, "weight of a donor with no gift that was taken");
    }

    function test_GivenARegisteredProjectThatIsNotAdmitted_WhenCollected_ItsGiftIsSkipped() public {
        register(4);
        IPaymentChannels.Channel memory channel = given(1, list(3, 1e6, 4, 2e6));

        assertLine(channel, list(3, 1e6), "the admitted project alone");
        assertGifts(4, 0);
    }

    function test_GivenASuspendedProject_WhenCollected_ItsGiftIsSkippedAndAttributedOnceItIsReinstated() public {
        suspend(2);
        IPaymentChannels.Channel memory channel = line(1);
        IDonationPool.Gift[] memory gifts = list(1, 1e6, 2, 2e6, 3, 3e6);
        collect(itemOf(channel, none(), gifts, ANY));
        assertLine(channel, list(1, 1e6, 3, 3e6), "without the suspended project");
        assertGifts(2, 0);

        reinstate(2);
        collect(channel, list(1, 1e6, 3, 3e6), gifts);

        assertLine(channel, gifts, "all three");
        assertGifts(1, 1e6);
        assertGifts(2, 2e6);
        assertGifts(3, 3e6);
        assertHeld(address(plain), address(pool), 6e6, "the pool");
    }

    function test_GivenAProjectThatIsSuspendedLater_WhenCollectedAgain_ItKeepsWhatItHasAndOnlyTheIncrementIsSkipped()
        public
    {
        IPaymentChannels.Channel memory channel = given(1, list(1, 1e6, 2, 2e6));
        suspend(2);
        IDonationPool.CollectItem memory item = itemOf(channel, list(1, 1e6, 2, 2e6), list(1, 2e6, 2, 5e6), ANY);

        vm.expectEmit(address(pool));
        emit IDonationPool.GiftSkipped(idOf(channel), 2, 3e6);
        vm.expectEmit(address(pool));
        emit IDonationPool.Collected(idOf(channel), donorOf(1), true, list(1, 2e6, 2, 2e6));
        collect(item);

        assertLine(channel, list(1, 2e6, 2, 2e6), "the suspended project as it was");
        assertGifts(2, 2e6);
    }

    function test_GivenProjectsOfTwoWordsOfTheRegistry_WhenOneOfEachIsSuspended_ExactlyThoseAreSkipped() public {
        register(257);
        uint256[] memory ids = new uint256[](4);
        (ids[0], ids[1], ids[2], ids[3]) = (254, 255, 256, 257);
        vm.prank(stewards);
        pool.admit(ids);
        suspend(254);
        suspend(256);
        IDonationPool.Gift[] memory gifts = new IDonationPool.Gift[](4);
        for (uint256 i; i < 4; ++i) {
            gifts[i] = IDonationPool.Gift(ids[i], 1e6);
        }

        IPaymentChannels.Channel memory channel = given(1, gifts);

        assertLine(channel, list(255, 1e6, 257, 1e6), "those that take gifts");
    }

    function test_GivenSixtyFourGifts_WhenCollected_AllAreAttributed() public {
        register(64);
        vm.prank(stewards);
        pool.admit(range(4, 64));
        IDonationPool.Gift[] memory gifts = many(64);

        IPaymentChannels.Channel memory channel = given(1, gifts);

        assertLine(channel, gifts, "64 gifts");
        assertGifts(1, 1e6);
        assertGifts(64, 1e6);
    }

    function test_GivenSixtyFiveGifts_WhenCollected_ItReverts() public {
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), many(65), ANY);

        vm.expectRevert(abi.encodeWithSelector(IDonationPool.TooManyGifts.selector, 64, 65));
        collect(item);
    }

    function many(uint256 count) private pure returns (IDonationPool.Gift[] memory gifts) {
        gifts = new IDonationPool.Gift[](count);
        for (uint256 i; i < count; ++i) {
            gifts[i] = IDonationPool.Gift(i + 1, 1e6);
        }
    }

    function test_GivenUnsortedOrDuplicateGifts_WhenCollected_ItReverts() public {
        IPaymentChannels.Channel memory channel = line(1);
        refusedList(channel, list(2, 1e6, 1, 1e6), abi.encodeWithSelector(IDonationPool.GiftsNotAscending.selector, 1));
        refusedList(channel, list(2, 1e6, 2, 1e6), abi.encodeWithSelector(IDonationPool.GiftsNotAscending.selector, 2));
        refusedList(channel, list(0, 1e6, 0, 1e6), abi.encodeWithSelector(IDonationPool.GiftsNotAscending.selector, 0));
        assertState(channel, DEPOSIT, 0, 0, false);
    }

    function test_GivenAZeroGift_WhenCollected_ItReverts() public {
        IPaymentChannels.Channel memory channel = line(1);
        refusedList(channel, list(1, 0), abi.encodeWithSelector(IDonationPool.ZeroAmount.selector));
        refusedList(channel, list(1, 1e6, 2, 0), abi.encodeWithSelector(IDonationPool.ZeroAmount.selector));
        assertState(channel, DEPOSIT, 0, 0, false);
    }

    function test_GivenGiftsWhoseSumIsTooWide_WhenCollected_ItRevertsAndNothingWraps() public {
        IPaymentChannels.Channel memory channel = line(1);
        IDonationPool.CollectItem memory item = itemOf(channel, none(), list(1, 1e6), ANY);
        item.gifts = list(1, type(uint128).max, 2, 1e6 + 1);

        vm.expectRevert(
            abi.encodeWithSignature("SafeCastOverflowedUintDowncast(uint8,uint256)", 128, uint256(1e6) + (1 << 128))
        );
        collect(item);
    }

    function refusedList(
        IPaymentChannels.Channel memory channel,
        IDonationPool.Gift[] memory gifts,
        bytes memory reason
    ) private {
        IDonationPool.CollectItem memory item = itemOf(channel, none(), gifts, ANY);
        vm.expectRevert(reason);
        collect(item);
    }

    function test_GivenAnItemWithEveryFault_WhenEachIsMended_TheNextIsNamedInTheOrderOfTheSpecification() public {
        IPaymentChannels.Channel memory channel = given(1, list(1, 3e6));
        IPaymentChannels.Channel memory foreign = abi.decode(abi.encode(channel), (IPaymentChannels.Channel));
        foreign.token = address(0xBEEF);
        IDonationPool.CollectItem memory bad = itemOf(foreign, list(9, 9), many(65), ANY);
        bad.allocationSignature = "";
        bad.voucherSignature = "";

        travelTo(END);
        expectAndCollect(bad, abi.encodeWithSelector(IDonationPool.NotOpen.selector, START, END, END));
        travelTo(END - 1);
        expectAndCollect(
            bad,
            abi.encodeWithSelector(IDonationPool.NotOwnChannel.selector, address(pool), address(0xBEEF))
        );
        bad.channel = channel;
        bytes32 standing = hashOf(list(1, 3e6));
        expectAndCollect(
            bad,
            abi.encodeWithSelector(IDonationPool.GiftsMismatch.selector, standing, hashOf(list(9, 9)))
        );
        bad.previousGifts = list(1, 3e6);
        expectAndCollect(bad, abi.encodeWithSelector(IDonationPool.TooManyGifts.selector, 64, 65));
        bad.gifts = list(3, 1e6);
        expectAndCollect(bad, abi.encodeWithSelector(IDonationPool.AllocationDiverges.selector, 1, 3e6, 0));
        bad.gifts = list(1, 3e6, 3, 1e6);
        expectAndCollect(bad, abi.encodeWithSelector(IDonationPool.InvalidSignature.selector));
        bad.allocationSignature = itemOf(channel, bad.previousGifts, bad.gifts, ANY).allocationSignature;
        expectAndCollect(bad, abi.encodeWithSelector(IDonationPool.AllocationExceedsCash.selector, 3e6, 4e6));
        bad.voucherSignature = voucherOf(channel, 4e6);
        collect(bad);
        assertLine(channel, list(1, 3e6, 3, 1e6), "once all is mended");
    }

    function expectAndCollect(IDonationPool.CollectItem memory item, bytes memory reason) private {
        vm.expectRevert(reason);
        collect(item);
    }
}
