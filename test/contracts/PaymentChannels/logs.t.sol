// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {TypedData} from "../support/TypedData.sol";
import {DenyListToken} from "../tokens/DenyListToken.sol";
import {Vm} from "../support/Vm.sol";
import {Base} from "./Base.t.sol";

/// @notice A verb logs what it did before it calls a token, and pays the payee before the payer.
contract LogsTest is Base {
    function test_GivenADeposit_WhenOpened_TheChannelsLogComesBeforeTheTokens() public {
        vm.recordLogs();
        vm.prank(payer);
        channels.open(payee, address(plain), DEPOSIT, 0, signer);
        assertTopics(IPaymentChannels.ChannelOpened.selector, IERC20.Transfer.selector);
    }

    function test_GivenADeposit_WhenToppedUp_TheChannelsLogComesBeforeTheTokens() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        vm.recordLogs();
        vm.prank(payer);
        channels.topUp(channel, 1);
        assertTopics(IPaymentChannels.ChannelToppedUp.selector, IERC20.Transfer.selector);
    }

    function test_GivenAVoucher_WhenSettled_TheChannelsLogComesBeforeTheTokens() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        vm.recordLogs();
        channels.settle(channel, 1, voucher(channel, 1));
        assertTopics(IPaymentChannels.ChannelSettled.selector, IERC20.Transfer.selector);
    }

    function test_GivenATickVoucher_WhenSettled_TheChannelsLogComesBeforeTheTokens() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        bytes memory members = abi.encode(idOf(channel), uint128(1), bytes32(0), uint128(0));
        bytes32 digest = TypedData.digest(address(channels), chain, TypedData.TICK_VOUCHER, members);
        vm.recordLogs();
        channels.settleTicks(channel, 1, 0, 0, signed(SIGNER_KEY, digest), 0, 0);
        assertTopics(IPaymentChannels.ChannelSettled.selector, IERC20.Transfer.selector);
    }

    function test_GivenAVoucherBelowTheDeposit_WhenClosed_ThePayeeIsPaidBeforeThePayer() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        vm.recordLogs();
        vm.prank(payee);
        channels.close(channel, 1, voucher(channel, 1));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs[0].topics[0], IPaymentChannels.ChannelClosed.selector, "the first log");
        assertEq(logs[1].topics[2], bytes32(uint256(uint160(payee))), "who is paid first");
        assertEq(logs[2].topics[2], bytes32(uint256(uint160(payer))), "who is paid second");
    }

    function test_GivenACredit_WhenWithdrawn_ItsLogComesBeforeTheTokens() public {
        DenyListToken strict = new DenyListToken();
        IPaymentChannels.Channel memory channel = opened(funded(strict), DEPOSIT);
        strict.deny(payee, true);
        channels.settle(channel, 1, voucher(channel, 1));
        strict.deny(payee, false);
        vm.recordLogs();
        channels.withdrawCredit(address(strict), payee);
        assertTopics(IPaymentChannels.CreditWithdrawn.selector, IERC20.Transfer.selector);
    }

    function assertTopics(bytes32 first, bytes32 second) private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs[0].topics[0], first, "the first log");
        assertEq(logs[1].topics[0], second, "the second log");
    }
}
