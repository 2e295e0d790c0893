// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {RoundChecks} from "./RoundChecks.sol";

/// @notice What must still be possible from where the roles have come to, tried out to the end and taken back.
abstract contract Endings is RoundChecks {
    /// Invariant 7: a payee that holds a voucher within the deposit can always settle it, in the next transaction.
    function checkEveryVoucherCanBeSettled() internal {
        for (uint256 i; i < made.length; ++i) {
            Book storage book = books[i];
            if (book.ended || book.settled == book.deposits) continue;
            channels.settle(made[i], book.deposits, signedFor(made[i], voucherHash(made[i], book.deposits)));
            noteSigned(i, book.deposits);
            noteSettled(i, book.deposits);
            checkChannel(i);
        }
    }

    /// Invariant 8: a payer can always leave: ask, wait, withdraw.
    function checkEveryPayerCanLeave() internal {
        for (uint256 i; i < made.length; ++i) {
            if (books[i].ended) continue;
            vm.prank(made[i].payer);
            channels.requestClose(made[i]);
            noteRequested(i);
        }
        travelTo(clock + GRACE);
        for (uint256 i; i < made.length; ++i) {
            if (books[i].ended) continue;
            channels.withdraw(made[i]);
            noteEnded(i, false);
            checkChannel(i);
        }
    }

    /// Invariant 17: two donors' gifts count the same in either order, and one donor's gift the same in one piece or in two; nobody's
    /// gift lowers a project's raw score.
    function checkOrderAndSplittingDoNotMatter(uint256 seed) internal {
        (bool found, uint256 r) = first(seed, rounds.length, countsNow);
        if (!found) return;
        took();
        IDonationPool pool_ = rounds[r].pool;
        uint256 id = 1;
        while (!takesGifts(r, id)) ++id;
        uint128 amount = uint128(bound(mix(seed, 1), 2, DEPOSIT / 8));
        uint128 other = uint128(bound(mix(seed, 2), 1, DEPOSIT / 8));
        uint256 least = pool_.getProject(id).subsidy;

        uint256 world = vm.snapshotState();
        gives(pool_, 1, id, amount, "one");
        uint256 between = pool_.getProject(id).subsidy;
        gives(pool_, 2, id, other, "one");
        bytes32 expected = countOf(pool_, id);
        uint256 most = pool_.getProject(id).subsidy;
        assertTrue(least <= between && between <= most, "17: a gift lowered the raw score of its project");
        assertTrue(vm.revertToState(world), "back to where the roles were");

        world = vm.snapshotState();
        gives(pool_, 2, id, other, "one");
        gives(pool_, 1, id, amount, "one");
        assertEq(countOf(pool_, id), expected, "17: the order of two gifts");
        assertTrue(vm.revertToState(world), "back to where the roles were");

        world = vm.snapshotState();
        gives(pool_, 1, id, amount / 2, "one");
        gives(pool_, 2, id, other, "one");
        gives(pool_, 1, id, amount - amount / 2, "two");
        assertEq(countOf(pool_, id), expected, "17: a gift in two pieces");
        assertTrue(vm.revertToState(world), "back to where the roles were");
    }

    function countsNow(uint256 r) private view returns (bool) {
        if (!rounds[r].matching || !isOpen(r)) return false;
        for (uint256 id = 1; id <= LAST_PROJECT; ++id) {
            if (takesGifts(r, id)) return true;
        }
        return false;
    }

    function countOf(IDonationPool pool_, uint256 id) private view returns (bytes32) {
        IDonationPool.ProjectState memory project = pool_.getProject(id);
        return keccak256(abi.encode(project.subsidy, project.rootSum, project.donors, project.gifts));
    }

    /// @dev By two of the payers, who count unless the gate says no: then both count as nothing, in any order.
    function gives(IDonationPool pool_, uint256 donor, uint256 id, uint128 amount, bytes32 salt) private {
        vm.prank(payers[donor]);
        (bool done, bytes memory reason) = address(pool_).call(
            abi.encodeCall(IDonationPool.donate, (list(id, amount), ANY, salt))
        );
        assertTrue(done || bytes4(reason) == IDonationPool.NotEligible.selector, "17: a gift of an open round");
    }

    /// Invariant 19: cancelled or switched, every donor has back exactly their gifts and every sponsor exactly their deposit; settled,
    /// every project its gifts and its match. Either way nothing stays behind but what came without a verb.
    function checkEveryRoundCanBeEmptied(uint256 seed) internal {
        for (uint256 r; r < rounds.length; ++r) {
            if (rounds[r].matching) endsSomehow(r, mix(seed, r));
            else if (clock < rounds[r].end) travelTo(rounds[r].end);
            empties(r);
        }
    }

    function endsSomehow(uint256 r, uint256 seed) private {
        if (!isRunning(r)) return;
        if (takesPot(r) && seed % 3 == 0) return cancels(r);
        uint256 until = seed % 3 == 1 ? rounds[r].settleBy : rounds[r].challengeEnd;
        if (clock < until) travelTo(until);
        if (canSwitch(r) && seed % 3 == 1) switches(r);
        else settles(r);
    }

    function empties(uint256 r) private {
        Round storage round = rounds[r];
        for (uint256 n; n < lines.length; ++n) {
            if (lines[n].round == r && canRefund(n)) takesBack(n, n);
        }
        for (uint256 id = 1; id <= LAST_PROJECT; ++id) {
            if (canClaim(r, id)) claims(r, id);
        }
        for (uint256 i; i < receipts[r].length; ++i) {
            if (!receipts[r][i].refunded) assertEq(round.pool.refundSponsor(i), noteSponsorRefund(r, i), "19: a share");
        }
        if (credits[round.token][address(round.pool)] != 0) {
            channels.withdrawCredit(round.token, address(round.pool));
            fetchCredit(round.token, address(round.pool));
        }
        uint256 rest = gifts[round.token][address(round.pool)];
        assertHeld(round.token, address(round.pool), rest, "an emptied round (19)");
        checkEveryLineStandsAsGiven();
    }
}
