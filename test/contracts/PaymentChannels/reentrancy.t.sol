// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {ReenteringToken} from "../tokens/ReenteringToken.sol";
import {ReenteringReceiver} from "../wallets/ReenteringReceiver.sol";
import {Base} from "./Base.t.sol";

/// @notice A token and a receiver that call the escrow back from within its own calls.
contract ReentrancyTest is Base {
    bytes private constant REFUSED = abi.encodeWithSelector(
        ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector
    );

    function test_GivenATokenThatReenters_WhenOpenOrAuthorizationOrTopUpPullsIt_EveryVerbRefuses() public {
        ReenteringToken token = new ReenteringToken();
        IPaymentChannels.Channel memory channel = opened(funded(token), DEPOSIT);
        bytes[] memory calls = everyVerb(channel);
        for (uint256 i; i < calls.length; ++i) {
            token.arm(address(channels), calls[i]);
            openAs(describe(address(token)), 1);
            refused(token, "open");

            IPaymentChannels.Channel memory c = describe(address(token));
            bytes32 nonce = keccak256(abi.encode(c.payer, c.payee, c.token, c.salt, c.authorizedSigner));
            channels.openWithAuthorization(c.payee, c.token, 1, c.salt, c.authorizedSigner, payer, 0, 0, nonce, "");
            refused(token, "openWithAuthorization");

            vm.prank(payer);
            channels.topUp(channel, 1);
            refused(token, "topUp");
        }
        assertState(channel, DEPOSIT + calls.length, 0, 0, false);
    }

    function test_GivenATokenThatReenters_WhenItIsPushed_EveryVerbRefuses() public {
        ReenteringToken token = new ReenteringToken();
        IPaymentChannels.Channel memory channel = opened(funded(token), DEPOSIT);
        IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](1);
        bytes[] memory calls = everyVerb(channel);
        for (uint128 i; i < calls.length; ++i) {
            token.arm(address(channels), calls[i]);
            channels.settle(channel, 2 * i + 1, voucher(channel, 2 * i + 1));
            refused(token, "settle");

            rows[0] = rowOf(channel, 2 * i + 2);
            channels.settleBatch(payee, address(token), rows);
            refused(token, "settleBatch");
        }
        for (uint128 i; i < calls.length; ++i) {
            token.arm(address(0), "");
            IPaymentChannels.Channel memory closing = leaving(address(token));
            IPaymentChannels.Channel memory agreed = opened(address(token), DEPOSIT);
            IPaymentChannels.Channel memory forgiven = opened(address(token), DEPOSIT);
            rows[0] = rowOf(opened(address(token), DEPOSIT), 5);
            token.arm(address(channels), calls[i]);

            vm.prank(payee);
            channels.close(forgiven, 0, "");
            refused(token, "close");
            bytes memory consent = signed(PAYEE_KEY, closeAuthorizationHash(agreed, 0, clock));
            channels.closeWithAuthorization(agreed, 0, "", clock, consent);
            refused(token, "closeWithAuthorization");
            vm.prank(payee);
            channels.closeBatch(payee, address(token), rows);
            refused(token, "closeBatch");
            travelTo(clock + GRACE);
            channels.withdraw(closing);
            refused(token, "withdraw");
        }
        assertHeld(address(token), address(channels), DEPOSIT - 2 * calls.length, "the escrow");
    }

    function test_GivenAReceiverThatReenters_WhenItIsPaidInTheNativeCoin_EveryVerbRefuses() public {
        ReenteringReceiver receiver = new ReenteringReceiver();
        IPaymentChannels.Channel memory channel = describe(NATIVE);
        channel.payee = address(receiver);
        openAs(channel, DEPOSIT);
        bytes[] memory calls = everyVerb(channel);
        for (uint128 i; i < calls.length; ++i) {
            receiver.arm(address(channels), calls[i]);
            channels.settle(channel, i + 1, voucher(channel, i + 1));
            assertTrue(!receiver.succeeded(), "the call back failed");
            assertEq(receiver.resultHash(), keccak256(REFUSED), "the guard's error");
        }
        assertHeld(NATIVE, address(receiver), calls.length, "the receiver");
    }

    function test_GivenAReceiverThatReadsTheEscrow_WhenItIsPaid_ItSeesTheStateAfterThePayout() public {
        ReenteringReceiver receiver = new ReenteringReceiver();
        IPaymentChannels.Channel memory channel = describe(NATIVE);
        channel.payee = address(receiver);
        openAs(channel, DEPOSIT);
        receiver.arm(address(channels), abi.encodeCall(IPaymentChannels.getChannel, (idOf(channel))));

        channels.settle(channel, 9, voucher(channel, 9));

        assertTrue(receiver.succeeded(), "views stay open");
        assertEq(
            receiver.resultHash(),
            keccak256(abi.encode(IPaymentChannels.ChannelState(DEPOSIT, 9, 0, false))),
            "state seen by the receiver"
        );
    }

    function refused(ReenteringToken token, string memory verb) private view {
        assertTrue(!token.succeeded(), string.concat("the call back failed within ", verb));
        assertEq(token.result(), REFUSED, verb);
    }

    /// @dev One call of each state-changing function, with arguments that would get far on their own.
    function everyVerb(IPaymentChannels.Channel memory channel) private view returns (bytes[] memory calls) {
        IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](1);
        rows[0] = rowOf(channel, DEPOSIT);
        bytes memory signature = voucher(channel, DEPOSIT);
        calls = new bytes[](13);
        calls[0] = abi.encodeCall(IPaymentChannels.open, (stranger, channel.token, 1, bytes32(0), address(0)));
        calls[1] = abi.encodeCall(
            IPaymentChannels.openWithAuthorization,
            (stranger, channel.token, 1, bytes32(0), address(0), payer, 0, 0, bytes32(0), "")
        );
        calls[2] = abi.encodeCall(IPaymentChannels.topUp, (channel, 1));
        calls[3] = abi.encodeCall(IPaymentChannels.settle, (channel, DEPOSIT, signature));
        calls[4] = abi.encodeCall(IPaymentChannels.settleBatch, (channel.payee, channel.token, rows));
        calls[5] = abi.encodeCall(IPaymentChannels.close, (channel, DEPOSIT, signature));
        calls[6] = abi.encodeCall(
            IPaymentChannels.closeWithAuthorization,
            (channel, DEPOSIT, signature, type(uint256).max, "")
        );
        calls[7] = abi.encodeCall(IPaymentChannels.closeBatch, (channel.payee, channel.token, rows));
        calls[8] = abi.encodeCall(IPaymentChannels.requestClose, (channel));
        calls[9] = abi.encodeCall(IPaymentChannels.requestCloseWithSignature, (channel, signature));
        calls[10] = abi.encodeCall(IPaymentChannels.withdraw, (channel));
        calls[11] = abi.encodeCall(IPaymentChannels.withdrawCredit, (channel.token, channel.payee));
        calls[12] = abi.encodeCall(IPaymentChannels.withdrawCreditTo, (channel.token, stranger));
    }
}
