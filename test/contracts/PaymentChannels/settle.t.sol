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
}
