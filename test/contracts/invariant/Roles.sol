// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {PlainToken} from "../tokens/PlainToken.sol";
import {Endings} from "./Endings.sol";

/// @notice The world as a run finds it, every role in it, and what is checked of it.
contract Roles is Endings {
    /// @dev How many calls lie between two thorough looks.
    uint256 private constant PERIOD = 20;

    /// @dev Rounds at every stage, so that a run of days sees them begin, end, settle and be refunded.
    function setUp() public override {
        super.setUp();
        for (uint256 i; i < PAYERS; ++i) {
            uint256 weightBps = i == 3 ? 0 : 10_000 / (i + 1);
            gate.answer(payers[i], bytes32(1 + (i % 2)), weightBps); // the first and the third are one household
        }
        for (uint256 id = 1; id <= LAST_PROJECT; ++id) payouts[id] = payoutOf(id);
        addRound(pool);
        addRound(address(dollar), START, START + 2 days, 50e6, 100e6);
        addRound(address(dollar), START + 1 days, START + 5 days, 1_000e6, 20e6);
        addGivingRound();
        addRound(address(dollar), START, START + 10 hours, 30e6, 500e6);
        notePeople();
        begin();
    }

    function addRound(address token, uint256 start, uint256 end, uint128 cap, uint96 maxCounted) private {
        IDonationPool.Terms memory terms = matchingTerms();
        (terms.token, terms.gate, terms.cap, terms.maxCounted) = (token, address(gate), cap, maxCounted);
        (terms.start, terms.end) = (uint64(start), uint64(end));
        (terms.challengeEnd, terms.settleBy) = (uint64(end + 4 days), uint64(end + 11 days));
        addRound(created(terms, range(1, 3)));
    }

    function addGivingRound() private {
        IDonationPool.Terms memory terms = givingTerms();
        (terms.token, terms.end) = (address(dollar), uint64(START + 90 days));
        addRound(created(terms, range(1, 3)));
    }

    function addRound(IDonationPool pool_) private {
        IDonationPool.Terms memory terms = pool_.terms();
        Round storage round = rounds.push();
        (round.pool, round.token, round.gate, round.matching) = (pool_, terms.token, terms.gate, terms.matching);
        (round.start, round.end, round.challengeEnd) = (terms.start, terms.end, terms.challengeEnd);
        (round.settleBy, round.cap) = (terms.settleBy, terms.cap);
        (round.minCounted, round.maxCounted) = (terms.minCounted, terms.maxCounted);
        for (uint256 id = 1; id <= 3; ++id) round.admitted[id] = true;
        for (uint256 i; i < PAYERS; ++i) allow(payers[i], PlainToken(terms.token), address(pool_));
        for (uint256 i; i < SPONSORS; ++i) allow(sponsors[i], PlainToken(terms.token), address(pool_));
    }

    function notePeople() private {
        people.push(address(channels));
        for (uint256 i; i < PAYERS; ++i) people.push(payers[i]);
        for (uint256 i; i < payees.length; ++i) people.push(payees[i]);
        for (uint256 i; i < SPONSORS; ++i) people.push(sponsors[i]);
        for (uint256 r; r < rounds.length; ++r) people.push(address(rounds[r].pool));
        for (uint256 id = 1; id <= LAST_PROJECT; ++id) {
            people.push(payoutOf(id));
            people.push(otherPayoutOf(id));
        }
        for (uint256 t; t < tokens.length; ++t) {
            for (uint256 j; j < people.length; ++j) balances[tokens[t]][people[j]] = held(tokens[t], people[j]);
        }
    }

    /// @dev Channels of each token, lines to each round, and the last round over and done but for its settlement.
    function begin() private {
        for (uint256 i; i < 4; ++i) opensTo(i, DEPOSIT, tokens[i % 3], payees[(i + 2) % 3]);
        for (uint256 r; r < rounds.length; ++r) {
            opensLine(seedOf(0, r), DEPOSIT, r);
            opensLine(seedOf(1, r), DEPOSIT, r);
            if (r + 1 == rounds.length) opensLine(seedOf(2, r), DEPOSIT, r);
            if (rounds[r].matching) sponsors_(r, r % SPONSORS, 200e6);
            if (rounds[r].matching) sponsors_(r, (r + 1) % SPONSORS, 77);
        }
        for (uint256 n; n < lines.length; ++n) {
            for (uint256 seed; seed < 2; ++seed) {
                if (canCollect(n)) collects(n, mix(n, seed));
            }
        }
        travelTo(START + 12 hours);
    }

    /// @dev One by which a payer opens.
    function seedOf(uint256 donor, uint256 r) private pure returns (uint256 seed) {
        seed = 1_000 * (r + 1);
        while (mix(seed, 4) % PAYERS != donor) ++seed;
    }

    /* WHAT A RUN CAME TO */

    /// @notice How many rounds are in a state.
    function endedAs(IDonationPool.Status status) external view returns (uint256 count) {
        for (uint256 r; r < rounds.length; ++r) {
            if (rounds[r].status == status) ++count;
        }
    }

    /// @notice How many cases the handlers of chaos have, in the order of their files.
    function caseCounts() external pure returns (uint256[5] memory) {
        return [ESCROW_VERBS, ROUND_VERBS, REGISTRY_VERBS, CHANNEL_CASES, ROUND_CASES];
    }

    /* CHECKS */

    /// @notice After every call: what it acted on, and one after the other the rest; three times in a run every channel's word and
    /// all of the round that was acted on.
    function checkWorld() external view {
        for (uint256 t; t < tokens.length; ++t) {
            uint256 expected = balances[tokens[t]][address(channels)];
            assertEq(held(tokens[t], address(channels)), expected, "1: what the escrow holds");
        }
        checkChannel(lastChannel);
        checkChannel(calls % made.length);
        checkRoundBriefly(lastRound);
        uint256 id = 1 + (calls % LAST_PROJECT);
        checkProject(lastRound, id, rounds[lastRound].pool.getProject(id));
        if (calls % PERIOD != PERIOD / 2) return;
        checkNoChannelTouchedAnother();
        checkRound(lastRound);
    }

    function checkEverything() public view {
        checkTheEscrowHoldsEveryUnitThatItOwes();
        for (uint256 i; i < made.length; ++i) checkChannel(i);
        checkNoChannelTouchedAnother();
        checkEverybodyHasExactlyWhatIsTheirs();
        for (uint256 r; r < rounds.length; ++r) checkRound(r);
        checkEveryLineStandsAsGiven();
    }

    /// @notice At the end of a run: everything, and in turn what can still be done from there.
    function checkEnd() external {
        checkEverything();
        checkEnding(mix(calls, clock));
    }

    /// @notice From here to one of the ends. Nobody looks at the world afterwards.
    function checkEnding(uint256 seed) public {
        uint256 part = seed % 10;
        if (part == 0) checkEveryVoucherCanBeSettled();
        if (part < 2) checkEveryPayerCanLeave();
        if (part == 2) checkNobodyHasAnAllowance();
        if (part == 3) checkTheDomainFollowsTheChain(1 + (mix(seed, 1) % type(uint32).max));
        if (part == 4 || part == 5) {
            relents();
            checkOrderAndSplittingDoNotMatter(seed);
        }
        if (part == 6 || part == 7) {
            relents();
            checkEveryRoundCanBeEmptied(seed);
            checkEverybodyHasExactlyWhatIsTheirs();
        }
    }
}
