// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice Leaving at once: the closer's consent and the donor's wish, both, and the gifts first.
contract CollectAndCloseTest is PoolBase {
    function test_GivenACloseRequestByTheSession_WhenTheCloserBringsIt_GiftsAreCollectedAndTheRestGoesToTheDonor()
        public
    {
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 3e6), ANY);
        bytes memory wish = closeRequest(keyOf[item.channel.authorizedSigner], item.channel, DEPOSIT);

        vm.prank(closer);
        pool.collectAndClose(item, wish);

        assertState(item.channel, DEPOSIT, 3e6, clock, true);
        assertGifts(1, 3e6);
        assertLine(item.channel, list(1, 3e6), "the gift");
        assertHeld(address(plain), address(pool), 3e6, "the pool");
        assertHeld(address(plain), donorOf(1), DEPOSIT - 3e6, "the donor");
        assertHeld(address(plain), closer, 0, "the closer");
    }

    function test_GivenAPendingClose_WhenTheCloserBringsNoSignature_TheChannelCloses() public {
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 3e6), ANY);
        vm.prank(donorOf(1));
        channels.requestClose(item.channel);

        vm.prank(closer);
        pool.collectAndClose(item, "");

        assertState(item.channel, DEPOSIT, 3e6, clock, true);
        assertHeld(address(plain), donorOf(1), DEPOSIT - 3e6, "the donor");
    }

    function test_GivenNothingNew_WhenTheCloserBringsTheSameList_TheChannelClosesAllTheSame() public {
        IPaymentChannels.Channel memory channel = given(1, list(1, 3e6));
        IDonationPool.CollectItem memory item = itemOf(channel, list(1, 3e6), list(1, 3e6), ANY);
        bytes memory wish = closeRequest(keyOf[channel.authorizedSigner], channel, DEPOSIT);
        vm.prank(closer);
        pool.collectAndClose(item, wish);
        assertHeld(address(plain), donorOf(1), DEPOSIT - 3e6, "the donor");
        assertGifts(1, 3e6);
    }

    function test_GivenNoWishOfTheDonor_WhenTheCloserCloses_ItReverts() public {
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 3e6), ANY);
        bytes memory forged = closeRequest(STRANGER_KEY, item.channel, DEPOSIT);
        bytes memory ofLessDeposit = closeRequest(keyOf[item.channel.authorizedSigner], item.channel, DEPOSIT - 1);

        vm.prank(closer);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.CloseNotRequested.selector, idOf(item.channel)));
        pool.collectAndClose(item, "");
        vm.prank(closer);
        expectError(IPaymentChannels.InvalidSignature.selector);
        pool.collectAndClose(item, forged);
        vm.prank(closer);
        expectError(IPaymentChannels.InvalidSignature.selector);
        pool.collectAndClose(item, ofLessDeposit);

        assertState(item.channel, DEPOSIT, 0, 0, false);
        assertGifts(1, 0);
    }

    function test_GivenABadAllocation_WhenTheCloserBringsAGoodWish_NeitherIsDone() public {
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 3e6), ANY);
        item.gifts = list(2, 3e6);
        bytes memory wish = closeRequest(keyOf[item.channel.authorizedSigner], item.channel, DEPOSIT);
        vm.prank(closer);
        expectError(IDonationPool.InvalidSignature.selector);
        pool.collectAndClose(item, wish);
        assertState(item.channel, DEPOSIT, 0, 0, false);
    }

    function test_GivenAnyoneElse_WhenTheyBringAWish_ItReverts(address caller) public {
        vm.assume(caller != closer);
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 3e6), ANY);
        bytes memory wish = closeRequest(keyOf[item.channel.authorizedSigner], item.channel, DEPOSIT);
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.NotCloser.selector, closer, caller));
        pool.collectAndClose(item, wish);
    }

    function test_GivenARoundWithoutACloser_WhenAnyoneBringsAWish_ItReverts(address caller) public {
        vm.assume(caller != address(0));
        IDonationPool.Terms memory terms = matchingTerms();
        terms.closer = address(0);
        pool = created(terms, range(1, 3));
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 3e6), ANY);
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.NotCloser.selector, address(0), caller));
        pool.collectAndClose(item, "");
    }

    function test_GivenTheWindowAndTheStatus_WhenTheCloserComesOutsideThem_ItReverts() public {
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 3e6), ANY);
        vm.prank(donorOf(1));
        channels.requestClose(item.channel);
        travelTo(END);
        vm.prank(closer);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.NotOpen.selector, START, END, END));
        pool.collectAndClose(item, "");
        travelTo(END - 1);
        cancelled();
        vm.prank(closer);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.WrongStatus.selector, IDonationPool.Status.Refunding));
        pool.collectAndClose(item, "");
    }
}
