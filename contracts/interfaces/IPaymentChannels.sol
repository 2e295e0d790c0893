// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @title IPaymentChannels
/// @notice Unidirectional payment channels in the native coin and plain ERC-20 tokens: a payer locks a deposit once and
/// signs cumulative vouchers off-chain; anyone settles the newest of them to the payee; the rest goes back to the payer.
/// @dev One word per thing, here and everywhere: *deposit* is what the payer locked, *settled* the cumulative amount paid
/// out, both in the token's base units and never decreasing. Follows draft-evm-session-00 (Payment Authentication, method
/// `evm`, intent `session`) in names, voucher type, domain and id; `docs/protocol.md` lists the deviations.
///
/// Every amount is in base units of the channel's token (wei for the native coin). Every time is in Unix seconds.
///
/// Warning: only plain tokens are safe. A token that takes a fee when it is pulled is refused (`TransferMismatch`); one
/// that rebases, or changes its rules later, can leave the escrow short for that token, and for that token alone.
interface IPaymentChannels {
    /* TYPES */

    /// @notice What identifies a channel. It travels in calldata, is never stored, and is emitted once by `ChannelOpened`.
    /// @param payer Who locked the deposit and receives the remainder.
    /// @param payee Who is paid.
    /// @param token The ERC-20 token, or the zero address for the chain's native coin.
    /// @param salt Any value unique for its payer and payee.
    /// @param authorizedSigner Who signs vouchers; the zero address means the payer.
    struct Channel {
        address payer;
        address payee;
        address token;
        bytes32 salt;
        address authorizedSigner;
    }

    /// @notice What is stored of a channel, unpacked.
    /// @param deposit Total locked over the channel's life, base units.
    /// @param settled Cumulative amount paid out to the payee, base units.
    /// @param closeRequestedAt When the payer asked to leave; 0 while no close is pending.
    /// @param finalized Whether the channel is closed. Never cleared: an id opens once.
    struct ChannelState {
        uint128 deposit;
        uint128 settled;
        uint64 closeRequestedAt;
        bool finalized;
    }

    /// @notice One channel of a batch; payee and token are the batch's.
    /// @param payer The channel's payer.
    /// @param salt The channel's salt.
    /// @param authorizedSigner The channel's authorized signer, zero for the payer.
    /// @param cumulativeAmount The voucher's amount, base units.
    /// @param r First half of the voucher's signature.
    /// @param vs Second half, EIP-2098: `s` with the parity of `v` in its highest bit.
    struct SettleRow {
        address payer;
        bytes32 salt;
        address authorizedSigner;
        uint128 cumulativeAmount;
        bytes32 r;
        bytes32 vs;
    }

    /// @notice What a row of `settleBatch` would do on its own.
    /// @param channelId The row's channel.
    /// @param increase What it would pay out, base units; 0 when skipped.
    /// @param reason The selector of the error that `settle` would revert with; 0 when the row would be paid.
    struct SettlePreview {
        bytes32 channelId;
        uint128 increase;
        bytes4 reason;
    }

    /* EVENTS */

    /// @notice A channel was opened and its deposit has arrived.
    event ChannelOpened(
        bytes32 indexed channelId,
        address indexed payer,
        address indexed payee,
        address token,
        bytes32 salt,
        address authorizedSigner,
        uint128 deposit
    );

    /// @notice The payer added to the deposit. `deposit` is the new total.
    event ChannelToppedUp(bytes32 indexed channelId, uint128 deposit);

    /// @notice The payee was paid up to `settled`, the new cumulative amount.
    event ChannelSettled(bytes32 indexed channelId, uint128 settled);

    /// @notice A batch passed over a row. `reason` is the selector of the error that it would have met alone.
    /// @dev Evidence of nothing: anyone can cause one with a made-up row.
    event SettlementSkipped(bytes32 indexed channelId, bytes4 reason);

    /// @notice The payer asked to leave; `withdraw` is possible from `readyAt` on.
    event CloseRequested(bytes32 indexed channelId, uint256 readyAt);

    /// @notice The payer's top-up withdrew a pending close.
    event CloseCancelled(bytes32 indexed channelId);

    /// @notice The channel ended: the payee got `settled` in total, the payer `refunded`.
    event ChannelClosed(bytes32 indexed channelId, uint128 settled, uint128 refunded);

    /// @notice A payout reverted at the receiver's side and waits as that account's credit.
    event Credited(address indexed token, address indexed account, uint256 amount);

    /// @notice A credit was paid out to `to`.
    event CreditWithdrawn(address indexed token, address indexed account, address to, uint256 amount);

    /* ERRORS */

    /// @notice The id was used before; choose a new salt.
    error ChannelAlreadyExists(bytes32 channelId);
    /// @notice No channel was ever opened for this descriptor.
    error ChannelNotFound(bytes32 channelId);
    /// @notice The channel is closed for good.
    error ChannelFinalized(bytes32 channelId);
    /// @notice Only the payer may do this.
    error NotPayer(address payer, address caller);
    /// @notice Only the payee may do this.
    error NotPayee(address payee, address caller);
    /// @notice The payee is the zero address, the payer, the token or the escrow.
    error InvalidPayee(address payee);
    /// @notice A credit can go neither to the zero address nor to the escrow.
    error InvalidReceiver(address to);
    /// @notice The token has no code, or is the escrow.
    error InvalidToken(address token);
    /// @notice A deposit of nothing.
    error ZeroDeposit();
    /// @notice The channel's deposit would be `deposit`; it can be no more than `max`.
    error DepositOverflow(uint256 max, uint256 deposit);
    /// @notice What arrived is not what was promised.
    error TransferMismatch(uint256 expected, uint256 received);
    /// @notice The token neither reverted nor confirmed the transfer, a credit could not be pushed, or a receiver failed on
    /// less gas than a payout is due: call again with more.
    error TransferFailed(address token, address to, uint256 amount);
    /// @notice The voucher claims no more than what was settled.
    error AmountNotIncreasing(uint128 settled, uint128 cumulativeAmount);
    /// @notice The voucher claims more than what was locked.
    error AmountExceedsDeposit(uint128 deposit, uint128 cumulativeAmount);
    /// @notice The signature is malformed, malleable, or not by whom it must be.
    error InvalidSignature();
    /// @notice Hashing the preimage so often does not lead to the signed root.
    error TickMismatch(bytes32 tickRoot, bytes32 actual);
    /// @notice More ticks than one claim may have.
    error TooManyTicks(uint256 max, uint256 ticks);
    /// @notice A close is pending: only the payer itself, by `topUp`, can cancel it.
    error ClosePending(bytes32 channelId);
    /// @notice The EIP-3009 nonce does not bind this channel's parameters.
    error NonceMismatch(bytes32 expected, bytes32 actual);
    /// @notice The payee's authorization ended at `deadline`.
    error AuthorizationExpired(uint256 deadline, uint256 timestamp);
    /// @notice `withdraw` is possible from `readyAt` on; 0 when no close was requested.
    error CloseNotReady(uint256 readyAt);
    /// @notice The constructor's grace period is below the minimum.
    error GracePeriodTooShort(uint256 min, uint256 gracePeriod);
    /// @notice The constructor's grace period is above the maximum: nobody should wait longer than a year for an exit.
    error GracePeriodTooLong(uint256 max, uint256 gracePeriod);

    /* OPEN AND TOP UP */

    /// @notice Opens a channel; the caller becomes its payer.
    /// @dev Requirements, in the order checked: a valid payee (`InvalidPayee`); `deposit` not 0 (`ZeroDeposit`) and within
    /// 104 bits (`DepositOverflow`); an id never used (`ChannelAlreadyExists`); exactly `deposit` arrives, as `msg.value`
    /// for the native coin, by allowance for a token (`InvalidToken`, `TransferMismatch`).
    /// @param payee Who will be paid.
    /// @param token ERC-20 token, or the zero address for the native coin.
    /// @param deposit Base units to lock.
    /// @param salt Any value unique for the caller and the payee.
    /// @param authorizedSigner Who signs vouchers; zero for the caller.
    /// @return channelId The new channel's id.
    function open(
        address payee,
        address token,
        uint128 deposit,
        bytes32 salt,
        address authorizedSigner
    ) external payable returns (bytes32 channelId);

    /// @notice Opens a channel for `from` with an EIP-3009 authorization that it signed; anyone may submit it.
    /// @dev Requirements: `nonce` equals `keccak256(abi.encode(from, payee, token, salt, authorizedSigner))` (`NonceMismatch`), so
    /// that nobody can spend the signature on another channel; then as `open`, for a token (`InvalidToken` for the native coin). A signature of 64 (EIP-2098) or 65
    /// bytes goes to the token's `(v, r, s)` overload of `receiveWithAuthorization`, any other to its `bytes` overload.
    /// @param from The payer.
    /// @param validAfter EIP-3009 start of validity, exclusive.
    /// @param validBefore EIP-3009 end of validity, exclusive.
    /// @param nonce EIP-3009 nonce, as above.
    /// @param signature By `from`, over the token's `ReceiveWithAuthorization` with `value = deposit`.
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
    ) external returns (bytes32 channelId);

    /// @notice Opens a channel for `from` with a Permit2 signature; anyone may submit it.
    /// @dev As `open`, for a token (`InvalidToken` for the native coin), by `permitWitnessTransferFrom` of the canonical Permit2,
    /// whose errors are passed on, and which reverts where no Permit2 is: `from` signed `PermitWitnessTransferFrom` with `permitted = (token, deposit)`, this contract as spender and the witness
    /// `ChannelOpenWitness(payee, salt, authorizedSigner)`. Source: draft-evm-session-00, "openWithPermit2".
    /// @param from The payer; it has approved Permit2 for the token. One with code, by EIP-7702 too, is asked by ERC-1271: Permit2's rule.
    /// @param nonce Any value that `from` never used with Permit2.
    /// @param deadline Unix seconds, inclusive.
    /// @param signature By `from`, as above.
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
    ) external returns (bytes32 channelId);

    /// @notice Adds to a channel's deposit, and withdraws a pending close.
    /// @dev Requirements: the caller is the payer (`NotPayer`); `additionalDeposit` not 0 (`ZeroDeposit`); the channel is
    /// live (`ChannelNotFound`, `ChannelFinalized`); the new total fits (`DepositOverflow`); exactly that arrives.
    /// @param additionalDeposit Base units to add.
    function topUp(Channel calldata channel, uint128 additionalDeposit) external payable;

    /// @notice Adds to a channel's deposit with the payer's EIP-3009 authorization; anyone may submit it.
    /// @dev Requirements: `additionalDeposit` not 0 (`ZeroDeposit`); live channel; no close pending (`ClosePending`), so that a
    /// signature that somebody holds cannot stop an exit; the new total fits (`DepositOverflow`); `nonce` equals
    /// `keccak256(abi.encode(channelId, additionalDeposit, payer, topUpSalt))` (`NonceMismatch`); exactly that arrives
    /// of a token (`InvalidToken` for the native coin).
    /// @param additionalDeposit Base units to add, the authorization's value.
    /// @param topUpSalt Any value that the payer never used with this channel and amount.
    /// @param nonce EIP-3009 nonce, as above.
    /// @param signature By the payer, over the token's `ReceiveWithAuthorization`; lengths as in `openWithAuthorization`.
    function topUpWithAuthorization(
        Channel calldata channel,
        uint128 additionalDeposit,
        bytes32 topUpSalt,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /// @notice Adds to a channel's deposit with the payer's Permit2 signature; anyone may submit it.
    /// @dev As `topUpWithAuthorization`, without its nonce, by Permit2 as in `openWithPermit2`, with the witness `ChannelTopUpWitness(channelId)`.
    /// @param nonce Any value that the payer never used with Permit2.
    /// @param deadline Unix seconds, inclusive.
    function topUpWithPermit2(
        Channel calldata channel,
        uint128 additionalDeposit,
        uint256 nonce,
        uint256 deadline,
        bytes calldata signature
    ) external;

    /* SETTLE */

    /// @notice Pays the payee what the voucher adds to `settled`. Anyone may call; the money goes to the payee alone.
    /// @dev Requirements: live channel; `cumulativeAmount` above `settled` (`AmountNotIncreasing`) and within the deposit
    /// (`AmountExceedsDeposit`); the signer's signature, ECDSA first, then ERC-1271 (`InvalidSignature`). Valid while a
    /// close is pending and until the channel is closed.
    /// @param cumulativeAmount The voucher's amount, base units.
    /// @param signature The signer's, over `Voucher(channelId, cumulativeAmount)`; 65 or 64 bytes for ECDSA.
    function settle(Channel calldata channel, uint128 cumulativeAmount, bytes calldata signature) external;

    /// @notice Pays the payee what released ticks add to `settled`. Anyone may call; the money goes to the payee alone.
    /// @dev What is owed is `cumulativeAmount + ticks * tickValue`. Requirements: live channel; at most 65,535 ticks
    /// (`TooManyTicks`); what is owed above `settled` (`AmountNotIncreasing`) and within the deposit (`AmountExceedsDeposit`,
    /// which names at most 2^128 - 1); the signer's signature (`InvalidSignature`); `keccak256` of the preimage, `ticks` times
    /// over, is the root (`TickMismatch`). What a channel owes is the maximum over all that was signed, never a sum.
    /// @param cumulativeAmount The base, claimed by 0 ticks, base units.
    /// @param tickRoot The signed end of the hash chain.
    /// @param tickValue What one tick is worth, base units.
    /// @param signature The signer's, over `TickVoucher(channelId, cumulativeAmount, tickRoot, tickValue)`.
    /// @param ticks How many were released.
    /// @param preimage The newest link that was released; the root itself for 0 ticks.
    function settleTicks(
        Channel calldata channel,
        uint128 cumulativeAmount,
        bytes32 tickRoot,
        uint128 tickValue,
        bytes calldata signature,
        uint256 ticks,
        bytes32 preimage
    ) external;

    /// @notice Settles many channels of one payee and token with one payout. Anyone may call.
    /// @dev Never reverts for a row: a bad, stale or closed one is skipped with `SettlementSkipped`, and one whose members are wider
    /// than their types like any other. ECDSA rows only.
    /// Nothing to pay is success.
    /// @return paid What the payee received, base units.
    function settleBatch(address payee, address token, SettleRow[] calldata rows) external returns (uint256 paid);

    /* CLOSE */

    /// @notice The payee closes: pays itself up to the voucher, and the remainder goes to the payer at once.
    /// @dev Requirements: the caller is the payee (`NotPayee`); live channel; for `cumulativeAmount` above `settled` the
    /// same as `settle`. With `cumulativeAmount <= settled` no voucher is needed and the payee forgives the rest.
    function close(Channel calldata channel, uint128 cumulativeAmount, bytes calldata signature) external;

    /// @notice As `close`, by anyone who holds the payee's signature.
    /// @dev Requirements: not past `deadline` (`AuthorizationExpired`); live channel; `payeeSignature` by the payee, ECDSA
    /// first, then ERC-1271 (`InvalidSignature`); then as `close`.
    /// Warning: a payee that has signed must accept nothing more on the channel.
    /// @param deadline Last second at which `payeeSignature` is good.
    /// @param payeeSignature Over `CloseAuthorization(channelId, cumulativeAmount, deadline)`.
    function closeWithAuthorization(
        Channel calldata channel,
        uint128 cumulativeAmount,
        bytes calldata signature,
        uint256 deadline,
        bytes calldata payeeSignature
    ) external;

    /// @notice The payee closes many channels of one token with one payout to itself and a refund to each payer.
    /// @dev The caller is the payee (`NotPayee`). Rows as in `settleBatch`, but one with `cumulativeAmount <= settled`
    /// closes without a voucher.
    /// @return paid What the payee received, base units.
    function closeBatch(address payee, address token, SettleRow[] calldata rows) external returns (uint256 paid);

    /// @notice The payer asks to leave; the grace period starts. A second call does not move it.
    /// @dev Requirements: the caller is the payer (`NotPayer`); live channel.
    function requestClose(Channel calldata channel) external;

    /// @notice As `requestClose`, by anyone who holds the payer's or the signer's `CloseRequest`.
    /// @dev The request names the deposit, so that a later top-up voids it (`InvalidSignature`).
    /// @param signature By payer or signer, over `CloseRequest(channelId, deposit)`.
    function requestCloseWithSignature(Channel calldata channel, bytes calldata signature) external;

    /// @notice Ends a channel whose grace period is over; the remainder goes to the payer. Anyone may call.
    /// @dev Requirements: live channel; a close was requested and `closeRequestedAt + closeGracePeriod` has come
    /// (`CloseNotReady`). Settling stays possible until this is mined.
    function withdraw(Channel calldata channel) external;

    /* CREDITS */

    /// @notice Pushes an account's credit to the account itself, with all gas. Anyone may call; no credit is success.
    /// @dev Requirements: the push goes through (`TransferFailed`); else the credit stays.
    /// @return amount What was paid, base units.
    function withdrawCredit(address token, address account) external returns (uint256 amount);

    /// @notice Sends the caller's own credit to `to`, with all gas; no credit is success.
    /// @dev Requirements: `to` is neither zero nor the escrow (`InvalidReceiver`); the push goes through (`TransferFailed`).
    /// @return amount What was paid, base units.
    function withdrawCreditTo(address token, address to) external returns (uint256 amount);

    /* VIEWS */

    /// @notice Seconds between a close request and `withdraw`. A constant of the deployment.
    function closeGracePeriod() external view returns (uint256);

    /// @notice `keccak256(abi.encode(payer, payee, token, salt, authorizedSigner, address(this), block.chainid))`.
    function computeChannelId(Channel calldata channel) external view returns (bytes32);

    /// @notice A channel's state; all zero for an id never opened.
    /// @dev Warning: ask for ids that `computeChannelId` gave, or a `ChannelOpened`. A word that is the hash of no descriptor can name
    /// other storage of the escrow, such as a credit's, and what is read there is no channel's.
    function getChannel(bytes32 channelId) external view returns (ChannelState memory);

    /// @notice Many channels' states, in the order asked.
    function getChannels(bytes32[] calldata channelIds) external view returns (ChannelState[] memory);

    /// @notice What reverted payouts have left for `account`, base units of `token`.
    function credit(address token, address account) external view returns (uint256);

    /// @notice The EIP-712 digest that a voucher's signer signs.
    function voucherDigest(bytes32 channelId, uint128 cumulativeAmount) external view returns (bytes32);

    /// @notice What `settleBatch` would do with each row if that row came alone.
    function previewSettle(
        address payee,
        address token,
        SettleRow[] calldata rows
    ) external view returns (SettlePreview[] memory);
}
