// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {ReenteringToken} from "../tokens/ReenteringToken.sol";
import {ReenteringReceiver} from "../wallets/ReenteringReceiver.sol";
import {EveryVerb} from "./EveryVerb.t.sol";

/// @notice Payer and payee that call the escrow back from within each verb that pays them, by calls that alone would go through, and
/// what they read of it.
contract ReentrantReceiversTest is EveryVerb {
    bytes private constant REFUSED = abi.encodeWithSelector(
        ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector
    );

    function setUp() public override {
        super.setUp();
        bytes memory code = address(new ReenteringReceiver()).code;
        vm.etch(payer, code);
        vm.etch(payee, code);
    }

    function test_GivenReceiversThatReenter_WhenAnyVerbPaysThem_EveryVerbRefuses() public {
        for (uint8 outer = uint8(Verb.Settle); outer <= uint8(type(Verb).max); ++outer) {
            for (uint8 v; v <= uint8(type(Verb).max); ++v) {
                address token = takes(Verb(v), NATIVE) ? NATIVE : address(dollar);
                Deed memory inner = deedOf(Verb(v), fit(Verb(v), token));
                payInto(Verb(outer), fit(Verb(outer), NATIVE), inner.data);

                refused(payee, paysPayee(Verb(outer)) || isCredit(Verb(outer)));
                refused(payer, paysPayer(Verb(outer)));
            }
        }
    }

    function test_GivenReceiversThatReadTheEscrow_WhenAnyVerbPaysThem_TheySeeWhatItIsAfterwards() public {
        for (uint8 outer = uint8(Verb.Settle); outer <= uint8(type(Verb).max); ++outer) {
            for (uint256 i; i < 4; ++i) {
                IPaymentChannels.Channel memory channel = fit(Verb(outer), NATIVE);
                bytes memory view_ = viewsOf(channel)[i];
                payInto(Verb(outer), channel, view_);

                (, bytes memory answer) = address(channels).staticcall(view_);
                saw(payee, answer, paysPayee(Verb(outer)) || isCredit(Verb(outer)));
                saw(payer, answer, paysPayer(Verb(outer)));
            }
        }
    }

    function test_GivenATokenThatReadsTheEscrow_WhenItIsPulledOrPushed_ItSeesTheStateAfterTheVerb() public {
        ReenteringToken token = new ReenteringToken();
        IPaymentChannels.Channel memory channel = describe(funded(token));
        token.arm(address(channels), abi.encodeCall(IPaymentChannels.getChannel, (idOf(channel))));

        openAs(channel, DEPOSIT);
        assertEq(token.result(), abi.encode(channels.getChannel(idOf(channel))), "seen while the deposit is pulled");
        channels.settle(channel, AMOUNT, voucher(channel, AMOUNT));
        assertEq(token.result(), abi.encode(channels.getChannel(idOf(channel))), "seen while the payee is paid");
    }

    function test_GivenATokenOfTheCallersChoice_WhenItReentersAVerbThatPaysTheNativeCoin_NothingOfItIsPaid() public {
        ReenteringToken token = new ReenteringToken();
        address trap = funded(token);
        for (uint8 v = uint8(Verb.Settle); v <= uint8(type(Verb).max); ++v) {
            IPaymentChannels.Channel memory native = fit(Verb(v), NATIVE);
            uint256 before = address(channels).balance;
            token.arm(address(channels), deedOf(Verb(v), native).data);

            IPaymentChannels.Channel memory channel = opened(trap, DEPOSIT);
            assertEq(token.result(), REFUSED, "refused while the deposit is pulled");
            channels.settle(channel, AMOUNT, voucher(channel, AMOUNT));
            assertEq(token.result(), REFUSED, "refused while the payee is paid");

            assertEq(address(channels).balance, before, "native coin of the escrow");
            token.arm(address(0), "");
        }
    }

    function payInto(Verb verb, IPaymentChannels.Channel memory channel, bytes memory call) private {
        ReenteringReceiver(payable(payee)).arm(address(channels), call);
        ReenteringReceiver(payable(payer)).arm(address(channels), call);
        uint256 owed = channels.credit(NATIVE, payee);
        (bool done, ) = perform(deedOf(verb, channel));
        assertTrue(done, "the verb goes through");
        assertEq(channels.credit(NATIVE, payee), isCredit(verb) ? 0 : owed, "credit of the payee");
        assertEq(channels.credit(NATIVE, payer), 0, "credit of the payer");
    }

    function refused(address account, bool paid) private view {
        ReenteringReceiver receiver = ReenteringReceiver(payable(account));
        assertTrue(!receiver.succeeded(), "the call back failed");
        assertEq(receiver.resultHash(), paid ? keccak256(REFUSED) : bytes32(0), "the guard's error, if it was paid");
    }

    function saw(address account, bytes memory answer, bool paid) private view {
        ReenteringReceiver receiver = ReenteringReceiver(payable(account));
        assertTrue(receiver.succeeded() == paid, "views stay open");
        assertEq(receiver.resultHash(), paid ? keccak256(answer) : bytes32(0), "seen by the receiver");
    }

    function viewsOf(IPaymentChannels.Channel memory channel) private view returns (bytes[4] memory) {
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = idOf(channel);
        IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](1);
        rows[0] = rowOf(channel, AMOUNT + 1);
        return
            [
                abi.encodeCall(IPaymentChannels.getChannel, (ids[0])),
                abi.encodeCall(IPaymentChannels.getChannels, (ids)),
                abi.encodeCall(IPaymentChannels.credit, (NATIVE, channel.payee)),
                abi.encodeCall(IPaymentChannels.previewSettle, (channel.payee, NATIVE, rows))
            ];
    }
}
