// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {GasBurningReceiver} from "../wallets/GasBurningReceiver.sol";
import {ReturnBombReceiver} from "../wallets/ReturnBombReceiver.sol";
import {RevertingReceiver} from "../wallets/RevertingReceiver.sol";
import {EveryVerb} from "./EveryVerb.t.sol";

/// @notice Every verb that pays, with each side unable to be paid: the other side gets its part, and the credit is exact.
contract RefusedPayoutsTest is EveryVerb {
    /// @dev What a paying verb needs for itself, and what two receivers that burn all of it are given.
    uint256 private constant GAS = 600_000;

    function test_GivenAPayeeThatRefusesOrBurnsOrBombs_WhenAnyVerbPays_ItIsCreditedAndThePayerGetsItsPart() public {
        bytes[3] memory codes = hostile();
        for (uint256 i; i < 3; ++i) {
            vm.etch(payee, codes[i]);
            everyPayout(NATIVE, true, false);
        }
    }

    function test_GivenAPayerThatRefusesOrBurnsOrBombs_WhenAnyVerbPays_ItIsCreditedAndThePayeeGetsItsPart() public {
        bytes[3] memory codes = hostile();
        for (uint256 i; i < 3; ++i) {
            vm.etch(payer, codes[i]);
            everyPayout(NATIVE, false, true);
        }
    }

    function test_GivenADeniedPayee_WhenAnyVerbPays_ItIsCreditedAndPayerAndOtherChannelsGetTheirPart() public {
        everyPayout(address(dollar), true, false);
    }

    function test_GivenADeniedPayer_WhenAnyVerbPays_ItIsCreditedAndPayeeAndOtherChannelsGetTheirPart() public {
        everyPayout(address(dollar), false, true);
    }

    function test_GivenADeniedEscrow_WhenAnyVerbPays_BothSidesAreCreditedAndPaidOnceItIsNoLonger() public {
        for (uint8 v = uint8(Verb.Settle); v <= uint8(Verb.Withdraw); ++v) {
            IPaymentChannels.Channel memory channel = fit(Verb(v), address(dollar));
            dollar.deny(address(channels), true);
            payout(Verb(v), channel, true, true);
            dollar.deny(address(channels), false);
            if (!channels.getChannel(idOf(channel)).finalized) forgive(channel);
        }
        channels.withdrawCredit(address(dollar), payee);
        channels.withdrawCredit(address(dollar), payer);
        assertHeld(address(dollar), address(channels), 0, "the escrow");
        assertHeld(address(dollar), payee, AMOUNT * payeesPayouts(), "the payee");
        assertHeld(address(dollar), payer, type(uint128).max - AMOUNT * payeesPayouts(), "the payer");
    }

    function everyPayout(address token, bool payeeRefuses, bool payerRefuses) private {
        for (uint8 v = uint8(Verb.Settle); v <= uint8(Verb.Withdraw); ++v) {
            IPaymentChannels.Channel memory channel = fit(Verb(v), token);
            if (token == address(dollar)) {
                dollar.deny(payee, payeeRefuses);
                dollar.deny(payer, payerRefuses);
            }
            payout(Verb(v), channel, payeeRefuses, payerRefuses);
            anotherGoesOn(token);
            dollar.deny(payee, false);
            dollar.deny(payer, false);
        }
    }

    function payout(Verb verb, IPaymentChannels.Channel memory channel, bool payeeOwed, bool payerOwed) private {
        (uint256 toPayee, uint256 toPayer) = parts(verb);
        uint256[4] memory before = money(channel.token);
        Deed memory deed = deedOf(verb, channel);

        vm.prank(deed.caller);
        (bool done, ) = address(channels).call{gas: GAS}(deed.data);

        assertTrue(done, "the verb goes through");
        uint256[4] memory then = money(channel.token);
        assertEq(then[0] - before[0], payeeOwed ? 0 : toPayee, "paid to the payee");
        assertEq(then[1] - before[1], payeeOwed ? toPayee : 0, "credited to the payee");
        assertEq(then[2] - before[2], payerOwed ? 0 : toPayer, "paid to the payer");
        assertEq(then[3] - before[3], payerOwed ? toPayer : 0, "credited to the payer");
    }

    function parts(Verb verb) private pure returns (uint256 toPayee, uint256 toPayer) {
        if (paysPayee(verb)) toPayee = AMOUNT;
        if (paysPayer(verb)) toPayer = DEPOSIT - toPayee;
    }

    function money(address token) private view returns (uint256[4] memory) {
        return [held(token, payee), channels.credit(token, payee), held(token, payer), channels.credit(token, payer)];
    }

    /// @dev Two strangers' channel in the same token is opened, settled and closed meanwhile.
    function anotherGoesOn(address token) private {
        IPaymentChannels.Channel memory other = describe(token);
        (other.payer, other.payee, other.authorizedSigner) = (signer, stranger, address(0));
        if (token == NATIVE) {
            vm.deal(signer, 2);
        } else {
            dollar.mint(signer, 2);
            vm.prank(signer);
            dollar.approve(address(channels), 2);
        }
        uint256 before = held(token, stranger);
        openAs(other, 2);
        channels.settle(other, 1, signed(SIGNER_KEY, voucherHash(other, 1)));
        vm.prank(stranger);
        channels.close(other, 0, "");
        assertEq(held(token, stranger) - before, 1, "paid to another channel's payee");
        assertTrue(held(token, signer) > 0, "refunded to another channel's payer");
    }

    function forgive(IPaymentChannels.Channel memory channel) private {
        vm.prank(payee);
        channels.close(channel, 0, "");
    }

    function payeesPayouts() private pure returns (uint256 count) {
        for (uint8 v; v <= uint8(type(Verb).max); ++v) {
            if (paysPayee(Verb(v))) ++count;
        }
    }

    function hostile() private returns (bytes[3] memory) {
        return
            [
                address(new RevertingReceiver()).code,
                address(new GasBurningReceiver()).code,
                address(new ReturnBombReceiver()).code
            ];
    }
}
