// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IDonationPoolFactory} from "../../../contracts/interfaces/IDonationPoolFactory.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";
import {Picture} from "./Picture.sol";

/// @notice Somebody without money, right or key, who calls every verb of every contract with whatever comes to mind.
/// Invariants 10 and 11: nothing of it may change a word or a balance. What anybody may do is left to the roles.
abstract contract Chaos is Picture {
    uint256 internal constant ESCROW_VERBS = 17;
    uint256 internal constant ROUND_VERBS = 17;
    uint256 internal constant REGISTRY_VERBS = 14;

    error Rehearsed(bool done);

    /// @dev Which of its cases each handler of chaos has tried, a bit each.
    mapping(bytes4 handler => uint256) public casesTried;

    function chaosOnTheEscrow(uint256 seed, uint256 verb, uint128 amount) external acts {
        bytes memory data = escrowVerb(seed, verb % ESCROW_VERBS, amount);
        if (data.length == 0) return;
        notes(verb % ESCROW_VERBS);
        attempts(OUTSIDER, address(channels), data);
    }

    function chaosOnARound(uint256 seed, uint256 verb, uint128 amount) external acts {
        bytes memory data = roundVerb(seed, verb % ROUND_VERBS, amount);
        if (data.length == 0) return;
        notes(verb % ROUND_VERBS);
        attempts(OUTSIDER, address(rounds[seed % rounds.length].pool), data);
    }

    function chaosOnTheRegistry(uint256 seed, uint256 verb, uint256 projectId) external acts {
        notes(verb % REGISTRY_VERBS);
        if (verb % REGISTRY_VERBS == 13) return attempts(OUTSIDER, address(factory), newRound(seed, projectId));
        attempts(OUTSIDER, address(registry), registryVerb(seed, verb % REGISTRY_VERBS, projectId % 8));
    }

    /// @dev Calls only the world that is to be thrown away again, so that a success can be looked at from before it.
    function rehearse(address caller, address target, bytes calldata data) external {
        vm.prank(caller);
        (bool done, ) = target.call(data);
        revert Rehearsed(done);
    }

    /// @return done Whether the call went through.
    function goesThrough(address caller, address target, bytes memory data) internal returns (bool done) {
        try this.rehearse(caller, target, data) {
            return false;
        } catch (bytes memory outcome) {
            assertEq(bytes32(bytes4(outcome)), bytes32(Rehearsed.selector), "how a rehearsal ended");
            assembly ("memory-safe") {
                done := mload(add(outcome, 0x24))
            }
        }
    }

    function notes(uint256 number) internal {
        took();
        casesTried[msg.sig] |= 1 << number;
    }

    /// @dev A call that reverts changes nothing; one that does not must have had nothing to do.
    function attempts(address caller, address target, bytes memory data) internal {
        if (!goesThrough(caller, target, data)) return;
        bytes32 before = picture();
        vm.prank(caller);
        (bool done, ) = target.call(data);
        assertTrue(done, "what went through once goes through");
        assertEq(picture(), before, "11: somebody without a right changed something");
    }

    function escrowVerb(uint256 seed, uint256 verb, uint128 amount) private view returns (bytes memory) {
        uint256 i = seed % made.length;
        IPaymentChannels.Channel memory c = made[i];
        bytes memory forged = forgery(seed);
        if (mix(seed, 2) % 4 == 0) c.payer = OUTSIDER; // its own channel, that it never opened
        if (verb == 0) return abi.encodeCall(IPaymentChannels.open, (c.payee, c.token, amount, c.salt, OUTSIDER));
        if (verb < 3) return openingBySignature(c, seed, verb == 1, amount, forged);
        if (verb == 3) return abi.encodeCall(IPaymentChannels.topUp, (c, amount));
        if (verb < 6) return topUpBySignature(c, seed, verb == 4, amount, forged);
        if (verb == 6) return abi.encodeCall(IPaymentChannels.settle, (c, amount, forged));
        if (verb == 7) return abi.encodeCall(IPaymentChannels.settleTicks, (c, amount, 0, 1, forged, seed % 3, 0));
        if (verb == 8) return abi.encodeCall(IPaymentChannels.settleBatch, (c.payee, c.token, forgedRows(c, amount)));
        if (verb == 9) return abi.encodeCall(IPaymentChannels.closeBatch, (c.payee, c.token, forgedRows(c, amount)));
        if (verb == 10) return abi.encodeCall(IPaymentChannels.close, (c, amount, forged));
        if (verb == 11) {
            return abi.encodeCall(IPaymentChannels.closeWithAuthorization, (c, 0, "", type(uint256).max, forged));
        }
        if (verb == 12) return abi.encodeCall(IPaymentChannels.requestClose, (c));
        if (verb == 13) return abi.encodeCall(IPaymentChannels.requestCloseWithSignature, (c, forged));
        if (verb == 14) return isReady(i) ? bytes("") : abi.encodeCall(IPaymentChannels.withdraw, (c));
        if (verb == 15) return abi.encodeCall(IPaymentChannels.withdrawCreditTo, (c.token, OUTSIDER));
        if (credits[c.token][c.payee] != 0) return "";
        return abi.encodeCall(IPaymentChannels.withdrawCredit, (c.token, c.payee));
    }

    function openingBySignature(
        IPaymentChannels.Channel memory c,
        uint256 seed,
        bool byPermit,
        uint128 amount,
        bytes memory forged
    ) private view returns (bytes memory) {
        (bytes32 salt, uint256 until) = (bytes32(seed), type(uint256).max);
        if (byPermit) {
            return
                abi.encodeCall(
                    IPaymentChannels.openWithPermit2,
                    (OUTSIDER, c.token, amount, salt, OUTSIDER, c.payer, seed, clock, forged)
                );
        }
        bytes32 nonce = keccak256(abi.encode(c.payer, OUTSIDER, c.token, salt, OUTSIDER));
        return
            abi.encodeCall(
                IPaymentChannels.openWithAuthorization,
                (OUTSIDER, c.token, amount, salt, OUTSIDER, c.payer, 0, until, nonce, forged)
            );
    }

    function topUpBySignature(
        IPaymentChannels.Channel memory c,
        uint256 seed,
        bool byPermit,
        uint128 amount,
        bytes memory forged
    ) private view returns (bytes memory) {
        if (byPermit) return abi.encodeCall(IPaymentChannels.topUpWithPermit2, (c, amount, seed, clock, forged));
        bytes32 nonce = keccak256(abi.encode(idOf(c), amount, c.payer, bytes32(seed)));
        return
            abi.encodeCall(
                IPaymentChannels.topUpWithAuthorization,
                (c, amount, bytes32(seed), 0, type(uint256).max, nonce, forged)
            );
    }

    function forgedRows(
        IPaymentChannels.Channel memory c,
        uint128 amount
    ) private pure returns (IPaymentChannels.SettleRow[] memory rows) {
        rows = new IPaymentChannels.SettleRow[](1);
        bytes32 digest = keccak256(abi.encode(c, amount));
        rows[0] = IPaymentChannels.SettleRow(c.payer, c.salt, c.authorizedSigner, amount, digest, digest >> 2);
    }

    /// @dev Of each length that is looked at, and sometimes a curve's own.
    function forgery(uint256 seed) private pure returns (bytes memory) {
        uint256 kind = mix(seed, 1) % 8;
        if (kind == 0) return "";
        if (kind == 1) return abi.encode(mix(seed, 3));
        if (kind == 2) return signed(STRANGER_KEY, bytes32(mix(seed, 3)));
        (bytes32 r, bytes32 s) = (bytes32(mix(seed, 4)), bytes32(mix(seed, 5) >> 1));
        return kind < 5 ? abi.encodePacked(r, s) : abi.encodePacked(r, s, uint8(27 + (kind & 1)));
    }

    function roundVerb(uint256 seed, uint256 verb, uint128 amount) private view returns (bytes memory) {
        uint256 r = seed % rounds.length;
        uint256 id = mix(seed, 6) % (LAST_PROJECT + 2);
        IDonationPool.Gift[] memory list_ = list(id, amount);
        if (verb < 4) return collectVerb(seed, verb, list_);
        if (verb == 4) return giftVerb(seed, list_);
        if (verb == 5) return abi.encodeCall(IDonationPool.donate, (list_, ANY, bytes32(seed)));
        if (verb == 6) return abi.encodeCall(IDonationPool.sponsor, (amount));
        if (verb == 7) return abi.encodeCall(IDonationPool.admit, (range(id, id + 1)));
        if (verb == 8) return abi.encodeCall(IDonationPool.cancel, (REASON));
        if (verb == 9) return abi.encodeCall(IDonationPool.disqualify, (id, REASON));
        if (verb == 10) return canSettle(r) ? bytes("") : abi.encodeCall(IDonationPool.settleRound, (id, amount));
        if (verb == 11) return canSwitch(r) ? bytes("") : abi.encodeCall(IDonationPool.switchToRefunds, ());
        if (verb == 12) {
            bool due = id != 0 && id <= LAST_PROJECT && canClaim(r, id) && dueTo(r, id) != 0;
            return due ? bytes("") : abi.encodeCall(IDonationPool.claim, (id));
        }
        if (verb < 16) return lineVerb(seed, verb, list_);
        bool over = rounds[r].status != IDonationPool.Status.Running;
        bool owed = over && id < receipts[r].length && !receipts[r][id].refunded;
        return owed ? bytes("") : abi.encodeCall(IDonationPool.refundSponsor, (id));
    }

    function collectVerb(
        uint256 seed,
        uint256 verb,
        IDonationPool.Gift[] memory list_
    ) private view returns (bytes memory) {
        uint256 n = mix(seed, 7) % lines.length;
        IDonationPool.CollectItem memory item;
        item.channel = made[lines[n].channel];
        item.previousGifts = standingGifts(n);
        item.gifts = mix(seed, 8) % 2 == 0 ? list_ : item.previousGifts;
        item.gateData = ANY;
        item.voucherSignature = forgery(seed);
        item.allocationSignature = forgery(mix(seed, 9));
        IDonationPool.CollectItem[] memory items = new IDonationPool.CollectItem[](1);
        items[0] = item;
        if (verb == 0) return abi.encodeCall(IDonationPool.collectBatch, (items));
        if (verb == 1) return abi.encodeCall(IDonationPool.collectItem, (item));
        if (verb == 2) return abi.encodeCall(IDonationPool.collectAndClose, (item, forgery(mix(seed, 10))));
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

    function giftVerb(uint256 seed, IDonationPool.Gift[] memory list_) private view returns (bytes memory) {
        address from = payers[mix(seed, 7) % PAYERS];
        return
            abi.encodeCall(
                IDonationPool.donateWithAuthorization,
                (from, list_, ANY, bytes32(seed), 0, type(uint256).max, forgery(seed))
            );
    }

    /// @dev Also with another round's line, and with lists that do not stand.
    function lineVerb(
        uint256 seed,
        uint256 verb,
        IDonationPool.Gift[] memory list_
    ) private view returns (bytes memory) {
        uint256 r = seed % rounds.length;
        uint256 n = mix(seed, 7) % lines.length;
        Line storage line_ = lines[n];
        bool own = line_.round == r;
        if (mix(seed, 8) % 2 == 0) list_ = standingGifts(n);
        if (own && anyoneMayRefund(r)) return "";
        if (verb == 13) return abi.encodeCall(IDonationPool.closeChannel, (made[line_.channel]));
        if (verb == 14) return abi.encodeCall(IDonationPool.refund, (made[line_.channel], list_));
        return abi.encodeCall(IDonationPool.refundDonation, (payers[line_.donor], line_.salt, list_));
    }

    function registryVerb(uint256 seed, uint256 verb, uint256 id) private view returns (bytes memory) {
        if (verb == 0) return abi.encodeCall(IProjectRegistry.submit, (OUTSIDER, bytes32(seed)));
        if (verb == 1) return abi.encodeCall(IProjectRegistry.challenge, (id, REASON));
        if (verb == 2) return abi.encodeCall(IProjectRegistry.decide, (id, seed % 2 == 0, REASON));
        if (verb == 3) return abi.encodeCall(IProjectRegistry.accept, (id));
        // The manager's own deposits are owed to it, and anybody may push them.
        if (verb == 4) return abi.encodeCall(IProjectRegistry.withdrawDeposit, (OUTSIDER));
        if (verb == 5) return abi.encodeCall(IProjectRegistry.suspend, (id, REASON));
        if (verb == 6) return abi.encodeCall(IProjectRegistry.reinstate, (id, REASON));
        if (verb == 7) return abi.encodeCall(IProjectRegistry.replaceStewards, (stewards, REASON));
        if (verb == 8) return abi.encodeCall(IProjectRegistry.changePayout, (id, OUTSIDER));
        if (verb == 9) return abi.encodeCall(IProjectRegistry.transferManager, (id, OUTSIDER));
        if (verb == 10) return abi.encodeCall(IProjectRegistry.acceptManager, (id));
        if (verb == 11) return abi.encodeCall(IProjectRegistry.changeMetadata, (id, bytes32(seed)));
        return abi.encodeCall(IProjectRegistry.close, (id));
    }

    /// @dev Anybody may make a round; it must not touch those that there are.
    function newRound(uint256 seed, uint256 id) private view returns (bytes memory) {
        IDonationPool.Terms memory terms = seed % 2 == 0 ? rounds[seed % rounds.length].pool.terms() : givingTerms();
        if (mix(seed, 1) % 2 == 0) terms.end = uint64(seed);
        return abi.encodeCall(IDonationPoolFactory.createRound, (terms, range(id % 8, (id % 8) + 1), bytes32(seed)));
    }
}
