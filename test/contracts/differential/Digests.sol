// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {Allocations} from "../../../contracts/libraries/Allocations.sol";
import {Channels} from "../../../contracts/libraries/Channels.sol";
import {Permits} from "../../../contracts/libraries/Permits.sol";
import {Ticks} from "../../../contracts/libraries/Ticks.sol";
import {TypeHashes} from "../../../contracts/libraries/TypeHashes.sol";
import {AuthorizationToken} from "../tokens/AuthorizationToken.sol";
import {TypedData} from "../support/TypedData.sol";
import {Messages, OpenPermit, TopUpPermit} from "./Messages.sol";

/// @notice What the contracts' own libraries make of each message, in the domain of any contract on any chain.
contract Digests {
    using Channels for IPaymentChannels.Channel;

    string private constant ESCROW = "EVM Payment Channel";
    string private constant POOL = "Farthing Donation Pool";

    /// @dev The gate's own is private; what it is made of is compared with the gate's elsewhere.
    bytes32 private constant ATTESTATION = keccak256(
        "Attestation(address pool,address donor,bytes32 key,uint16 weightBps,uint64 expiresAt)"
    );

    /// @dev Source: permit2 `PermitHash.sol`.
    string private constant STUB =
        "PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,";

    struct Domain {
        address verifyingContract;
        uint256 chainId;
    }

    /// @notice Many questions in one call.
    function ask(bytes[] calldata calls) external view returns (bytes[] memory answers) {
        answers = new bytes[](calls.length);
        for (uint256 i; i < calls.length; ++i) {
            (bool success, bytes memory answer) = address(this).staticcall(calls[i]);
            require(success, string(answer));
            answers[i] = answer;
        }
    }

    /// @notice By each of the layouts in which the escrow hashes a descriptor, which differ in where it comes from.
    /// @dev On this chain and for this contract as the escrow.
    function channelIds(
        IPaymentChannels.Channel calldata channel,
        IPaymentChannels.SettleRow calldata row
    ) external view returns (bytes32 ofCalldata, bytes32 ofArguments, bytes32 ofRow) {
        ofCalldata = channel.idOf();
        ofArguments = Channels
            .lay(channel.payer, channel.payee, channel.token, channel.salt, channel.authorizedSigner)
            .idOf();
        ofRow = Channels.idOf(channel.payee, channel.token, row);
    }

    function voucher(Domain calldata domain, Messages.Voucher calldata message) external pure returns (bytes32) {
        return digest(ESCROW, domain, TypeHashes.voucher(message.channelId, message.cumulativeAmount));
    }

    function tickVoucher(
        Domain calldata domain,
        Messages.TickVoucher calldata message
    ) external pure returns (bytes32) {
        return
            digest(
                ESCROW,
                domain,
                TypeHashes.tickVoucher(message.channelId, message.cumulativeAmount, message.tickRoot, message.tickValue)
            );
    }

    function closeRequest(
        Domain calldata domain,
        Messages.CloseRequest calldata message
    ) external pure returns (bytes32) {
        return digest(ESCROW, domain, TypeHashes.closeRequest(message.channelId, message.deposit));
    }

    function closeAuthorization(
        Domain calldata domain,
        Messages.CloseAuthorization calldata message
    ) external pure returns (bytes32) {
        bytes32 structHash = TypeHashes.closeAuthorization(
            message.channelId,
            message.cumulativeAmount,
            message.deadline
        );
        return digest(ESCROW, domain, structHash);
    }

    /// @dev Read as the pool reads it, which refuses what breaks its rules.
    function allocation(Domain calldata domain, Messages.Allocation calldata message) external pure returns (bytes32) {
        (uint128 sum, , uint256[] memory giftHashes) = Allocations.read(message.gifts[:0], message.gifts);
        return digest(POOL, domain, Allocations.hashStruct(message.channelId, sum, message.gateDataHash, giftHashes));
    }

    function attestation(
        Domain calldata domain,
        Messages.Attestation calldata message
    ) external pure returns (bytes32) {
        return digest("Farthing Attested Gate", domain, keccak256(abi.encode(ATTESTATION, message)));
    }

    function openPermit(
        Domain calldata domain,
        OpenPermit.PermitWitnessTransferFrom calldata message
    ) external pure returns (bytes32) {
        Messages.ChannelOpenWitness calldata witness = message.witness;
        return
            permit(
                domain,
                abi.encode(message.permitted.token, message.permitted.amount),
                abi.encode(message.spender, message.nonce, message.deadline),
                Permits.openWitness(witness.payee, witness.salt, witness.authorizedSigner),
                Permits.OPEN_TYPE
            );
    }

    function topUpPermit(
        Domain calldata domain,
        TopUpPermit.PermitWitnessTransferFrom calldata message
    ) external pure returns (bytes32) {
        return
            permit(
                domain,
                abi.encode(message.permitted.token, message.permitted.amount),
                abi.encode(message.spender, message.nonce, message.deadline),
                Permits.topUpWitness(message.witness.channelId),
                Permits.TOP_UP_TYPE
            );
    }

    function tickRoot(bytes32 link, uint256 ticks) external pure returns (bytes32) {
        return Ticks.rootOf(link, ticks);
    }

    /// @dev As Permit2 hashes what its caller passes. Source: permit2 `PermitHash.sol`, `hashWithWitness`.
    function permit(
        Domain calldata domain,
        bytes memory permitted,
        bytes memory terms,
        bytes32 witness,
        string memory witnessType
    ) private pure returns (bytes32) {
        bytes32 typeHash = keccak256(bytes(string.concat(STUB, witnessType)));
        bytes32 token = keccak256(bytes.concat(keccak256(bytes(TypedData.TOKEN_PERMISSIONS)), permitted));
        bytes32 structHash = keccak256(bytes.concat(typeHash, token, terms, witness));
        bytes32 domainType = keccak256(bytes(TypedData.PERMIT2_DOMAIN));
        bytes32 separator = keccak256(
            abi.encode(domainType, keccak256("Permit2"), domain.chainId, domain.verifyingContract)
        );
        return keccak256(bytes.concat(hex"1901", separator, structHash));
    }

    function digest(string memory name, Domain calldata domain, bytes32 structHash) private pure returns (bytes32) {
        bytes32 separator = TypedData.separator(name, domain.chainId, domain.verifyingContract);
        return keccak256(bytes.concat(hex"1901", separator, structHash));
    }
}

/// @notice OpenZeppelin's token with EIP-3009, and what it makes of an authorization.
contract TokenDigests is AuthorizationToken {
    function receiveWithAuthorization(
        Messages.ReceiveWithAuthorization calldata message
    ) external view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(RECEIVE_WITH_AUTHORIZATION_TYPEHASH, message)));
    }
}
