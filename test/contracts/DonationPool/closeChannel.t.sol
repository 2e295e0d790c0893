// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {PoolBase} from "./PoolBase.t.sol";

contract CloseChannelTest is PoolBase {
    function test_GivenTheEnd_WhenAnyoneClosesAChannel_TheRemainderGoesToTheDonorAtOnce() public {
        IPaymentChannels.Channel memory channel = given(1, list(1, 3e6));
        travelTo(END - 1);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.TooEarly.selector, END, END - 1));
        pool.closeChannel(channel);

        travelTo(END);
        vm.prank(stranger);
        pool.closeChannel(channel);

        assertState(channel, DEPOSIT, 3e6, 0, true);
        assertHeld(address(plain), donorOf(1), DEPOSIT - 3e6, "the donor");
        assertHeld(address(plain), address(pool), 3e6, "the pool");
        assertHeld(address(plain), stranger, 0, "the stranger");
        expectFinalized(channel);
        pool.closeChannel(channel);
    }

    function test_GivenACancelledRound_WhenAnyoneClosesAChannel_ItClosesBeforeTheEndToo() public {
        IPaymentChannels.Channel memory channel = given(1, list(1, 3e6));
        cancelled();
        vm.prank(stranger);
        pool.closeChannel(channel);
        pool.refund(channel, list(1, 3e6));
        assertHeld(address(plain), donorOf(1), DEPOSIT, "the donor");
    }

    function test_GivenARoundWithoutAPot_WhenAChannelIsClosed_ItIsPossibleFromTheEndOn() public {
        pool = created(givingTerms(), range(1, 3));
        IPaymentChannels.Channel memory channel = given(1, list(1, 3e6));
        travelTo(END - 1);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.TooEarly.selector, END, END - 1));
        pool.closeChannel(channel);
        travelTo(END);
        pool.closeChannel(channel);
        assertHeld(address(plain), donorOf(1), DEPOSIT - 3e6, "the donor");
    }

    function test_GivenAChannelToAnotherPayee_WhenThePoolIsAskedToCloseIt_ItReverts() public {
        IPaymentChannels.Channel memory foreign = opened(address(plain), DEPOSIT);
        travelTo(END);
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.NotPayee.selector, payee, address(pool)));
        pool.closeChannel(foreign);
        assertState(foreign, DEPOSIT, 0, 0, false);
    }
}
