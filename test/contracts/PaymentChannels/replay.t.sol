// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {TypedData} from "../support/TypedData.sol";
import {Base} from "./Base.t.sol";

/// @notice Each signed message is good on one chain, at one escrow, for one channel. The vouchers' own are in `settleSignatures.t.sol`.
contract ReplayTest is Base {
    bytes32 private constant PREIMAGE = "preimage";

    IPaymentChannels.Channel private _channel;
    IPaymentChannels.Channel private _sibling;
    address private _otherEscrow;

    function setUp() public override {
        super.setUp();
        _channel = opened(address(plain), DEPOSIT);
        _sibling = opened(address(plain), DEPOSIT);
        _otherEscrow = address(deployEscrow(GRACE));
    }

    function test_GivenOffersOfOtherChainsEscrowsOrChannels_WhenReplayed_OnlyTheChannelsOwnPays() public {
        for (uint256 i = 7; i != 0; --i) {
            (bytes32 digest, bytes32 disguised) = digests(i, TypedData.TICK_VOUCHER, offer());
            expectError(IPaymentChannels.InvalidSignature.selector);
            showTick(signed(SIGNER_KEY, digest));
            if (disguised == 0) continue;
            expectError(IPaymentChannels.InvalidSignature.selector);
            showTick(signed(SIGNER_KEY, disguised));
        }
        (bytes32 own, ) = digests(0, TypedData.TICK_VOUCHER, offer());
        showTick(signed(SIGNER_KEY, own));
        assertState(_channel, DEPOSIT, 9, 0, false);
    }

    function test_GivenCloseRequestsOfOtherChainsEscrowsOrChannels_WhenReplayed_OnlyTheChannelsOwnStartsTheExit()
        public
    {
        bytes memory rest = abi.encode(DEPOSIT);
        for (uint256 i = 7; i != 0; --i) {
            (bytes32 digest, bytes32 disguised) = digests(i, TypedData.CLOSE_REQUEST, rest);
            expectError(IPaymentChannels.InvalidSignature.selector);
            channels.requestCloseWithSignature(_channel, signed(PAYER_KEY, digest));
            if (disguised == 0) continue;
            expectError(IPaymentChannels.InvalidSignature.selector);
            channels.requestCloseWithSignature(_channel, signed(PAYER_KEY, disguised));
        }
        (bytes32 own, ) = digests(0, TypedData.CLOSE_REQUEST, rest);
        channels.requestCloseWithSignature(_channel, signed(PAYER_KEY, own));
        assertState(_channel, DEPOSIT, 0, clock, false);
    }

    function test_GivenConsentsOfOtherChainsEscrowsOrChannels_WhenReplayed_OnlyTheChannelsOwnCloses() public {
        bytes memory rest = abi.encode(uint128(0), clock);
        for (uint256 i = 7; i != 0; --i) {
            (bytes32 digest, bytes32 disguised) = digests(i, TypedData.CLOSE_AUTHORIZATION, rest);
            expectError(IPaymentChannels.InvalidSignature.selector);
            channels.closeWithAuthorization(_channel, 0, "", clock, signed(PAYEE_KEY, digest));
            if (disguised == 0) continue;
            expectError(IPaymentChannels.InvalidSignature.selector);
            channels.closeWithAuthorization(_channel, 0, "", clock, signed(PAYEE_KEY, disguised));
        }
        (bytes32 own, ) = digests(0, TypedData.CLOSE_AUTHORIZATION, rest);
        channels.closeWithAuthorization(_channel, 0, "", clock, signed(PAYEE_KEY, own));
        assertState(_channel, DEPOSIT, 0, 0, true);
    }

    function test_GivenAForkWithAnotherChainId_WhenAnythingSignedBeforeIsReplayed_OnlyWhatTheForkSignedCounts() public {
        (bytes32 tick, ) = digests(0, TypedData.TICK_VOUCHER, offer());
        (bytes32 request, ) = digests(0, TypedData.CLOSE_REQUEST, abi.encode(DEPOSIT));
        (bytes32 consent, ) = digests(0, TypedData.CLOSE_AUTHORIZATION, abi.encode(uint128(0), clock));
        fork(10);
        expectNotFound(_channel);
        showTick(signed(SIGNER_KEY, tick));
        openAs(_channel, DEPOSIT);

        expectError(IPaymentChannels.InvalidSignature.selector);
        showTick(signed(SIGNER_KEY, tick));
        expectError(IPaymentChannels.InvalidSignature.selector);
        channels.requestCloseWithSignature(_channel, signed(PAYER_KEY, request));
        expectError(IPaymentChannels.InvalidSignature.selector);
        channels.closeWithAuthorization(_channel, 0, "", clock, signed(PAYEE_KEY, consent));

        (tick, ) = digests(0, TypedData.TICK_VOUCHER, offer());
        showTick(signed(SIGNER_KEY, tick));
        channels.requestCloseWithSignature(_channel, closeRequest(PAYER_KEY, _channel, DEPOSIT));
        bytes32 agreed = closeAuthorizationHash(_channel, 0, clock);
        channels.closeWithAuthorization(_channel, 0, "", clock, signed(PAYEE_KEY, agreed));
        assertState(_channel, DEPOSIT, 9, clock, true);
    }

    /// @dev Bit 0 takes another chain, bit 1 another escrow, bit 2 another channel. `disguised` names this channel's id, so that
    /// the domain alone has to tell them apart; 0 where that would be the channel's own message.
    function digests(
        uint256 others,
        string memory typeString,
        bytes memory rest
    ) private view returns (bytes32 digest, bytes32 disguised) {
        uint256 chainId = others & 1 == 0 ? chain : chain + 1;
        address escrow = others & 2 == 0 ? address(channels) : _otherEscrow;
        bytes32 id = idOf(others & 4 == 0 ? _channel : _sibling, escrow, chainId);
        digest = TypedData.digest(escrow, chainId, typeString, bytes.concat(id, rest));
        if (others & 3 == 0) return (digest, 0);
        disguised = TypedData.digest(escrow, chainId, typeString, bytes.concat(idOf(_channel), rest));
    }

    /// @dev One tick worth 9 on a base of nothing: the members of its message after the channel's id.
    function offer() private pure returns (bytes memory) {
        return abi.encode(uint128(0), keccak256(abi.encode(PREIMAGE)), uint128(9));
    }

    function showTick(bytes memory signature) private {
        channels.settleTicks(_channel, 0, keccak256(abi.encode(PREIMAGE)), 9, signature, 1, PREIMAGE);
    }
}
