// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {RevertingReceiver} from "../wallets/RevertingReceiver.sol";
import {Base} from "./Base.t.sol";

contract CloseBatchTest is Base {
    function test_GivenManyChannels_WhenThePayeeClosesThem_OnePayoutAndARefundToEachPayer(
        uint128[4] memory amounts,
        bool native
    ) public {
        address token = native ? NATIVE : address(plain);
        IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](4);
        IPaymentChannels.Channel[] memory made = new IPaymentChannels.Channel[](4);
        uint256 total;
        for (uint256 i; i < 4; ++i) {
            made[i] = opened(token, DEPOSIT);
            // Row 0 forgives what is above the settled 3.
            channels.settle(made[i], 3, voucher(made[i], 3));
            amounts[i] = uint128(i == 0 ? bound(amounts[i], 0, 3) : bound(amounts[i], 4, DEPOSIT));
            rows[i] = rowOf(made[i], amounts[i]);
            if (i == 0) (rows[i].r, rows[i].vs) = (0, 0);
            else total += amounts[i] - 3;
        }
        uint256 before = held(token, payer);

        for (uint256 i; i < 4; ++i) {
            uint128 settled = i == 0 ? 3 : amounts[i];
            vm.expectEmit(address(channels));
            emit IPaymentChannels.ChannelClosed(idOf(made[i]), settled, DEPOSIT - settled);
        }
        if (!native && total != 0) vm.expectCall(token, abi.encodeCall(plain.transfer, (payee, total)));
        vm.prank(payee);
        assertEq(channels.closeBatch(payee, token, rows), total, "paid");

        assertHeld(token, payee, total + 12, "the payee");
        assertHeld(token, payer, before + 4 * DEPOSIT - 12 - total, "the payer");
        assertHeld(token, address(channels), 0, "the escrow");
        for (uint256 i; i < 4; ++i) {
            assertState(made[i], DEPOSIT, i == 0 ? 3 : amounts[i], 0, true);
        }
    }

    function test_GivenALiveChannel_WhenAnyoneButThePayeeCloses_ItReverts() public {
        IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](1);
        rows[0] = rowOf(opened(NATIVE, DEPOSIT), 1);
        address[3] memory others = [payer, signer, stranger];
        for (uint256 i; i < others.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.NotPayee.selector, payee, others[i]));
            vm.prank(others[i]);
            channels.closeBatch(payee, NATIVE, rows);
        }
    }

    function test_GivenAnotherPayeesChannel_WhenAPayeeClosesItAsItsOwn_ItIsNotFound() public {
        IPaymentChannels.Channel memory channel = opened(NATIVE, DEPOSIT);
        IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](1);
        rows[0] = rowOf(channel, 0);
        vm.prank(stranger);
        assertEq(channels.closeBatch(stranger, NATIVE, rows), 0, "paid");
        assertState(channel, DEPOSIT, 0, 0, false);
    }

    function test_GivenABadRowOfEachKind_WhenClosed_EachIsSkippedAndStaysAsItWas() public {
        IPaymentChannels.Channel[] memory made = new IPaymentChannels.Channel[](5);
        IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](5);
        made[0] = describe(NATIVE);
        made[1] = closed(NATIVE);
        made[2] = opened(NATIVE, DEPOSIT);
        made[3] = opened(NATIVE, DEPOSIT);
        made[4] = opened(NATIVE, DEPOSIT);
        for (uint256 i; i < 5; ++i) {
            rows[i] = rowOf(made[i], i == 2 ? DEPOSIT + 1 : 9);
        }
        rows[3].cumulativeAmount = 10;

        expectSkip(made[0], IPaymentChannels.ChannelNotFound.selector);
        expectSkip(made[1], IPaymentChannels.ChannelFinalized.selector);
        expectSkip(made[2], IPaymentChannels.AmountExceedsDeposit.selector);
        expectSkip(made[3], IPaymentChannels.InvalidSignature.selector);
        vm.prank(payee);
        assertEq(channels.closeBatch(payee, NATIVE, rows), 9, "paid");

        assertState(made[2], DEPOSIT, 0, 0, false);
        assertState(made[3], DEPOSIT, 0, 0, false);
        assertState(made[4], DEPOSIT, 9, 0, true);
        assertHeld(NATIVE, address(channels), 2 * DEPOSIT, "the escrow");
    }

    function test_GivenOneChannelTwice_WhenClosed_ItIsPaidAndRefundedOnce() public {
        IPaymentChannels.Channel memory channel = opened(NATIVE, DEPOSIT);
        opened(NATIVE, DEPOSIT);
        IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](2);
        (rows[0], rows[1]) = (rowOf(channel, 9), rowOf(channel, 20));
        uint256 before = held(NATIVE, payer);

        expectSkip(channel, IPaymentChannels.ChannelFinalized.selector);
        vm.prank(payee);
        assertEq(channels.closeBatch(payee, NATIVE, rows), 9, "paid");

        assertHeld(NATIVE, payer, before + DEPOSIT - 9, "the payer");
        assertHeld(NATIVE, address(channels), DEPOSIT, "the escrow");
    }

    function test_GivenAPayerThatRefusesItsRefund_WhenClosed_ItIsCreditedAndTheOthersAreRefunded() public {
        IPaymentChannels.Channel[] memory made = new IPaymentChannels.Channel[](2);
        IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](2);
        made[0] = describe(NATIVE);
        made[0].payer = address(new RevertingReceiver());
        vm.deal(made[0].payer, DEPOSIT);
        openAs(made[0], DEPOSIT);
        made[1] = opened(NATIVE, DEPOSIT);
        (rows[0], rows[1]) = (rowOf(made[0], 1), rowOf(made[1], 2));
        uint256 before = held(NATIVE, payer);

        vm.expectEmit(address(channels));
        emit IPaymentChannels.Credited(NATIVE, made[0].payer, DEPOSIT - 1);
        vm.prank(payee);
        channels.closeBatch(payee, NATIVE, rows);

        assertEq(channels.credit(NATIVE, made[0].payer), DEPOSIT - 1, "credit");
        assertHeld(NATIVE, payee, 3, "the payee");
        assertHeld(NATIVE, payer, before + DEPOSIT - 2, "the other payer");
    }

    function test_GivenNoRows_WhenClosed_ItSucceedsWithoutEvents() public {
        vm.recordLogs();
        vm.prank(payee);
        assertEq(channels.closeBatch(payee, NATIVE, new IPaymentChannels.SettleRow[](0)), 0, "paid");
        assertEq(vm.getRecordedLogs().length, 0, "events");
    }

    function expectSkip(IPaymentChannels.Channel memory channel, bytes4 reason) private {
        vm.expectEmit(address(channels));
        emit IPaymentChannels.SettlementSkipped(idOf(channel), reason);
    }
}
