// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IPaymentChannels} from "./interfaces/IPaymentChannels.sol";
import {Channels, Descriptor} from "./libraries/Channels.sol";
import {ChannelWord, ChannelWordLib} from "./libraries/ChannelWord.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {Transfers} from "./libraries/Transfers.sol";
import {TypeHashes} from "./libraries/TypeHashes.sol";

/// @title ChannelBooks
/// @notice What the escrow stores, how it is read, what of it each verb asks before it acts, and how money comes and goes.
abstract contract ChannelBooks is IPaymentChannels, EIP712 {
    using Channels for Channel;
    using Channels for SettleRow;
    using SafeERC20 for IERC20;

    uint256 private constant MIN_GRACE_PERIOD = 10 minutes;
    uint256 private constant MAX_GRACE_PERIOD = 365 days;

    /// @inheritdoc IPaymentChannels
    uint256 public immutable closeGracePeriod;

    /// @inheritdoc IPaymentChannels
    mapping(address token => mapping(address account => uint256)) public credit;

    /// @param closeGracePeriod_ Seconds, from ten minutes to a year; 48 hours in every deployment of ours.
    constructor(uint256 closeGracePeriod_) EIP712("EVM Payment Channel", "1") {
        require(closeGracePeriod_ >= MIN_GRACE_PERIOD, GracePeriodTooShort(MIN_GRACE_PERIOD, closeGracePeriod_));
        require(closeGracePeriod_ <= MAX_GRACE_PERIOD, GracePeriodTooLong(MAX_GRACE_PERIOD, closeGracePeriod_));
        closeGracePeriod = closeGracePeriod_;
    }

    /* VIEWS */

    /// @inheritdoc IPaymentChannels
    function computeChannelId(Channel calldata channel) external view returns (bytes32) {
        return keccak256(abi.encode(channel, address(this), block.chainid));
    }

    /// @inheritdoc IPaymentChannels
    function getChannel(bytes32 channelId) public view returns (ChannelState memory) {
        ChannelWord word = ChannelWordLib.load(channelId);
        return ChannelState(word.deposit(), word.settled(), word.closeRequestedAt(), word.finalized());
    }

    /// @inheritdoc IPaymentChannels
    function getChannels(bytes32[] calldata channelIds) external view returns (ChannelState[] memory states) {
        states = new ChannelState[](channelIds.length);
        for (uint256 i; i < channelIds.length; ++i) {
            states[i] = getChannel(channelIds[i]);
        }
    }

    /// @inheritdoc IPaymentChannels
    function voucherDigest(bytes32 channelId, uint128 cumulativeAmount) external view returns (bytes32) {
        return _hashTypedDataV4(TypeHashes.voucher(channelId, cumulativeAmount));
    }

    /// @inheritdoc IPaymentChannels
    function previewSettle(
        address payee,
        address token,
        SettleRow[] calldata rows
    ) external view returns (SettlePreview[] memory previews) {
        bytes32 domain = _domainSeparatorV4();
        previews = new SettlePreview[](rows.length);
        for (uint256 i; i < rows.length; ++i) {
            bytes32 channelId = Channels.idOf(payee, token, rows[i]);
            ChannelWord word = ChannelWordLib.load(channelId);
            uint256 cumulativeAmount = rows[i].amountOf();
            bytes4 reason = _settleFault(domain, channelId, word, rows[i], cumulativeAmount);
            uint256 increase = reason == 0 ? cumulativeAmount - word.settled() : 0;
            previews[i] = SettlePreview(channelId, uint128(increase), reason);
        }
    }

    /* CHANNELS */

    /// @dev Records a new channel. The caller pulls the deposit.
    function _create(
        address payer,
        address payee,
        address token,
        uint256 deposit,
        bytes32 salt,
        address authorizedSigner
    ) internal returns (bytes32 channelId) {
        require(Channels.isPayable(payer, payee, token), InvalidPayee(payee));
        require(deposit != 0, ZeroDeposit());
        ChannelWord word = ChannelWord.wrap(0).withDeposit(deposit);
        Descriptor descriptor = Channels.lay(payer, payee, token, salt, authorizedSigner);
        channelId = descriptor.idOf();
        require(!ChannelWordLib.load(channelId).exists(), ChannelAlreadyExists(channelId));

        word.store(channelId);
        descriptor.logOpened(channelId, payer, payee, deposit);
    }

    /// @dev Records a deposit that the caller pulls.
    function _topUp(bytes32 channelId, ChannelWord word, uint128 additionalDeposit) internal {
        uint256 deposit = uint256(word.deposit()) + additionalDeposit;
        word.withDeposit(deposit).store(channelId);
        emit ChannelToppedUp(channelId, uint128(deposit));
    }

    /// @dev For signatures that somebody else submits: they cannot stop an exit.
    function _topUpBySignature(
        Channel calldata channel,
        uint128 additionalDeposit
    ) internal returns (bytes32 channelId, address payer, address token) {
        require(additionalDeposit != 0, ZeroDeposit());
        ChannelWord word;
        (channelId, word) = _live(channel);
        require(!word.closePending(), ClosePending(channelId));
        _topUp(channelId, word, additionalDeposit);
        return (channelId, channel.payerOf(), channel.tokenOf());
    }

    /// @dev Loads a channel that was opened and not closed.
    function _live(Channel calldata channel) internal view returns (bytes32 channelId, ChannelWord word) {
        channelId = Channels.idOf(channel);
        word = ChannelWordLib.load(channelId);
        if (word.live()) return (channelId, word);
        require(word.exists(), ChannelNotFound(channelId));
        revert ChannelFinalized(channelId);
    }

    /// @dev The fourth check of a voucher, its being above `settled`, is the caller's.
    function _requireVoucher(
        Channel calldata channel,
        bytes32 channelId,
        ChannelWord word,
        uint128 cumulativeAmount,
        bytes calldata signature
    ) internal view {
        require(cumulativeAmount <= word.deposit(), AmountExceedsDeposit(word.deposit(), cumulativeAmount));
        bytes32 digest = _hashTypedDataV4(TypeHashes.voucher(channelId, cumulativeAmount));
        require(Signatures.isValid(channel.signerOf(), digest, signature), InvalidSignature());
    }

    function _requestClose(bytes32 channelId, ChannelWord word) internal {
        if (word.closePending()) return;

        word.withCloseRequestedAt(block.timestamp).store(channelId);
        emit CloseRequested(channelId, _readyAt(block.timestamp));
    }

    /// @dev 40 bits of time and a year.
    function _readyAt(uint256 requestedAt) internal view returns (uint256) {
        unchecked {
            return requestedAt + closeGracePeriod;
        }
    }

    /// @dev Pays up to `cumulativeAmount`, or nothing more when it is not above `settled`, and refunds the rest.
    function _close(
        Channel calldata channel,
        bytes32 channelId,
        ChannelWord word,
        uint128 cumulativeAmount,
        bytes calldata signature
    ) internal {
        uint256 increase;
        if (cumulativeAmount > word.settled()) {
            _requireVoucher(channel, channelId, word, cumulativeAmount, signature);
            unchecked {
                increase = cumulativeAmount - word.settled();
            }
            word = word.withSettled(cumulativeAmount);
        }

        uint256 refunded = _finalize(channelId, word);

        _pay(channel.tokenOf(), channel.payeeOf(), increase);
        _pay(channel.tokenOf(), channel.payerOf(), refunded);
    }

    /// @dev Ends a channel with its final word. The caller pays the refund.
    function _finalize(bytes32 channelId, ChannelWord word) internal returns (uint256 refunded) {
        uint128 settled = word.settled();
        unchecked {
            refunded = word.deposit() - settled; // never above the deposit: no voucher settles more
        }
        word.withFinalized().store(channelId);
        emit ChannelClosed(channelId, settled, uint128(refunded));
    }

    /* ROWS */

    /// @dev The selector of the error that the row would meet in `settle`, 0 for none, with the same order of checks.
    function _settleFault(
        bytes32 domain,
        bytes32 channelId,
        ChannelWord word,
        SettleRow calldata row,
        uint256 cumulativeAmount
    ) internal pure returns (bytes4) {
        if (!word.live()) return word.exists() ? ChannelFinalized.selector : ChannelNotFound.selector;
        if (cumulativeAmount <= word.settled()) return AmountNotIncreasing.selector;
        if (cumulativeAmount > word.deposit()) return AmountExceedsDeposit.selector;
        bytes32 digest = MessageHashUtils.toTypedDataHash(domain, TypeHashes.voucher(channelId, cumulativeAmount));
        return Signatures.isValid(row.signerOf(), digest, row.r, row.vs) ? bytes4(0) : InvalidSignature.selector;
    }

    /* MONEY */

    /// @dev Takes `amount` from the caller, in the native coin or by allowance.
    function _pull(address token, uint256 amount) internal {
        if (token == address(0)) {
            if (msg.value != amount) revert TransferMismatch(amount, msg.value);
            return;
        }
        if (msg.value != 0) revert TransferMismatch(0, msg.value);
        uint256 balanceBefore = _balance(token);
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        _requireArrived(token, balanceBefore, amount);
    }

    function _balance(address token) internal view returns (uint256) {
        require(token.code.length != 0 && token != address(this), InvalidToken(token));
        return IERC20(token).balanceOf(address(this));
    }

    function _requireArrived(address token, uint256 balanceBefore, uint256 expected) internal view {
        uint256 balance = IERC20(token).balanceOf(address(this));
        uint256 received = balance > balanceBefore ? balance - balanceBefore : 0;
        require(received == expected, TransferMismatch(expected, received));
    }

    /// @dev Pushes a payout; what a receiver or its token reverts waits as the receiver's credit.
    function _pay(address token, address to, uint256 amount) internal {
        if (amount == 0) return;
        (bool pushed, bool mustRevert) = Transfers.tryPush(token, to, amount);
        if (pushed) return;
        require(!mustRevert, TransferFailed(token, to, amount));

        credit[token][to] += amount;
        emit Credited(token, to, amount);
    }

    function _withdrawCredit(address token, address account, address to) internal returns (uint256 amount) {
        amount = credit[token][account];
        if (amount == 0) return 0;

        credit[token][account] = 0;
        emit CreditWithdrawn(token, account, to, amount);

        bool pushed =
            token == address(0) ? LowLevelCall.callNoReturn(to, amount, "") : IERC20(token).trySafeTransfer(to, amount);
        require(pushed, TransferFailed(token, to, amount));
    }
}
