// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {DenyListToken} from "../tokens/DenyListToken.sol";
import {FalseMovingToken} from "../tokens/FalseMovingToken.sol";
import {FalseStillToken} from "../tokens/FalseStillToken.sol";
import {FeeOutToken} from "../tokens/FeeOutToken.sol";
import {LongReturnToken} from "../tokens/LongReturnToken.sol";
import {RevertingToken} from "../tokens/RevertingToken.sol";
import {GasBurningReceiver} from "../wallets/GasBurningReceiver.sol";
import {HungryReceiver} from "../wallets/HungryReceiver.sol";
import {ReturnBombReceiver} from "../wallets/ReturnBombReceiver.sol";
import {RevertingReceiver} from "../wallets/RevertingReceiver.sol";
import {Base} from "./Base.t.sol";

/// @notice What a payout does when the receiver or the token is hostile, and how a credit is paid.
contract CreditsTest is Base {
    function test_GivenAPayeeThatRefusesOrBurnsOrBombs_WhenSettled_ItIsCreditedAndItsPayerCanStillLeave() public {
        address[3] memory payees = hostile();
        for (uint256 i; i < payees.length; ++i) {
            IPaymentChannels.Channel memory channel = describe(NATIVE);
            channel.payee = payees[i];
            openAs(channel, DEPOSIT);

            vm.expectEmit(address(channels));
            emit IPaymentChannels.Credited(NATIVE, payees[i], 9);
            channels.settle{gas: 400_000}(channel, 9, voucher(channel, 9));
            assertState(channel, DEPOSIT, 9, 0, false);
            assertEq(channels.credit(NATIVE, payees[i]), 9, "credit");

            uint256 before = payer.balance;
            vm.prank(payer);
            channels.requestClose(channel);
            travelTo(clock + GRACE);
            channels.withdraw(channel);
            assertHeld(NATIVE, payer, before + DEPOSIT - 9, "the payer");
        }
        assertHeld(NATIVE, address(channels), 27, "the escrow, the credits alone");
    }

    function test_GivenAPayerThatRefusesOrBurnsOrBombs_WhenThePayeeCloses_ThePayeeIsPaidAndThePayerCredited() public {
        address[3] memory payers = hostile();
        for (uint256 i; i < payers.length; ++i) {
            IPaymentChannels.Channel memory channel = describe(NATIVE);
            channel.payer = payers[i];
            vm.deal(payers[i], DEPOSIT);
            openAs(channel, DEPOSIT);
            bytes memory signature = voucher(channel, 9);

            vm.expectEmit(address(channels));
            emit IPaymentChannels.Credited(NATIVE, payers[i], DEPOSIT - 9);
            vm.prank(payee);
            channels.close{gas: 400_000}(channel, 9, signature);

            assertHeld(NATIVE, payee, 9 * (i + 1), "the payee");
            assertEq(channels.credit(NATIVE, payers[i]), DEPOSIT - 9, "credit");
        }
    }

    function test_GivenAReceiverThatNeedsMostOfThePayoutGas_WhenSettledWithEnough_ItIsPaid() public {
        IPaymentChannels.Channel memory channel = toHungry(95_000);
        channels.settle(channel, 9, voucher(channel, 9));
        assertHeld(NATIVE, channel.payee, 9, "the payee");
        assertEq(channels.credit(NATIVE, channel.payee), 0, "credit");
    }

    function test_GivenAReceiverThatNeedsMostOfThePayoutGas_WhenACallerLeavesTooLittle_NothingIsCredited(
        uint256 gas
    ) public {
        IPaymentChannels.Channel memory channel = toHungry(95_000);
        bytes memory signature = voucher(channel, 9);
        gas = bound(gas, 40_000, 300_000);

        (bool done, ) = address(channels).call{gas: gas}(
            abi.encodeCall(IPaymentChannels.settle, (channel, 9, signature))
        );

        assertEq(channels.credit(NATIVE, channel.payee), 0, "credit");
        assertHeld(NATIVE, channel.payee, done ? 9 : 0, "the payee");
    }

    function test_GivenAReceiverThatNeedsMoreThanThePayoutGas_WhenSettled_ItIsCreditedAndPaidWithAllGas() public {
        IPaymentChannels.Channel memory channel = toHungry(150_000);
        channels.settle(channel, 9, voucher(channel, 9));
        assertEq(channels.credit(NATIVE, channel.payee), 9, "credit");

        vm.expectRevert(
            abi.encodeWithSelector(IPaymentChannels.TransferFailed.selector, NATIVE, channel.payee, uint256(9))
        );
        channels.withdrawCredit{gas: 150_000}(NATIVE, channel.payee);
        assertEq(channels.credit(NATIVE, channel.payee), 9, "credit kept");

        channels.withdrawCredit(NATIVE, channel.payee);
        assertHeld(NATIVE, channel.payee, 9, "the payee");
    }

    function test_GivenACredit_WhenItsReceiverAcceptsAtLast_AnyoneCanHaveItPaidOnce() public {
        (RevertingReceiver receiver, ) = credited();
        vm.expectRevert(
            abi.encodeWithSelector(IPaymentChannels.TransferFailed.selector, NATIVE, address(receiver), uint256(9))
        );
        channels.withdrawCredit(NATIVE, address(receiver));
        receiver.accept();

        vm.expectEmit(address(channels));
        emit IPaymentChannels.CreditWithdrawn(NATIVE, address(receiver), address(receiver), 9);
        vm.prank(stranger);
        assertEq(channels.withdrawCredit(NATIVE, address(receiver)), 9, "paid");

        assertHeld(NATIVE, address(receiver), 9, "the receiver");
        assertEq(channels.credit(NATIVE, address(receiver)), 0, "credit");
        vm.recordLogs();
        assertEq(channels.withdrawCredit(NATIVE, address(receiver)), 0, "paid again");
        assertEq(vm.getRecordedLogs().length, 0, "events");
    }

    function test_GivenACredit_WhenItsAccountNamesAnotherReceiver_ItGoesThere() public {
        (RevertingReceiver receiver, ) = credited();
        vm.expectEmit(address(channels));
        emit IPaymentChannels.CreditWithdrawn(NATIVE, address(receiver), stranger, 9);
        vm.prank(address(receiver));
        assertEq(channels.withdrawCreditTo(NATIVE, stranger), 9, "paid");
        assertHeld(NATIVE, stranger, 9, "the named receiver");
        assertEq(channels.credit(NATIVE, address(receiver)), 0, "credit");
    }

    function test_GivenAnothersCredit_WhenAStrangerNamesAReceiver_NothingIsPaid() public {
        (RevertingReceiver receiver, ) = credited();
        vm.prank(stranger);
        assertEq(channels.withdrawCreditTo(NATIVE, stranger), 0, "paid");
        assertEq(channels.credit(NATIVE, address(receiver)), 9, "credit");
    }

    function test_GivenACredit_WhenSentToNobodyOrTheEscrow_ItReverts() public {
        (RevertingReceiver receiver, ) = credited();
        address[2] memory receivers = [address(0), address(channels)];
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.InvalidReceiver.selector, receivers[i]));
            vm.prank(address(receiver));
            channels.withdrawCreditTo(NATIVE, receivers[i]);
        }
        assertEq(channels.credit(NATIVE, address(receiver)), 9, "credit");
    }

    function test_GivenACreditInOneToken_WhenAnotherTokenIsAsked_NothingIsPaid() public {
        (RevertingReceiver receiver, ) = credited();
        assertEq(channels.withdrawCredit(address(plain), address(receiver)), 0, "paid");
        assertEq(channels.credit(NATIVE, address(receiver)), 9, "credit");
    }

    function test_GivenADeniedPayee_WhenSettled_ItIsCreditedAndPayerAndOtherChannelsGoOn() public {
        DenyListToken token = new DenyListToken();
        IPaymentChannels.Channel memory channel = leaving(funded(token));
        token.deny(payee, true);
        channels.settle(channel, 9, voucher(channel, 9));
        assertEq(channels.credit(address(token), payee), 9, "credit");
        uint256 before = held(address(token), payer);
        travelTo(clock + GRACE);
        channels.withdraw(channel);
        assertHeld(address(token), payer, before + DEPOSIT - 9, "the payer");

        vm.expectRevert(
            abi.encodeWithSelector(IPaymentChannels.TransferFailed.selector, address(token), payee, uint256(9))
        );
        channels.withdrawCredit(address(token), payee);
        vm.prank(payee);
        channels.withdrawCreditTo(address(token), stranger);
        assertHeld(address(token), stranger, 9, "where the denied payee sent it");
    }

    function test_GivenADeniedEscrow_WhenItMustPay_BothSidesAreCreditedAndNativeChannelsGoOn() public {
        DenyListToken token = new DenyListToken();
        IPaymentChannels.Channel memory channel = opened(funded(token), DEPOSIT);
        IPaymentChannels.Channel memory native = opened(NATIVE, DEPOSIT);
        bytes memory signature = voucher(channel, 9);
        token.deny(address(channels), true);

        vm.prank(payee);
        channels.close(channel, 9, signature);
        channels.settle(native, 9, voucher(native, 9));

        assertEq(channels.credit(address(token), payee), 9, "credit of the payee");
        assertEq(channels.credit(address(token), payer), DEPOSIT - 9, "credit of the payer");
        assertHeld(NATIVE, payee, 9, "the payee");
    }

    function test_GivenATokenThatRevertsEachPush_WhenSettledAndClosed_CreditsAddUpToTheDeposit() public {
        address token = funded(new RevertingToken());
        IPaymentChannels.Channel memory channel = opened(token, DEPOSIT);
        channels.settle(channel, 4, voucher(channel, 4));
        channels.settle(channel, 9, voucher(channel, 9));
        vm.prank(payee);
        channels.close(channel, 0, "");
        assertEq(channels.credit(token, payee), 9, "credit of the payee");
        assertEq(channels.credit(token, payer), DEPOSIT - 9, "credit of the payer");
    }

    function test_GivenATokenThatReturnsFalse_WhenItMustPay_TheVerbRevertsSoThatNobodyIsPaidTwice() public {
        FalseMovingToken moving = new FalseMovingToken();
        FalseStillToken still = new FalseStillToken();
        IPaymentChannels.Channel[2] memory made = [opened(funded(moving), DEPOSIT), opened(funded(still), DEPOSIT)];
        moving.lie();
        still.refuse();
        for (uint256 i; i < 2; ++i) {
            bytes memory signature = voucher(made[i], 9);
            vm.expectRevert(
                abi.encodeWithSelector(IPaymentChannels.TransferFailed.selector, made[i].token, payee, uint256(9))
            );
            channels.settle(made[i], 9, signature);
            assertState(made[i], DEPOSIT, 0, 0, false);
            assertHeld(made[i].token, address(channels), DEPOSIT, "the escrow");
            assertEq(channels.credit(made[i].token, payee), 0, "credit");
        }
    }

    function test_GivenATokenThatReturns64Kilobytes_WhenItMustPay_OnlyTheFirstWordCounts() public {
        LongReturnToken token = new LongReturnToken();
        IPaymentChannels.Channel memory channel = opened(funded(token), DEPOSIT);
        channels.settle{gas: 300_000}(channel, 9, voucher(channel, 9));
        assertHeld(address(token), payee, 9, "the payee");
    }

    function test_GivenATokenThatReturnsAnythingButTrue_WhenItMustPay_TheVerbReverts(
        uint256 word,
        uint256 size
    ) public {
        LongReturnToken token = new LongReturnToken();
        IPaymentChannels.Channel memory channel = opened(funded(token), DEPOSIT);
        bytes memory signature = voucher(channel, 9);
        size = bound(size, 1, 100);
        vm.assume(word != 1 || size < 32);
        token.answer(word, size);
        vm.expectRevert(
            abi.encodeWithSelector(IPaymentChannels.TransferFailed.selector, address(token), payee, uint256(9))
        );
        channels.settle(channel, 9, signature);
    }

    function test_GivenATokenThatLostItsCode_WhenItMustPay_TheVerbReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        bytes memory signature = voucher(channel, 9);
        vm.etch(address(plain), "");
        vm.expectRevert(
            abi.encodeWithSelector(IPaymentChannels.TransferFailed.selector, address(plain), payee, uint256(9))
        );
        channels.settle(channel, 9, signature);
    }

    function test_GivenATokenThatTakesAFeeOnTheWayOut_WhenSettled_TheReceiverBearsItAndTheEscrowStaysWhole() public {
        address token = funded(new FeeOutToken());
        IPaymentChannels.Channel memory one = opened(token, DEPOSIT);
        opened(token, DEPOSIT);
        channels.settle(one, 500, voucher(one, 500));
        assertHeld(token, payee, 495, "the payee");
        assertHeld(token, address(channels), 2 * DEPOSIT - 500, "the escrow");
    }

    function hostile() private returns (address[3] memory) {
        return [address(new RevertingReceiver()), address(new GasBurningReceiver()), address(new ReturnBombReceiver())];
    }

    function toHungry(uint256 appetite) private returns (IPaymentChannels.Channel memory channel) {
        channel = describe(NATIVE);
        channel.payee = address(new HungryReceiver(appetite));
        openAs(channel, DEPOSIT);
    }

    /// @dev A receiver with a credit of 9 wei, asserted to be so.
    function credited() private returns (RevertingReceiver receiver, IPaymentChannels.Channel memory channel) {
        receiver = new RevertingReceiver();
        channel = describe(NATIVE);
        channel.payee = address(receiver);
        openAs(channel, DEPOSIT);
        channels.settle(channel, 9, voucher(channel, 9));
        assertEq(channels.credit(NATIVE, address(receiver)), 9, "credit");
    }
}
