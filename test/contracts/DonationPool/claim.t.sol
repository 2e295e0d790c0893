// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {DenyListToken} from "../tokens/DenyListToken.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice What a project is paid, where, when, and that it is once.
contract ClaimTest is PoolBase {
    function test_GivenASettledRound_WhenAStrangerClaims_TheProjectIsPaidGiftsAndMatchAtTheRegistrysAddressOnce()
        public
    {
        settledRound();

        vm.expectEmit(address(pool));
        emit IDonationPool.Claimed(1, payoutOf(1), 16e6);
        vm.prank(stranger);
        assertEq(pool.claim(1), 16e6, "what was paid");

        assertHeld(address(plain), payoutOf(1), 16e6, "the project");
        assertHeld(address(plain), stranger, 0, "the stranger");
        assertEq(pool.getProject(1).paid, 16e6, "paid");
        vm.recordLogs();
        assertEq(pool.claim(1), 0, "what was paid again");
        assertEq(vm.getRecordedLogs().length, 0, "events");
        assertHeld(address(plain), payoutOf(1), 16e6, "the project");
    }

    /// @dev Project 1 has 8e6 of gifts and a match of 8e6, project 2 has 3e6 of gifts.
    function settledRound() private {
        sponsored(1, 20e6);
        donated(1, list(1, 4e6, 2, 3e6), ANY, 0);
        donated(2, list(1, 4e6), ANY, 0);
        travelTo(CHALLENGE_END);
        pool.settleRound(0, 0);
    }

    function test_GivenASettledRound_WhenAllIsClaimedAndReturned_ThePoolIsEmpty() public {
        settledRound();
        pool.claim(2);
        pool.refundSponsor(0);
        pool.claim(1);
        pool.claim(3);
        assertHeld(address(plain), payoutOf(2), 3e6, "project 2");
        assertHeld(address(plain), payoutOf(3), 0, "project 3");
        assertHeld(address(plain), address(pool), 0, "the pool");
    }

    function test_GivenARoundWithAPot_WhenClaimedBeforeSettlementOrWhileRefunding_ItReverts() public {
        donated(1, list(1, 4e6), ANY, 0);
        travelTo(SETTLE_BY);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.WrongStatus.selector, IDonationPool.Status.Running));
        pool.claim(1);
        pool.switchToRefunds();
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.WrongStatus.selector, IDonationPool.Status.Refunding));
        pool.claim(1);
    }

    function test_GivenARoundWithoutAPot_WhenClaimedAfterEachGift_EachClaimPaysWhatCameSince() public {
        pool = created(givingTerms(), range(1, 3));
        IPaymentChannels.Channel memory channel = line(1);
        collect(itemOf(channel, none(), list(1, 3e6), ""));
        assertEq(pool.claim(1), 3e6, "first claim");
        collect(itemOf(channel, list(1, 3e6), list(1, 5e6), ""));
        donated(2, list(1, 4e6), "", 0);
        assertEq(pool.claim(1), 6e6, "second claim");
        travelTo(END + 365 days);
        assertEq(pool.claim(1), 0, "third claim");

        assertHeld(address(plain), payoutOf(1), 9e6, "the project");
        assertHeld(address(plain), address(pool), 0, "the pool");
    }

    function test_GivenAProjectOutsideTheRound_WhenClaimed_ItReverts() public {
        settledRound();
        register(4);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.ProjectNotAdmitted.selector, 4));
        pool.claim(4);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.ProjectNotAdmitted.selector, 0));
        pool.claim(0);
    }

    function test_GivenADisqualifiedProject_WhenClaimed_ItReverts() public {
        donated(1, list(1, 4e6), ANY, 0);
        disqualified(1);
        travelTo(CHALLENGE_END);
        pool.settleRound(0, 0);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.ProjectIsDisqualified.selector, 1));
        pool.claim(1);
        assertHeld(address(plain), address(pool), 4e6, "the pool");
    }

    function test_GivenASuspendedOrClosedProject_WhenClaimed_ItIsPaidWhatItHas() public {
        settledRound();
        suspend(1);
        vm.prank(manager);
        registry.close(2);
        assertEq(pool.claim(1), 16e6, "the suspended project");
        assertEq(pool.claim(2), 3e6, "the closed project");
        assertHeld(address(plain), payoutOf(1), 16e6, "the suspended project");
        assertHeld(address(plain), payoutOf(2), 3e6, "the closed project");
    }

    function test_GivenAPayoutThatTheTokenRefuses_WhenClaimed_ItBlocksItselfAloneUntilThePayoutChanges() public {
        DenyListToken token = new DenyListToken();
        paidIn(token);
        settledRound();
        token.deny(payoutOf(1), true);

        vm.expectRevert(abi.encodeWithSelector(DenyListToken.Denied.selector, payoutOf(1)));
        pool.claim(1);
        assertEq(pool.claim(2), 3e6, "the other project");
        assertEq(pool.refundSponsor(0), 12e6, "the sponsor's part");
        assertEq(pool.getProject(1).paid, 0, "paid");

        changePayout(1, address(0xC0DE));
        assertEq(pool.claim(1), 16e6, "once the payout changed");
        assertHeld(address(token), address(0xC0DE), 16e6, "the new payout");
        assertHeld(address(token), address(pool), 0, "the pool");
    }

    function test_GivenAChangeOfPayoutThatIsPending_WhenClaimed_TheOldAddressIsPaid() public {
        settledRound();
        vm.prank(manager);
        registry.changePayout(1, address(0xC0DE));
        travelTo(clock + PAYOUT_DELAY - 1);
        pool.claim(1);
        assertHeld(address(plain), payoutOf(1), 16e6, "the payout until then");
        assertHeld(address(plain), address(0xC0DE), 0, "the payout from then on");
    }
}
