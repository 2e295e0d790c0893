// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {TypedData} from "../support/TypedData.sol";
import {ReenteringToken} from "../tokens/ReenteringToken.sol";
import {ReenteringReceiver} from "../wallets/ReenteringReceiver.sol";
import {Permit2Base} from "./Permit2Base.t.sol";

/// @notice A token and a receiver that call the escrow back from within its own calls.
contract ReentrancyTest is Permit2Base {
    bytes private constant REFUSED = abi.encodeWithSelector(
        ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector
    );

    function test_GivenATokenThatReenters_WhenAnyVerbPullsIt_EveryVerbRefuses() public {
        ReenteringToken token = new ReenteringToken();
        IPaymentChannels.Channel memory channel = opened(funded(token), DEPOSIT);
        approvePermit2(token, payer);
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
            addBySignatures(token, channel, i);
        }
        assertState(channel, DEPOSIT + 3 * calls.length, 0, 0, false);
    }

    function test_GivenATokenThatReenters_WhenItIsPushed_EveryVerbRefuses() public {
        ReenteringToken token = new ReenteringToken();
        IPaymentChannels.Channel memory channel = opened(funded(token), DEPOSIT);
        IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](1);
        bytes[] memory calls = everyVerb(channel);
        for (uint128 i; i < calls.length; ++i) {
            token.arm(address(channels), calls[i]);
            channels.settle(channel, 3 * i + 1, voucher(channel, 3 * i + 1));
            refused(token, "settle");

            channels.settleTicks(channel, 3 * i + 2, 0, 0, offered(channel, 3 * i + 2), 0, 0);
            refused(token, "settleTicks");

            rows[0] = rowOf(channel, 3 * i + 3);
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
        assertHeld(address(token), address(channels), DEPOSIT - 3 * calls.length, "the escrow");
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

    function addBySignatures(ReenteringToken token, IPaymentChannels.Channel memory channel, uint256 salt) private {
        bytes32 nonce = keccak256(abi.encode(idOf(channel), uint128(1), payer, bytes32(salt)));
        channels.topUpWithAuthorization(channel, 1, bytes32(salt), 0, 0, nonce, "");
        refused(token, "topUpWithAuthorization");

        bytes memory permit = signed(PAYER_KEY, topUpPermitHash(channel, 1, 2 * salt, clock));
        channels.topUpWithPermit2(channel, 1, 2 * salt, clock, permit);
        refused(token, "topUpWithPermit2");

        IPaymentChannels.Channel memory c = describe(address(token));
        permit = signed(PAYER_KEY, openPermitHash(c, 1, 2 * salt + 1, clock));
        channels.openWithPermit2(c.payee, c.token, 1, c.salt, c.authorizedSigner, payer, 2 * salt + 1, clock, permit);
        refused(token, "openWithPermit2");
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
        calls = new bytes[](17);
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
        calls[13] = abi.encodeCall(
            IPaymentChannels.openWithPermit2,
            (stranger, channel.token, 1, bytes32(0), address(0), payer, 1_000, clock, signature)
        );
        bytes32 nonce = keccak256(abi.encode(idOf(channel), uint128(1), payer, bytes32("again")));
        calls[14] = abi.encodeCall(
            IPaymentChannels.topUpWithAuthorization,
            (channel, 1, bytes32("again"), 0, 0, nonce, "")
        );
        bytes memory permit = signed(PAYER_KEY, topUpPermitHash(channel, 1, 2_000, clock));
        calls[15] = abi.encodeCall(IPaymentChannels.topUpWithPermit2, (channel, 1, 2_000, clock, permit));
        calls[16] = abi.encodeCall(
            IPaymentChannels.settleTicks,
            (channel, DEPOSIT, 0, 0, offered(channel, DEPOSIT), 0, 0)
        );
    }

    /// @dev An offer of ticks whose base alone is claimed.
    function offered(IPaymentChannels.Channel memory channel, uint128 base) private view returns (bytes memory) {
        bytes memory members = abi.encode(idOf(channel), base, bytes32(0), uint128(0));
        return signed(SIGNER_KEY, TypedData.digest(address(channels), chain, TypedData.TICK_VOUCHER, members));
    }
}
