// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {TypedData} from "../support/TypedData.sol";
import {PlainToken} from "../tokens/PlainToken.sol";
import {RevertingReceiver} from "../wallets/RevertingReceiver.sol";
import {Attempts} from "./Attempts.sol";

/// @notice Everyone who acts on the escrow, as the fuzzer drives them. Well-behaved roles must never revert; `outsider` may,
/// and must change nothing.
contract Roles is Attempts {
    uint256 public constant MAX_CHANNELS = 20;

    /// @dev Of permits and top-up authorizations; each is used once.
    uint256 private _nonces;

    /* PAYER */

    function payerOpens(uint256 token, uint256 to, uint128 deposit) external {
        if (made.length == MAX_CHANNELS) return;
        create(tokens[token % 3], payees[to % 3], uint128(bound(deposit, 1, 10 * DEPOSIT)));
    }

    function payerTopsUp(uint256 seed, uint128 addition) external {
        (bool found, IPaymentChannels.Channel memory channel) = live(seed);
        if (!found) return;
        addition = uint128(bound(addition, 1, DEPOSIT));
        vm.prank(payer);
        channels.topUp{value: channel.token == NATIVE ? addition : 0}(channel, addition);
        ghosts[idOf(channel)].deposits += addition;
        ghosts[idOf(channel)].requestedAt = 0;
    }

    /// @dev By the payer's signature, which a stranger submits.
    function relayerOpens(uint256 token, uint256 to, uint128 deposit, bool byPermit) external {
        if (made.length == MAX_CHANNELS) return;
        IPaymentChannels.Channel memory c = describe(byPermit ? tokens[1 + (token % 2)] : tokens[2]);
        c.payee = payees[to % 3];
        deposit = uint128(bound(deposit, 1, 10 * DEPOSIT));
        (address by, uint256 until) = (c.authorizedSigner, type(uint256).max);
        vm.prank(stranger);
        if (byPermit) {
            bytes memory permit = signed(PAYER_KEY, openPermitHash(c, deposit, ++_nonces, clock));
            channels.openWithPermit2(c.payee, c.token, deposit, c.salt, by, payer, _nonces, clock, permit);
        } else {
            bytes32 nonce = keccak256(abi.encode(payer, c.payee, c.token, c.salt, by));
            bytes memory consent = authorized(c.token, deposit, nonce);
            channels.openWithAuthorization(c.payee, c.token, deposit, c.salt, by, payer, 0, until, nonce, consent);
        }
        record(c, deposit);
    }

    /// @dev Where a close is pending the signature must not work, and the exit goes on.
    function relayerTopsUp(uint256 seed, uint128 addition, bool byPermit) external {
        (bool found, IPaymentChannels.Channel memory channel) = live(seed);
        if (!found || channel.token == NATIVE) return;
        byPermit = byPermit || channel.token != tokens[2];
        addition = uint128(bound(addition, 1, DEPOSIT));
        bool leaves = ghosts[idOf(channel)].requestedAt != 0;
        bytes32 salt = bytes32(++_nonces);
        bytes memory pending = abi.encodeWithSelector(IPaymentChannels.ClosePending.selector, idOf(channel));
        if (byPermit) {
            bytes memory permit = signed(PAYER_KEY, topUpPermitHash(channel, addition, _nonces, clock));
            if (leaves) vm.expectRevert(pending);
            vm.prank(stranger);
            channels.topUpWithPermit2(channel, addition, _nonces, clock, permit);
        } else {
            bytes32 nonce = keccak256(abi.encode(idOf(channel), addition, payer, salt));
            bytes memory consent = authorized(channel.token, addition, nonce);
            if (leaves) vm.expectRevert(pending);
            vm.prank(stranger);
            channels.topUpWithAuthorization(channel, addition, salt, 0, type(uint256).max, nonce, consent);
        }
        if (!leaves) ghosts[idOf(channel)].deposits += addition;
    }

    function payerAsksToLeave(uint256 seed, bool bySignature) external {
        (bool found, IPaymentChannels.Channel memory channel) = live(seed);
        if (!found) return;
        if (bySignature) {
            uint128 deposit = channels.getChannel(idOf(channel)).deposit;
            channels.requestCloseWithSignature(channel, closeRequest(SIGNER_KEY, channel, deposit));
        } else {
            vm.prank(payer);
            channels.requestClose(channel);
        }
        Ghost storage ghost = ghosts[idOf(channel)];
        if (ghost.requestedAt == 0) ghost.requestedAt = clock;
    }

    /* PAYEE */

    function payeeCloses(uint256 seed, uint128 amount, bool byConsent) external {
        (bool found, IPaymentChannels.Channel memory channel) = live(seed);
        if (!found || (byConsent && channel.payee != payee)) return;
        (uint128 settled, bytes memory signature) = sign(channel, amount);
        if (byConsent) {
            bytes memory consent = signed(PAYEE_KEY, closeAuthorizationHash(channel, settled, clock));
            channels.closeWithAuthorization(channel, settled, signature, clock, consent);
        } else {
            vm.prank(channel.payee);
            channels.close(channel, settled, signature);
        }
        paid(channel, settled);
        end(channel);
    }

    function payeeClosesMany(uint256 seed, uint128 amount) external {
        (IPaymentChannels.Channel memory first, IPaymentChannels.SettleRow[] memory rows) = batch(seed, amount);
        if (rows.length == 0) return;
        vm.prank(first.payee);
        channels.closeBatch(first.payee, first.token, rows);
        afterBatch(first, rows, true);
    }

    /* KEEPER */

    function keeperSettles(uint256 seed, uint128 amount) external {
        (bool found, IPaymentChannels.Channel memory channel) = live(seed);
        if (!found || channels.getChannel(idOf(channel)).settled == channels.getChannel(idOf(channel)).deposit) return;
        (uint128 settled, bytes memory signature) = sign(channel, amount);
        channels.settle(channel, settled, signature);
        paid(channel, settled);
    }

    /// @dev The amount in ticks: as many of the value as go into it, the rest as the base.
    function keeperSettlesTicks(uint256 seed, uint128 amount, uint256 value, uint256 length) external {
        (bool found, IPaymentChannels.Channel memory channel) = live(seed);
        if (!found || channels.getChannel(idOf(channel)).settled == channels.getChannel(idOf(channel)).deposit) return;
        (uint128 owed, ) = sign(channel, amount);
        length = bound(length, 0, 40);
        showTicks(channel, owed, length, uint128(bound(value, 0, length == 0 ? owed : owed / length)));
        paid(channel, owed);
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
        channels.settleTicks(channel, base, root, value, signed(SIGNER_KEY, digest), length, secret);
    }

    function keeperSettlesMany(uint256 seed, uint128 amount) external {
        (IPaymentChannels.Channel memory first, IPaymentChannels.SettleRow[] memory rows) = batch(seed, amount);
        if (rows.length == 0) return;
        channels.settleBatch(first.payee, first.token, rows);
        afterBatch(first, rows, false);
    }

    function keeperFinishesAnExit(uint256 seed) external {
        for (uint256 i; i < made.length; ++i) {
            IPaymentChannels.Channel memory channel = made[addmod(seed, i, made.length)];
            if (!ready(channel)) continue;
            channels.withdraw(channel);
            end(channel);
            return;
        }
    }

    function receiverTakesItsCredit(uint256 token) external {
        RevertingReceiver(payable(payees[2])).accept();
        channels.withdrawCredit(tokens[token % 3], payees[2]);
    }

    /* TIME AND OUTSIDERS */

    function timePasses(uint256 delay) external {
        travelTo(clock + bound(delay, 1, GRACE));
    }

    function outsiderGives(uint96 amount, uint256 which) external {
        address token = tokens[which % 3];
        gifts[token] += amount;
        if (token == NATIVE) vm.deal(address(channels), address(channels).balance + amount);
        else PlainToken(token).mint(address(channels), amount);
    }

    /// @dev Tries what it has no right to; whatever it gets, the escrow must not move.
    function outsiderTries(uint256 seed, uint128 amount, uint256 verb) external {
        IPaymentChannels.Channel memory channel = made[seed % made.length];
        bytes32 before = fingerprint();
        bytes memory forged = signed(STRANGER_KEY, voucherHash(channel, amount));
        bytes[] memory calls = attempts(channel, seed, amount, forged);
        if (ready(channel)) calls[0] = ""; // then anyone may withdraw
        vm.prank(address(0xDEAD));
        (bool done, ) = address(channels).call(calls[verb % calls.length]);
        assertTrue(!done || verb % calls.length == 1, "an outsider's verb went through");
        assertEq(fingerprint(), before, "an outsider changed something");
    }

    /* WHAT THE ROLES SHARE */

    function ready(IPaymentChannels.Channel memory channel) private view returns (bool) {
        Ghost storage ghost = ghosts[idOf(channel)];
        return !ghost.ended && ghost.requestedAt != 0 && clock >= ghost.requestedAt + GRACE;
    }

    /// @dev Signs something that can be settled: above `settled` where there is room, within the deposit.
    function sign(
        IPaymentChannels.Channel memory channel,
        uint128 seed
    ) private returns (uint128 amount, bytes memory signature) {
        IPaymentChannels.ChannelState memory state = channels.getChannel(idOf(channel));
        if (state.settled == state.deposit) return (state.settled, "");
        amount = uint128(bound(seed, uint256(state.settled) + 1, state.deposit));
        Ghost storage ghost = ghosts[idOf(channel)];
        if (amount > ghost.signed) ghost.signed = amount;
        signature = voucher(channel, amount);
    }

    /// @dev Rows of all channels that share payee and token with the first, each fourth of them forged.
    function batch(
        uint256 seed,
        uint128 amount
    ) private returns (IPaymentChannels.Channel memory first, IPaymentChannels.SettleRow[] memory rows) {
        bool found;
        (found, first) = live(seed);
        if (!found) return (first, rows);
        IPaymentChannels.SettleRow[] memory all = new IPaymentChannels.SettleRow[](made.length);
        uint256 count;
        for (uint256 i; i < made.length; ++i) {
            IPaymentChannels.Channel memory channel = made[i];
            if (channel.payee != first.payee || channel.token != first.token) continue;
            (uint128 chosen, ) = sign(channel, amount);
            all[count] = rowOf(channel, chosen);
            if (i % 4 == 3) all[count].r = bytes32(uint256(all[count].r) ^ 1);
            ++count;
        }
        rows = new IPaymentChannels.SettleRow[](count);
        for (uint256 i; i < count; ++i) {
            rows[i] = all[i];
        }
    }

    function afterBatch(
        IPaymentChannels.Channel memory first,
        IPaymentChannels.SettleRow[] memory rows,
        bool closing
    ) private {
        for (uint256 i; i < rows.length; ++i) {
            IPaymentChannels.Channel memory channel = IPaymentChannels.Channel(
                rows[i].payer,
                first.payee,
                first.token,
                rows[i].salt,
                rows[i].authorizedSigner
            );
            IPaymentChannels.ChannelState memory state = channels.getChannel(idOf(channel));
            if (ghosts[idOf(channel)].ended) continue;
            paid(channel, state.settled);
            if (closing && state.finalized) end(channel);
        }
    }

    function paid(IPaymentChannels.Channel memory channel, uint256 settled) private {
        Ghost storage ghost = ghosts[idOf(channel)];
        earned[channel.token][channel.payee] += settled - ghost.settled;
        ghost.settled = settled;
    }

    function end(IPaymentChannels.Channel memory channel) private {
        ghosts[idOf(channel)].ended = true;
    }

    function authorized(address token, uint128 value, bytes32 nonce) private view returns (bytes memory) {
        bytes32 digest = TypedData.authorization("Demo Dollar", token, chain, payer, address(channels), value, nonce);
        return signed(PAYER_KEY, digest);
    }

    /// @dev Every balance and state that there is, in one word.
    function fingerprint() private view returns (bytes32 hash) {
        for (uint256 i; i < made.length; ++i) {
            hash = keccak256(abi.encode(hash, channels.getChannel(idOf(made[i]))));
        }
        for (uint256 i; i < tokens.length; ++i) {
            for (uint256 j; j < 3; ++j) {
                hash = keccak256(abi.encode(hash, held(tokens[i], payees[j]), channels.credit(tokens[i], payees[j])));
            }
            hash = keccak256(abi.encode(hash, held(tokens[i], payer), held(tokens[i], address(channels))));
        }
    }
}
