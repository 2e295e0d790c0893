// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IPaymentChannels} from "./interfaces/IPaymentChannels.sol";
import {Authorizations} from "./libraries/Authorizations.sol";
import {Channels, Descriptor} from "./libraries/Channels.sol";
import {ChannelWord, ChannelWordLib} from "./libraries/ChannelWord.sol";
import {Permits} from "./libraries/Permits.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {Ticks} from "./libraries/Ticks.sol";
import {Transfers} from "./libraries/Transfers.sol";
import {TypeHashes} from "./libraries/TypeHashes.sol";

/// @title PaymentChannels
/// @notice The escrow: every channel of a chain in one contract without owner, role, upgrade or pause.
/// @dev The interface is the specification. Each verb has one rhythm: load, checks, effects, event, interactions, return.
contract PaymentChannels is IPaymentChannels, EIP712, ReentrancyGuardTransient {
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

    /* OPEN AND TOP UP */

    /// @inheritdoc IPaymentChannels
    function open(
        address payee,
        address token,
        uint128 deposit,
        bytes32 salt,
        address authorizedSigner
    ) external payable nonReentrant returns (bytes32 channelId) {
        channelId = _create(msg.sender, payee, token, deposit, salt, authorizedSigner);
        _pull(token, deposit);
    }

    /// @inheritdoc IPaymentChannels
    function openWithAuthorization(
        address payee,
        address token,
        uint128 deposit,
        bytes32 salt,
        address authorizedSigner,
        address from,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external nonReentrant returns (bytes32 channelId) {
        bytes32 expected = keccak256(abi.encode(from, payee, token, salt, authorizedSigner));
        require(nonce == expected, NonceMismatch(expected, nonce));
        channelId = _create(from, payee, token, deposit, salt, authorizedSigner);

        uint256 balanceBefore = _balance(token);
        Authorizations.receiveFrom(token, from, deposit, validAfter, validBefore, nonce, signature);
        _requireArrived(token, balanceBefore, deposit);
    }

    /// @inheritdoc IPaymentChannels
    function openWithPermit2(
        address payee,
        address token,
        uint128 deposit,
        bytes32 salt,
        address authorizedSigner,
        address from,
        uint256 nonce,
        uint256 deadline,
        bytes calldata signature
    ) external nonReentrant returns (bytes32 channelId) {
        channelId = _create(from, payee, token, deposit, salt, authorizedSigner);

        uint256 balanceBefore = _balance(token);
        Permits.transfer(
            Permits.Permit(from, token, deposit, nonce, deadline),
            Permits.openWitness(payee, salt, authorizedSigner),
            Permits.OPEN_TYPE,
            signature
        );
        _requireArrived(token, balanceBefore, deposit);
    }

    /// @inheritdoc IPaymentChannels
    function topUp(Channel calldata channel, uint128 additionalDeposit) external payable nonReentrant {
        require(msg.sender == channel.payerOf(), NotPayer(channel.payerOf(), msg.sender));
        require(additionalDeposit != 0, ZeroDeposit());
        (bytes32 channelId, ChannelWord word) = _live(channel);

        _topUp(channelId, word.withCloseRequestedAt(0), additionalDeposit);
        if (word.closeRequestedAt() != 0) emit CloseCancelled(channelId);

        _pull(channel.tokenOf(), additionalDeposit);
    }

    /// @inheritdoc IPaymentChannels
    function topUpWithAuthorization(
        Channel calldata channel,
        uint128 additionalDeposit,
        bytes32 topUpSalt,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external nonReentrant {
        (bytes32 channelId, address payer, address token) = _topUpBySignature(channel, additionalDeposit);
        bytes32 expected = keccak256(abi.encode(channelId, additionalDeposit, payer, topUpSalt));
        require(nonce == expected, NonceMismatch(expected, nonce));

        uint256 balanceBefore = _balance(token);
        Authorizations.receiveFrom(token, payer, additionalDeposit, validAfter, validBefore, nonce, signature);
        _requireArrived(token, balanceBefore, additionalDeposit);
    }

    /// @inheritdoc IPaymentChannels
    function topUpWithPermit2(
        Channel calldata channel,
        uint128 additionalDeposit,
        uint256 nonce,
        uint256 deadline,
        bytes calldata signature
    ) external nonReentrant {
        (bytes32 channelId, address payer, address token) = _topUpBySignature(channel, additionalDeposit);

        uint256 balanceBefore = _balance(token);
        Permits.transfer(
            Permits.Permit(payer, token, additionalDeposit, nonce, deadline),
            Permits.topUpWitness(channelId),
            Permits.TOP_UP_TYPE,
            signature
        );
        _requireArrived(token, balanceBefore, additionalDeposit);
    }

    /* SETTLE */

    /// @inheritdoc IPaymentChannels
    function settle(
        Channel calldata channel,
        uint128 cumulativeAmount,
        bytes calldata signature
    ) external nonReentrant {
        (bytes32 channelId, ChannelWord word) = _live(channel);
        uint128 settled = word.settled();
        require(cumulativeAmount > settled, AmountNotIncreasing(settled, cumulativeAmount));
        _requireVoucher(channel, channelId, word, cumulativeAmount, signature);

        word.withSettled(cumulativeAmount).store(channelId);
        emit ChannelSettled(channelId, cumulativeAmount);

        _pay(channel.tokenOf(), channel.payeeOf(), cumulativeAmount - settled);
    }

    /// @inheritdoc IPaymentChannels
    function settleTicks(
        Channel calldata channel,
        uint128 cumulativeAmount,
        bytes32 tickRoot,
        uint128 tickValue,
        bytes calldata signature,
        uint256 ticks,
        bytes32 preimage
    ) external nonReentrant {
        (bytes32 channelId, ChannelWord word) = _live(channel);
        require(ticks <= Ticks.MAX_TICKS, TooManyTicks(Ticks.MAX_TICKS, ticks));
        uint256 owed = uint256(cumulativeAmount) + ticks * tickValue;
        uint128 settled = word.settled();
        uint128 deposit = word.deposit();
        require(owed > settled, AmountNotIncreasing(settled, uint128(owed)));
        require(owed <= deposit, AmountExceedsDeposit(deposit, uint128(Math.min(owed, type(uint128).max))));
        bytes32 digest = _hashTypedDataV4(TypeHashes.tickVoucher(channelId, cumulativeAmount, tickRoot, tickValue));
        require(Signatures.isValid(channel.signerOf(), digest, signature), InvalidSignature());
        bytes32 root = Ticks.rootOf(preimage, ticks);
        require(root == tickRoot, TickMismatch(tickRoot, root));

        word.withSettled(owed).store(channelId);
        emit ChannelSettled(channelId, uint128(owed));

        _pay(channel.tokenOf(), channel.payeeOf(), owed - settled);
    }

    /// @inheritdoc IPaymentChannels
    function settleBatch(
        address payee,
        address token,
        SettleRow[] calldata rows
    ) external nonReentrant returns (uint256 paid) {
        bytes32 domain = _domainSeparatorV4();
        for (uint256 i; i < rows.length; ++i) {
            SettleRow calldata row = rows[i];
            bytes32 channelId = Channels.idOf(payee, token, row);
            ChannelWord word = ChannelWordLib.load(channelId);
            uint256 cumulativeAmount = row.amountOf();
            bytes4 reason = _settleFault(domain, channelId, word, row, cumulativeAmount);
            if (reason != 0) {
                emit SettlementSkipped(channelId, reason);
                continue;
            }
            unchecked {
                paid += cumulativeAmount - word.settled(); // above it, by the checks; each below 2^104
            }
            word.withSettled(cumulativeAmount).store(channelId);
            emit ChannelSettled(channelId, uint128(cumulativeAmount));
        }
        _pay(token, payee, paid);
    }

    /* CLOSE */

    /// @inheritdoc IPaymentChannels
    function close(Channel calldata channel, uint128 cumulativeAmount, bytes calldata signature) external nonReentrant {
        require(msg.sender == channel.payeeOf(), NotPayee(channel.payeeOf(), msg.sender));
        (bytes32 channelId, ChannelWord word) = _live(channel);
        _close(channel, channelId, word, cumulativeAmount, signature);
    }

    /// @inheritdoc IPaymentChannels
    function closeWithAuthorization(
        Channel calldata channel,
        uint128 cumulativeAmount,
        bytes calldata signature,
        uint256 deadline,
        bytes calldata payeeSignature
    ) external nonReentrant {
        require(block.timestamp <= deadline, AuthorizationExpired(deadline, block.timestamp));
        (bytes32 channelId, ChannelWord word) = _live(channel);
        bytes32 digest = _hashTypedDataV4(TypeHashes.closeAuthorization(channelId, cumulativeAmount, deadline));
        require(Signatures.isValid(channel.payeeOf(), digest, payeeSignature), InvalidSignature());
        _close(channel, channelId, word, cumulativeAmount, signature);
    }

    /// @inheritdoc IPaymentChannels
    function closeBatch(
        address payee,
        address token,
        SettleRow[] calldata rows
    ) external nonReentrant returns (uint256 paid) {
        require(msg.sender == payee, NotPayee(payee, msg.sender));
        bytes32 domain = _domainSeparatorV4();
        uint256[] memory refunds = new uint256[](rows.length);
        for (uint256 i; i < rows.length; ++i) {
            SettleRow calldata row = rows[i];
            bytes32 channelId = Channels.idOf(payee, token, row);
            ChannelWord word = ChannelWordLib.load(channelId);
            uint256 cumulativeAmount = row.amountOf();
            bytes4 reason = _settleFault(domain, channelId, word, row, cumulativeAmount);
            if (reason == AmountNotIncreasing.selector) {
                refunds[i] = _finalize(channelId, word);
            } else if (reason != 0) {
                emit SettlementSkipped(channelId, reason);
            } else {
                paid += cumulativeAmount - word.settled();
                refunds[i] = _finalize(channelId, word.withSettled(cumulativeAmount));
            }
        }
        _pay(token, payee, paid);
        for (uint256 i; i < rows.length; ++i) {
            _pay(token, rows[i].payer, refunds[i]);
        }
    }

    /// @inheritdoc IPaymentChannels
    function requestClose(Channel calldata channel) external nonReentrant {
        require(msg.sender == channel.payerOf(), NotPayer(channel.payerOf(), msg.sender));
        (bytes32 channelId, ChannelWord word) = _live(channel);
        _requestClose(channelId, word);
    }

    /// @inheritdoc IPaymentChannels
    function requestCloseWithSignature(Channel calldata channel, bytes calldata signature) external nonReentrant {
        (bytes32 channelId, ChannelWord word) = _live(channel);
        bytes32 digest = _hashTypedDataV4(TypeHashes.closeRequest(channelId, word.deposit()));
        require(
            Signatures.isValid(channel.payerOf(), digest, signature) ||
                Signatures.isValid(channel.authorizedSigner, digest, signature),
            InvalidSignature()
        );
        _requestClose(channelId, word);
    }

    /// @inheritdoc IPaymentChannels
    function withdraw(Channel calldata channel) external nonReentrant {
        (bytes32 channelId, ChannelWord word) = _live(channel);
        uint256 requestedAt = word.closeRequestedAt();
        require(requestedAt != 0, CloseNotReady(0));
        uint256 readyAt = _readyAt(requestedAt);
        require(block.timestamp >= readyAt, CloseNotReady(readyAt));

        uint256 refunded = _finalize(channelId, word);

        _pay(channel.tokenOf(), channel.payerOf(), refunded);
    }

    /* CREDITS */

    /// @inheritdoc IPaymentChannels
    function withdrawCredit(address token, address account) external nonReentrant returns (uint256) {
        return _withdrawCredit(token, account, account);
    }

    /// @inheritdoc IPaymentChannels
    function withdrawCreditTo(address token, address to) external nonReentrant returns (uint256) {
        require(to != address(0) && to != address(this), InvalidReceiver(to));
        return _withdrawCredit(token, msg.sender, to);
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
    ) private returns (bytes32 channelId) {
        require(Channels.isPayable(payer, payee, token), InvalidPayee(payee));
        require(deposit != 0, ZeroDeposit());
        Descriptor descriptor = Channels.lay(payer, payee, token, salt, authorizedSigner);
        channelId = descriptor.idOf();
        require(!ChannelWordLib.load(channelId).exists(), ChannelAlreadyExists(channelId));

        ChannelWord.wrap(0).withDeposit(deposit).store(channelId);
        descriptor.logOpened(channelId, payer, payee, deposit);
    }

    /// @dev Records a deposit that the caller pulls.
    function _topUp(bytes32 channelId, ChannelWord word, uint128 additionalDeposit) private {
        uint256 deposit = uint256(word.deposit()) + additionalDeposit;
        word.withDeposit(deposit).store(channelId);
        emit ChannelToppedUp(channelId, uint128(deposit));
    }

    /// @dev For signatures that somebody else submits: they cannot stop an exit.
    function _topUpBySignature(
        Channel calldata channel,
        uint128 additionalDeposit
    ) private returns (bytes32 channelId, address payer, address token) {
        require(additionalDeposit != 0, ZeroDeposit());
        ChannelWord word;
        (channelId, word) = _live(channel);
        require(word.closeRequestedAt() == 0, ClosePending(channelId));
        _topUp(channelId, word, additionalDeposit);
        return (channelId, channel.payerOf(), channel.tokenOf());
    }

    /// @dev Loads a channel that was opened and not closed.
    function _live(Channel calldata channel) private view returns (bytes32 channelId, ChannelWord word) {
        channelId = Channels.idOf(channel);
        word = ChannelWordLib.load(channelId);
        require(word.exists(), ChannelNotFound(channelId));
        require(!word.finalized(), ChannelFinalized(channelId));
    }

    /// @dev The fourth check of a voucher, its being above `settled`, is the caller's.
    function _requireVoucher(
        Channel calldata channel,
        bytes32 channelId,
        ChannelWord word,
        uint128 cumulativeAmount,
        bytes calldata signature
    ) private view {
        require(cumulativeAmount <= word.deposit(), AmountExceedsDeposit(word.deposit(), cumulativeAmount));
        bytes32 digest = _hashTypedDataV4(TypeHashes.voucher(channelId, cumulativeAmount));
        require(Signatures.isValid(channel.signerOf(), digest, signature), InvalidSignature());
    }

    function _requestClose(bytes32 channelId, ChannelWord word) private {
        if (word.closeRequestedAt() != 0) return;

        word.withCloseRequestedAt(block.timestamp).store(channelId);
        emit CloseRequested(channelId, _readyAt(block.timestamp));
    }

    /// @dev 40 bits of time and a year.
    function _readyAt(uint256 requestedAt) private view returns (uint256) {
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
    ) private {
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
    function _finalize(bytes32 channelId, ChannelWord word) private returns (uint256 refunded) {
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
    ) private pure returns (bytes4) {
        if (!word.exists()) return ChannelNotFound.selector;
        if (word.finalized()) return ChannelFinalized.selector;
        if (cumulativeAmount <= word.settled()) return AmountNotIncreasing.selector;
        if (cumulativeAmount > word.deposit()) return AmountExceedsDeposit.selector;
        bytes32 digest = MessageHashUtils.toTypedDataHash(domain, TypeHashes.voucher(channelId, cumulativeAmount));
        return Signatures.isValid(row.signerOf(), digest, row.r, row.vs) ? bytes4(0) : InvalidSignature.selector;
    }

    /* MONEY */

    /// @dev Takes `amount` from the caller, in the native coin or by allowance.
    function _pull(address token, uint256 amount) private {
        if (token == address(0)) {
            if (msg.value != amount) revert TransferMismatch(amount, msg.value);
            return;
        }
        if (msg.value != 0) revert TransferMismatch(0, msg.value);
        uint256 balanceBefore = _balance(token);
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        _requireArrived(token, balanceBefore, amount);
    }

    function _balance(address token) private view returns (uint256) {
        require(token.code.length != 0 && token != address(this), InvalidToken(token));
        return IERC20(token).balanceOf(address(this));
    }

    function _requireArrived(address token, uint256 balanceBefore, uint256 expected) private view {
        uint256 balance = IERC20(token).balanceOf(address(this));
        uint256 received = balance > balanceBefore ? balance - balanceBefore : 0;
        require(received == expected, TransferMismatch(expected, received));
    }

    /// @dev Pushes a payout; what a receiver or its token reverts waits as the receiver's credit.
    function _pay(address token, address to, uint256 amount) private {
        if (amount == 0) return;
        if (Transfers.tryPush(token, to, amount, Transfers.PAYOUT_GAS)) return;

        credit[token][to] += amount;
        emit Credited(token, to, amount);
    }

    function _withdrawCredit(address token, address account, address to) private returns (uint256 amount) {
        amount = credit[token][account];
        if (amount == 0) return 0;

        credit[token][account] = 0;
        emit CreditWithdrawn(token, account, to, amount);

        require(Transfers.tryPush(token, to, amount, gasleft()), TransferFailed(token, to, amount));
    }
}
