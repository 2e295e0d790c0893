// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {Base} from "./Base.t.sol";

contract RequestCloseTest is Base {
    function test_GivenALiveChannel_WhenThePayerAsksToLeave_TheGracePeriodStarts(uint256 second) public {
        IPaymentChannels.Channel memory channel = opened(NATIVE, DEPOSIT);
        travelTo(bound(second, clock, type(uint40).max));

        vm.expectEmit(address(channels));
        emit IPaymentChannels.CloseRequested(idOf(channel), clock + GRACE);
        vm.prank(payer);
        channels.requestClose(channel);

        assertState(channel, DEPOSIT, 0, clock, false);
        assertHeld(NATIVE, address(channels), DEPOSIT, "the escrow");
    }

    function test_GivenAPendingClose_WhenThePayerAsksAgain_TheClockStaysAndNothingIsEmitted(uint256 delay) public {
        IPaymentChannels.Channel memory channel = leaving(NATIVE);
        uint256 requestedAt = clock;
        travelTo(requestedAt + bound(delay, 1, 10 * GRACE));
        bytes memory request = closeRequest(PAYER_KEY, channel, DEPOSIT);

        vm.recordLogs();
        vm.prank(payer);
        channels.requestClose(channel);
        channels.requestCloseWithSignature(channel, request);

        assertEq(vm.getRecordedLogs().length, 0, "events");
        assertState(channel, DEPOSIT, 0, requestedAt, false);
    }

    function test_GivenALiveChannel_WhenAnyoneElseAsks_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(NATIVE, DEPOSIT);
        address[3] memory others = [payee, signer, stranger];
        for (uint256 i; i < others.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.NotPayer.selector, payer, others[i]));
            vm.prank(others[i]);
            channels.requestClose(channel);
        }
    }

    function test_GivenAChannelNeverOpened_WhenThePayerAsks_ItReverts() public {
        IPaymentChannels.Channel memory channel = describe(NATIVE);
        expectNotFound(channel);
        vm.prank(payer);
        channels.requestClose(channel);
    }

    function test_GivenATimePastThePackedWidth_WhenThePayerAsks_ItRevertsAndNothingIsTruncated() public {
        IPaymentChannels.Channel memory channel = opened(NATIVE, DEPOSIT);
        uint256 second = uint256(type(uint40).max) + 1;
        travelTo(second);
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, uint8(40), second));
        vm.prank(payer);
        channels.requestClose(channel);
    }

    function test_GivenATimePastTheYear2106_WhenThePayerLeaves_TheExitWorks() public {
        IPaymentChannels.Channel memory channel = opened(NATIVE, DEPOSIT);
        travelTo(uint256(type(uint32).max) + 5);
        vm.prank(payer);
        channels.requestClose(channel);
        assertState(channel, DEPOSIT, 0, uint256(type(uint32).max) + 5, false);

        travelTo(clock + GRACE);
        channels.withdraw(channel);
        assertHeld(NATIVE, address(channels), 0, "the escrow");
    }
}
