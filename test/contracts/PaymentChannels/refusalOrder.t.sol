// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {Base} from "./Base.t.sol";

/// @notice Of two faults the one that the specification lists first is named.
contract RefusalOrderTest is Base {
    function test_GivenAnInvalidPayeeAndNoDeposit_WhenOpened_ThePayeeIsNamed() public {
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.InvalidPayee.selector, address(0)));
        vm.prank(payer);
        channels.open(address(0), address(plain), 0, 0, signer);
    }

    function test_GivenAStrangerWithNothing_WhenToppedUp_TheStrangerIsNamed() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.NotPayer.selector, payer, stranger));
        vm.prank(stranger);
        channels.topUp(channel, 0);
    }

    function test_GivenNothingNewAndNoSignature_WhenSettled_TheAmountIsNamed() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.AmountNotIncreasing.selector, 0, 0));
        channels.settle(channel, 0, "");
    }
}
