// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {Base} from "./Base.t.sol";

/// @notice Calldata whose members are wider than their types, which no compiler's encoder makes: it names channels that nobody can
/// have opened, so single verbs find none and batches pass over it.
contract DirtyCalldataTest is Base {
    /// @dev Words of a row that are narrower than 256 bits: payer, authorizedSigner, cumulativeAmount.
    uint256[3] private _rowWords = [uint256(0), 2, 3];
    /// @dev Those of a descriptor: payer, payee, token, authorizedSigner.
    uint256[4] private _channelWords = [uint256(0), 1, 2, 4];

    function test_GivenARowWithAnyDirtyMember_WhenSettled_ItIsSkippedAndTheOthersArePaid(uint256 bit) public {
        for (uint256 i; i < 3; ++i) {
            (IPaymentChannels.Channel[] memory made, bytes memory call) = batchOf(
                IPaymentChannels.settleBatch.selector
            );
            uint256 word = _rowWords[i];
            soil(call, rowWordAt(1, word), word == 3 ? bound(bit, 128, 255) : bound(bit, 160, 255));

            vm.expectEmit(address(channels));
            emit IPaymentChannels.ChannelSettled(idOf(made[0]), 10);
            vm.expectEmit(address(channels));
            emit IPaymentChannels.SettlementSkipped(rowIdIn(call, 1), reasonFor(word));
            vm.expectEmit(address(channels));
            emit IPaymentChannels.ChannelSettled(idOf(made[2]), 10);
            (bool done, bytes memory paid) = address(channels).call(call);

            assertTrue(done, "the batch went through");
            assertEq(abi.decode(paid, (uint256)), 20, "paid");
            assertHeld(NATIVE, payee, 20 * (i + 1), "the payee");
            assertState(made[1], DEPOSIT, 0, 0, false);
        }
    }

    function test_GivenARowWithAnyDirtyMember_WhenClosed_ItIsSkippedAndTheOthersClose(uint256 bit) public {
        for (uint256 i; i < 3; ++i) {
            (IPaymentChannels.Channel[] memory made, bytes memory call) = batchOf(IPaymentChannels.closeBatch.selector);
            uint256 word = _rowWords[i];
            soil(call, rowWordAt(1, word), word == 3 ? bound(bit, 128, 255) : bound(bit, 160, 255));
            uint256 before = payer.balance;

            vm.expectEmit(address(channels));
            emit IPaymentChannels.ChannelClosed(idOf(made[0]), 10, DEPOSIT - 10);
            vm.expectEmit(address(channels));
            emit IPaymentChannels.SettlementSkipped(rowIdIn(call, 1), reasonFor(word));
            vm.expectEmit(address(channels));
            emit IPaymentChannels.ChannelClosed(idOf(made[2]), 10, DEPOSIT - 10);
            vm.prank(payee);
            (bool done, ) = address(channels).call(call);

            assertTrue(done, "the batch went through");
            assertHeld(NATIVE, payee, 20 * (i + 1), "the payee");
            assertHeld(NATIVE, payer, before + 2 * (DEPOSIT - 10), "the payer");
            assertState(made[1], DEPOSIT, 0, 0, false);
        }
    }

    function test_GivenARowWithAnyDirtyMember_WhenPreviewed_ItTellsWhatABatchWouldDo(uint256 bit) public {
        for (uint256 i; i < 3; ++i) {
            (, bytes memory call) = batchOf(IPaymentChannels.previewSettle.selector);
            uint256 word = _rowWords[i];
            soil(call, rowWordAt(1, word), word == 3 ? bound(bit, 128, 255) : bound(bit, 160, 255));

            (bool done, bytes memory answer) = address(channels).staticcall(call);

            assertTrue(done, "the preview went through");
            IPaymentChannels.SettlePreview[] memory previews = abi.decode(answer, (IPaymentChannels.SettlePreview[]));
            assertEq(previews[1].channelId, rowIdIn(call, 1), "channelId");
            assertEq(bytes32(previews[1].reason), bytes32(reasonFor(word)), "reason");
            assertEq(previews[1].increase, 0, "increase");
            assertEq(uint256(previews[0].increase) + previews[2].increase, 20, "increase of the others");
        }
    }

    function test_GivenADescriptorWithADirtyMember_WhenAnyVerbIsCalled_NoChannelIsFound(uint256 bit) public {
        bit = bound(bit, 160, 255);
        IPaymentChannels.Channel memory channel = leaving(NATIVE);
        uint256 requestedAt = clock;
        travelTo(clock + GRACE);
        bytes memory consent = signed(PAYEE_KEY, closeAuthorizationHash(channel, 10, clock));
        bytes memory signature = voucher(channel, 10);
        (bytes[9] memory calls, address[9] memory callers) = (
            [
                abi.encodeCall(IPaymentChannels.topUp, (channel, 1)),
                abi.encodeCall(IPaymentChannels.topUpWithAuthorization, (channel, 1, 0, 0, 0, 0, "")),
                abi.encodeCall(IPaymentChannels.topUpWithPermit2, (channel, 1, 0, 0, "")),
                abi.encodeCall(IPaymentChannels.settle, (channel, 10, signature)),
                abi.encodeCall(IPaymentChannels.settleTicks, (channel, 10, 0, 0, signature, 0, 0)),
                abi.encodeCall(IPaymentChannels.close, (channel, 10, signature)),
                abi.encodeCall(IPaymentChannels.closeWithAuthorization, (channel, 10, signature, clock, consent)),
                abi.encodeCall(IPaymentChannels.requestClose, (channel)),
                abi.encodeCall(IPaymentChannels.withdraw, (channel))
            ],
            [payer, stranger, stranger, stranger, stranger, payee, stranger, payer, stranger]
        );
        for (uint256 i; i < 9; ++i) {
            for (uint256 j; j < 4; ++j) {
                bytes memory call = bytes.concat(calls[i]);
                soil(call, _channelWords[j], bit);
                vm.prank(callers[i]);
                (bool done, bytes memory reason) = address(channels).call{value: i == 0 ? 1 : 0}(call);
                assertTrue(!done, "a verb found a channel that nobody opened");
                bytes memory expected = abi.encodeWithSelector(
                    IPaymentChannels.ChannelNotFound.selector,
                    descriptorIdIn(call)
                );
                // Nobody is a payer with dirty upper bits.
                if (callers[i] == payer && j == 0) {
                    expected = abi.encodeWithSelector(IPaymentChannels.NotPayer.selector, payer, payer);
                }
                assertEq(reason, expected, "reason");
            }
        }
        assertState(channel, DEPOSIT, 0, requestedAt, false);
    }

    function test_GivenADirtyArgument_WhenOpened_ItReverts(uint256 bit) public {
        bytes memory clean = abi.encodeCall(IPaymentChannels.open, (payee, NATIVE, 1, "salt", signer));
        for (uint256 i; i < 5; ++i) {
            if (i == 3) continue; // the salt has no upper bits
            bytes memory call = bytes.concat(clean);
            soil(call, i, i == 2 ? bound(bit, 128, 255) : bound(bit, 160, 255));
            vm.prank(payer);
            (bool done, bytes memory reason) = address(channels).call{value: 1}(call);
            assertTrue(!done, "opened with a dirty argument");
            assertEq(reason.length, 0, "length of the reason");
        }
        vm.prank(payer);
        (bool opens, ) = address(channels).call{value: 1}(clean);
        assertTrue(opens, "the same without a dirty argument opens");
    }

    /// @dev A call of a batch verb with three good rows.
    function batchOf(bytes4 verb) private returns (IPaymentChannels.Channel[] memory made, bytes memory call) {
        made = new IPaymentChannels.Channel[](3);
        IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](3);
        for (uint256 i; i < 3; ++i) {
            made[i] = opened(NATIVE, DEPOSIT);
            rows[i] = rowOf(made[i], 10);
        }
        call = abi.encodeWithSelector(verb, payee, NATIVE, rows);
    }

    /// @dev Payee, token, the rows' offset and their number, then six words a row.
    function rowWordAt(uint256 row, uint256 word) private pure returns (uint256) {
        return 4 + 6 * row + word;
    }

    /// @dev A dirty amount is above every deposit; any other member makes another channel.
    function reasonFor(uint256 word) private pure returns (bytes4) {
        return word == 3 ? IPaymentChannels.AmountExceedsDeposit.selector : IPaymentChannels.ChannelNotFound.selector;
    }

    function soil(bytes memory data, uint256 word, uint256 bit) private pure {
        assembly ("memory-safe") {
            let place := add(add(data, 0x24), mul(word, 0x20))
            mstore(place, or(mload(place), shl(bit, 1)))
        }
    }

    function wordOf(bytes memory data, uint256 word) private pure returns (bytes32 value) {
        assembly ("memory-safe") {
            value := mload(add(add(data, 0x24), mul(word, 0x20)))
        }
    }

    function rowIdIn(bytes memory call, uint256 row) private view returns (bytes32) {
        bytes memory head = abi.encode(wordOf(call, rowWordAt(row, 0)), payee, NATIVE);
        bytes memory rest = abi.encode(wordOf(call, rowWordAt(row, 1)), wordOf(call, rowWordAt(row, 2)));
        return keccak256(bytes.concat(head, rest, abi.encode(address(channels), chain)));
    }

    function descriptorIdIn(bytes memory call) private view returns (bytes32) {
        bytes memory words;
        for (uint256 i; i < 5; ++i) {
            words = bytes.concat(words, wordOf(call, i));
        }
        return keccak256(bytes.concat(words, abi.encode(address(channels), chain)));
    }
}
