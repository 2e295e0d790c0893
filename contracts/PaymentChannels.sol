// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ChannelBooks} from "./ChannelBooks.sol";
import {IPaymentChannels} from "./interfaces/IPaymentChannels.sol";
import {Authorizations} from "./libraries/Authorizations.sol";
import {Channels} from "./libraries/Channels.sol";
import {ChannelWord, ChannelWordLib} from "./libraries/ChannelWord.sol";
import {Permits} from "./libraries/Permits.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {Ticks} from "./libraries/Ticks.sol";
import {TypeHashes} from "./libraries/TypeHashes.sol";

/// @title PaymentChannels
/// @notice The escrow: every channel of a chain in one contract without owner, role, upgrade or pause.
/// @dev The interface is the specification. Each verb has one rhythm: load, checks, effects, event, interactions, return.
contract PaymentChannels is ChannelBooks, ReentrancyGuardTransient {
    using Channels for Channel;
    using Channels for SettleRow;

    /// @param closeGracePeriod_ Seconds, from ten minutes to a year; 48 hours in every deployment of ours.
    constructor(uint256 closeGracePeriod_) ChannelBooks(closeGracePeriod_) {}

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
        if (!channel.isPaidBy(msg.sender)) revert NotPayer(channel.payerOf(), msg.sender);
        require(additionalDeposit != 0, ZeroDeposit());
        (bytes32 channelId, ChannelWord word) = _live(channel);

        _topUp(channelId, word.withoutCloseRequest(), additionalDeposit);
        if (word.closePending()) emit CloseCancelled(channelId);

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
            if (reason == 0) {
                paid += cumulativeAmount - word.settled();
                word = word.withSettled(cumulativeAmount);
            } else if (reason != AmountNotIncreasing.selector) {
                emit SettlementSkipped(channelId, reason);
                continue;
            }
            refunds[i] = _finalize(channelId, word);
        }
        _pay(token, payee, paid);
        for (uint256 i; i < rows.length; ++i) {
            _pay(token, rows[i].payerOf(), refunds[i]);
        }
    }

    /// @inheritdoc IPaymentChannels
    /// @dev Calls nobody, so nothing can be called back from within it: it only refuses to run within another verb.
    /// Asked without the guard's modifier, which is shared code: a jump there and back would take an exit above its price.
    function requestClose(Channel calldata channel) external {
        require(!_reentrancyGuardEntered(), ReentrancyGuardReentrantCall());
        if (!channel.isPaidBy(msg.sender)) revert NotPayer(channel.payerOf(), msg.sender);
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
}
