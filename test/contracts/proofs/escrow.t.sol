// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {EscrowModel} from "../../proofs/Escrow.sol";
import {Base} from "../PaymentChannels/Base.t.sol";
import {DenyListToken} from "../tokens/DenyListToken.sol";

contract PlayedModel is EscrowModel {
    constructor(uint256 grace_) EscrowModel(grace_) {}
}

/// @notice The escrow keeps the books that its proven model keeps, and refuses what it refuses.
contract EscrowProofTest is Base {
    PlayedModel private _model;
    DenyListToken private _token;
    IPaymentChannels.Channel private _channel;
    uint256 private _random;
    bool private _payeeDenied;
    bool private _payerDenied;

    function test_GivenAnyHistory_WhenPlayedOnBoth_ModelAndEscrowAgree(uint256 seed) public {
        _model = new PlayedModel(GRACE);
        _token = new DenyListToken();
        funded(_token);
        _channel = describe(address(_token));
        for (uint256 i; i < 24; ++i) {
            _random = uint256(keccak256(abi.encode(seed, i)));
            travelTo(clock + ((_random >> 8) % 3) * (GRACE / 2));
            // A receiver that its token refuses: what it is paid becomes its credit.
            uint256 which = i == 0 ? 0 : 1 + (_random % 7);
            bool pays = which == 2 || which == 3 || which == 5 || which == 6;
            deny(pays && (_random >> 201) % 3 == 0, pays && (_random >> 203) % 3 == 0);
            (bytes memory onEscrow, bytes memory onModel, address sender) = verb(which);
            vm.prank(sender);
            (bool done, ) = address(channels).call(onEscrow);
            (bool agreed, ) = address(_model).call(onModel);
            assertTrue(done == agreed, string.concat("who refuses: ", done ? "the model" : "the escrow"));
            assertBooks();
        }
    }

    function verb(uint256 which) private returns (bytes memory, bytes memory, address) {
        uint128 amount = uint128((_random >> 16) % 2_000);
        if (which == 0) {
            bytes memory terms = abi.encode(payee, address(_token), 1_000, _channel.salt, signer);
            return (
                abi.encodePacked(IPaymentChannels.open.selector, terms),
                abi.encodeCall(EscrowModel.open, (1_000)),
                payer
            );
        }
        if (which == 1) {
            if (_random >> 255 != 0) amount = type(uint128).max;
            return (
                abi.encodeCall(IPaymentChannels.topUp, (_channel, amount)),
                abi.encodeCall(EscrowModel.topUp, (amount, true)),
                payer
            );
        }
        if (which <= 3) {
            return (
                abi.encodeCall(IPaymentChannels.settle, (_channel, amount, voucher(_channel, amount))),
                abi.encodeCall(EscrowModel.settle, (amount, !_payeeDenied)),
                stranger
            );
        }
        if (which == 4) {
            bytes memory asked = abi.encodeCall(IPaymentChannels.requestClose, (_channel));
            return (asked, abi.encodeCall(EscrowModel.requestClose, ()), payer);
        }
        if (which == 5) {
            if ((_random >> 200) % 4 != 0) return verb(4);
            return (
                abi.encodeCall(IPaymentChannels.close, (_channel, amount, voucher(_channel, amount))),
                abi.encodeCall(EscrowModel.close, (amount, !_payeeDenied, !_payerDenied)),
                payee
            );
        }
        if (which == 6) {
            bytes memory left = abi.encodeCall(IPaymentChannels.withdraw, (_channel));
            return (left, abi.encodeCall(EscrowModel.withdraw, (!_payerDenied)), stranger);
        }
        channels.withdrawCredit(address(_token), payer);
        bytes memory taken = abi.encodeCall(IPaymentChannels.withdrawCredit, (address(_token), payee));
        return (taken, abi.encodeCall(EscrowModel.withdrawCredits, ()), stranger);
    }

    function deny(bool ofPayee, bool ofPayer) private {
        _token.deny(payee, _payeeDenied = ofPayee);
        _token.deny(payer, _payerDenied = ofPayer);
    }

    function assertBooks() private view {
        assertState(_channel, _model.deposit(), _model.settled(), _model.closeRequestedAt(), _model.finalized());
        address token = address(_token);
        assertEq(channels.credit(token, payee), _model.payeeCredit(), "the payee's credit");
        assertEq(channels.credit(token, payer), _model.payerCredit(), "the payer's credit");
        assertHeld(token, payee, _model.toPayee(), "the payee");
        uint256 gone = _model.received() - _model.toPayer();
        assertHeld(token, payer, type(uint128).max - gone, "the payer");
        assertHeld(token, address(channels), gone - _model.toPayee(), "the escrow");
    }
}
