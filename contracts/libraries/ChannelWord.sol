// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IPaymentChannels} from "../interfaces/IPaymentChannels.sol";

/// @notice A channel's whole state in one storage word, from the low bits up:
/// deposit (104) | settled (104) | closeRequestedAt (40) | flags (8), of which the highest says finalized. Zero is a channel
/// never opened, and so the words of live channels are those that are above zero when read as signed.
type ChannelWord is uint256;

using ChannelWordLib for ChannelWord global;

/// @title ChannelWordLib
/// @notice Reads and writes the fields of a `ChannelWord`. Writers never let a field spill into its neighbour.
library ChannelWordLib {
    /// @notice Largest deposit: 2^104 - 1, about 20 trillion units of an 18-decimals token.
    uint256 internal constant MAX_DEPOSIT = type(uint104).max;

    uint256 private constant SETTLED_SHIFT = 104;
    uint256 private constant CLOSE_SHIFT = 208;
    uint256 private constant FINALIZED = 1 << 255;
    uint256 private constant CLOSE_MASK = uint256(type(uint40).max) << CLOSE_SHIFT;

    /// @notice The word of a channel. It lies at the slot that the channel's id names: an id is the hash of 224 bytes, so it meets
    /// no other channel, and none of the hashes of 64 bytes at which a mapping keeps its values.
    function load(bytes32 channelId) internal view returns (ChannelWord word) {
        assembly ("memory-safe") {
            word := sload(channelId)
        }
    }

    /// @notice Replaces a channel's word.
    function store(ChannelWord word, bytes32 channelId) internal {
        assembly ("memory-safe") {
            sstore(channelId, word)
        }
    }

    /// @dev `deposit` must be at most `MAX_DEPOSIT`; `withDeposit` checks.
    function withDeposit(ChannelWord word, uint256 deposit_) internal pure returns (ChannelWord) {
        require(deposit_ <= MAX_DEPOSIT, IPaymentChannels.DepositOverflow(MAX_DEPOSIT, deposit_));
        return ChannelWord.wrap((ChannelWord.unwrap(word) & ~MAX_DEPOSIT) | deposit_);
    }

    /// @dev Callers have checked `settled() <= settled_ <= deposit()`, which keeps it within its width.
    function withSettled(ChannelWord word, uint256 settled_) internal pure returns (ChannelWord) {
        return
            ChannelWord.wrap(
                (ChannelWord.unwrap(word) & ~(MAX_DEPOSIT << SETTLED_SHIFT)) | (settled_ << SETTLED_SHIFT)
            );
    }

    /// @dev The word must have no pending close. `timestamp` is cast with a check: 40 bits last until the year 36,812.
    function withCloseRequestedAt(ChannelWord word, uint256 timestamp) internal pure returns (ChannelWord) {
        SafeCast.toUint40(timestamp); // reverts; the value stays as wide as the word
        return ChannelWord.wrap(ChannelWord.unwrap(word) | (timestamp << CLOSE_SHIFT));
    }

    function withoutCloseRequest(ChannelWord word) internal pure returns (ChannelWord) {
        return ChannelWord.wrap(ChannelWord.unwrap(word) & ~CLOSE_MASK);
    }

    function withFinalized(ChannelWord word) internal pure returns (ChannelWord) {
        return ChannelWord.wrap(ChannelWord.unwrap(word) | FINALIZED);
    }

    function exists(ChannelWord word) internal pure returns (bool) {
        return ChannelWord.unwrap(word) != 0;
    }

    /// @notice Whether a channel was opened and not closed.
    function live(ChannelWord word) internal pure returns (bool) {
        return int256(ChannelWord.unwrap(word)) > 0;
    }

    function deposit(ChannelWord word) internal pure returns (uint128) {
        return uint104(ChannelWord.unwrap(word));
    }

    function settled(ChannelWord word) internal pure returns (uint128) {
        return uint104(ChannelWord.unwrap(word) >> SETTLED_SHIFT);
    }

    function closeRequestedAt(ChannelWord word) internal pure returns (uint64) {
        return uint40(ChannelWord.unwrap(word) >> CLOSE_SHIFT);
    }

    function closePending(ChannelWord word) internal pure returns (bool) {
        return ChannelWord.unwrap(word) & CLOSE_MASK != 0;
    }

    function finalized(ChannelWord word) internal pure returns (bool) {
        return int256(ChannelWord.unwrap(word)) < 0;
    }
}
