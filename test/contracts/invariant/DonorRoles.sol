// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {TypedData} from "../support/TypedData.sol";
import {ChannelRoles} from "./ChannelRoles.sol";

/// @notice Donors and those who bring what donors signed: channels to rounds, collected, closed and refunded, and donations without
/// a channel.
abstract contract DonorRoles is ChannelRoles {
    uint256 internal constant MAX_LINES = 40;

    /// @dev What a line's next list says, and what the round must do with it.
    struct Plan {
        uint128[LAST_PROJECT + 1] amounts;
        uint128 sum;
        bytes gateData;
        bool takesAny;
        bool counts;
        bool refused;
    }

    function donorOpens(uint256 seed, uint128 deposit) external acts {
        opensLine(seed, deposit, mix(seed, 9) % rounds.length);
    }

    /// @dev A refusal by the gate is part of the rules: it takes nothing, settles nothing and counts nothing.
    function collectorCollects(uint256 seed) external acts {
        (bool found, uint256 n) = first(seed, lines.length, canCollect);
        if (!found) return;
        collects(n, seed);
        took();
    }

    /// @dev A good item, the same again, which is stale where the first was counted, and one that is forged.
    function collectorCollectsMany(uint256 seed) external acts {
        (bool found, uint256 n) = first(seed, lines.length, canCollect);
        if (!found) return;
        uint256 r = lines[n].round;
        IDonationPool.CollectItem[] memory items = new IDonationPool.CollectItem[](3);
        uint256 expected;
        Plan memory plan = planFor(n, seed);
        items[0] = itemFor(n, plan);
        items[1] = items[0];
        items[2] = itemFor(n, plan);
        items[2].allocationSignature = hex"00";
        if (!plan.refused) {
            noteCollected(n, plan);
            ++expected;
            // The second time the list is stale, unless it stands as it did: then it brings nothing new.
            if (hashOf(standingGifts(n)) == hashOf(items[1].previousGifts)) ++expected;
        }
        assertEq(rounds[r].pool.collectBatch(items), expected, "items of a batch that were collected");
        took();
    }

    function closerClosesALine(uint256 seed) external acts {
        (bool found, uint256 n) = first(seed, lines.length, canCollectAndClose);
        if (!found) return;
        uint256 i = lines[n].channel;
        Plan memory plan = planFor(n, seed);
        if (plan.refused) (plan.gateData, plan.counts, plan.refused) = ("", false, false);
        bytes memory request;
        if (books[i].requestedAt == 0 || seed % 2 == 0) {
            request = signedFor(made[i], closeRequestHash(made[i], books[i].deposits));
        }
        IDonationPool.CollectItem memory item = itemFor(n, plan);
        vm.prank(closer);
        rounds[lines[n].round].pool.collectAndClose(item, request);
        noteCollected(n, plan);
        noteRequested(i);
        noteEnded(i, true);
        took();
    }

    function anyoneClosesALine(uint256 seed) external acts {
        (bool found, uint256 n) = first(seed, lines.length, canClose);
        if (!found) return;
        rounds[lines[n].round].pool.closeChannel(made[lines[n].channel]);
        noteEnded(lines[n].channel, true);
        took();
    }

    function donorTakesBack(uint256 seed) external acts {
        (bool found, uint256 n) = first(seed, lines.length, canRefund);
        if (!found) return;
        takesBack(n, seed);
        took();
    }

    function donorDonates(uint256 seed, bool byAuthorization) external acts {
        (bool found, uint256 r) = first(seed, rounds.length, canDonateTo);
        if (!found || lines.length >= MAX_LINES) return;
        uint256 donor = mix(seed, 1) % PAYERS;
        if (!reaches(rounds[r].token, payers[donor], address(rounds[r].pool))) return;
        uint256 n = lines.length;
        Line storage line_ = lines.push();
        (line_.round, line_.donor, line_.bare, line_.salt) = (uint8(r), uint8(donor), true, bytes32(n));
        line_.id = keccak256(abi.encode(payers[donor], line_.salt));
        Plan memory plan = donationOf(n, seed);
        bool done = donates(n, plan, byAuthorization && rounds[r].token == address(dollar));
        assertTrue(done != plan.refused, "20: a donation works, unless the gate refuses its donor");
        took();
        if (!done) {
            lines.pop();
            return;
        }
        line_.brought = plan.sum;
        move(rounds[r].token, payers[donor], address(rounds[r].pool), plan.sum);
        noteTaken(n, plan);
    }

    /* WHAT DONORS DO */

    function opensLine(uint256 seed, uint128 deposit, uint256 r) internal {
        if (lines.length >= MAX_LINES) return;
        if (!opensTo(seed, deposit, rounds[r].token, address(rounds[r].pool))) return;
        uint256 i = made.length - 1;
        Line storage line_ = lines.push();
        (line_.round, line_.channel, line_.id) = (uint8(r), uint32(i), ids[i]);
        while (payers[line_.donor] != made[i].payer) ++line_.donor;
    }

    function collects(uint256 n, uint256 seed) internal {
        Plan memory plan = planFor(n, seed);
        IDonationPool.CollectItem memory item = itemFor(n, plan);
        (bool done, bytes memory reason) = address(rounds[lines[n].round].pool).call(
            abi.encodeCall(
                IDonationPool.collect,
                (
                    item.channel,
                    item.voucherSignature,
                    item.previousGifts,
                    item.gifts,
                    item.gateData,
                    item.allocationSignature
                )
            )
        );
        if (plan.refused) {
            assertTrue(!done && bytes4(reason) == IDonationPool.NotEligible.selector, "20: the gate refuses a list");
            return;
        }
        assertTrue(done, "a list is collected");
        noteCollected(n, plan);
    }

    /// @dev By the donor or, where anybody may, by a stranger.
    function takesBack(uint256 n, uint256 seed) internal {
        Line storage line_ = lines[n];
        IDonationPool pool_ = rounds[line_.round].pool;
        vm.prank(seed % 2 == 0 && anyoneMayRefund(line_.round) ? stranger : payers[line_.donor]);
        uint256 paid =
            line_.bare
                ? pool_.refundDonation(payers[line_.donor], line_.salt, standingGifts(n))
                : pool_.refund(made[line_.channel], standingGifts(n));
        assertEq(paid, noteRefund(n), "19: what a donor got back");
    }

    function donates(uint256 n, Plan memory plan, bool byAuthorization) private returns (bool done) {
        Line storage line_ = lines[n];
        address from = payers[line_.donor];
        address pool_ = address(rounds[line_.round].pool);
        IDonationPool.Gift[] memory list_ = giftsOf(plan.amounts);
        bytes memory data = abi.encodeCall(IDonationPool.donate, (list_, plan.gateData, line_.salt));
        if (byAuthorization) data = authorizedDonation(n, plan, list_);
        vm.prank(byAuthorization ? stranger : from);
        (done, ) = pool_.call(data);
    }

    function authorizedDonation(
        uint256 n,
        Plan memory plan,
        IDonationPool.Gift[] memory list_
    ) private view returns (bytes memory) {
        address from = payers[lines[n].donor];
        bytes32 gateDataHash = plan.gateData.length == 0 ? bytes32(0) : keccak256(plan.gateData);
        bytes32 nonce = keccak256(abi.encode(from, keccak256(abi.encode(list_)), gateDataHash, lines[n].salt));
        address to = address(rounds[lines[n].round].pool);
        bytes32 digest = TypedData.authorization("Demo Dollar", address(dollar), chain, from, to, plan.sum, nonce);
        bytes memory consent = signed(keyOf[from], digest);
        return
            abi.encodeCall(
                IDonationPool.donateWithAuthorization,
                (from, list_, plan.gateData, lines[n].salt, 0, type(uint256).max, consent)
            );
    }

    /* WHEN THEY CAN */

    function hasCashWay(uint256 r) internal view returns (bool) {
        return reaches(rounds[r].token, address(channels), address(rounds[r].pool));
    }

    function canCollect(uint256 n) internal view returns (bool) {
        return !lines[n].bare && isOpen(lines[n].round) && hasCashWay(lines[n].round);
    }

    function canCollectAndClose(uint256 n) internal view returns (bool) {
        return canCollect(n) && isLive(lines[n].channel);
    }

    function anyoneMayRefund(uint256 r) internal view returns (bool) {
        return clock >= rounds[r].end || rounds[r].status == IDonationPool.Status.Refunding;
    }

    function canClose(uint256 n) internal view returns (bool) {
        return !lines[n].bare && isLive(lines[n].channel) && anyoneMayRefund(lines[n].round);
    }

    /// @dev And something is to be had.
    function canRefund(uint256 n) internal view returns (bool) {
        Round storage round = rounds[lines[n].round];
        address donor = payers[lines[n].donor];
        return
            refundableOf(n) != 0 &&
            reaches(round.token, address(round.pool), donor) &&
            (credits[round.token][address(round.pool)] == 0 || hasCashWay(lines[n].round));
    }

    function canDonateTo(uint256 r) internal view returns (bool) {
        if (!isOpen(r)) return false;
        for (uint256 id = 1; id <= LAST_PROJECT; ++id) {
            if (takesGifts(r, id)) return true;
        }
        return false;
    }

    /* LISTS */

    /// @dev What stands and some more, for projects that take gifts and for some that do not, within what the channel can bring.
    function planFor(uint256 n, uint256 seed) internal view returns (Plan memory plan) {
        Line storage line_ = lines[n];
        Book storage book = books[line_.channel];
        plan.amounts = line_.given;
        for (uint256 id; id <= LAST_PROJECT; ++id) plan.sum += plan.amounts[id];
        uint128 room = (book.ended ? book.settled : book.deposits) - plan.sum;
        for (uint256 id; id <= LAST_PROJECT && room != 0; ++id) {
            uint256 draw = mix(seed, 100 + id);
            if (id == 0 ? draw % 16 != 0 : draw % 2 == 0) continue;
            uint128 more = uint128(bound(draw >> 8, 1, draw % 8 == 1 && room > 20_000 ? 20_000 : (room + 1) / 2));
            (plan.amounts[id], plan.sum, room) = (plan.amounts[id] + more, plan.sum + more, room - more);
            if (id != 0 && takesGifts(line_.round, id)) plan.takesAny = true;
        }
        weigh(plan, line_, seed);
    }

    /// @dev Only for projects that take gifts, at least one.
    function donationOf(uint256 n, uint256 seed) private view returns (Plan memory plan) {
        for (uint256 id = 1; id <= LAST_PROJECT; ++id) {
            uint256 draw = mix(seed, 100 + id);
            if (!takesGifts(lines[n].round, id) || (plan.takesAny && draw % 2 == 0)) continue;
            plan.amounts[id] = uint128(bound(draw >> 8, 1, draw % 8 == 1 ? 20_000 : DEPOSIT / 4));
            plan.sum += plan.amounts[id];
            plan.takesAny = true;
        }
        weigh(plan, lines[n], seed);
    }

    /// @dev Three of four want to count.
    function weigh(Plan memory plan, Line storage line_, uint256 seed) private view {
        if (mix(seed, 7) % 4 != 0) plan.gateData = ANY;
        plan.counts = rounds[line_.round].matching && plan.gateData.length != 0;
        if (!plan.counts || !plan.takesAny) return;
        (, uint256 weightBps, ) = standingIn(line_.round, line_.donor);
        plan.refused = weightBps == 0;
    }

    /// @dev With a voucher where the channel has not settled the sum before.
    function itemFor(uint256 n, Plan memory plan) internal returns (IDonationPool.CollectItem memory item) {
        uint256 i = lines[n].channel;
        item.channel = made[i];
        item.previousGifts = standingGifts(n);
        item.gifts = giftsOf(plan.amounts);
        item.gateData = plan.gateData;
        pool = rounds[lines[n].round].pool;
        item.allocationSignature = signedFor(item.channel, allocationHash(item.channel, item.gifts, plan.gateData));
        if (plan.sum <= books[i].settled) return item;
        noteSigned(i, plan.sum);
        item.voucherSignature = signedFor(item.channel, voucherHash(item.channel, plan.sum));
    }

    function noteCollected(uint256 n, Plan memory plan) private {
        uint256 i = lines[n].channel;
        Round storage round = rounds[lines[n].round];
        if (plan.sum > books[i].settled) noteSettled(i, plan.sum);
        fetchCredit(round.token, address(round.pool));
        noteTaken(n, plan);
    }

    function noteTaken(uint256 n, Plan memory plan) private {
        uint256 r = lines[n].round;
        for (uint256 id = 1; id <= LAST_PROJECT; ++id) {
            uint128 more = plan.amounts[id] - lines[n].given[id];
            if (more != 0 && takesGifts(r, id)) noteGift(n, id, more, plan.counts);
        }
    }
}
