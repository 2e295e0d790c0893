// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {Ledger} from "./Ledger.sol";

/// @notice The escrow compared with the ghost store.
abstract contract Books is Ledger {
    function checkSolvency() external view {
        for (uint256 i; i < tokens.length; ++i) {
            uint256 owed = gifts[tokens[i]] + channels.credit(tokens[i], payer);
            for (uint256 j; j < 3; ++j) {
                owed += channels.credit(tokens[i], payees[j]);
            }
            for (uint256 j; j < made.length; ++j) {
                IPaymentChannels.ChannelState memory state = channels.getChannel(idOf(made[j]));
                if (made[j].token == tokens[i] && !state.finalized) owed += state.deposit - state.settled;
            }
            assertHeld(tokens[i], address(channels), owed, "the escrow");
        }
    }

    function checkChannels() external view {
        for (uint256 i; i < made.length; ++i) {
            Ghost memory ghost = ghosts[idOf(made[i])];
            IPaymentChannels.ChannelState memory state = channels.getChannel(idOf(made[i]));
            assertTrue(state.settled <= state.deposit, "settled within the deposit");
            assertTrue(state.deposit <= MAX_DEPOSIT, "deposit within its width");
            assertTrue(state.settled <= ghost.signed, "settled no more than was signed");
            assertState(made[i], ghost.deposits, ghost.settled, ghost.requestedAt, ghost.ended);
        }
    }

    function checkPayees() external view {
        for (uint256 i; i < tokens.length; ++i) {
            for (uint256 j; j < 3; ++j) {
                uint256 got = held(tokens[i], payees[j]) + channels.credit(tokens[i], payees[j]);
                assertEq(got, earned[tokens[i]][payees[j]], "what a payee got");
            }
        }
    }

    function checkPayer() external view {
        for (uint256 i; i < tokens.length; ++i) {
            uint256 expected = type(uint128).max;
            for (uint256 j; j < made.length; ++j) {
                Ghost memory ghost = ghosts[idOf(made[j])];
                if (made[j].token != tokens[i]) continue;
                expected = ghost.ended ? expected - ghost.settled : expected - ghost.deposits;
            }
            assertHeld(tokens[i], payer, expected, "the payer");
        }
    }

    function checkLiveness() external {
        uint256 snapshot = vm.snapshotState();
        for (uint256 i; i < made.length; ++i) {
            IPaymentChannels.Channel memory channel = made[i];
            IPaymentChannels.ChannelState memory state = channels.getChannel(idOf(channel));
            if (state.finalized) continue;
            if (state.settled < state.deposit) {
                channels.settle(channel, state.deposit, voucher(channel, state.deposit));
                assertEq(channels.getChannel(idOf(channel)).settled, state.deposit, "the whole deposit, settled");
            }
            vm.prank(payer);
            channels.requestClose(channel);
        }
        vm.warp(clock + GRACE);
        for (uint256 i; i < made.length; ++i) {
            if (channels.getChannel(idOf(made[i])).finalized) continue;
            channels.withdraw(made[i]);
            assertTrue(channels.getChannel(idOf(made[i])).finalized, "left");
        }
        assertTrue(vm.revertToState(snapshot), "back to where the roles were");
    }
}
