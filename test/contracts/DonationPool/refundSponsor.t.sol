// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice What sponsors get back: their deposit, or their part of what the pot left unused, once and to the unit.
contract RefundSponsorTest is PoolBase {
    function test_GivenARunningRound_WhenASponsorAsks_ItReverts() public {
        sponsored(1, 5e6);
        travelTo(SETTLE_BY);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.WrongStatus.selector, IDonationPool.Status.Running));
        pool.refundSponsor(0);
    }

    function test_GivenACancelledRound_WhenAnyoneAsks_EachSponsorGetsItsDepositBackOnce() public {
        address one = sponsored(1, 5e6);
        address other = sponsored(2, 7e6 + 1);
        cancelled();

        vm.expectEmit(address(pool));
        emit IDonationPool.SponsorRefunded(1, other, 7e6 + 1);
        vm.prank(stranger);
        assertEq(pool.refundSponsor(1), 7e6 + 1, "second deposit");
        assertTrue(pool.getReceipt(1).refunded && !pool.getReceipt(0).refunded, "the second receipt alone is refunded");
        assertEq(pool.refundSponsor(0), 5e6, "first deposit");

        assertHeld(address(plain), one, 5e6, "the first sponsor");
        assertHeld(address(plain), other, 7e6 + 1, "the second sponsor");
        assertHeld(address(plain), stranger, 0, "the stranger");
        assertHeld(address(plain), address(pool), 0, "the pool");
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.AlreadyRefunded.selector, 1));
        pool.refundSponsor(1);
    }

    function test_GivenARoundThatNobodySettled_WhenItIsSwitched_EachSponsorGetsItsDepositBack() public {
        address one = sponsored(1, 5e6);
        address other = sponsored(2, 7e6);
        travelTo(SETTLE_BY);
        pool.switchToRefunds();

        pool.refundSponsor(0);
        pool.refundSponsor(1);

        assertHeld(address(plain), one, 5e6, "the first sponsor");
        assertHeld(address(plain), other, 7e6, "the second sponsor");
    }

    function test_GivenAPotThatIsDrawnWhole_WhenASponsorAsks_NothingIsPaidAndTheReceiptIsClosed() public {
        sponsored(1, 4e6);
        donated(1, list(1, 4e6), ANY, 0);
        donated(2, list(1, 4e6), ANY, 0);
        travelTo(CHALLENGE_END);
        pool.settleRound(0, 0);

        assertEq(pool.refundSponsor(0), 0, "part of nothing");
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.AlreadyRefunded.selector, 0));
        pool.refundSponsor(0);
        pool.claim(1);
        assertHeld(address(plain), payoutOf(1), 12e6, "the project: gifts and the whole pot");
        assertHeld(address(plain), address(pool), 0, "the pool");
    }

    function test_GivenNoSubsidyAtAll_WhenSettled_TheWholePotGoesBack() public {
        address one = sponsored(1, 5e6 + 3);
        address other = sponsored(2, 7e6 + 5);
        donated(1, list(1, 4e6), ANY, 0);
        travelTo(CHALLENGE_END);
        pool.settleRound(0, 0);

        pool.refundSponsor(0);
        pool.refundSponsor(1);

        assertHeld(address(plain), one, 5e6 + 3, "the first sponsor");
        assertHeld(address(plain), other, 7e6 + 5, "the second sponsor");
    }

    function test_GivenAnyReceiptsAndUnusedPot_WhenRefundedInAnyOrder_TheyAreTheUnusedPotToTheUnit(
        uint256 seed,
        uint128 gift
    ) public {
        uint256 count = 1 + (seed % 6);
        for (uint256 i; i < count; ++i) {
            sponsored(i, 1 + uint128(uint256(keccak256(abi.encode(seed, i))) % 9e6));
        }
        uint128 pot = pool.pot();
        gift = uint128(bound(gift, 1, pot));
        donated(1, list(1, gift), ANY, 0);
        donated(2, list(1, gift), ANY, 0);
        travelTo(CHALLENGE_END);
        pool.settleRound(0, 0);
        uint128 unused = pool.settlement().unused;

        uint256 total;
        uint256 first = (seed >> 8) % count;
        for (uint256 i; i < count; ++i) {
            // Each index once, from any first one on, up or down.
            uint256 index = seed & 1 == 0 ? (first + i) % count : (first + count - i) % count;
            IDonationPool.Receipt memory receipt = pool.getReceipt(index);
            uint256 upper = (uint256(unused) * (uint256(receipt.prefix) + receipt.deposit)) / pot;
            uint256 amount = pool.refundSponsor(index);
            assertEq(amount, upper - (uint256(unused) * receipt.prefix) / pot, "part of the receipt");
            assertTrue(amount <= receipt.deposit, "no more than the deposit");
            assertHeld(address(plain), receipt.sponsor, amount, "the sponsor");
            total += amount;
        }
        assertEq(total, unused, "all parts");
        pool.claim(1);
        assertHeld(address(plain), address(pool), 0, "the pool");
    }

    function test_GivenNoSuchReceipt_WhenRefundedOrRead_ItReverts() public {
        sponsored(1, 5e6);
        cancelled();
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.ReceiptNotFound.selector, 1));
        pool.refundSponsor(1);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.ReceiptNotFound.selector, type(uint256).max));
        pool.refundSponsor(type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.ReceiptNotFound.selector, 1));
        pool.getReceipt(1);
    }
}
