// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice What a donor gets back of a donation without a channel.
contract RefundDonationTest is PoolBase {
    bytes32 private constant SALT = keccak256("salt");

    function test_GivenADonation_WhenItsDonorAsksDuringTheRoundOrAfterSettlement_NothingIsPaid() public {
        donated(1, list(1, 1e6), ANY, SALT);
        vm.recordLogs();
        vm.prank(donorOf(1));
        assertEq(pool.refundDonation(donorOf(1), SALT, list(1, 1e6)), 0, "refund during the round");
        travelTo(CHALLENGE_END);
        pool.settleRound(0, 0);
        vm.getRecordedLogs();
        assertEq(pool.refundDonation(donorOf(1), SALT, list(1, 1e6)), 0, "refund after settlement");
        assertEq(vm.getRecordedLogs().length, 0, "events");
        assertHeld(address(plain), address(pool), 1e6, "the pool");
    }

    function test_GivenACancelledRound_WhenAnyoneAsks_TheDonorGetsTheDonationBackOnce(
        uint128 first,
        uint128 second
    ) public {
        first = uint128(bound(first, 1, type(uint128).max / 2));
        second = uint128(bound(second, 1, type(uint128).max / 2));
        bytes32 donationId = donated(1, list(1, first, 2, second), ANY, SALT);
        cancelled();

        vm.expectEmit(address(pool));
        emit IDonationPool.Refunded(donationId, donorOf(1), first + second, list(0, first + second));
        vm.prank(stranger);
        uint256 amount = pool.refundDonation(donorOf(1), SALT, list(1, first, 2, second));

        assertEq(amount, first + second, "what was refunded");
        assertHeld(address(plain), donorOf(1), first + second, "the donor");
        assertEq(pool.giftsHash(donationId), hashOf(list(0, first + second)), "everything refunded");
        assertEq(pool.refundDonation(donorOf(1), SALT, list(0, first + second)), 0, "what was refunded again");
    }

    function test_GivenARoundThatNobodySettled_WhenItIsSwitched_TheDonationGoesBack() public {
        donated(1, list(1, 1e6, 3, 2e6), "", SALT);
        travelTo(SETTLE_BY);
        pool.switchToRefunds();
        assertEq(pool.refundDonation(donorOf(1), SALT, list(1, 1e6, 3, 2e6)), 3e6, "what was refunded");
        assertHeld(address(plain), donorOf(1), 3e6, "the donor");
    }

    function test_GivenADisqualifiedProject_WhenAnyoneAsks_ItsGiftAloneGoesBack() public {
        bytes32 donationId = donated(1, list(1, 1e6, 2, 2e6, 3, 3e6), ANY, SALT);
        disqualified(1);
        vm.prank(stranger);
        assertEq(pool.refundDonation(donorOf(1), SALT, list(1, 1e6, 2, 2e6, 3, 3e6)), 1e6, "what was refunded");
        assertEq(pool.giftsHash(donationId), hashOf(list(0, 1e6, 2, 2e6, 3, 3e6)), "the other gifts stand");

        vm.prank(stewards);
        pool.disqualify(3, REASON);
        assertEq(pool.refundDonation(donorOf(1), SALT, list(0, 1e6, 2, 2e6, 3, 3e6)), 3e6, "what was refunded then");
        assertEq(pool.giftsHash(donationId), hashOf(list(0, 4e6, 2, 2e6)), "one gift stands");
        assertHeld(address(plain), donorOf(1), 4e6, "the donor");
        assertHeld(address(plain), address(pool), 2e6, "the pool");
    }

    function test_GivenADonation_WhenAStrangerAsksBeforeTheEnd_ItReverts() public {
        donated(1, list(1, 1e6), ANY, SALT);
        travelTo(END - 1);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.NotDonor.selector, donorOf(1), stranger));
        pool.refundDonation(donorOf(1), SALT, list(1, 1e6));
    }

    function test_GivenAMadeUpDonation_WhenItsRefundIsAskedFor_NothingIsPaid() public {
        donated(1, list(1, 1e6), ANY, SALT);
        cancelled();

        assertEq(pool.refundDonation(stranger, SALT, none()), 0, "refund of nothing");
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.GiftsMismatch.selector, bytes32(0), hashOf(list(1, 1e6))));
        pool.refundDonation(stranger, SALT, list(1, 1e6));
        vm.expectRevert(
            abi.encodeWithSelector(IDonationPool.GiftsMismatch.selector, hashOf(list(1, 1e6)), hashOf(list(1, 2e6)))
        );
        pool.refundDonation(donorOf(1), SALT, list(1, 2e6));
        assertHeld(address(plain), stranger, 0, "the stranger");
    }
}
