// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {ChannelWord} from "../../../contracts/libraries/ChannelWord.sol";
import {WordModel} from "../../proofs/ChannelWord.sol";
import {Assertions} from "../support/Assertions.sol";

/// @notice The packed word's library does what its proven model does.
contract ChannelWordProofTest is Assertions {
    using WordModel for uint256;

    function test_GivenAnyWord_WhenRead_TheModelReadsTheSame(uint256 word) public pure {
        ChannelWord real = ChannelWord.wrap(word);
        assertEq(real.deposit(), word.deposit(), "deposit");
        assertEq(real.settled(), word.settled(), "settled");
        assertEq(real.closeRequestedAt(), word.closeRequestedAt(), "closeRequestedAt");
        assertTrue(real.closePending() == word.closePending(), "closePending");
        assertTrue(real.finalized() == word.finalized(), "finalized");
        assertTrue(real.live() == word.live(), "live");
    }

    function test_GivenAWordAtTheEdge_WhenAskedWhetherItLives_TheModelSaysTheSame() public pure {
        uint256[4] memory edges = [uint256(0), 1, (1 << 255) - 1, 1 << 255];
        for (uint256 i; i < edges.length; ++i) {
            assertTrue(ChannelWord.wrap(edges[i]).live() == (i == 1 || i == 2), "live");
            assertTrue(edges[i].live() == (i == 1 || i == 2), "the model's live");
        }
    }

    function test_GivenAnyWord_WhenWritten_TheModelWritesTheSame(
        uint256 word,
        uint104 amount,
        uint40 time
    ) public pure {
        ChannelWord real = ChannelWord.wrap(word);
        assertEq(ChannelWord.unwrap(real.withDeposit(amount)), word.withDeposit(amount), "withDeposit");
        assertEq(ChannelWord.unwrap(real.withSettled(amount)), word.withSettled(amount), "withSettled");
        assertEq(ChannelWord.unwrap(real.withoutCloseRequest()), word.withoutCloseRequest(), "withoutClose");
        uint256 open = word.withoutCloseRequest();
        ChannelWord written = ChannelWord.wrap(open).withCloseRequestedAt(time);
        assertEq(ChannelWord.unwrap(written), open.withCloseRequestedAt(time), "withClose");
        uint256 live = word >> 8;
        assertEq(ChannelWord.unwrap(ChannelWord.wrap(live).withFinalized()), live.withFinalized(), "withFinalized");
    }
}
