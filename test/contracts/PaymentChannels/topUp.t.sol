// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {SwitchedFeeToken} from "../tokens/SwitchedFeeToken.sol";
import {Base} from "./Base.t.sol";

contract TopUpTest is Base {
    function test_GivenALiveChannel_WhenThePayerTopsUp_TheDepositGrowsByWhatArrives(
        uint128 addition,
        bool native
    ) public {
        IPaymentChannels.Channel memory channel = opened(native ? NATIVE : address(plain), DEPOSIT);
        channels.settle(channel, 5, voucher(channel, 5));
        addition = uint128(bound(addition, 1, MAX_DEPOSIT - DEPOSIT));

        vm.expectEmit(address(channels));
        emit IPaymentChannels.ChannelToppedUp(idOf(channel), DEPOSIT + addition);
        add(channel, addition);

        assertState(channel, uint256(DEPOSIT) + addition, 5, 0, false);
        assertHeld(channel.token, address(channels), uint256(DEPOSIT) + addition - 5, "the escrow");
    }

    function test_GivenNoPendingClose_WhenThePayerTopsUp_NothingIsCancelled() public {
        IPaymentChannels.Channel memory channel = opened(NATIVE, DEPOSIT);
        vm.recordLogs();
        add(channel, 1);
        assertEq(vm.getRecordedLogs().length, 1, "events");
    }

    function test_GivenAPendingClose_WhenThePayerTopsUp_TheCloseIsCancelled(uint256 delay) public {
        IPaymentChannels.Channel memory channel = leaving(NATIVE);
        travelTo(clock + bound(delay, 0, 2 * GRACE));

        vm.expectEmit(address(channels));
        emit IPaymentChannels.ChannelToppedUp(idOf(channel), DEPOSIT + 1);
        vm.expectEmit(address(channels));
        emit IPaymentChannels.CloseCancelled(idOf(channel));
        add(channel, 1);

        assertState(channel, DEPOSIT + 1, 0, 0, false);
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.CloseNotReady.selector, uint256(0)));
        channels.withdraw(channel);
    }

    function test_GivenAPendingClose_WhenStrangersTopUpWithDust_TheyAreRefusedAndTheExitGoesOn() public {
        IPaymentChannels.Channel memory channel = leaving(NATIVE);
        uint256 requestedAt = clock;
        address[3] memory griefers = [payee, signer, stranger];
        for (uint256 i; i < 12; ++i) {
            travelTo(requestedAt + (i * GRACE) / 12);
            address griefer = griefers[i % 3];
            vm.deal(griefer, 1);
            vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.NotPayer.selector, payer, griefer));
            vm.prank(griefer);
            channels.topUp{value: 1}(channel, 1);
        }
        assertState(channel, DEPOSIT, 0, requestedAt, false);

        travelTo(requestedAt + GRACE);
        channels.withdraw(channel);
        assertState(channel, DEPOSIT, 0, requestedAt, true);
    }

    function test_GivenADeposit_WhenTheTotalReachesThePackedWidth_ItIsKeptAndOneMoreReverts(uint128 deposit) public {
        IPaymentChannels.Channel memory channel = describe(NATIVE);
        deposit = uint128(bound(deposit, 1, MAX_DEPOSIT - 2));
        openAs(channel, deposit);
        add(channel, MAX_DEPOSIT - 1 - deposit);
        assertState(channel, MAX_DEPOSIT - 1, 0, 0, false);
        add(channel, 1);
        assertState(channel, MAX_DEPOSIT, 0, 0, false);

        vm.expectRevert(
            abi.encodeWithSelector(
                IPaymentChannels.DepositOverflow.selector,
                uint256(MAX_DEPOSIT),
                uint256(MAX_DEPOSIT) + 1
            )
        );
        add(channel, 1);
    }

    function test_GivenALargeDeposit_WhenTheSumOverflowsTheArgumentsWidth_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(NATIVE, DEPOSIT);
        vm.deal(payer, type(uint256).max);
        vm.expectRevert(
            abi.encodeWithSelector(
                IPaymentChannels.DepositOverflow.selector,
                uint256(MAX_DEPOSIT),
                uint256(type(uint128).max) + DEPOSIT
            )
        );
        add(channel, type(uint128).max);
    }

    function test_GivenNothingToAdd_WhenThePayerTopsUp_ItRevertsAndThePendingCloseStays() public {
        IPaymentChannels.Channel memory channel = leaving(NATIVE);
        expectError(IPaymentChannels.ZeroDeposit.selector);
        add(channel, 0);
        assertState(channel, DEPOSIT, 0, clock, false);
    }

    function test_GivenTheWrongValue_WhenThePayerTopsUp_ItReverts() public {
        IPaymentChannels.Channel memory native = opened(NATIVE, DEPOSIT);
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.TransferMismatch.selector, uint256(2), uint256(1)));
        vm.prank(payer);
        channels.topUp{value: 1}(native, 2);

        IPaymentChannels.Channel memory token = opened(address(plain), DEPOSIT);
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.TransferMismatch.selector, uint256(0), uint256(1)));
        vm.prank(payer);
        channels.topUp{value: 1}(token, 1);
    }

    function test_GivenAChannelNeverOpened_WhenToppedUp_ItReverts() public {
        IPaymentChannels.Channel memory channel = describe(NATIVE);
        expectNotFound(channel);
        add(channel, 1);
    }

    function test_GivenAClosedChannel_WhenToppedUp_ItReverts() public {
        IPaymentChannels.Channel memory channel = closed(NATIVE);
        expectFinalized(channel);
        add(channel, 1);
    }

    function test_GivenATokenThatStartsToTakeAFee_WhenToppedUp_ItRevertsAndTheDepositStays() public {
        SwitchedFeeToken token = new SwitchedFeeToken();
        IPaymentChannels.Channel memory channel = opened(funded(token), DEPOSIT);
        token.charge();

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.TransferMismatch.selector, uint256(100), uint256(99)));
        add(channel, 100);

        assertState(channel, DEPOSIT, 0, 0, false);
    }

    function add(IPaymentChannels.Channel memory channel, uint128 addition) private {
        vm.prank(payer);
        channels.topUp{value: channel.token == NATIVE ? addition : 0}(channel, addition);
    }
}
