// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {Chaos} from "./Chaos.sol";

/// @notice Those who have a right, with good signatures, when their right is not yet or no more: every such call has to revert.
abstract contract WrongTimes is Chaos {
    uint256 internal constant CHANNEL_CASES = 9;
    uint256 internal constant ROUND_CASES = 16;

    function chaosByChannelRoles(uint256 seed, uint256 verb, uint128 amount) external acts {
        (address caller, bytes memory data) = channelCase(seed % made.length, verb % CHANNEL_CASES, amount);
        if (data.length != 0) refuses(caller, address(channels), data, verb % CHANNEL_CASES);
    }

    function chaosByRoundRoles(uint256 seed, uint256 verb, uint128 amount) external acts {
        (bool found, uint256 r) = first(seed, rounds.length, isAtAnEdge);
        if (!found) r = seed % rounds.length;
        (address caller, bytes memory data) = roundCase(r, seed, verb % ROUND_CASES, amount);
        if (data.length != 0) refuses(caller, address(rounds[r].pool), data, verb % ROUND_CASES);
    }

    /// @dev Every right that a round gives, in the second in which one of them begins or ends, or in the one before.
    function chaosAtAnEdge(uint256 seed, uint256 amount) external acts {
        reachesAnEdge(seed % 2 == 0);
        (bool found, uint256 r) = first(seed, rounds.length, isAtAnEdge);
        if (!found) return;
        for (uint256 verb; verb < ROUND_CASES; ++verb) {
            (address caller, bytes memory data) = roundCase(r, mix(seed, verb), verb, uint128(amount));
            if (data.length != 0) refuses(caller, address(rounds[r].pool), data, verb);
        }
    }

    /// @dev In the last second of something, or in the first after it: where a comparison can be wrong.
    function isAtAnEdge(uint256 r) private view returns (bool) {
        Round storage round = rounds[r];
        uint64[4] memory edges = [round.start, round.end, round.challengeEnd, round.settleBy];
        for (uint256 i; i < edges.length; ++i) {
            if (clock == edges[i] || clock + 1 == edges[i]) return true;
        }
        return false;
    }

    function refuses(address caller, address target, bytes memory data, uint256 number) private {
        notes(number);
        assertTrue(!goesThrough(caller, target, data), "5, 6, 9, 18: a right was used at the wrong time");
    }

    function channelCase(
        uint256 i,
        uint256 verb,
        uint128 amount
    ) private view returns (address caller, bytes memory data) {
        IPaymentChannels.Channel memory c = made[i];
        Book storage book = books[i];
        caller = c.payer;
        if (verb == 0) {
            if (!isReady(i)) data = abi.encodeCall(IPaymentChannels.withdraw, (c));
        } else if (verb == 1) {
            data = abi.encodeCall(IPaymentChannels.open, (c.payee, c.token, amount, c.salt, c.authorizedSigner));
        } else if (verb == 2) {
            if (book.ended) data = abi.encodeCall(IPaymentChannels.topUp, (c, uint128(bound(amount, 1, DEPOSIT))));
        } else if (verb == 3) {
            if (book.ended) data = abi.encodeCall(IPaymentChannels.requestClose, (c));
        } else if (verb == 4) {
            uint128 stale = book.ended ? book.deposits : uint128(bound(amount, 0, book.settled));
            data = abi.encodeCall(IPaymentChannels.settle, (c, stale, signedFor(c, voucherHash(c, stale))));
        } else if (verb == 5) {
            uint128 above = uint128(bound(amount, uint256(book.deposits) + 1, type(uint128).max));
            data = abi.encodeCall(IPaymentChannels.settle, (c, above, signedFor(c, voucherHash(c, above))));
        } else if (verb == 6) {
            caller = c.payee;
            if (book.ended) data = abi.encodeCall(IPaymentChannels.close, (c, 0, ""));
        } else if (verb == 7) {
            uint128 other = uint128(bound(amount, 0, book.deposits - 1)); // before a top-up
            bytes memory request = signedFor(c, closeRequestHash(c, other));
            data = abi.encodeCall(IPaymentChannels.requestCloseWithSignature, (c, request));
        } else if (c.payee == payee) {
            bytes memory late = signed(PAYEE_KEY, closeAuthorizationHash(c, 0, clock - 1));
            data = abi.encodeCall(IPaymentChannels.closeWithAuthorization, (c, 0, "", clock - 1, late));
        }
    }

    function roundCase(
        uint256 r,
        uint256 seed,
        uint256 verb,
        uint128 amount
    ) private returns (address caller, bytes memory data) {
        uint256 id = 1 + (mix(seed, 1) % LAST_PROJECT);
        if (verb == 0) {
            if (!takesPot(r)) return (stewards, abi.encodeCall(IDonationPool.cancel, (REASON)));
        } else if (verb == 1) {
            if (!isChallenged(r)) return (stewards, abi.encodeCall(IDonationPool.disqualify, (id, REASON)));
        } else if (verb == 2) {
            bool late = clock >= rounds[r].end || rounds[r].admitted[id];
            if (late) return (stewards, abi.encodeCall(IDonationPool.admit, (range(id, id))));
        } else if (verb == 3) {
            uint128 deposit = uint128(bound(amount, 1, DEPOSIT));
            if (!takesPot(r)) return (sponsors[0], abi.encodeCall(IDonationPool.sponsor, (deposit)));
        } else if (verb == 4) {
            return (stranger, wrongSettlement(r, seed));
        } else if (verb == 5) {
            if (!canSwitch(r)) return (stranger, abi.encodeCall(IDonationPool.switchToRefunds, ()));
        } else if (verb == 6) {
            if (!canClaim(r, id)) return (payouts[id], abi.encodeCall(IDonationPool.claim, (id)));
        } else if (verb == 7) {
            return (sponsors[0], sponsorTooEarlyOrTwice(r, seed));
        } else if (verb == 8) {
            address donor = payers[mix(seed, 2) % PAYERS];
            if (isOpen(r)) return (donor, usedSalt(r, seed, donor));
            while (!takesGifts(r, id) && id < LAST_PROJECT) ++id;
            return (donor, abi.encodeCall(IDonationPool.donate, (list(id, 1), "", bytes32(seed))));
        } else {
            return lineCase(r, seed, verb);
        }
    }

    /// @dev Too early or too late, or a pair that is not the round's.
    function wrongSettlement(uint256 r, uint256 seed) private view returns (bytes memory) {
        (uint256 count, uint256 sum, , ) = pairOf(r, standingSubsidies(r));
        if (canSettle(r)) (count, sum) = mix(seed, 3) % 2 == 0 ? (count + 1, sum) : (count, sum + 1);
        return abi.encodeCall(IDonationPool.settleRound, (count, sum));
    }

    function sponsorTooEarlyOrTwice(uint256 r, uint256 seed) private view returns (bytes memory) {
        uint256 index = seed % (receipts[r].length + 1);
        bool over = rounds[r].status != IDonationPool.Status.Running;
        if (over && index < receipts[r].length && !receipts[r][index].refunded) return "";
        return abi.encodeCall(IDonationPool.refundSponsor, (index));
    }

    /// @dev A donation of a donor's own, a second time.
    function usedSalt(uint256 r, uint256 seed, address donor) private view returns (bytes memory) {
        for (uint256 n; n < lines.length; ++n) {
            Line storage line_ = lines[addmod(seed, n, lines.length)];
            if (!line_.bare || line_.round != r || payers[line_.donor] != donor) continue;
            return abi.encodeCall(IDonationPool.donate, (list(1, 1), "", line_.salt));
        }
        return "";
    }

    function lineCase(uint256 r, uint256 seed, uint256 verb) private returns (address caller, bytes memory data) {
        uint256 n;
        for (uint256 k; k < lines.length; ++k) {
            n = addmod(seed, k, lines.length);
            if (lines[n].round == r && !lines[n].bare) break;
        }
        Line storage line_ = lines[n];
        if (line_.round != r || line_.bare) return (caller, data);
        IPaymentChannels.Channel memory c = made[line_.channel];
        if (verb == 9) {
            if (!canClose(n)) return (closer, abi.encodeCall(IDonationPool.closeChannel, (c)));
        } else if (verb == 10) {
            if (!anyoneMayRefund(r)) return (stranger, abi.encodeCall(IDonationPool.refund, (c, standingGifts(n))));
        } else if (verb == 11) {
            bytes memory back = abi.encodeCall(
                IDonationPool.refundDonation,
                (payers[line_.donor], bytes32(seed), standingGifts(n))
            );
            if (!anyoneMayRefund(r)) return (stranger, back);
        } else if (verb == 12) {
            IDonationPool.CollectItem memory silent = itemFor(n, planFor(n, seed));
            if (books[line_.channel].requestedAt != 0 && isLive(line_.channel)) return (caller, data);
            return (closer, abi.encodeCall(IDonationPool.collectAndClose, (silent, "")));
        } else {
            return (stranger, wrongCollect(n, seed, verb));
        }
    }

    /// @dev Well signed, but outside of the round's time, with a list that does not stand, or lower than what stands.
    function wrongCollect(uint256 n, uint256 seed, uint256 verb) private returns (bytes memory) {
        Plan memory plan = planFor(n, seed);
        IDonationPool.CollectItem memory item = itemFor(n, plan);
        if (verb == 13) {
            if (isOpen(lines[n].round)) return "";
        } else if (verb == 14) {
            item.previousGifts = list(LAST_PROJECT + 1, 1);
        } else {
            if (item.previousGifts.length == 0) return "";
            item = itemFor(n, lowered(plan, lines[n].given));
        }
        return
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
            );
    }

    function lowered(Plan memory plan, uint128[LAST_PROJECT + 1] memory given) private pure returns (Plan memory) {
        for (uint256 id; id <= LAST_PROJECT; ++id) {
            if (given[id] == 0) continue;
            uint128 lower = given[id] - 1;
            plan.sum -= plan.amounts[id] - lower;
            plan.amounts[id] = lower;
            break;
        }
        return plan;
    }
}
