// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {Base} from "./Base.t.sol";

contract CloseTest is Base {
    function test_GivenALiveChannel_WhenThePayeeClosesWithAVoucher_BothSidesGetTheirPart(
        uint128 amount,
        bool native
    ) public {
        IPaymentChannels.Channel memory channel = opened(native ? NATIVE : address(plain), DEPOSIT);
        amount = uint128(bound(amount, 1, DEPOSIT));
        uint256 before = held(channel.token, payer);

        vm.expectEmit(address(channels));
        emit IPaymentChannels.ChannelClosed(idOf(channel), amount, DEPOSIT - amount);
        closeAs(payee, channel, amount, voucher(channel, amount));

        assertState(channel, DEPOSIT, amount, 0, true);
        assertHeld(channel.token, payee, amount, "the payee");
        assertHeld(channel.token, payer, before + DEPOSIT - amount, "the payer");
        assertHeld(channel.token, address(channels), 0, "the escrow");
    }

    function test_GivenASettledAmount_WhenThePayeeClosesAtOrBelowIt_NoVoucherIsNeededAndTheRestIsForgiven(
        uint128 amount
    ) public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        channels.settle(channel, 100, voucher(channel, 100));
        amount = uint128(bound(amount, 0, 100));
        uint256 before = held(address(plain), payer);

        closeAs(payee, channel, amount, "");

        assertState(channel, DEPOSIT, 100, 0, true);
        assertHeld(address(plain), payee, 100, "the payee");
        assertHeld(address(plain), payer, before + DEPOSIT - 100, "the payer");
    }

    function test_GivenASettledAmount_WhenThePayeeClosesExactlyAtIt_NoVoucherIsNeeded() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        channels.settle(channel, 100, voucher(channel, 100));

        expectError(IPaymentChannels.InvalidSignature.selector);
        closeAs(payee, channel, 101, "");
        closeAs(payee, channel, 100, "");

        assertState(channel, DEPOSIT, 100, 0, true);
    }

    function test_GivenASettledAmount_WhenThePayeeClosesHigher_OnlyTheIncreaseIsPaid() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        channels.settle(channel, 100, voucher(channel, 100));

        closeAs(payee, channel, 250, voucher(channel, 250));

        assertHeld(address(plain), payee, 250, "the payee");
        assertHeld(address(plain), address(channels), 0, "the escrow");
    }

    function test_GivenALiveChannel_WhenAnyoneElseCloses_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        bytes memory signature = voucher(channel, 1);
        address[3] memory others = [payer, signer, stranger];
        for (uint256 i; i < others.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.NotPayee.selector, payee, others[i]));
            closeAs(others[i], channel, 1, signature);
        }
        assertState(channel, DEPOSIT, 0, 0, false);
    }

    function test_GivenABadVoucherAboveTheSettledAmount_WhenThePayeeCloses_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        bytes memory one = voucher(channel, 1);
        bytes memory above = voucher(channel, DEPOSIT + 1);

        expectError(IPaymentChannels.InvalidSignature.selector);
        closeAs(payee, channel, 2, one);

        expectError(IPaymentChannels.InvalidSignature.selector);
        closeAs(payee, channel, 1, "");

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.AmountExceedsDeposit.selector, DEPOSIT, DEPOSIT + 1));
        closeAs(payee, channel, DEPOSIT + 1, above);
        assertState(channel, DEPOSIT, 0, 0, false);
    }

    function test_GivenAPendingClose_WhenThePayeeCloses_ItPaysAtOnceAndWithdrawFindsItClosed() public {
        IPaymentChannels.Channel memory channel = leaving(address(plain));
        uint256 requestedAt = clock;
        closeAs(payee, channel, 7, voucher(channel, 7));
        assertState(channel, DEPOSIT, 7, requestedAt, true);

        travelTo(clock + GRACE);
        expectFinalized(channel);
        channels.withdraw(channel);
    }

    function test_GivenAChannelNeverOpened_WhenThePayeeCloses_ItReverts() public {
        IPaymentChannels.Channel memory channel = describe(address(plain));
        expectNotFound(channel);
        closeAs(payee, channel, 0, "");
    }

    function closeAs(
        address caller,
        IPaymentChannels.Channel memory channel,
        uint128 amount,
        bytes memory signature
    ) private {
        vm.prank(caller);
        channels.close(channel, amount, signature);
    }
}
