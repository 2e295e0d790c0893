// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {PlainToken} from "../tokens/PlainToken.sol";
import {RevertingReceiver} from "../wallets/RevertingReceiver.sol";
import {Books} from "./Books.sol";

/// @notice Everyone who acts on the escrow, as the fuzzer drives them. Well-behaved roles must never revert; `outsider` may,
/// and must change nothing.
contract Roles is Books {
    uint256 public constant MAX_CHANNELS = 16;

    /* PAYER */

    function payerOpens(uint256 token, uint256 to, uint128 deposit) external {
        if (made.length == MAX_CHANNELS) return;
        create(tokens[token % 2], payees[to % 3], uint128(bound(deposit, 1, 10 * DEPOSIT)));
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
        channels.withdrawCredit(tokens[token % 2], payees[2]);
    }

    /* TIME AND OUTSIDERS */

    function timePasses(uint256 delay) external {
        travelTo(clock + bound(delay, 1, GRACE));
    }

    function outsiderGives(uint96 amount, bool native) external {
        address token = tokens[native ? 0 : 1];
        gifts[token] += amount;
        if (native) vm.deal(address(channels), address(channels).balance + amount);
        else PlainToken(token).mint(address(channels), amount);
    }

    /// @dev Tries what it has no right to; whatever it gets, the escrow must not move.
    function outsiderTries(uint256 seed, uint128 amount, uint256 verb) external {
        IPaymentChannels.Channel memory channel = made[seed % made.length];
        bytes32 before = fingerprint();
        bytes memory forged = signed(STRANGER_KEY, voucherHash(channel, amount));
        bytes[7] memory calls = [
            abi.encodeCall(IPaymentChannels.settle, (channel, amount, forged)),
            abi.encodeCall(IPaymentChannels.close, (channel, amount, forged)),
            abi.encodeCall(IPaymentChannels.requestClose, (channel)),
            abi.encodeCall(IPaymentChannels.topUp, (channel, amount)),
            abi.encodeCall(IPaymentChannels.closeWithAuthorization, (channel, 0, "", type(uint256).max, forged)),
            abi.encodeCall(IPaymentChannels.withdrawCreditTo, (channel.token, address(0xDEAD))),
            ready(channel) ? bytes("") : abi.encodeCall(IPaymentChannels.withdraw, (channel))
        ];
        vm.prank(address(0xDEAD));
        (bool done, ) = address(channels).call(calls[verb % 7]);
        assertTrue(!done || verb % 7 == 5, "an outsider's verb went through");
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

    /// @dev Every balance and state that there is, in one word.
    function fingerprint() private view returns (bytes32 hash) {
        for (uint256 i; i < made.length; ++i) {
            hash = keccak256(abi.encode(hash, channels.getChannel(idOf(made[i]))));
        }
        for (uint256 i; i < 2; ++i) {
            for (uint256 j; j < 3; ++j) {
                hash = keccak256(abi.encode(hash, held(tokens[i], payees[j]), channels.credit(tokens[i], payees[j])));
            }
            hash = keccak256(abi.encode(hash, held(tokens[i], payer), held(tokens[i], address(channels))));
        }
    }
}
