// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {PausableToken} from "../tokens/PausableToken.sol";
import {Base} from "./Base.t.sol";

contract WithdrawTest is Base {
    function test_GivenAnExpiredGrace_WhenAStrangerWithdraws_TheRemainderGoesToThePayer(
        uint128 settled,
        uint256 delay,
        bool native
    ) public {
        IPaymentChannels.Channel memory channel = leaving(native ? NATIVE : address(plain));
        settled = uint128(bound(settled, 1, DEPOSIT));
        channels.settle(channel, settled, voucher(channel, settled));
        uint256 requestedAt = clock;
        uint256 before = held(channel.token, payer);
        travelTo(requestedAt + bound(delay, GRACE, 1000 * GRACE));

        vm.expectEmit(address(channels));
        emit IPaymentChannels.ChannelClosed(idOf(channel), settled, DEPOSIT - settled);
        vm.prank(stranger);
        channels.withdraw(channel);

        assertState(channel, DEPOSIT, settled, requestedAt, true);
        assertHeld(channel.token, payer, before + DEPOSIT - settled, "the payer");
        assertHeld(channel.token, payee, settled, "the payee");
        assertHeld(channel.token, stranger, 0, "the stranger");
        assertHeld(channel.token, address(channels), 0, "the escrow");
    }

    function test_GivenNoCloseRequested_WhenWithdrawn_ItRevertsAtAnyTime(uint256 second) public {
        IPaymentChannels.Channel memory channel = opened(NATIVE, DEPOSIT);
        travelTo(bound(second, 0, type(uint64).max));
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.CloseNotReady.selector, uint256(0)));
        vm.prank(payer);
        channels.withdraw(channel);
    }

    function test_GivenAPendingClose_WhenWithdrawnBeforeTheGraceEnds_ItReverts(uint256 delay) public {
        IPaymentChannels.Channel memory channel = leaving(NATIVE);
        early(channel, bound(delay, 0, GRACE - 1));
    }

    function test_GivenAPendingClose_WhenWithdrawnOneSecondEarly_ItRevertsAndInTheNextItPays() public {
        IPaymentChannels.Channel memory channel = leaving(NATIVE);
        uint256 requestedAt = clock;
        early(channel, GRACE - 1);

        travelTo(requestedAt + GRACE);
        channels.withdraw(channel);
        assertState(channel, DEPOSIT, 0, requestedAt, true);
    }

    function test_GivenTheSecondThatWithdrawOpens_WhenThePayeeSettlesFirst_BothAreServed() public {
        settleThenWithdraw(GRACE);
    }

    function test_GivenTheSecondThatWithdrawOpens_WhenWithdrawComesFirst_TheVoucherIsTooLate() public {
        withdrawThenSettle(GRACE);
    }

    function test_GivenASecondAfterTheGrace_WhenThePayeeSettlesFirst_BothAreServed() public {
        settleThenWithdraw(GRACE + 1);
    }

    function test_GivenASecondAfterTheGrace_WhenWithdrawComesFirst_TheVoucherIsTooLate() public {
        withdrawThenSettle(GRACE + 1);
    }

    function test_GivenTheLastSecondOfTheGrace_WhenWithdrawComesFirst_ItRevertsAndTheVoucherIsPaid() public {
        IPaymentChannels.Channel memory channel = leaving(NATIVE);
        early(channel, GRACE - 1);
        channels.settle(channel, 9, voucher(channel, 9));
        assertHeld(NATIVE, payee, 9, "the payee");
    }

    function test_GivenACancelledClose_WhenThePayerAsksAnew_TheGraceStartsAnew() public {
        IPaymentChannels.Channel memory channel = leaving(NATIVE);
        travelTo(clock + GRACE - 1);
        vm.prank(payer);
        channels.topUp{value: 1}(channel, 1);
        vm.prank(payer);
        channels.requestClose(channel);
        uint256 requestedAt = clock;
        early(channel, GRACE - 1);

        travelTo(requestedAt + GRACE);
        channels.withdraw(channel);
        assertHeld(NATIVE, address(channels), 0, "the escrow");
    }

    function test_GivenEverythingSettled_WhenWithdrawn_ItClosesAndRefundsNothing() public {
        IPaymentChannels.Channel memory channel = leaving(address(plain));
        uint256 requestedAt = clock;
        channels.settle(channel, DEPOSIT, voucher(channel, DEPOSIT));
        travelTo(requestedAt + GRACE);

        vm.expectEmit(address(channels));
        emit IPaymentChannels.ChannelClosed(idOf(channel), DEPOSIT, 0);
        channels.withdraw(channel);
        assertState(channel, DEPOSIT, DEPOSIT, requestedAt, true);
    }

    function test_GivenAChannelNeverOpened_WhenWithdrawn_ItReverts() public {
        IPaymentChannels.Channel memory channel = describe(NATIVE);
        expectNotFound(channel);
        channels.withdraw(channel);
    }

    function test_GivenATokenPausedThroughTheGrace_WhenBothSidesClaim_EachIsCreditedAndPaidOnceItMoves() public {
        PausableToken token = new PausableToken();
        IPaymentChannels.Channel memory channel = leaving(funded(token));
        token.pause(true);
        channels.settle(channel, 30, voucher(channel, 30));
        travelTo(clock + GRACE);
        channels.withdraw(channel);
        assertEq(channels.credit(address(token), payee), 30, "credit of the payee");
        assertEq(channels.credit(address(token), payer), DEPOSIT - 30, "credit of the payer");
        uint256 before = held(address(token), payer);

        token.pause(false);
        channels.withdrawCredit(address(token), payee);
        channels.withdrawCredit(address(token), payer);

        assertHeld(address(token), payee, 30, "the payee");
        assertHeld(address(token), payer, before + DEPOSIT - 30, "the payer");
        assertHeld(address(token), address(channels), 0, "the escrow");
    }

    function early(IPaymentChannels.Channel memory channel, uint256 delay) private {
        uint256 readyAt = clock + GRACE;
        travelTo(clock + delay);
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.CloseNotReady.selector, readyAt));
        channels.withdraw(channel);
    }

    function settleThenWithdraw(uint256 delay) private {
        IPaymentChannels.Channel memory channel = leaving(NATIVE);
        uint256 requestedAt = clock;
        travelTo(requestedAt + delay);

        channels.settle(channel, 9, voucher(channel, 9));
        channels.withdraw(channel);

        assertHeld(NATIVE, payee, 9, "the payee");
        assertState(channel, DEPOSIT, 9, requestedAt, true);
    }

    function withdrawThenSettle(uint256 delay) private {
        IPaymentChannels.Channel memory channel = leaving(NATIVE);
        bytes memory signature = voucher(channel, 9);
        travelTo(clock + delay);

        channels.withdraw(channel);
        expectFinalized(channel);
        channels.settle(channel, 9, signature);

        assertHeld(NATIVE, payee, 0, "the payee");
    }
}
