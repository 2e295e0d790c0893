// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {TypedData} from "../support/TypedData.sol";
import {Base} from "./Base.t.sol";

/// @notice A thief has the session key and settles whatever it signs. What it can give away is bounded by the deposit, and only to that
/// channel's payee; the payer revokes by asking to leave.
contract StolenSessionKeyTest is Base {
    function test_GivenAStolenSessionKey_WhenTheThiefSignsAnyAmount_ThePayeeGetsAtMostTheDepositAndNobodyElseAnything(
        uint128 amount,
        uint128 tickValue,
        bool native
    ) public {
        address token = native ? NATIVE : address(plain);
        IPaymentChannels.Channel memory channel = opened(token, DEPOSIT);
        IPaymentChannels.Channel memory other = describe(token);
        other.authorizedSigner = address(0); // the payer's own key was not stolen
        openAs(other, DEPOSIT);
        uint256 wallet = held(token, payer);

        bool within = amount != 0 && amount <= DEPOSIT;
        bytes memory call = abi.encodeCall(IPaymentChannels.settle, (channel, amount, voucher(channel, amount)));
        assertTrue(tries(call) == within, "settled if the deposit covers it");
        assertTrue(!tries(abi.encodeCall(IPaymentChannels.settle, (other, 1, voucher(other, 1)))), "another signer's");
        tries(abi.encodeCall(IPaymentChannels.settleBatch, (payee, token, rows(channel, amount))));
        tries(abi.encodeCall(IPaymentChannels.settleBatch, (stranger, token, rows(channel, DEPOSIT))));
        bytes memory members = abi.encode(idOf(channel), amount, bytes32(0), tickValue);
        bytes memory offer = signed(
            SIGNER_KEY,
            TypedData.digest(address(channels), chain, TypedData.TICK_VOUCHER, members)
        );
        tries(abi.encodeCall(IPaymentChannels.settleTicks, (channel, amount, 0, tickValue, offer, 0, 0)));
        tries(abi.encodeCall(IPaymentChannels.settle, (channel, DEPOSIT, voucher(channel, DEPOSIT))));

        assertHeld(token, payee, DEPOSIT, "the payee, the whole deposit and no more");
        assertHeld(token, signer, 0, "the thief");
        assertHeld(token, payer, wallet, "the payer's wallet, allowance or not");
        assertState(channel, DEPOSIT, DEPOSIT, 0, false);
        assertState(other, DEPOSIT, 0, 0, false);
    }

    function test_GivenAStolenSessionKey_WhenThePayerAsksToLeave_WhatTheThiefHasNotSettledByThenComesBack(
        uint128 amount
    ) public {
        IPaymentChannels.Channel memory channel = opened(NATIVE, DEPOSIT);
        amount = uint128(bound(amount, 1, DEPOSIT - 1));
        tries(abi.encodeCall(IPaymentChannels.settle, (channel, amount, voucher(channel, amount))));
        vm.prank(payer);
        channels.requestClose(channel);
        uint256 requestedAt = clock;
        travelTo(requestedAt + GRACE - 1);

        // It cannot put the exit off: not by asking again, nor by a top-up.
        tries(
            abi.encodeCall(
                IPaymentChannels.requestCloseWithSignature,
                (channel, closeRequest(SIGNER_KEY, channel, DEPOSIT))
            )
        );
        vm.deal(signer, 1);
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.NotPayer.selector, payer, signer));
        vm.prank(signer);
        channels.topUp{value: 1}(channel, 1);
        assertState(channel, DEPOSIT, amount, requestedAt, false);
        travelTo(requestedAt + GRACE);
        uint256 wallet = payer.balance;
        channels.withdraw(channel);

        assertHeld(NATIVE, payer, wallet + DEPOSIT - amount, "the payer");
        bytes memory late = voucher(channel, DEPOSIT);
        expectFinalized(channel);
        channels.settle(channel, DEPOSIT, late);
        assertHeld(NATIVE, payee, amount, "the payee");
    }

    /// @dev The thief's own transaction.
    function tries(bytes memory call) private returns (bool done) {
        vm.prank(signer);
        (done, ) = address(channels).call(call);
    }

    function rows(
        IPaymentChannels.Channel memory channel,
        uint128 amount
    ) private view returns (IPaymentChannels.SettleRow[] memory list) {
        list = new IPaymentChannels.SettleRow[](1);
        list[0] = rowOf(channel, amount);
    }
}
