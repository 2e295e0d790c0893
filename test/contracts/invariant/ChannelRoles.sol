// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {TypedData} from "../support/TypedData.sol";
import {PlainToken} from "../tokens/PlainToken.sol";
import {RevertingReceiver} from "../wallets/RevertingReceiver.sol";
import {Ghosts} from "./Ghosts.sol";

/// @notice Payers, payees and keepers of channels as the fuzzer drives them. They know the rules and never revert.
abstract contract ChannelRoles is Ghosts {
    uint256 internal constant MAX_CHANNELS = 22;

    /// @dev Of permits and top-up authorizations; each is used once.
    uint256 private _nonces;

    /* PAYER */

    function payerOpens(uint256 seed, uint128 deposit) external acts {
        opensTo(seed, deposit, tokens[seed % 3], payees[mix(seed, 1) % 3]);
    }

    function payerTopsUp(uint256 seed, uint128 addition) external acts {
        (bool found, uint256 i) = first(seed, made.length, isLive);
        if (!found) return;
        IPaymentChannels.Channel memory channel = made[i];
        if (!reaches(channel.token, channel.payer, address(channels))) return;
        addition = uint128(bound(addition, 1, DEPOSIT));
        vm.prank(channel.payer);
        channels.topUp{value: channel.token == NATIVE ? addition : 0}(channel, addition);
        noteTopUp(i, addition);
        books[i].requestedAt = 0;
        took();
    }

    /// @dev By the payer's signature, which a stranger submits.
    function relayerOpens(uint256 seed, uint128 deposit) external acts {
        bool byPermit = mix(seed, 3) % 2 == 0;
        address token = byPermit ? tokens[1 + (seed % 2)] : tokens[2];
        IPaymentChannels.Channel memory c = described(seed, token, payees[mix(seed, 1) % 3]);
        if (made.length >= MAX_CHANNELS || !reaches(token, c.payer, address(channels))) return;
        deposit = uint128(bound(deposit, 1, 10 * DEPOSIT));
        (address by, uint256 until) = (c.authorizedSigner, type(uint256).max);
        if (byPermit) {
            bytes memory permit = signed(keyOf[c.payer], openPermitHash(c, deposit, ++_nonces, clock));
            vm.prank(stranger);
            channels.openWithPermit2(c.payee, token, deposit, c.salt, by, c.payer, _nonces, clock, permit);
        } else {
            bytes32 nonce = keccak256(abi.encode(c.payer, c.payee, token, c.salt, by));
            bytes memory consent = authorized(c, deposit, nonce);
            vm.prank(stranger);
            channels.openWithAuthorization(c.payee, token, deposit, c.salt, by, c.payer, 0, until, nonce, consent);
        }
        noteOpened(c, deposit);
        took();
    }

    /// @dev Where a close is pending the signature must not work, and the exit goes on.
    function relayerTopsUp(uint256 seed, uint128 addition) external acts {
        (bool found, uint256 i) = first(seed, made.length, canBeRelayed);
        if (!found) return;
        IPaymentChannels.Channel memory channel = made[i];
        addition = uint128(bound(addition, 1, DEPOSIT));
        bool leaves = books[i].requestedAt != 0;
        bytes memory call_ = relayedTopUp(channel, addition, mix(seed, 1) % 2 == 0);
        vm.prank(stranger);
        (bool done, bytes memory reason) = address(channels).call(call_);
        assertTrue(done != leaves, "a relayed top-up works, unless its payer is leaving");
        if (leaves) {
            bytes memory pending = abi.encodeWithSelector(IPaymentChannels.ClosePending.selector, ids[i]);
            assertEq(reason, pending, "why a relayed top-up was refused");
        } else {
            noteTopUp(i, addition);
        }
        took();
    }

    function payerAsksToLeave(uint256 seed, bool bySignature) external acts {
        (bool found, uint256 i) = first(seed, made.length, isLive);
        if (!found) return;
        IPaymentChannels.Channel memory channel = made[i];
        if (bySignature) {
            bytes memory signature = signedFor(channel, closeRequestHash(channel, books[i].deposits));
            channels.requestCloseWithSignature(channel, signature);
        } else {
            vm.prank(channel.payer);
            channels.requestClose(channel);
        }
        noteRequested(i);
        took();
    }

    /* PAYEE */

    function payeeCloses(uint256 seed, uint128 amount, bool byConsent) external acts {
        (bool found, uint256 i) = first(seed, made.length, hasPerson);
        if (!found) return;
        IPaymentChannels.Channel memory channel = made[i];
        (uint128 settled, bytes memory signature) = signSettleable(i, amount);
        if (byConsent && channel.payee == payee) {
            bytes memory consent = signed(PAYEE_KEY, closeAuthorizationHash(channel, settled, clock));
            channels.closeWithAuthorization(channel, settled, signature, clock, consent);
        } else {
            vm.prank(channel.payee);
            channels.close(channel, settled, signature);
        }
        noteSettled(i, settled);
        noteEnded(i, true);
        took();
    }

    function payeeClosesMany(uint256 seed, uint128 amount) external acts {
        (bool found, uint256 i) = first(seed, made.length, hasPerson);
        if (!found) return;
        (uint256[] memory indices, IPaymentChannels.SettleRow[] memory rows) = batchWith(i, amount);
        vm.prank(made[i].payee);
        channels.closeBatch(made[i].payee, made[i].token, rows);
        for (uint256 j; j < rows.length; ++j) {
            uint256 index = indices[j];
            if (!isLive(index)) continue;
            bool good = isGood(index, rows[j]);
            if (good) noteSettled(index, rows[j].cumulativeAmount);
            if (good || rows[j].cumulativeAmount <= books[index].settled) noteEnded(index, true);
        }
        took();
    }

    /* KEEPER */

    function keeperSettles(uint256 seed, uint128 amount) external acts {
        (bool found, uint256 i) = first(seed, made.length, hasRoom);
        if (!found) return;
        (uint128 settled, bytes memory signature) = signSettleable(i, amount);
        channels.settle(made[i], settled, signature);
        noteSettled(i, settled);
        took();
    }

    /// @dev The amount in ticks: as many of the value as go into it, the rest as the base.
    function keeperSettlesTicks(uint256 seed, uint128 amount, uint256 value, uint256 length) external acts {
        (bool found, uint256 i) = first(seed, made.length, hasRoom);
        if (!found) return;
        uint128 owed = uint128(bound(amount, uint256(books[i].settled) + 1, books[i].deposits));
        noteSigned(i, owed);
        length = bound(length, 0, 20);
        showTicks(made[i], owed, length, uint128(bound(value, 0, length == 0 ? owed : owed / length)));
        noteSettled(i, owed);
        took();
    }

    function showTicks(IPaymentChannels.Channel memory channel, uint128 owed, uint256 length, uint128 value) private {
        uint128 base = owed - uint128(length) * value;
        bytes32 secret = keccak256(abi.encode("secret", owed));
        bytes32 root = secret;
        for (uint256 i; i < length; ++i) {
            root = keccak256(abi.encode(root));
        }
        bytes memory members = abi.encode(idOf(channel), base, root, value);
        bytes32 digest = TypedData.digest(address(channels), chain, TypedData.TICK_VOUCHER, members);
        channels.settleTicks(channel, base, root, value, signedFor(channel, digest), length, secret);
    }

    function keeperSettlesMany(uint256 seed, uint128 amount) external acts {
        (uint256[] memory indices, IPaymentChannels.SettleRow[] memory rows) = batchWith(seed % made.length, amount);
        channels.settleBatch(made[indices[0]].payee, made[indices[0]].token, rows);
        for (uint256 j; j < rows.length; ++j) {
            if (isGood(indices[j], rows[j])) noteSettled(indices[j], rows[j].cumulativeAmount);
        }
        took();
    }

    function keeperFinishesAnExit(uint256 seed) external acts {
        (bool found, uint256 i) = first(seed, made.length, isReady);
        if (!found) return;
        channels.withdraw(made[i]);
        noteEnded(i, false);
        took();
    }

    function receiverTakesItsCredit(uint256 seed, bool byItself) external acts {
        address token = tokens[seed % 3];
        address account;
        for (uint256 i; i < people.length && account == address(0); ++i) {
            address next = people[addmod(mix(seed, 1), i, people.length)];
            if (credits[token][next] != 0) account = next;
        }
        if (account == address(0)) return;
        if (account == payees[2] && coinsRefused) {
            RevertingReceiver(payable(account)).accept();
            coinsRefused = false;
        }
        if (!reaches(token, address(channels), account)) return;
        if (byItself) vm.prank(account);
        if (byItself) channels.withdrawCreditTo(token, account);
        else channels.withdrawCredit(token, account);
        fetchCredit(token, account);
        took();
    }

    /// @dev What anybody can send to anybody: it is nobody's.
    function outsiderGives(uint96 amount, uint256 seed) external acts {
        address token = tokens[seed % 3];
        uint256 r = mix(seed, 1) % (rounds.length + 1);
        address to = r == rounds.length || token == NATIVE ? address(channels) : address(rounds[r].pool);
        if (!reaches(token, OUTSIDER, to)) return;
        gifts[token][to] += amount;
        balances[token][to] += amount;
        if (token == NATIVE) vm.deal(to, to.balance + amount);
        else PlainToken(token).mint(to, amount);
        took();
    }

    /* WHAT THE ROLES SHARE */

    function described(
        uint256 seed,
        address token,
        address to
    ) internal view returns (IPaymentChannels.Channel memory) {
        uint256 by = mix(seed, 5) % 6;
        address signer_ =
            by < 4
                ? wallet
                : by == 4
                    ? signer
                    : address(0);
        return IPaymentChannels.Channel(payers[mix(seed, 4) % PAYERS], to, token, bytes32(made.length + 1), signer_);
    }

    function opensTo(uint256 seed, uint128 deposit, address token, address to) internal returns (bool) {
        IPaymentChannels.Channel memory c = described(seed, token, to);
        if (made.length >= MAX_CHANNELS || !reaches(token, c.payer, address(channels))) return false;
        deposit = uint128(bound(deposit, 1, 10 * DEPOSIT));
        vm.prank(c.payer);
        channels.open{value: token == NATIVE ? deposit : 0}(c.payee, token, deposit, c.salt, c.authorizedSigner);
        noteOpened(c, deposit);
        took();
        return true;
    }

    function hasRoom(uint256 i) private view returns (bool) {
        return isLive(i) && books[i].settled < books[i].deposits;
    }

    function hasPerson(uint256 i) private view returns (bool) {
        address to = made[i].payee;
        return isLive(i) && (to == payees[0] || to == payees[1] || to == payees[2]);
    }

    function canBeRelayed(uint256 i) private view returns (bool) {
        address token = made[i].token;
        return isLive(i) && token != NATIVE && reaches(token, made[i].payer, address(channels));
    }

    /// @dev Signs something that can be settled: above `settled` where there is room, within the deposit.
    function signSettleable(uint256 i, uint128 seed) private returns (uint128 amount, bytes memory signature) {
        Book storage book = books[i];
        if (book.settled == book.deposits) return (book.settled, "");
        amount = uint128(bound(seed, uint256(book.settled) + 1, book.deposits));
        noteSigned(i, amount);
        signature = signedFor(made[i], voucherHash(made[i], amount));
    }

    /// @dev Rows of up to four channels that share payee and token with the first, and the first one again. Some are stale, some
    /// above their deposit, some forged; a wallet signs no rows.
    function batchWith(
        uint256 i,
        uint256 seed
    ) private returns (uint256[] memory indices, IPaymentChannels.SettleRow[] memory rows) {
        indices = new uint256[](5);
        rows = new IPaymentChannels.SettleRow[](5);
        uint256 count;
        for (uint256 k; k < made.length && count < 4; ++k) {
            uint256 j = addmod(i, k, made.length);
            if (made[j].payee != made[i].payee || made[j].token != made[i].token) continue;
            indices[count] = j;
            rows[count++] = rowFor(j, mix(seed, j));
        }
        indices[count] = i;
        rows[count++] = rows[0];
        assembly ("memory-safe") {
            mstore(indices, count)
            mstore(rows, count)
        }
    }

    function rowFor(uint256 i, uint256 seed) private returns (IPaymentChannels.SettleRow memory row) {
        IPaymentChannels.Channel memory channel = made[i];
        Book storage book = books[i];
        uint128 amount = book.settled;
        if (seed % 8 == 0) amount = book.deposits + 1;
        else if (seed % 8 != 1 && amount < book.deposits) amount = uint128(bound(seed, amount + 1, book.deposits));
        row = IPaymentChannels.SettleRow(channel.payer, channel.salt, channel.authorizedSigner, amount, 0, 0);
        if (channel.authorizedSigner == wallet || seed % 8 == 2) return row;
        if (amount <= book.deposits) noteSigned(i, amount);
        uint256 key = keyOf[channel.authorizedSigner == address(0) ? channel.payer : channel.authorizedSigner];
        (row.r, row.vs) = compact(key, voucherHash(channel, amount));
    }

    /// @dev Whether the escrow must settle a row now.
    function isGood(uint256 i, IPaymentChannels.SettleRow memory row) private view returns (bool) {
        Book storage book = books[i];
        bool fits = row.cumulativeAmount > book.settled && row.cumulativeAmount <= book.deposits;
        return !book.ended && fits && row.r != 0;
    }

    function relayedTopUp(
        IPaymentChannels.Channel memory channel,
        uint128 addition,
        bool byPermit
    ) private returns (bytes memory) {
        uint256 number = ++_nonces;
        if (byPermit || channel.token != address(dollar)) {
            bytes memory permit = signed(keyOf[channel.payer], topUpPermitHash(channel, addition, number, clock));
            return abi.encodeCall(IPaymentChannels.topUpWithPermit2, (channel, addition, number, clock, permit));
        }
        bytes32 nonce = keccak256(abi.encode(idOf(channel), addition, channel.payer, bytes32(number)));
        bytes memory consent = authorized(channel, addition, nonce);
        return
            abi.encodeCall(
                IPaymentChannels.topUpWithAuthorization,
                (channel, addition, bytes32(number), 0, type(uint256).max, nonce, consent)
            );
    }

    function authorized(
        IPaymentChannels.Channel memory channel,
        uint128 value,
        bytes32 nonce
    ) private view returns (bytes memory) {
        address from = channel.payer;
        address escrow = address(channels);
        bytes32 digest = TypedData.authorization("Demo Dollar", channel.token, chain, from, escrow, value, nonce);
        return signed(keyOf[from], digest);
    }
}
