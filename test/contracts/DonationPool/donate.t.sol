// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {AnsweringGate} from "../gates/AnsweringGate.sol";
import {FeeInToken} from "../tokens/FeeInToken.sol";
import {GenerousToken} from "../tokens/GenerousToken.sol";
import {PlainToken} from "../tokens/PlainToken.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice Giving at once from a wallet.
contract DonateTest is PoolBase {
    bytes32 private constant SALT = keccak256("salt");

    function test_GivenAnAllowance_WhenDonated_TheSumArrivesAndEachGiftIsAttributedAndCounted() public {
        funds(donorOf(1), 7e6);
        bytes32 donationId = keccak256(abi.encode(donorOf(1), SALT));

        vm.expectEmit(address(pool));
        emit IDonationPool.DonorWeighed(donorOf(1), bytes32(uint256(uint160(donorOf(1)))), 10_000);
        vm.expectEmit(address(pool));
        emit IDonationPool.Donated(donationId, donorOf(1), SALT, true, list(1, 3e6, 3, 4e6));
        vm.prank(donorOf(1));
        assertEq(pool.donate(list(1, 3e6, 3, 4e6), ANY, SALT), donationId, "id of the donation");

        assertHeld(address(plain), address(pool), 7e6, "the pool");
        assertHeld(address(plain), donorOf(1), 0, "the donor");
        assertEq(pool.giftsHash(donationId), hashOf(list(1, 3e6, 3, 4e6)), "the donation's list");
        uint256[] memory counted = new uint256[](1);
        counted[0] = 4e6;
        assertGifts(3, 4e6);
        assertCount(3, counted);
    }

    function test_GivenADonationOfARoundWithoutAPot_WhenGateDataComes_TheEventDoesNotClaimAMatch() public {
        pool = created(givingTerms(), range(1, 3));
        funds(donorOf(1), 3e6);
        bytes32 donationId = keccak256(abi.encode(donorOf(1), SALT));
        vm.expectEmit(address(pool));
        emit IDonationPool.Donated(donationId, donorOf(1), SALT, false, list(1, 3e6));
        vm.prank(donorOf(1));
        pool.donate(list(1, 3e6), ANY, SALT);
    }

    function test_GivenNoGateData_WhenDonated_NothingCounts() public {
        donated(1, list(1, 3e6), "", SALT);
        assertGifts(1, 3e6);
        assertCount(1, new uint256[](0));
    }

    function test_GivenTwoDonationsOfOneDonor_WhenCounted_TheyAddUpBeforeTheRoot() public {
        donated(1, list(1, 3e6), ANY, 0);
        donated(1, list(1, 5e6), ANY, SALT);
        uint256[] memory counted = new uint256[](1);
        counted[0] = 8e6;
        assertCount(1, counted);
    }

    function test_GivenADonorWithAChannelToo_WhenBothCount_TheyAddUpBeforeTheRoot() public {
        given(1, list(1, 3e6));
        donated(1, list(1, 5e6), ANY, 0);
        uint256[] memory counted = new uint256[](1);
        counted[0] = 8e6;
        assertCount(1, counted);
    }

    function test_GivenAUsedSalt_WhenDonatedAgain_ItRevertsEvenOnceTheFirstIsRefunded() public {
        bytes32 donationId = donated(1, list(1, 3e6), ANY, SALT);
        bytes memory exists = abi.encodeWithSelector(IDonationPool.DonationExists.selector, donationId);
        vm.prank(donorOf(1));
        vm.expectRevert(exists);
        pool.donate(list(2, 1e6), ANY, SALT);
        donated(2, list(1, 3e6), ANY, SALT);
        assertGifts(1, 6e6);
    }

    function test_GivenAProjectThatTakesNoGifts_WhenDonated_TheWholeDonationReverts() public {
        register(4);
        suspend(2);
        funds(donorOf(1), 100e6);
        notAccepted(list(1, 1e6, 2, 1e6), 2);
        notAccepted(list(1, 1e6, 4, 1e6), 4);
        notAccepted(list(0, 1e6, 1, 1e6), 0);
        notAccepted(list(1, 1e6, type(uint256).max, 1e6), type(uint256).max);
        assertGifts(1, 0);
        assertHeld(address(plain), donorOf(1), 100e6, "the donor");
    }

    function notAccepted(IDonationPool.Gift[] memory gifts, uint256 projectId) private {
        vm.prank(donorOf(1));
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.ProjectNotAccepted.selector, projectId));
        pool.donate(gifts, ANY, SALT);
    }

    function test_GivenAMalformedList_WhenDonated_ItReverts() public {
        expectError(IDonationPool.ZeroAmount.selector);
        pool.donate(none(), ANY, SALT);
        expectError(IDonationPool.ZeroAmount.selector);
        pool.donate(list(1, 0), ANY, SALT);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.GiftsNotAscending.selector, 1));
        pool.donate(list(1, 1, 1, 1), ANY, SALT);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.TooManyGifts.selector, 64, 65));
        pool.donate(new IDonationPool.Gift[](65), ANY, SALT);
    }

    function test_GivenADonorWithoutWeight_WhenItDonatesForMatching_ItRevertsAndWithoutMatchingItCounts() public {
        AnsweringGate gate = new AnsweringGate();
        behind(address(gate));
        funds(donorOf(1), 3e6);
        vm.prank(donorOf(1));
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.NotEligible.selector, donorOf(1)));
        pool.donate(list(1, 3e6), ANY, SALT);
        vm.prank(donorOf(1));
        pool.donate(list(1, 3e6), "", SALT);
        assertGifts(1, 3e6);
    }

    function test_GivenATokenThatDeliversLessOrMore_WhenDonatedOrSponsored_ItReverts() public {
        mismatch(new FeeInToken(), 99e6);
        mismatch(new GenerousToken(), 100e6 + 1);
    }

    function mismatch(PlainToken token, uint256 received) private {
        paidIn(token);
        funds(donorOf(1), 100e6);
        bytes memory reason = abi.encodeWithSelector(IDonationPool.TransferMismatch.selector, 100e6, received);
        vm.prank(donorOf(1));
        vm.expectRevert(reason);
        pool.donate(list(1, 100e6), ANY, SALT);
        vm.prank(donorOf(1));
        vm.expectRevert(reason);
        pool.sponsor(100e6);
        assertGifts(1, 0);
        assertEq(pool.pot(), 0, "the pot");
    }
}
