// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {DenyListToken} from "../tokens/DenyListToken.sol";
import {PlainToken} from "../tokens/PlainToken.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice Nothing is attributed whose cash is not there: vouchers, settling behind the pool's back, credits.
contract CollectCashTest is PoolBase {
    function test_GivenAChannelSettledDirectly_WhenCollectedWithoutAVoucher_ItIsAttributed() public {
        IPaymentChannels.Channel memory channel = line(1);
        channels.settle(channel, 3e6, voucherOf(channel, 3e6));
        IDonationPool.CollectItem memory item = itemOf(channel, none(), list(1, 3e6), ANY);
        item.voucherSignature = "";

        collect(item);

        assertGifts(1, 3e6);
        assertHeld(address(plain), address(pool), 3e6, "the pool");
    }

    function test_GivenAChannelSettledDirectlyForTheSameOrMore_WhenCollectedWithTheVoucher_ItIsAttributed(
        uint128 more
    ) public {
        more = uint128(bound(more, 0, DEPOSIT - 3e6));
        IPaymentChannels.Channel memory channel = line(1);
        channels.settle(channel, 3e6 + more, voucherOf(channel, 3e6 + more));

        collect(channel, none(), list(1, 3e6));

        assertState(channel, DEPOSIT, 3e6 + more, 0, false);
        assertGifts(1, 3e6);
        assertHeld(address(plain), address(pool), 3e6 + more, "the pool");
    }

    function test_GivenTooLittleSettled_WhenCollectedWithoutAVoucher_ItReverts() public {
        IPaymentChannels.Channel memory channel = line(1);
        channels.settle(channel, 3e6 - 1, voucherOf(channel, 3e6 - 1));
        IDonationPool.CollectItem memory item = itemOf(channel, none(), list(1, 3e6), ANY);
        item.voucherSignature = "";

        vm.expectRevert(abi.encodeWithSelector(IDonationPool.AllocationExceedsCash.selector, 3e6 - 1, 3e6));
        collect(item);

        assertGifts(1, 0);
    }

    function test_GivenAVoucherThatDiffersFromTheSum_WhenCollected_TheEscrowsErrorComesThrough() public {
        IPaymentChannels.Channel memory channel = line(1);
        IDonationPool.CollectItem memory item = itemOf(channel, none(), list(1, 3e6), ANY);

        item.voucherSignature = voucherOf(channel, 3e6 - 1);
        expectError(IPaymentChannels.InvalidSignature.selector);
        collect(item);
        item.voucherSignature = voucherOf(channel, 3e6 + 1);
        expectError(IPaymentChannels.InvalidSignature.selector);
        collect(item);

        assertState(channel, DEPOSIT, 0, 0, false);
        assertGifts(1, 0);
    }

    function test_GivenMoreThanTheDeposit_WhenCollected_TheEscrowsErrorComesThrough() public {
        IPaymentChannels.Channel memory channel = line(1);
        IDonationPool.CollectItem memory item = itemOf(channel, none(), list(1, DEPOSIT + 1), ANY);

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.AmountExceedsDeposit.selector, DEPOSIT, DEPOSIT + 1));
        collect(item);
    }

    function test_GivenAChannelNeverOpened_WhenCollected_TheEscrowsErrorComesThrough() public {
        IPaymentChannels.Channel memory channel = line(1);
        channel.salt = bytes32("never opened");
        IDonationPool.CollectItem memory item = itemOf(channel, none(), list(1, 3e6), ANY);

        expectNotFound(channel);
        collect(item);
    }

    function test_GivenAChannelThatWasLeft_WhenCollected_OnlyWhatWasSettledBeforeCanBeAttributed() public {
        IPaymentChannels.Channel memory channel = line(1);
        channels.settle(channel, 3e6, voucherOf(channel, 3e6));
        vm.prank(donorOf(1));
        channels.requestClose(channel);
        travelTo(clock + GRACE);
        channels.withdraw(channel);
        IDonationPool.CollectItem memory more = itemOf(channel, none(), list(1, 3e6 + 1), ANY);

        expectFinalized(channel);
        collect(more);
        collect(channel, none(), list(1, 3e6));

        assertGifts(1, 3e6);
        assertHeld(address(plain), address(pool), 3e6, "the pool");
    }

    function test_GivenAChannelToAnotherPayeeOrInAnotherToken_WhenCollected_ItReverts() public {
        PlainToken other = new PlainToken();
        IPaymentChannels.Channel memory channel = line(1);
        channel.payee = payee;
        IDonationPool.CollectItem memory toAnother = itemOf(channel, none(), list(1, 3e6), ANY);
        channel = line(1);
        channel.token = address(other);
        IDonationPool.CollectItem memory inAnother = itemOf(channel, none(), list(1, 3e6), ANY);

        vm.expectRevert(abi.encodeWithSelector(IDonationPool.NotOwnChannel.selector, payee, address(plain)));
        collect(toAnother);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.NotOwnChannel.selector, address(pool), address(other)));
        collect(inAnother);
    }

    function test_GivenAChannelInTheNativeCoin_WhenCollected_ItReverts() public {
        IPaymentChannels.Channel memory channel = line(1);
        channel.token = NATIVE;
        IDonationPool.CollectItem memory item = itemOf(channel, none(), list(1, 3e6), ANY);

        vm.expectRevert(abi.encodeWithSelector(IDonationPool.NotOwnChannel.selector, address(pool), NATIVE));
        collect(item);
    }

    function test_GivenTokensSentDirectly_WhenCollectedAndRefunded_NothingOfThemIsAnybodys() public {
        plain.mint(address(pool), 1_000e6);
        IPaymentChannels.Channel memory channel = line(1);
        IDonationPool.CollectItem memory uncovered = itemOf(channel, none(), list(1, 3e6), ANY);
        uncovered.voucherSignature = "";

        vm.expectRevert(abi.encodeWithSelector(IDonationPool.AllocationExceedsCash.selector, 0, 3e6));
        collect(uncovered);
        vm.prank(donorOf(1));
        assertEq(pool.refund(channel, none()), 0, "refund of nothing");
        collect(channel, none(), list(1, 3e6));

        assertGifts(1, 3e6);
        assertEq(pool.pot(), 0, "the pot");
        assertHeld(address(plain), address(pool), 1_003e6, "the pool");
    }

    function test_GivenATokenThatRefusesThePoolForAWhile_WhenCollected_ItRevertsAndLaterAllComesInOnce() public {
        DenyListToken token = new DenyListToken();
        paidIn(token);
        IPaymentChannels.Channel memory one = line(1);
        IPaymentChannels.Channel memory other = line(2);
        token.deny(address(pool), true);
        channels.settle(one, 3e6, voucherOf(one, 3e6));
        assertEq(channels.credit(address(token), address(pool)), 3e6, "credit of the pool");
        IDonationPool.CollectItem memory first = itemOf(one, none(), list(1, 3e6), ANY);
        IDonationPool.CollectItem memory second = itemOf(other, none(), list(1, 4e6), ANY);

        vm.expectRevert(abi.encodeWithSelector(IDonationPool.CreditRemains.selector, 3e6));
        collect(first);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.CreditRemains.selector, 7e6));
        collect(second);
        assertState(other, DEPOSIT, 0, 0, false);

        token.deny(address(pool), false);
        collect(second);
        assertEq(channels.credit(address(token), address(pool)), 0, "credit of the pool");
        assertHeld(address(token), address(pool), 7e6, "the pool");
        collect(first);
        assertGifts(1, 7e6);
        assertHeld(address(token), address(pool), 7e6, "the pool");
    }

    function test_GivenACreditOfThePool_WhenClaimedRefundedOrReturnedToSponsors_EachRevertsWhileItRemains() public {
        DenyListToken token = new DenyListToken();
        paidIn(token);
        address sponsor = sponsored(1, 50e6);
        IPaymentChannels.Channel memory one = given(1, list(1, 3e6));
        IPaymentChannels.Channel memory other = line(2);
        token.deny(address(pool), true);
        channels.settle(other, 4e6, voucherOf(other, 4e6));
        bytes memory remains = abi.encodeWithSelector(IDonationPool.CreditRemains.selector, 4e6);
        vm.prank(donorOf(2));
        vm.expectRevert(remains);
        pool.refund(other, none());
        travelTo(CHALLENGE_END);
        pool.settleRound(0, 0);
        vm.expectRevert(remains);
        pool.claim(1);
        vm.expectRevert(remains);
        pool.refundSponsor(0);

        token.deny(address(pool), false);
        pool.claim(1);
        pool.refundSponsor(0);
        pool.refund(other, none());

        assertHeld(address(token), payoutOf(1), 3e6, "the project");
        assertHeld(address(token), sponsor, 50e6, "the sponsor");
        assertHeld(address(token), donorOf(2), 4e6, "the donor");
        assertHeld(address(token), address(pool), 0, "the pool");
        assertState(one, DEPOSIT, 3e6, 0, false);
    }
}
