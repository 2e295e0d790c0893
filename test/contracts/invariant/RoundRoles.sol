// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {DonorRoles} from "./DonorRoles.sol";

/// @notice Sponsors, stewards, managers, those who settle rounds, the token's administrator, the gate, and time.
abstract contract RoundRoles is DonorRoles {
    /* POT */

    function sponsorPays(uint256 seed, uint128 deposit) external acts {
        (bool found, uint256 r) = first(seed, rounds.length, takesPot);
        if (!found || receipts[r].length == 6) return;
        sponsors_(r, mix(seed, 1) % SPONSORS, uint128(bound(deposit, 1, DEPOSIT)));
    }

    function sponsors_(uint256 r, uint256 who, uint128 deposit) internal {
        Round storage round = rounds[r];
        if (!reaches(round.token, sponsors[who], address(round.pool))) return;
        vm.prank(sponsors[who]);
        uint256 index = round.pool.sponsor(deposit);
        assertEq(index, receipts[r].length, "index of a receipt");
        receipts[r].push(Receipt(uint8(who), false, round.pot, deposit));
        round.pot += deposit;
        move(round.token, sponsors[who], address(round.pool), deposit);
        lastRound = r;
        took();
    }

    function sponsorTakesBack(uint256 seed) external acts {
        for (uint256 k; k < rounds.length; ++k) {
            uint256 r = addmod(seed, k, rounds.length);
            for (uint256 index; index < receipts[r].length; ++index) {
                if (!canRefundSponsor(r, index)) continue;
                uint256 amount = rounds[r].pool.refundSponsor(index);
                assertEq(amount, noteSponsorRefund(r, index), "19: what a sponsor got back");
                return took();
            }
        }
    }

    /* STEWARDS AND MANAGERS */

    function stewardsAdmit(uint256 seed) external acts {
        uint256 r = seed % rounds.length;
        uint256 projectId = 1 + (mix(seed, 1) % LAST_PROJECT);
        if (clock >= rounds[r].end || rounds[r].admitted[projectId]) return;
        vm.prank(stewards);
        rounds[r].pool.admit(range(projectId, projectId));
        rounds[r].admitted[projectId] = true;
        lastRound = r;
        took();
    }

    function stewardsSuspendOrReinstate(uint256 seed) external acts {
        uint256 projectId = 1 + (seed % LAST_PROJECT);
        if (left[projectId]) return;
        if (suspended[projectId]) reinstate(projectId);
        else suspend(projectId);
        suspended[projectId] = !suspended[projectId];
        took();
    }

    function stewardsDisqualify(uint256 seed) external acts {
        (bool found, uint256 r) = first(seed, rounds.length, isChallenged);
        if (!found) return;
        uint256 projectId = 1 + (mix(seed, 1) % LAST_PROJECT);
        if (!rounds[r].admitted[projectId] || rounds[r].out[projectId]) return;
        vm.prank(stewards);
        rounds[r].pool.disqualify(projectId, REASON);
        rounds[r].out[projectId] = true;
        lastRound = r;
        took();
    }

    /// @dev Seldom: a cancelled round has no other end.
    function stewardsCancel(uint256 seed) external acts {
        (bool found, uint256 r) = first(seed, rounds.length, takesPot);
        if (!found || mix(seed, 1) % 3 != 0) return;
        cancels(r);
        took();
    }

    function cancels(uint256 r) internal {
        vm.prank(stewards);
        rounds[r].pool.cancel(REASON);
        rounds[r].status = IDonationPool.Status.Refunding;
        lastRound = r;
    }

    function managerChangesPayout(uint256 seed) external acts {
        uint256 projectId = 1 + (seed % LAST_PROJECT);
        address now_ = effectivePayout(projectId);
        address next = now_ == payoutOf(projectId) ? otherPayoutOf(projectId) : payoutOf(projectId);
        vm.prank(manager);
        registry.changePayout(projectId, next);
        (payouts[projectId], nextPayouts[projectId]) = (now_, next);
        payoutChangesAt[projectId] = uint64(clock + PAYOUT_DELAY);
        took();
    }

    function managerLeaves(uint256 seed) external acts {
        uint256 projectId = 1 + (seed % LAST_PROJECT);
        if (left[projectId] || mix(seed, 1) % 4 != 0) return;
        vm.prank(manager);
        registry.close(projectId);
        left[projectId] = true;
        took();
    }

    /* SETTLE AND PAY */

    function anyoneSettlesARound(uint256 seed) external acts {
        (bool found, uint256 r) = first(seed, rounds.length, canSettle);
        if (!found) return;
        settles(r);
        took();
    }

    function settles(uint256 r) internal {
        Round storage round = rounds[r];
        uint256[LAST_PROJECT + 1] memory subsidies = standingSubsidies(r);
        (uint256 count, uint256 sum, uint256 numerator, uint256 denominator) = pairOf(r, subsidies);
        vm.prank(stranger);
        round.pool.settleRound(count, sum);
        round.status = IDonationPool.Status.Settled;
        round.unused = round.pot;
        for (uint256 id = 1; id <= LAST_PROJECT; ++id) {
            uint256 share = (subsidies[id] * numerator) / denominator;
            round.matched[id] = share > round.cap ? round.cap : uint128(share);
            round.unused -= round.matched[id];
        }
        lastRound = r;
    }

    function anyoneSwitchesARound(uint256 seed) external acts {
        (bool found, uint256 r) = first(seed, rounds.length, canSwitch);
        if (!found) return;
        switches(r);
        took();
    }

    function switches(uint256 r) internal {
        vm.prank(stranger);
        rounds[r].pool.switchToRefunds();
        rounds[r].status = IDonationPool.Status.Refunding;
        lastRound = r;
    }

    function projectClaims(uint256 seed) external acts {
        for (uint256 k; k < rounds.length * LAST_PROJECT; ++k) {
            uint256 place = addmod(seed, k, rounds.length * LAST_PROJECT);
            (uint256 r, uint256 projectId) = (place / LAST_PROJECT, 1 + (place % LAST_PROJECT));
            if (!canClaim(r, projectId) || !canBePaid(r, effectivePayout(projectId))) continue;
            if (dueTo(r, projectId) == 0 && mix(seed, 1) % 8 != 0) continue; // nothing due is success, now and then
            claims(r, projectId);
            return took();
        }
    }

    function claims(uint256 r, uint256 projectId) internal {
        vm.prank(stranger);
        uint256 amount = rounds[r].pool.claim(projectId);
        assertEq(amount, noteClaim(r, projectId), "18: what a project claimed");
    }

    /* TOKEN, GATE AND TIME */

    /// @dev Refuses somebody or everybody, or relents.
    function administratorActs(uint256 seed) external acts {
        bool wasQuiet = !paused && deniedOne == address(0);
        relents();
        if (!wasQuiet) return took();
        if (seed % 4 == 0) {
            dollar.pause(true);
            paused = true;
        } else {
            deniedOne = people[mix(seed, 1) % people.length];
            dollar.deny(deniedOne, true);
        }
        took();
    }

    function relents() internal {
        if (paused) dollar.pause(false);
        if (deniedOne != address(0)) dollar.deny(deniedOne, false);
        (paused, deniedOne) = (false, address(0));
    }

    /// @dev What it says of a donor from now on; who has counted in a round keeps what it had there.
    function gateAnswersAnew(uint256 seed) external acts {
        uint256[6] memory weights = [uint256(0), 1, 3_333, 5_000, 10_000, 10_001];
        bytes32 key = bytes32(uint256(1 + (mix(seed, 2) % 3)));
        gate.answer(payers[seed % PAYERS], key, weights[mix(seed, 1) % 6]);
        took();
    }

    function hoursPass(uint256 delay) external acts {
        travelTo(clock + bound(delay, 1, 12 hours));
        took();
    }

    function daysPass(uint256 delay) external acts {
        travelTo(clock + bound(delay, 1 days, 4 days));
        took();
    }

    /// @dev To the next second in which something begins or ends, or to the one before.
    function timeReachesAnEdge(bool before) external acts {
        reachesAnEdge(before);
        took();
    }

    function reachesAnEdge(bool before) internal {
        uint256 next = type(uint256).max;
        for (uint256 r; r < rounds.length; ++r) {
            next = nearer(next, rounds[r].start);
            next = nearer(next, rounds[r].end);
            next = nearer(next, rounds[r].challengeEnd);
            next = nearer(next, rounds[r].settleBy);
        }
        for (uint256 i; i < made.length; ++i) {
            if (isLive(i) && books[i].requestedAt != 0) next = nearer(next, books[i].requestedAt + GRACE);
        }
        if (next == type(uint256).max) next = clock + 1 days;
        travelTo(before && next > clock + 1 ? next - 1 : next);
    }

    function nearer(uint256 next, uint256 edge) private view returns (uint256) {
        return edge > clock && edge < next ? edge : next;
    }

    /* WHEN THEY CAN */

    function takesPot(uint256 r) internal view returns (bool) {
        return isRunning(r) && clock < rounds[r].end;
    }

    function isChallenged(uint256 r) internal view returns (bool) {
        return isRunning(r) && clock >= rounds[r].end && clock < rounds[r].challengeEnd;
    }

    function canSettle(uint256 r) internal view returns (bool) {
        return isRunning(r) && clock >= rounds[r].challengeEnd;
    }

    function canSwitch(uint256 r) internal view returns (bool) {
        return isRunning(r) && clock >= rounds[r].settleBy;
    }

    function canBePaid(uint256 r, address to) internal view returns (bool) {
        Round storage round = rounds[r];
        address from = address(round.pool);
        return reaches(round.token, from, to) && (credits[round.token][from] == 0 || hasCashWay(r));
    }

    function canRefundSponsor(uint256 r, uint256 index) internal view returns (bool) {
        Receipt storage receipt = receipts[r][index];
        bool over = rounds[r].status != IDonationPool.Status.Running;
        return over && !receipt.refunded && canBePaid(r, sponsors[receipt.sponsor]);
    }

    /* MATCHING, FROM THE FORMULA */

    /// @dev `R` of the projects that draw a match.
    function standingSubsidies(uint256 r) internal view returns (uint256[LAST_PROJECT + 1] memory subsidies) {
        (, subsidies, ) = recount(r);
        for (uint256 id = 1; id <= LAST_PROJECT; ++id) {
            if (rounds[r].out[id]) subsidies[id] = 0;
        }
    }

    /// @dev Tries how many of the largest are capped until that many are.
    function pairOf(
        uint256 r,
        uint256[LAST_PROJECT + 1] memory subsidies
    ) internal view returns (uint256 count, uint256 sum, uint256 numerator, uint256 denominator) {
        uint256 total;
        for (uint256 id = 1; id <= LAST_PROJECT; ++id) total += subsidies[id];
        (uint256 pot, uint256 cap) = (rounds[r].pot, rounds[r].cap);
        while (true) {
            (numerator, denominator) = (pot - count * cap, total - sum);
            if (numerator << 64 >= denominator) (numerator, denominator) = (1, 1 << 64);
            uint256 reaching;
            uint256 theirs;
            for (uint256 id = 1; id <= LAST_PROJECT; ++id) {
                if (rounds[r].admitted[id] && (subsidies[id] * numerator) / denominator >= cap) {
                    ++reaching;
                    theirs += subsidies[id];
                }
            }
            if (reaching <= count) break;
            (count, sum) = (reaching, theirs);
        }
    }

    /// @dev Every counted gift of the round once more: `S`, `R` and donors of each project. A root is asked of the round and held
    /// to what a root is.
    function recount(
        uint256 r
    )
        internal
        view
        returns (
            uint256[LAST_PROJECT + 1] memory sums,
            uint256[LAST_PROJECT + 1] memory subsidies,
            uint256[LAST_PROJECT + 1] memory donors
        )
    {
        uint256 known = keys[r].length;
        uint256[] memory weighted = new uint256[](known * (LAST_PROJECT + 1));
        for (uint256 i; i < counted[r].length; ++i) {
            Counted memory gift = counted[r][i];
            weighted[uint256(gift.key) * (LAST_PROJECT + 1) + gift.project] += uint256(gift.amount) * gift.weightBps;
        }
        for (uint256 place; place < weighted.length; ++place) {
            if (weighted[place] == 0) continue;
            uint256 id = place % (LAST_PROJECT + 1);
            uint256 root = rootHeld(r, keys[r][place / (LAST_PROJECT + 1)], id, weighted[place]);
            subsidies[id] += 2 * root * sums[id];
            sums[id] += root;
            if (root != 0) ++donors[id];
        }
    }

    function rootHeld(uint256 r, bytes32 key, uint256 id, uint256 weighted) private view returns (uint256 root) {
        uint256 most = uint256(rounds[r].maxCounted) * 10_000;
        if (weighted > most) weighted = most;
        bytes30 keyId = bytes30(keccak256(abi.encode(key)));
        uint256 held_;
        (held_, root) = rounds[r].pool.voiceOf(keyId, id);
        assertEq(held_, weighted, "16: what a key has given to a project, as far as it counts");
        uint256 count = weighted / 10_000;
        if (count < rounds[r].minCounted) {
            assertEq(root, 0, "16: the root of less than what counts");
        } else {
            bool isRoot = root * root <= count << 64 && (root + 1) * (root + 1) > count << 64;
            assertTrue(isRoot, "16: the root of what a key has given to a project");
        }
    }
}
