// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {Base} from "./Base.t.sol";

contract SettleTest is Base {
    function test_GivenALiveChannel_WhenAStrangerSettlesAVoucher_ThePayeeAloneIsPaid(
        uint128 amount,
        bool native
    ) public {
        IPaymentChannels.Channel memory channel = opened(native ? NATIVE : address(plain), DEPOSIT);
        amount = uint128(bound(amount, 1, DEPOSIT));

        vm.expectEmit(address(channels));
        emit IPaymentChannels.ChannelSettled(idOf(channel), amount);
        vm.prank(stranger);
        channels.settle(channel, amount, voucher(channel, amount));

        assertState(channel, DEPOSIT, amount, 0, false);
        assertHeld(channel.token, payee, amount, "the payee");
        assertHeld(channel.token, stranger, 0, "the stranger");
        assertHeld(channel.token, address(channels), DEPOSIT - amount, "the escrow");
    }

    function test_GivenADepositOfOneUnit_WhenSettled_ThatUnitIsPaid() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), 1);
        channels.settle(channel, 1, voucher(channel, 1));
        assertState(channel, 1, 1, 0, false);
        assertHeld(address(plain), payee, 1, "the payee");
    }

    function test_GivenASettledAmount_WhenAHigherVoucherComes_OnlyTheIncreaseIsPaid(
        uint128 first,
        uint128 second
    ) public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        first = uint128(bound(first, 1, DEPOSIT - 1));
        second = uint128(bound(second, first + 1, DEPOSIT));
        channels.settle(channel, first, voucher(channel, first));
        assertState(channel, DEPOSIT, first, 0, false);

        channels.settle(channel, second, voucher(channel, second));

        assertState(channel, DEPOSIT, second, 0, false);
        assertHeld(address(plain), payee, second, "the payee");
    }

    function test_GivenASettledAmount_WhenTheSameVoucherComesAgain_ItRevertsAndNothingMoves() public {
        lateVoucher(DEPOSIT / 2);
    }

    function test_GivenASettledAmount_WhenALowerVoucherComes_ItRevertsAndNothingMoves(uint128 amount) public {
        lateVoucher(uint128(bound(amount, 0, DEPOSIT / 2 - 1)));
    }

    /// @dev A voucher that claims no more than the half of the deposit that is settled.
    function lateVoucher(uint128 amount) private {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        channels.settle(channel, DEPOSIT / 2, voucher(channel, DEPOSIT / 2));
        bytes memory signature = voucher(channel, amount);

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.AmountNotIncreasing.selector, DEPOSIT / 2, amount));
        channels.settle(channel, amount, signature);

        assertState(channel, DEPOSIT, DEPOSIT / 2, 0, false);
        assertHeld(address(plain), payee, DEPOSIT / 2, "the payee");
    }

    function test_GivenALiveChannel_WhenTheVoucherIsForTheWholeDeposit_ItPaysAndOneMoreUnitReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        bytes memory above = voucher(channel, DEPOSIT + 1);

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.AmountExceedsDeposit.selector, DEPOSIT, DEPOSIT + 1));
        channels.settle(channel, DEPOSIT + 1, above);
        channels.settle(channel, DEPOSIT, voucher(channel, DEPOSIT));

        assertHeld(address(plain), payee, DEPOSIT, "the payee");
    }

    function test_GivenAVoucherAboveTheDeposit_WhenSettled_ItRevertsUntilTheDepositCoversIt(uint128 amount) public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        amount = uint128(bound(amount, DEPOSIT + 1, MAX_DEPOSIT));
        bytes memory signature = voucher(channel, amount);

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.AmountExceedsDeposit.selector, DEPOSIT, amount));
        channels.settle(channel, amount, signature);

        vm.prank(payer);
        channels.topUp(channel, amount - DEPOSIT);
        channels.settle(channel, amount, signature);
        assertHeld(address(plain), payee, amount, "the payee");
    }

    function test_GivenAVoucherAboveThePackedWidth_WhenSettled_ItRevertsAndNothingIsTruncated(uint128 amount) public {
        IPaymentChannels.Channel memory channel = describe(NATIVE);
        openAs(channel, MAX_DEPOSIT);
        amount = uint128(bound(amount, uint256(MAX_DEPOSIT) + 1, type(uint128).max));
        bytes memory signature = voucher(channel, amount);

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.AmountExceedsDeposit.selector, MAX_DEPOSIT, amount));
        channels.settle(channel, amount, signature);
    }

    function test_GivenAChannelNeverOpened_WhenSettled_ItReverts() public {
        IPaymentChannels.Channel memory channel = describe(address(plain));
        bytes memory signature = voucher(channel, 1);

        expectNotFound(channel);
        channels.settle(channel, 1, signature);
    }

    function test_GivenAClosedChannel_WhenSettled_ItReverts() public {
        IPaymentChannels.Channel memory channel = closed(address(plain));
        bytes memory signature = voucher(channel, DEPOSIT);

        expectFinalized(channel);
        channels.settle(channel, DEPOSIT, signature);
    }

    function test_GivenAPendingClose_WhenThePayeeSettlesAtTheLastSecond_ItPays() public {
        settleAfterRequest(GRACE - 1);
    }

    function test_GivenAPendingClose_WhenThePayeeSettlesInTheSecondThatWithdrawOpens_ItPaysIfItComesFirst() public {
        settleAfterRequest(GRACE);
    }

    function test_GivenAnExpiredGrace_WhenThePayeeSettlesBeforeAnyoneWithdraws_ItPays() public {
        settleAfterRequest(GRACE + 1);
    }

    function test_GivenAPendingClose_WhenSettled_TheClockIsUntouched(uint256 delay) public {
        settleAfterRequest(bound(delay, 0, 10 * GRACE));
    }

    /// @dev A settlement in the same second as, and before, everything else: it pays whatever the clock says.
    function settleAfterRequest(uint256 delay) private {
        IPaymentChannels.Channel memory channel = leaving(address(plain));
        uint256 requestedAt = clock;
        travelTo(requestedAt + delay);

        channels.settle(channel, DEPOSIT / 2, voucher(channel, DEPOSIT / 2));

        assertState(channel, DEPOSIT, DEPOSIT / 2, requestedAt, false);
        assertHeld(address(plain), payee, DEPOSIT / 2, "the payee");
    }

    function test_GivenTwoChannels_WhenOneGoesThroughItsLife_TheOtherKeepsEveryBit(uint128 amount) public {
        amount = uint128(bound(amount, 1, DEPOSIT - 1));
        IPaymentChannels.Channel memory one = opened(address(plain), DEPOSIT);
        IPaymentChannels.Channel memory other = opened(address(plain), DEPOSIT);
        channels.settle(other, 7, voucher(other, 7));
        bytes32 slot = idOf(other); // the id names it
        bytes32 word = vm.load(address(channels), slot);
        assertEq(uint128(uint104(uint256(word))), DEPOSIT, "the word of the other channel, found where it is stored");

        channels.settle(one, amount, voucher(one, amount));
        vm.prank(payer);
        channels.topUp(one, 1);
        vm.prank(payer);
        channels.requestClose(one);
        travelTo(clock + GRACE);
        channels.withdraw(one);

        assertEq(vm.load(address(channels), slot), word, "the word of the other channel");
        assertHeld(address(plain), address(channels), DEPOSIT - 7, "the escrow");
        channels.settle(other, DEPOSIT, voucher(other, DEPOSIT));
        assertHeld(address(plain), address(channels), 0, "the escrow");
    }
}
