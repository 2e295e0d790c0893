// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {TypedData} from "../support/TypedData.sol";
import {PlainToken} from "../tokens/PlainToken.sol";
import {SeasonDollar} from "../tokens/SeasonDollar.sol";
import {Permit2Base} from "./Permit2Base.t.sol";

/// @notice Each state-changing function of the escrow as a call that goes through on a channel that is fit for it.
abstract contract EveryVerb is Permit2Base {
    enum Verb {
        Open,
        OpenWithAuthorization,
        OpenWithPermit2,
        TopUp,
        TopUpWithAuthorization,
        TopUpWithPermit2,
        RequestClose,
        RequestCloseWithSignature,
        Settle,
        SettleTicks,
        SettleBatch,
        Close,
        CloseWithAuthorization,
        CloseBatch,
        Withdraw,
        WithdrawCredit,
        WithdrawCreditTo
    }

    struct Deed {
        address caller;
        uint256 value;
        bytes data;
    }

    /// @dev What a deed tops up, settles or collects.
    uint128 internal constant AMOUNT = 9;
    bytes32 private constant PREIMAGE = "preimage";

    /// @dev A token that every verb takes, with a list of whom it refuses.
    SeasonDollar internal dollar;

    function setUp() public virtual override {
        super.setUp();
        dollar = new SeasonDollar();
        funded(PlainToken(address(dollar)));
        approvePermit2(PlainToken(address(dollar)), payer);
    }

    function isOpening(Verb verb) internal pure returns (bool) {
        return verb <= Verb.OpenWithPermit2;
    }

    function isCredit(Verb verb) internal pure returns (bool) {
        return verb >= Verb.WithdrawCredit;
    }

    function isBatch(Verb verb) internal pure returns (bool) {
        return verb == Verb.SettleBatch || verb == Verb.CloseBatch;
    }

    /// @dev Pays the payee `AMOUNT` out of a channel.
    function paysPayee(Verb verb) internal pure returns (bool) {
        return verb >= Verb.Settle && verb <= Verb.CloseBatch;
    }

    /// @dev Pays the payer what is left of a channel.
    function paysPayer(Verb verb) internal pure returns (bool) {
        return verb >= Verb.Close && verb <= Verb.Withdraw;
    }

    /// @dev Nobody can sign the native coin over to a relayer.
    function takes(Verb verb, address token) internal pure returns (bool) {
        bool relayed =
            verb == Verb.OpenWithAuthorization ||
                verb == Verb.OpenWithPermit2 ||
                verb == Verb.TopUpWithAuthorization ||
                verb == Verb.TopUpWithPermit2;
        return token != NATIVE || !relayed;
    }

    /// @dev A channel, or for an opening the description of one, on which the verb goes through.
    function fit(Verb verb, address token) internal returns (IPaymentChannels.Channel memory channel) {
        if (isOpening(verb)) return describe(token);
        channel = opened(token, DEPOSIT);
        if (isCredit(verb)) owe(channel);
        if (verb != Verb.Withdraw) return channel;
        vm.prank(payer);
        channels.requestClose(channel);
        travelTo(clock + GRACE);
    }

    function perform(Deed memory deed) internal returns (bool done, bytes memory answer) {
        vm.prank(deed.caller);
        (done, answer) = address(channels).call{value: deed.value}(deed.data);
    }

    function deedOf(Verb verb, IPaymentChannels.Channel memory channel) internal view returns (Deed memory deed) {
        deed.caller = stranger;
        if (verb == Verb.Open || verb == Verb.TopUp) {
            deed.caller = payer;
            if (channel.token == NATIVE) deed.value = verb == Verb.Open ? DEPOSIT : AMOUNT;
        } else if (verb == Verb.RequestClose) {
            deed.caller = payer;
        } else if (verb == Verb.Close || verb == Verb.CloseBatch || verb == Verb.WithdrawCreditTo) {
            deed.caller = payee;
        }
        deed.data = verb < Verb.RequestClose ? fundingData(verb, channel) : otherData(verb, channel);
    }

    function fundingData(Verb verb, IPaymentChannels.Channel memory channel) private view returns (bytes memory) {
        if (verb == Verb.Open) {
            return
                abi.encodeCall(
                    IPaymentChannels.open,
                    (channel.payee, channel.token, DEPOSIT, channel.salt, channel.authorizedSigner)
                );
        }
        if (verb == Verb.OpenWithAuthorization) return openAuthorizationData(channel);
        if (verb == Verb.OpenWithPermit2) return openPermitData(channel);
        if (verb == Verb.TopUp) return abi.encodeCall(IPaymentChannels.topUp, (channel, AMOUNT));
        if (verb == Verb.TopUpWithAuthorization) {
            bytes32 nonce = keccak256(abi.encode(idOf(channel), AMOUNT, channel.payer, channel.salt));
            bytes memory signature = authorized(channel, AMOUNT, nonce);
            return
                abi.encodeCall(
                    IPaymentChannels.topUpWithAuthorization,
                    (channel, AMOUNT, channel.salt, 0, type(uint256).max, nonce, signature)
                );
        }
        uint256 permitNonce = 2 * uint256(channel.salt) + 1;
        bytes memory permit = signed(PAYER_KEY, topUpPermitHash(channel, AMOUNT, permitNonce, type(uint256).max));
        return
            abi.encodeCall(
                IPaymentChannels.topUpWithPermit2,
                (channel, AMOUNT, permitNonce, type(uint256).max, permit)
            );
    }

    function openAuthorizationData(IPaymentChannels.Channel memory c) private view returns (bytes memory) {
        bytes32 nonce = keccak256(abi.encode(c.payer, c.payee, c.token, c.salt, c.authorizedSigner));
        bytes memory signature = authorized(c, DEPOSIT, nonce);
        return
            abi.encodeCall(
                IPaymentChannels.openWithAuthorization,
                (c.payee, c.token, DEPOSIT, c.salt, c.authorizedSigner, c.payer, 0, type(uint256).max, nonce, signature)
            );
    }

    function openPermitData(IPaymentChannels.Channel memory c) private view returns (bytes memory) {
        uint256 nonce = 2 * uint256(c.salt);
        bytes memory permit = signed(PAYER_KEY, openPermitHash(c, DEPOSIT, nonce, type(uint256).max));
        return
            abi.encodeCall(
                IPaymentChannels.openWithPermit2,
                (c.payee, c.token, DEPOSIT, c.salt, c.authorizedSigner, c.payer, nonce, type(uint256).max, permit)
            );
    }

    function otherData(Verb verb, IPaymentChannels.Channel memory channel) private view returns (bytes memory) {
        if (verb == Verb.RequestClose) return abi.encodeCall(IPaymentChannels.requestClose, (channel));
        if (verb == Verb.RequestCloseWithSignature) {
            bytes memory request = closeRequest(PAYER_KEY, channel, DEPOSIT);
            return abi.encodeCall(IPaymentChannels.requestCloseWithSignature, (channel, request));
        }
        if (verb == Verb.Withdraw) return abi.encodeCall(IPaymentChannels.withdraw, (channel));
        if (verb == Verb.WithdrawCredit) {
            return abi.encodeCall(IPaymentChannels.withdrawCredit, (channel.token, channel.payee));
        }
        if (verb == Verb.WithdrawCreditTo) {
            return abi.encodeCall(IPaymentChannels.withdrawCreditTo, (channel.token, channel.payee));
        }
        if (verb == Verb.SettleTicks) return ticksData(channel);
        if (isBatch(verb)) {
            IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](1);
            rows[0] = rowOf(channel, AMOUNT);
            return
                verb == Verb.SettleBatch
                    ? abi.encodeCall(IPaymentChannels.settleBatch, (channel.payee, channel.token, rows))
                    : abi.encodeCall(IPaymentChannels.closeBatch, (channel.payee, channel.token, rows));
        }
        bytes memory signature = voucher(channel, AMOUNT);
        if (verb == Verb.Settle) return abi.encodeCall(IPaymentChannels.settle, (channel, AMOUNT, signature));
        if (verb == Verb.Close) return abi.encodeCall(IPaymentChannels.close, (channel, AMOUNT, signature));
        uint256 deadline = type(uint256).max;
        bytes memory consent = signed(PAYEE_KEY, closeAuthorizationHash(channel, AMOUNT, deadline));
        return abi.encodeCall(IPaymentChannels.closeWithAuthorization, (channel, AMOUNT, signature, deadline, consent));
    }

    /// @dev One tick worth `AMOUNT`, on a base of nothing.
    function ticksData(IPaymentChannels.Channel memory channel) private view returns (bytes memory) {
        bytes32 root = keccak256(abi.encode(PREIMAGE));
        bytes memory members = abi.encode(idOf(channel), uint128(0), root, AMOUNT);
        bytes32 digest = TypedData.digest(address(channels), chain, TypedData.TICK_VOUCHER, members);
        bytes memory signature = signed(SIGNER_KEY, digest);
        return abi.encodeCall(IPaymentChannels.settleTicks, (channel, 0, root, AMOUNT, signature, 1, PREIMAGE));
    }

    function authorized(
        IPaymentChannels.Channel memory channel,
        uint128 value,
        bytes32 nonce
    ) private view returns (bytes memory) {
        return
            signed(
                PAYER_KEY,
                TypedData.authorization(
                    "Demo Dollar",
                    channel.token,
                    chain,
                    channel.payer,
                    address(channels),
                    value,
                    nonce
                )
            );
    }

    /// @dev Settles `AMOUNT` while nothing can be pushed to the payee, so that it waits as a credit.
    function owe(IPaymentChannels.Channel memory channel) private {
        bytes memory code = channel.payee.code;
        uint256 owed = channels.credit(channel.token, channel.payee);
        if (channel.token == NATIVE)
            vm.etch(channel.payee, hex"5f5ffd"); // reverts
        else dollar.deny(channel.payee, true);
        channels.settle(channel, AMOUNT, voucher(channel, AMOUNT));
        assertEq(channels.credit(channel.token, channel.payee), owed + AMOUNT, "credit of the payee");
        if (channel.token == NATIVE) vm.etch(channel.payee, code);
        else dollar.deny(channel.payee, false);
    }
}
