// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {EveryVerb} from "./EveryVerb.t.sol";

/// @notice A channel ends once, whichever verb ended it. `isolation.t.sol` shows that each of these calls goes through on a live one.
contract ClosedChannelsTest is EveryVerb {
    function test_GivenAChannelClosedByThePayee_WhenAnyVerbFollows_ItRevertsAndTheOthersMoneyStays() public {
        everyVerbRefuses(Verb.Close);
    }

    function test_GivenAWithdrawnChannel_WhenAnyVerbFollows_ItRevertsAndTheOthersMoneyStays() public {
        everyVerbRefuses(Verb.Withdraw);
    }

    function test_GivenAChannelClosedByAuthorization_WhenAnyVerbFollows_ItRevertsAndTheOthersMoneyStays() public {
        everyVerbRefuses(Verb.CloseWithAuthorization);
    }

    function test_GivenAChannelClosedInABatch_WhenAnyVerbFollows_ItRevertsAndTheOthersMoneyStays() public {
        everyVerbRefuses(Verb.CloseBatch);
    }

    /// @dev With other live channels' deposits in the escrow, which a second payout would be taken from.
    function everyVerbRefuses(Verb ending) private {
        address[2] memory tokens = [address(dollar), NATIVE];
        for (uint256 i; i < 2; ++i) {
            opened(tokens[i], DEPOSIT);
            IPaymentChannels.Channel memory channel = fit(ending, tokens[i]);
            (bool ended, ) = perform(deedOf(ending, channel));
            assertTrue(ended, "the channel ended");
            IPaymentChannels.ChannelState memory state = channels.getChannel(idOf(channel));
            assertTrue(state.finalized, "the channel is closed");
            travelTo(clock + 10 * GRACE);

            for (uint8 v; v <= uint8(Verb.Withdraw); ++v) {
                if (takes(Verb(v), tokens[i])) refused(Verb(v), channel);
            }
            forgivingRefused(channel);
            assertState(channel, DEPOSIT, state.settled, state.closeRequestedAt, true);
            assertHeld(tokens[i], address(channels), DEPOSIT, "the escrow, the other channel's deposit alone");
        }
    }

    function refused(Verb verb, IPaymentChannels.Channel memory channel) private {
        if (isBatch(verb)) {
            vm.expectEmit(address(channels));
            emit IPaymentChannels.SettlementSkipped(idOf(channel), IPaymentChannels.ChannelFinalized.selector);
        }
        (bool done, bytes memory answer) = perform(deedOf(verb, channel));
        assertTrue(done == isBatch(verb), "a batch skips, everything else reverts");
        bytes4 reason =
            isOpening(verb)
                ? IPaymentChannels.ChannelAlreadyExists.selector
                : IPaymentChannels.ChannelFinalized.selector;
        assertEq(answer, isBatch(verb) ? abi.encode(0) : abi.encodeWithSelector(reason, idOf(channel)), "answer");
    }

    /// @dev A payee that forgives needs no voucher.
    function forgivingRefused(IPaymentChannels.Channel memory channel) private {
        expectFinalized(channel);
        vm.prank(payee);
        channels.close(channel, 0, "");
        IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](1);
        rows[0] = rowOf(channel, 0);
        vm.prank(payee);
        assertEq(channels.closeBatch(payee, channel.token, rows), 0, "paid by closeBatch");
    }
}
