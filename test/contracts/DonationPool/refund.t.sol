// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice What a donor gets back of a channel, when, and that it is once and to the unit.
contract RefundTest is PoolBase {
    function test_GivenMoneySettledButNotAttributed_WhenItsDonorAsksDuringTheRound_ItGoesBackAndTheListSaysSo(
        uint128 gift,
        uint128 more
    ) public {
        gift = uint128(bound(gift, 1, DEPOSIT - 1));
        more = uint128(bound(more, 1, DEPOSIT - gift));
        IPaymentChannels.Channel memory channel = given(1, list(2, gift));
        channels.settle(channel, gift + more, voucherOf(channel, gift + more));

        vm.expectEmit(address(pool));
        emit IDonationPool.Refunded(idOf(channel), donorOf(1), more, list(0, more, 2, gift));
        vm.prank(donorOf(1));
        uint256 amount = pool.refund(channel, list(2, gift));

        assertEq(amount, more, "what was refunded");
        assertHeld(address(plain), donorOf(1), more, "the donor");
        assertHeld(address(plain), address(pool), gift, "the pool");
        assertLine(channel, list(0, more, 2, gift), "with the refund under project 0");
        assertGifts(2, gift);
    }

    function test_GivenARefund_WhenAskedForAgain_NothingMoreIsPaid() public {
        IPaymentChannels.Channel memory channel = skipped();
        vm.prank(donorOf(1));
        pool.refund(channel, list(1, 1e6));

        vm.recordLogs();
        vm.prank(donorOf(1));
        uint256 again = pool.refund(channel, list(0, 2e6, 1, 1e6));

        assertEq(again, 0, "what was refunded again");
        assertEq(vm.getRecordedLogs().length, 0, "events");
        assertHeld(address(plain), donorOf(1), 2e6, "the donor");
        vm.prank(donorOf(1));
        vm.expectRevert(
            abi.encodeWithSelector(
                IDonationPool.GiftsMismatch.selector,
                hashOf(list(0, 2e6, 1, 1e6)),
                hashOf(list(1, 1e6))
            )
        );
        pool.refund(channel, list(1, 1e6));
    }

    /// @dev A channel with 1e6 attributed to project 1 and 2e6 skipped for project 2.
    function skipped() private returns (IPaymentChannels.Channel memory channel) {
        suspend(2);
        channel = given(1, list(1, 1e6, 2, 2e6));
        assertLine(channel, list(1, 1e6), "without the skipped gift");
    }

    function test_GivenASkippedGift_WhenAStrangerAsks_ItRevertsBeforeTheEndAndPaysTheDonorFromTheEndOn() public {
        IPaymentChannels.Channel memory channel = skipped();
        travelTo(END - 1);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.NotDonor.selector, donorOf(1), stranger));
        pool.refund(channel, list(1, 1e6));

        travelTo(END);
        vm.prank(stranger);
        assertEq(pool.refund(channel, list(1, 1e6)), 2e6, "what was refunded");

        assertHeld(address(plain), donorOf(1), 2e6, "the donor");
        assertHeld(address(plain), stranger, 0, "the stranger");
    }

    function test_GivenTheSessionKeyAlone_WhenItAsksBeforeTheEnd_ItReverts() public {
        IPaymentChannels.Channel memory channel = skipped();
        vm.prank(channel.authorizedSigner);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.NotDonor.selector, donorOf(1), channel.authorizedSigner));
        pool.refund(channel, list(1, 1e6));
    }

    function test_GivenAttributedGiftsAlone_WhenTheDonorAsksBeforeDuringAndAfterSettlement_NothingIsPaid() public {
        IPaymentChannels.Channel memory channel = given(1, list(1, 1e6));
        vm.prank(donorOf(1));
        assertEq(pool.refund(channel, list(1, 1e6)), 0, "refund during the round");
        travelTo(CHALLENGE_END);
        assertEq(pool.refund(channel, list(1, 1e6)), 0, "refund after the challenge");
        pool.settleRound(0, 0);
        assertEq(pool.refund(channel, list(1, 1e6)), 0, "refund after settlement");

        assertLine(channel, list(1, 1e6), "as before");
        assertHeld(address(plain), address(pool), 1e6, "the pool");
    }

    function test_GivenACancelledRound_WhenAnyoneAsks_TheDonorGetsAttributedAndOtherMoneyBackToTheUnit(
        uint128 first,
        uint128 second,
        uint128 more
    ) public {
        first = uint128(bound(first, 1, 300e6));
        second = uint128(bound(second, 1, 300e6));
        more = uint128(bound(more, 0, 300e6));
        IPaymentChannels.Channel memory channel = given(1, list(1, first, 3, second));
        uint128 sum = first + second + more;
        if (more != 0) channels.settle(channel, sum, voucherOf(channel, sum));
        cancelled();

        vm.expectEmit(address(pool));
        emit IDonationPool.Refunded(idOf(channel), donorOf(1), sum, list(0, sum));
        vm.prank(stranger);
        assertEq(pool.refund(channel, list(1, first, 3, second)), sum, "what was refunded");

        assertHeld(address(plain), donorOf(1), sum, "the donor");
        assertHeld(address(plain), address(pool), 0, "the pool");
        assertLine(channel, list(0, sum), "everything refunded");
        assertEq(pool.refund(channel, list(0, sum)), 0, "what was refunded again");
    }

    function test_GivenARefundBeforeTheCancellation_WhenTheRestIsRefunded_TheTwoAreTheWhole() public {
        IPaymentChannels.Channel memory channel = skipped();
        vm.prank(donorOf(1));
        pool.refund(channel, list(1, 1e6));
        cancelled();

        assertEq(pool.refund(channel, list(0, 2e6, 1, 1e6)), 1e6, "the rest");

        assertHeld(address(plain), donorOf(1), 3e6, "the donor");
        assertLine(channel, list(0, 3e6), "everything refunded");
    }

    function test_GivenACancelledRound_WhenAChannelIsSettledOnlyThen_ItsMoneyIsRefundedToo() public {
        IPaymentChannels.Channel memory channel = line(1);
        bytes memory voucher = voucherOf(channel, 5e6);
        cancelled();
        channels.settle(channel, 5e6, voucher);
        assertEq(pool.refund(channel, none()), 5e6, "what was refunded");
        pool.closeChannel(channel);
        assertHeld(address(plain), donorOf(1), DEPOSIT, "the donor");
    }

    function test_GivenARoundThatNobodySettled_WhenItIsSwitched_TheDonorGetsEverythingBack() public {
        IPaymentChannels.Channel memory channel = skipped();
        travelTo(SETTLE_BY);
        assertEq(pool.refund(channel, list(1, 1e6)), 2e6, "the skipped gift, before the switch");
        pool.switchToRefunds();

        assertEq(pool.refund(channel, list(0, 2e6, 1, 1e6)), 1e6, "the rest");
        assertHeld(address(plain), donorOf(1), 3e6, "the donor");
        assertHeld(address(plain), address(pool), 0, "the pool");
    }

    function test_GivenADisqualifiedProject_WhenAnyoneAsks_ItsGiftGoesBackAndTheOthersStay() public {
        IPaymentChannels.Channel memory channel = given(1, list(1, 1e6, 2, 2e6, 3, 3e6));
        disqualified(2);

        vm.expectEmit(address(pool));
        emit IDonationPool.Refunded(idOf(channel), donorOf(1), 2e6, list(0, 2e6, 1, 1e6, 3, 3e6));
        vm.prank(stranger);
        assertEq(pool.refund(channel, list(1, 1e6, 2, 2e6, 3, 3e6)), 2e6, "what was refunded");

        assertHeld(address(plain), donorOf(1), 2e6, "the donor");
        assertLine(channel, list(0, 2e6, 1, 1e6, 3, 3e6), "without the disqualified project");
        assertEq(pool.refund(channel, list(0, 2e6, 1, 1e6, 3, 3e6)), 0, "what was refunded again");
        travelTo(CHALLENGE_END);
        pool.settleRound(0, 0);
        pool.claim(1);
        pool.claim(3);
        assertHeld(address(plain), address(pool), 0, "the pool");
    }

    function test_GivenARefundAndThenADisqualification_WhenAskedAgain_ProjectZeroListsBoth() public {
        IPaymentChannels.Channel memory channel = skipped();
        reinstate(2);
        vm.prank(donorOf(1));
        pool.refund(channel, list(1, 1e6));
        disqualified(1);

        assertEq(pool.refund(channel, list(0, 2e6, 1, 1e6)), 1e6, "the gift to the disqualified project");

        assertLine(channel, list(0, 3e6), "both refunds");
        assertHeld(address(plain), donorOf(1), 3e6, "the donor");
    }

    function test_GivenADisqualifiedProject_WhenTheRoundIsSettled_ItsGiftStillGoesBack() public {
        IPaymentChannels.Channel memory channel = given(1, list(1, 1e6, 2, 2e6));
        disqualified(2);
        travelTo(CHALLENGE_END);
        pool.settleRound(0, 0);
        pool.claim(1);

        assertEq(pool.refund(channel, list(1, 1e6, 2, 2e6)), 2e6, "what was refunded");
        assertHeld(address(plain), address(pool), 0, "the pool");
    }

    function test_GivenADisqualifiedProjectRefunded_WhenTheRoundIsSwitched_TheRestIsPaidOnce() public {
        IPaymentChannels.Channel memory channel = given(1, list(1, 1e6, 2, 2e6));
        disqualified(2);
        pool.refund(channel, list(1, 1e6, 2, 2e6));
        travelTo(SETTLE_BY);
        pool.switchToRefunds();

        assertEq(pool.refund(channel, list(0, 2e6, 1, 1e6)), 1e6, "the rest");
        assertEq(pool.refund(channel, list(0, 3e6)), 0, "nothing more");
        assertHeld(address(plain), donorOf(1), 3e6, "the donor");
        assertHeld(address(plain), address(pool), 0, "the pool");
    }

    function test_GivenASettledRound_WhenAChannelIsSettledOnlyThen_ItsMoneyIsItsDonors() public {
        IPaymentChannels.Channel memory channel = given(1, list(1, 1e6));
        travelTo(CHALLENGE_END);
        pool.settleRound(0, 0);
        channels.settle(channel, 9e6, voucherOf(channel, 9e6));

        assertEq(pool.refund(channel, list(1, 1e6)), 8e6, "what was refunded");
        pool.claim(1);
        assertHeld(address(plain), donorOf(1), 8e6, "the donor");
        assertHeld(address(plain), payoutOf(1), 1e6, "the project");
    }

    function test_GivenARoundWithoutAPot_WhenAGiftWasClaimed_OnlyWhatWasNotAttributedGoesBack() public {
        pool = created(givingTerms(), range(1, 3));
        IPaymentChannels.Channel memory channel = skipped();
        pool.claim(1);
        travelTo(END);

        assertEq(pool.refund(channel, list(1, 1e6)), 2e6, "what was refunded");
        assertHeld(address(plain), address(pool), 0, "the pool");
        assertHeld(address(plain), payoutOf(1), 1e6, "the project");
    }

    function test_GivenAForeignChannel_WhenItsRefundIsAskedFor_ItReverts() public {
        IPaymentChannels.Channel memory channel = line(1);
        channel.token = NATIVE;
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.NotOwnChannel.selector, address(pool), NATIVE));
        pool.refund(channel, none());
        channel = line(1);
        channel.payee = payee;
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.NotOwnChannel.selector, payee, address(plain)));
        pool.refund(channel, none());
    }

    function test_GivenAChannelOfAnotherDonor_WhenSomebodyDescribesItWithItselfAsPayer_NothingIsPaid() public {
        IPaymentChannels.Channel memory channel = given(1, list(1, 1e6));
        channels.settle(channel, 9e6, voucherOf(channel, 9e6));
        channel.payer = stranger;
        vm.prank(stranger);
        assertEq(pool.refund(channel, none()), 0, "what was refunded");
        assertHeld(address(plain), stranger, 0, "the stranger");
    }

    function test_GivenAnyOtherListThanTheStanding_WhenItIsRefunded_ItReverts(uint256 id, uint128 amount) public {
        vm.assume(id != 1 || amount != 1e6);
        IPaymentChannels.Channel memory channel = skipped();
        vm.prank(donorOf(1));
        vm.expectRevert(
            abi.encodeWithSelector(IDonationPool.GiftsMismatch.selector, hashOf(list(1, 1e6)), hashOf(list(id, amount)))
        );
        pool.refund(channel, list(id, amount));
    }

    function test_GivenAnyOrderOfGiftsRefundsAndACancellation_WhenAllIsOver_TheDonorHasEveryUnitBack(
        uint256 seed
    ) public {
        IPaymentChannels.Channel memory channel = line(1);
        suspend(2);
        IDonationPool.Gift[] memory standing;
        uint128 refunded;
        for (uint256 step; step < 4; ++step) {
            uint256 random = uint256(keccak256(abi.encode(seed, step)));
            uint128 first =
                (standing.length == 0 ? 0 : standing[standing.length - 1].cumulativeAmount) +
                    1 +
                    uint128(random % 50e6);
            uint128 second = 1 + uint128((random >> 64) % 50e6);
            bool before = refunded != 0;
            IDonationPool.Gift[] memory gifts =
                before ? list(0, refunded, 1, first, 2, second) : list(1, first, 2, second);
            collect(channel, standing, gifts);
            standing = before ? list(0, refunded, 1, first) : list(1, first);
            if (random & 1 == 0) continue;
            vm.prank(donorOf(1));
            refunded += uint128(pool.refund(channel, standing));
            standing = list(0, refunded, 1, first);
            assertLine(channel, standing, "after a refund");
        }
        uint128 settled = channels.getChannel(idOf(channel)).settled;
        assertHeld(address(plain), address(pool), settled - refunded, "the pool");
        cancelled();
        pool.refund(channel, standing);

        assertHeld(address(plain), donorOf(1), settled, "the donor");
        assertHeld(address(plain), address(pool), 0, "the pool");
    }
}
