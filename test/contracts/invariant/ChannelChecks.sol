// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {TypedData} from "../support/TypedData.sol";
import {PlainToken} from "../tokens/PlainToken.sol";
import {WrongTimes} from "./WrongTimes.sol";

/// @notice The escrow compared with the ghost store, one function an invariant.
abstract contract ChannelChecks is WrongTimes {
    /// Invariant 1: balance = sum of (deposit - settled) over live channels, and credits, and what came without a verb.
    function checkTheEscrowHoldsEveryUnitThatItOwes() internal view {
        IPaymentChannels.ChannelState[] memory states = channels.getChannels(ids);
        for (uint256 t; t < tokens.length; ++t) {
            uint256 owed = gifts[tokens[t]][address(channels)];
            for (uint256 i; i < states.length; ++i) {
                if (states[i].finalized || made[i].token != tokens[t]) continue;
                owed += states[i].deposit - states[i].settled;
            }
            for (uint256 j; j < holders(tokens[t]); ++j) {
                owed += channels.credit(tokens[t], people[j]);
            }
            assertEq(held(tokens[t], address(channels)), owed, "1: what the escrow holds is what it owes");
        }
    }

    /// Invariant 2: 0 <= settled <= deposit <= type.max.
    function checkEveryChannelStaysWithinItsDeposit(IPaymentChannels.ChannelState memory state) private pure {
        assertTrue(state.settled <= state.deposit, "2: settled within the deposit");
        assertTrue(state.deposit <= MAX_DEPOSIT, "2: deposit within its width");
    }

    /// Invariant 3: neither falls: each is what the books, which only add, have; what was paid is what was settled.
    function checkDepositAndSettledAreWhatWasPaid(uint256 i, IPaymentChannels.ChannelState memory state) private view {
        assertEq(state.deposit, books[i].deposits, "3: deposit is what was put in");
        assertEq(state.settled, books[i].settled, "3: settled is what was paid out");
    }

    /// Invariant 5: no more is settled than the channel's signer signed.
    function checkNothingIsSettledThatWasNotSigned(uint256 i, IPaymentChannels.ChannelState memory state) private view {
        assertTrue(state.settled <= books[i].signed, "5: settled no more than was signed");
    }

    /// Invariant 6: no payer is paid before its grace period is over, unless the payee closed.
    function checkNoPayerLeavesEarly(uint256 i, IPaymentChannels.ChannelState memory state) private view {
        assertTrue(!state.finalized || books[i].endedFairly, "6: closed by its payee, or after its grace period");
    }

    /// Invariant 9: none, open, closing, closed: nothing but what the books have, where closed stays closed.
    function checkEveryChannelMovesAlongItsEdges(uint256 i, IPaymentChannels.ChannelState memory state) private view {
        assertEq(state.closeRequestedAt, books[i].requestedAt, "9: when its payer asked to leave");
        assertTrue(state.finalized == books[i].ended, "9: closed, and only once");
    }

    function checkChannel(uint256 i) internal view {
        IPaymentChannels.ChannelState memory state = channels.getChannel(ids[i]);
        checkEveryChannelStaysWithinItsDeposit(state);
        checkDepositAndSettledAreWhatWasPaid(i, state);
        checkNothingIsSettledThatWasNotSigned(i, state);
        checkNoPayerLeavesEarly(i, state);
        checkEveryChannelMovesAlongItsEdges(i, state);
    }

    /// Invariant 10: every channel's word is, bit by bit, what was last done to this channel and to no other.
    function checkNoChannelTouchedAnother() internal view {
        for (uint256 i; i < ids.length; ++i) {
            Book storage book = books[i];
            uint256 word = uint256(book.deposits) | (uint256(book.settled) << 104) | (uint256(book.requestedAt) << 208);
            if (book.ended) word |= 1 << 255;
            assertEq(vm.load(address(channels), ids[i]), bytes32(word), "10: the word of a channel");
        }
    }

    /// Invariant 4: deposits came back once, to the payee what was settled and to the payer the rest. Invariant 11: nobody else's
    /// balance moved, and none by an outsider's doing.
    function checkEverybodyHasExactlyWhatIsTheirs() internal view {
        for (uint256 t; t < tokens.length; ++t) {
            for (uint256 j; j < holders(tokens[t]); ++j) {
                uint256 expected = balances[tokens[t]][people[j]];
                assertEq(held(tokens[t], people[j]), expected, "4, 11: what somebody holds");
                expected = credits[tokens[t]][people[j]];
                assertEq(channels.credit(tokens[t], people[j]), expected, "4, 11: what the escrow owes somebody");
            }
            assertEq(held(tokens[t], OUTSIDER) + channels.credit(tokens[t], OUTSIDER), 0, "11: an outsider's gain");
        }
    }

    /// @dev The native coin comes to the escrow, its payers and its payees alone, who are the first.
    function holders(address token) private view returns (uint256) {
        return token == NATIVE ? 1 + PAYERS + payees.length : people.length;
    }

    /// Invariant 12: neither the escrow nor a round lets anybody take its tokens; the coins held are those on the ledger.
    function checkNobodyHasAnAllowance() internal view {
        for (uint256 t = 1; t < tokens.length; ++t) {
            for (uint256 j; j < people.length; ++j) {
                assertEq(
                    PlainToken(tokens[t]).allowance(address(channels), people[j]),
                    0,
                    "12: the escrow's allowance"
                );
                for (uint256 r; r < rounds.length; ++r) {
                    uint256 allowed = PlainToken(tokens[t]).allowance(address(rounds[r].pool), people[j]);
                    assertEq(allowed, 0, "12: a round's allowance");
                }
            }
            assertEq(PlainToken(tokens[t]).allowance(address(channels), PERMIT2), 0, "12: Permit2's allowance");
        }
        assertEq(address(channels).balance, balances[NATIVE][address(channels)], "12: coins as on the ledger");
        for (uint256 r; r < rounds.length; ++r) {
            assertEq(address(rounds[r].pool).balance, 0, "12: a round holds no coins");
        }
    }

    /// Invariant 13: what is signed names this chain and this escrow, on every chain that the state may come to.
    function checkTheDomainFollowsTheChain(uint256 otherChain) internal {
        assertDigest(chain);
        vm.chainId(otherChain);
        assertDigest(otherChain);
        vm.chainId(chain);
    }

    function assertDigest(uint256 chainId) private view {
        bytes memory members = abi.encode(ids[0], uint128(1));
        bytes32 expected = TypedData.digest(address(channels), chainId, TypedData.VOUCHER, members);
        assertEq(channels.voucherDigest(ids[0], 1), expected, "13: the digest of a voucher");
        for (uint256 r; r < rounds.length; ++r) {
            address own = address(rounds[r].pool);
            expected = TypedData.allocation(own, chainId, ids[0], 1, 0, list(1, 1));
            bytes32 digest = rounds[r].pool.allocationDigest(ids[0], 0, list(1, 1));
            assertEq(digest, expected, "13: the digest of an allocation");
        }
    }
}
