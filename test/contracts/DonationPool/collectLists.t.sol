// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice What an allocation is held to: the list that stands, and whatever was refunded.
contract CollectListsTest is PoolBase {
    function test_GivenAList_WhenTheNextLeavesOutItsFirstMiddleOrLastGift_ItReverts() public {
        IPaymentChannels.Channel memory channel = given(1, list(1, 1e6, 2, 2e6, 3, 3e6));
        diverges(channel, list(2, 9e6, 3, 9e6), 1, 1e6, 0);
        diverges(channel, list(1, 9e6, 3, 9e6), 2, 2e6, 0);
        diverges(channel, list(1, 9e6, 2, 9e6), 3, 3e6, 0);
        diverges(channel, list(4, 9e6), 1, 1e6, 0);
        diverges(channel, none(), 1, 1e6, 0);
    }

    function test_GivenAList_WhenTheNextLowersAnyGiftByOne_ItReverts() public {
        IPaymentChannels.Channel memory channel = given(1, list(1, 1e6, 2, 2e6, 3, 3e6));
        diverges(channel, list(1, 1e6 - 1, 2, 9e6, 3, 9e6), 1, 1e6, 1e6 - 1);
        diverges(channel, list(1, 9e6, 2, 2e6 - 1, 3, 9e6), 2, 2e6, 2e6 - 1);
        diverges(channel, list(1, 9e6, 2, 9e6, 3, 3e6 - 1), 3, 3e6, 3e6 - 1);
    }

    function diverges(
        IPaymentChannels.Channel memory channel,
        IDonationPool.Gift[] memory gifts,
        uint256 projectId,
        uint256 least,
        uint256 actual
    ) private {
        IDonationPool.CollectItem memory item = itemOf(channel, list(1, 1e6, 2, 2e6, 3, 3e6), gifts, ANY);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.AllocationDiverges.selector, projectId, least, actual));
        collect(item);
        assertState(channel, DEPOSIT, 6e6, 0, false);
    }

    function test_GivenTwoCollectedLists_WhenTheOlderComesAgain_ItReverts() public {
        IPaymentChannels.Channel memory channel = line(1);
        IDonationPool.CollectItem memory older = itemOf(channel, none(), list(1, 1e6), ANY);
        collect(older);
        collect(channel, list(1, 1e6), list(1, 4e6));

        vm.expectRevert(abi.encodeWithSelector(IDonationPool.GiftsMismatch.selector, hashOf(list(1, 4e6)), bytes32(0)));
        collect(older);
        older.previousGifts = list(1, 4e6);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.AllocationDiverges.selector, 1, 4e6, 1e6));
        collect(older);
        assertGifts(1, 4e6);
    }

    function test_GivenAList_WhenPreviousGiftsAreAnyOthers_ItReverts(uint256 id, uint128 amount) public {
        vm.assume(id != 1 || amount != 1e6);
        IPaymentChannels.Channel memory channel = given(1, list(1, 1e6));
        IDonationPool.CollectItem memory item = itemOf(channel, list(id, amount), list(1, 2e6), ANY);

        vm.expectRevert(
            abi.encodeWithSelector(IDonationPool.GiftsMismatch.selector, hashOf(list(1, 1e6)), hashOf(list(id, amount)))
        );
        collect(item);
    }

    function test_GivenNothingCollected_WhenPreviousGiftsAreNotEmpty_ItReverts() public {
        IDonationPool.CollectItem memory item = itemOf(line(1), list(1, 1e6), list(1, 2e6), ANY);

        vm.expectRevert(abi.encodeWithSelector(IDonationPool.GiftsMismatch.selector, bytes32(0), hashOf(list(1, 1e6))));
        collect(item);
    }

    function test_GivenARefundedGift_WhenItsAllocationComesAgain_ItRevertsUntilProjectZeroListsTheRefund() public {
        IPaymentChannels.Channel memory channel = line(1);
        suspend(2);
        collect(itemOf(channel, none(), list(1, 1e6, 2, 2e6), ANY));
        vm.prank(donorOf(1));
        pool.refund(channel, list(1, 1e6));
        assertLine(channel, list(0, 2e6, 1, 1e6), "with the refund under project 0");
        reinstate(2);

        divergesFromRefund(channel, list(1, 1e6, 2, 2e6), 0);
        divergesFromRefund(channel, list(0, 2e6 - 1, 1, 1e6, 2, 2e6), 2e6 - 1);
        collect(channel, list(0, 2e6, 1, 1e6), list(0, 2e6, 1, 1e6, 2, 2e6));

        assertLine(channel, list(0, 2e6, 1, 1e6, 2, 2e6), "and the gift, paid anew");
        assertState(channel, DEPOSIT, 5e6, 0, false);
        assertHeld(address(plain), address(pool), 3e6, "the pool");
        assertGifts(2, 2e6);
    }

    function divergesFromRefund(
        IPaymentChannels.Channel memory channel,
        IDonationPool.Gift[] memory gifts,
        uint256 actual
    ) private {
        IDonationPool.CollectItem memory item = itemOf(channel, list(0, 2e6, 1, 1e6), gifts, ANY);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.AllocationDiverges.selector, 0, 2e6, actual));
        collect(item);
    }

    function test_GivenMoreUnderProjectZeroThanWasRefunded_WhenCollected_TheListKeepsTheRefundAndTheRestStaysTheDonors()
        public
    {
        IPaymentChannels.Channel memory channel = given(1, list(0, 5e6, 1, 1e6));

        assertLine(channel, list(1, 1e6), "nothing was refunded");
        assertHeld(address(plain), address(pool), 6e6, "the pool");
        vm.prank(donorOf(1));
        uint256 amount = pool.refund(channel, list(1, 1e6));
        assertEq(amount, 5e6, "refund of what no project was given");

        collect(channel, list(0, 5e6, 1, 1e6), list(0, 7e6, 1, 2e6));
        assertLine(channel, list(0, 5e6, 1, 2e6), "the refund as it was");
        vm.prank(donorOf(1));
        amount = pool.refund(channel, list(0, 5e6, 1, 2e6));
        assertEq(amount, 2e6, "refund of what no project was given");
        assertHeld(address(plain), address(pool), 2e6, "the pool");
    }

    function test_GivenARefundOfEverything_WhenTheDonorGivesOnTheSameChannel_OnlyNewCashIsAttributed() public {
        suspend(1);
        IPaymentChannels.Channel memory channel = given(1, list(1, 4e6));
        vm.prank(donorOf(1));
        pool.refund(channel, none());
        reinstate(1);

        collect(channel, list(0, 4e6), list(0, 4e6, 1, 4e6));

        assertState(channel, DEPOSIT, 8e6, 0, false);
        assertHeld(address(plain), address(pool), 4e6, "the pool");
        assertGifts(1, 4e6);
    }
}
