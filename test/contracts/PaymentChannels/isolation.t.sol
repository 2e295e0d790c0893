// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {EveryVerb} from "./EveryVerb.t.sol";

/// @notice All channels lie in one contract: what a verb does to one must not be felt by another, nor by what was sent there.
contract IsolationTest is EveryVerb {
    IPaymentChannels.Channel[] private _others;
    bytes32[] private _words;

    function test_GivenOtherChannelsInEveryState_WhenEachVerbActsOnOne_TheOthersKeepEveryBit(bool native) public {
        address token = native ? NATIVE : address(dollar);
        bystanders(token);
        bystanders(native ? address(dollar) : NATIVE);

        for (uint8 v; v <= uint8(type(Verb).max); ++v) {
            Verb verb = Verb(v);
            if (!takes(verb, token)) continue;
            IPaymentChannels.Channel memory channel = fit(verb, token);
            bytes32 word = wordOf(channel);
            (bool done, ) = perform(deedOf(verb, channel));
            assertTrue(done, "the verb goes through");
            assertTrue(isCredit(verb) || wordOf(channel) != word, "the verb's own channel changes");
            unchanged();
            if (!channels.getChannel(idOf(channel)).finalized) finish(channel);
        }

        for (uint256 i; i < _others.length; ++i) {
            if (!channels.getChannel(idOf(_others[i])).finalized) finish(_others[i]);
        }
        assertHeld(NATIVE, address(channels), 0, "the escrow once everybody left");
        assertHeld(address(dollar), address(channels), 0, "the escrow once everybody left");
    }

    function test_GivenMoneySentStraightToTheEscrow_WhenEachVerbFollows_ItDoesWhatItWouldHaveDone(uint96 gift) public {
        address[2] memory tokens = [address(dollar), NATIVE];
        for (uint256 i; i < 2; ++i) {
            for (uint8 v; v <= uint8(type(Verb).max); ++v) {
                if (takes(Verb(v), tokens[i])) sameWithGift(Verb(v), tokens[i], gift);
            }
        }
    }

    function sameWithGift(Verb verb, address token, uint256 gift) private {
        IPaymentChannels.Channel memory channel = fit(verb, token);
        Deed memory deed = deedOf(verb, channel);
        uint256 snapshot = vm.snapshotState();
        (bool done, bytes memory answer) = perform(deed);
        assertTrue(done, "the verb goes through");
        uint256[5] memory expected = outcome(channel);
        vm.revertToState(snapshot);

        dollar.mint(address(channels), gift);
        force(gift);
        (bool doneAgain, bytes memory answerAgain) = perform(deed);

        assertTrue(doneAgain, "the verb goes through with a gift");
        assertEq(answerAgain, answer, "answer");
        uint256[5] memory actual = outcome(channel);
        for (uint256 i; i < 4; ++i) {
            assertEq(actual[i], expected[i], "word, payer, payee, credit");
        }
        assertEq(actual[4], expected[4] + gift, "the escrow, with the gift");
    }

    function outcome(IPaymentChannels.Channel memory channel) private view returns (uint256[5] memory) {
        return
            [
                uint256(wordOf(channel)),
                held(channel.token, payer),
                held(channel.token, payee),
                channels.credit(channel.token, payee),
                held(channel.token, address(channels))
            ];
    }

    /// @dev By a contract that destroys itself in its constructor: no code of the escrow runs.
    function force(uint256 gift) private {
        vm.deal(address(this), gift);
        bytes memory code = abi.encodePacked(hex"73", address(channels), hex"ff");
        address forcer;
        assembly ("memory-safe") {
            forcer := create(gift, add(code, 0x20), mload(code))
        }
        assertTrue(forcer != address(0), "forced in");
    }

    /// @dev One of each: settled in part, asked to leave, closed.
    function bystanders(address token) private {
        IPaymentChannels.Channel memory live = opened(token, DEPOSIT);
        channels.settle(live, 7, voucher(live, 7));
        _others.push(live);
        _others.push(leaving(token));
        _others.push(closed(token));
        for (uint256 i = _others.length - 3; i < _others.length; ++i) {
            _words.push(wordOf(_others[i]));
        }
    }

    function unchanged() private view {
        for (uint256 i; i < _others.length; ++i) {
            assertEq(wordOf(_others[i]), _words[i], "the word of another channel");
        }
    }

    /// @dev Everything of a live channel, to the payer.
    function finish(IPaymentChannels.Channel memory channel) private {
        vm.prank(payee);
        channels.close(channel, 0, "");
    }

    function wordOf(IPaymentChannels.Channel memory channel) private view returns (bytes32 word) {
        word = vm.load(address(channels), idOf(channel)); // the id names its slot
        IPaymentChannels.ChannelState memory state = channels.getChannel(idOf(channel));
        assertEq(uint128(uint104(uint256(word))), state.deposit, "the word, found where it is stored");
    }
}
