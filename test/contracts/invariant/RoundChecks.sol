// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {ChannelChecks} from "./ChannelChecks.sol";

/// @notice The rounds compared with the ghost store, one function an invariant.
abstract contract RoundChecks is ChannelChecks {
    /// @dev A round as it is, read once for all checks.
    struct Found {
        IDonationPool.Status status;
        uint128 pot;
        IDonationPool.ProjectState[LAST_PROJECT + 1] projects;
        uint256[LAST_PROJECT + 1] matches;
    }

    function find(uint256 r) private view returns (Found memory found) {
        IDonationPool pool_ = rounds[r].pool;
        (found.status, found.pot) = (pool_.status(), pool_.pot());
        for (uint256 id = 1; id <= LAST_PROJECT; ++id) {
            found.projects[id] = pool_.getProject(id);
            if (found.status == IDonationPool.Status.Settled) found.matches[id] = pool_.matchOf(id);
        }
    }

    /// Invariant 14: balance >= unclaimed donations + unclaimed matching + unspent pot; to the unit, with what came without a verb.
    function checkTheRoundHoldsEveryUnitThatItOwes(uint256 r, Found memory found) private view {
        Round storage round = rounds[r];
        address own = address(round.pool);
        uint256 owed = gifts[round.token][own] + owedToDonors(r, found);
        owed += owedToProjects(found) + owedToSponsors(r, found);
        uint256 has = held(round.token, own) + channels.credit(round.token, own);
        assertEq(has, owed, "14: what a round holds is what it owes");
    }

    /// @dev What their lines brought, less what went back and what is a project's for good.
    function owedToDonors(uint256 r, Found memory found) private view returns (uint256 owed) {
        for (uint256 n; n < lines.length; ++n) {
            Line storage line_ = lines[n];
            if (line_.round != r) continue;
            owed += broughtBy(n) - line_.given[0];
            if (found.status == IDonationPool.Status.Refunding) continue;
            for (uint256 id = 1; id <= LAST_PROJECT; ++id) {
                if (!rounds[r].out[id]) owed -= line_.given[id];
            }
        }
    }

    /// @dev Their gifts and, once it is known, their match, less what was paid.
    function owedToProjects(Found memory found) private pure returns (uint256 owed) {
        if (found.status == IDonationPool.Status.Refunding) return 0;
        for (uint256 id = 1; id <= LAST_PROJECT; ++id) {
            IDonationPool.ProjectState memory project = found.projects[id];
            if (!project.disqualified) owed += project.gifts + found.matches[id] - project.paid;
        }
    }

    /// @dev The pot; once it is over, what is unused of it and was not given back.
    function owedToSponsors(uint256 r, Found memory found) private view returns (uint256 owed) {
        IDonationPool pool_ = rounds[r].pool;
        if (found.status == IDonationPool.Status.Running) return found.pot;
        for (uint256 i; i < receipts[r].length; ++i) {
            if (!pool_.getReceipt(i).refunded) owed += shareOf(r, i);
        }
    }

    /// Invariant 15: sum of matching <= pot; the rest, to the unit, is the sponsors', and less than a unit a project where the pot
    /// was too small; sum of payouts <= donations + pot.
    function checkMatchesStayWithinThePot(uint256 r, Found memory found) private view {
        uint256 matching;
        uint256 given;
        uint256 paid;
        uint256 capped;
        for (uint256 id = 1; id <= LAST_PROJECT; ++id) {
            uint256 share = found.matches[id];
            matching += share;
            if (rounds[r].matching && share == rounds[r].cap) ++capped;
            IDonationPool.ProjectState memory project = found.projects[id];
            (given, paid) = (given + project.gifts, paid + project.paid);
            assertEq(share, rounds[r].matched[id], "15: the match of a project");
        }
        assertTrue(paid <= given + matching, "15: payouts within donations and matches");
        assertEq(found.pot, rounds[r].pot, "15: the pot");
        if (found.status != IDonationPool.Status.Settled) return;
        IDonationPool.Settlement memory settlement = rounds[r].pool.settlement();
        assertEq(matching + settlement.unused, found.pot, "15: matches and what is unused are the pot");
        bool scarce = settlement.denominator != 1 << 64 || settlement.numerator != 1;
        if (scarce) assertTrue(settlement.unused < LAST_PROJECT - capped + 1, "15: dust below a unit a project");
    }

    /// Invariant 16: the count is what every counted gift, taken once more, makes. Invariant 20: and of no gift that the gate did not
    /// let count.
    function checkTheCountIsTheGifts(uint256 r, Found memory found) private view {
        uint256[LAST_PROJECT + 1] memory sums;
        uint256[LAST_PROJECT + 1] memory subsidies;
        uint256[LAST_PROJECT + 1] memory donors;
        (sums, subsidies, donors) = recount(r);
        for (uint256 id = 1; id <= LAST_PROJECT; ++id) {
            IDonationPool.ProjectState memory project = found.projects[id];
            assertEq(project.rootSum, sums[id], "16, 20: the sum of the roots");
            assertEq(project.subsidy, subsidies[id], "16, 20: the raw subsidy");
            assertEq(project.donors, donors[id], "16, 20: how many count");
        }
    }

    /// Invariant 18: gifts are those given in time; nothing is paid before settlement; each recipient is paid once.
    function checkProject(uint256 r, uint256 id, IDonationPool.ProjectState memory project) internal view {
        Round storage round = rounds[r];
        assertEq(project.gifts, round.gifts[id], "18: gifts of a project");
        assertEq(project.paid, round.paid[id], "18: what a project was paid");
        bool mayBePaid = !round.matching || round.status == IDonationPool.Status.Settled;
        assertTrue(project.paid == 0 || mayBePaid, "18: paid before settlement");
        bool same = project.admitted == round.admitted[id] && project.disqualified == round.out[id];
        assertTrue(same, "18: whether a project takes part");
    }

    /// Invariant 18: and every sponsor gets a deposit's part back once.
    function checkSponsorsAreRefundedOnce(uint256 r) private view {
        for (uint256 i; i < receipts[r].length; ++i) {
            bool once = rounds[r].pool.getReceipt(i).refunded == receipts[r][i].refunded;
            assertTrue(once, "18: whether a sponsor was refunded");
        }
    }

    /// @dev Of invariants 14 and 18 what can be seen at once.
    function checkRoundBriefly(uint256 r) internal view {
        Round storage round = rounds[r];
        uint256 expected = balances[round.token][address(round.pool)];
        assertEq(held(round.token, address(round.pool)), expected, "14: what a round holds");
        assertEq(uint256(round.pool.status()), uint256(round.status), "18: the status of a round");
    }

    /// Invariant 18 of single gifts: what stands of every line is what its donor gave in time, less what went back.
    function checkEveryLineStandsAsGiven() internal view {
        for (uint256 n; n < lines.length; ++n) {
            bytes32 standing = rounds[lines[n].round].pool.giftsHash(lines[n].id);
            assertEq(standing, hashOf(standingGifts(n)), "18: what stands of a line");
        }
    }

    /// Invariant 20: who the gate refused has no standing, who counted has the one of its first gift.
    function checkStandingsHold(uint256 r) internal view {
        for (uint256 donor; donor < PAYERS; ++donor) {
            (bytes30 keyId, uint16 weightBps) = rounds[r].pool.standingOf(payers[donor]);
            Standing storage standing = standings[r][donor];
            assertEq(weightBps, standing.weightBps, "20: the weight of a donor");
            if (weightBps == 0) continue;
            bytes32 key = keccak256(abi.encode(keys[r][standing.key]));
            assertEq(bytes32(keyId), bytes32(bytes30(key)), "20: the key of a donor");
        }
    }

    function checkRound(uint256 r) internal view {
        Found memory found = find(r);
        checkTheRoundHoldsEveryUnitThatItOwes(r, found);
        checkMatchesStayWithinThePot(r, found);
        checkTheCountIsTheGifts(r, found);
        checkRoundBriefly(r);
        for (uint256 id = 1; id <= LAST_PROJECT; ++id) checkProject(r, id, found.projects[id]);
        checkSponsorsAreRefundedOnce(r);
        checkStandingsHold(r);
    }
}
