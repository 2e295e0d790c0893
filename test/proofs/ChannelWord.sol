// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @title WordModel
/// @notice `ChannelWordLib` by division and remainder instead of shifts and masks, which the checker cannot decide at 256 bits.
/// `test/contracts/proofs/channelWord.t.sol` holds the two together.
library WordModel {
    uint256 internal constant SETTLED = 1 << 104;
    uint256 internal constant CLOSE = 1 << 208;
    uint256 internal constant FINALIZED = 1 << 255;

    function withDeposit(uint256 word, uint256 deposit_) internal pure returns (uint256) {
        return word - (word % SETTLED) + deposit_;
    }

    function withSettled(uint256 word, uint256 settled_) internal pure returns (uint256) {
        return word - settled(word) * SETTLED + settled_ * SETTLED;
    }

    /// @dev Of a word without a pending close, as every caller's is.
    function withCloseRequestedAt(uint256 word, uint256 timestamp) internal pure returns (uint256) {
        return word + timestamp * CLOSE;
    }

    function withoutCloseRequest(uint256 word) internal pure returns (uint256) {
        return word - closeRequestedAt(word) * CLOSE;
    }

    /// @dev Of a word that is not finalized, as every caller's is.
    function withFinalized(uint256 word) internal pure returns (uint256) {
        return word + FINALIZED;
    }

    function deposit(uint256 word) internal pure returns (uint256) {
        return word % SETTLED;
    }

    function settled(uint256 word) internal pure returns (uint256) {
        return (word / SETTLED) % SETTLED;
    }

    function closeRequestedAt(uint256 word) internal pure returns (uint256) {
        return (word / CLOSE) % (1 << 40);
    }

    function closePending(uint256 word) internal pure returns (bool) {
        return closeRequestedAt(word) != 0;
    }

    function finalized(uint256 word) internal pure returns (bool) {
        return word / FINALIZED != 0;
    }

    function live(uint256 word) internal pure returns (bool) {
        return word != 0 && !finalized(word);
    }
}

/// @notice Each writer sets its field and leaves the others, for every word and every value within the field's width.
contract ChannelWord {
    using WordModel for uint256;

    function deposit(uint256 word, uint104 value) external pure {
        uint256 written = word.withDeposit(value);
        assert(written.deposit() == value);
        assert(written.settled() == word.settled());
        assert(written.closeRequestedAt() == word.closeRequestedAt());
        assert(written.finalized() == word.finalized());
    }

    function settled(uint256 word, uint104 value) external pure {
        uint256 written = word.withSettled(value);
        assert(written.deposit() == word.deposit());
        assert(written.settled() == value);
        assert(written.closeRequestedAt() == word.closeRequestedAt());
        assert(written.finalized() == word.finalized());
    }

    function closeRequestedAt(uint256 word, uint40 value) external pure {
        require(!word.closePending());
        uint256 written = word.withCloseRequestedAt(value);
        assert(written.deposit() == word.deposit());
        assert(written.settled() == word.settled());
        assert(written.closeRequestedAt() == value);
        assert(written.finalized() == word.finalized());
    }

    function closeRequest(uint256 word) external pure {
        uint256 written = word.withoutCloseRequest();
        assert(written.deposit() == word.deposit());
        assert(written.settled() == word.settled());
        assert(!written.closePending());
        assert(written.finalized() == word.finalized());
    }

    function finalized(uint256 word) external pure {
        require(!word.finalized());
        uint256 written = word.withFinalized();
        assert(written.deposit() == word.deposit());
        assert(written.settled() == word.settled());
        assert(written.closeRequestedAt() == word.closeRequestedAt());
        assert(written.finalized());
    }
}

/// @notice Without widths a field spills into its neighbours, and the field itself is cut.
contract BrokenTakesAnyWidth {
    using WordModel for uint256;

    function deposit(uint256 word, uint128 value) external pure {
        uint256 written = word.withDeposit(value);
        assert(written.deposit() == value);
        assert(written.settled() == word.settled());
    }

    function settled(uint256 word, uint128 value) external pure {
        uint256 written = word.withSettled(value);
        assert(written.settled() == value);
        assert(written.closeRequestedAt() == word.closeRequestedAt());
    }

    function closeRequestedAt(uint256 word, uint48 value) external pure {
        require(!word.closePending());
        uint256 written = word.withCloseRequestedAt(value);
        assert(written.closeRequestedAt() == value);
        assert(written.finalized() == word.finalized());
    }
}
