// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {FULL_WEIGHT_BPS, IEligibilityGate} from "../interfaces/IEligibilityGate.sol";
import {Signatures} from "../libraries/Signatures.sol";

/// @title AttestedGate
/// @notice Lets those count for whom a named attester has signed. The key may be a nullifier or a cluster's id, so that
/// accounts which belong together add up as one.
/// @dev The data is `abi.encode(bytes32 key, uint16 weightBps, uint64 expiresAt, bytes signature)`; data of another form
/// reverts. The signature is the attester's, ECDSA first, ERC-1271 second, over
/// `Attestation(address pool,address donor,bytes32 key,uint16 weightBps,uint64 expiresAt)` in the gate's EIP-712 domain. The
/// pool is the caller: to ask in a pool's place, call from its address.
///
/// Warning: the attester alone decides who counts, so whoever holds its key steers the matching of the round, within its caps.
/// One that is a contract can disown an attestation until a pool has used it.
contract AttestedGate is IEligibilityGate, EIP712 {
    bytes32 private constant ATTESTATION = keccak256(
        "Attestation(address pool,address donor,bytes32 key,uint16 weightBps,uint64 expiresAt)"
    );

    /// @notice Who attests. The zero address attests nobody.
    address public immutable attester;

    /// @param attester_ Who attests.
    constructor(address attester_) EIP712("Farthing Attested Gate", "1") {
        attester = attester_;
    }

    /// @inheritdoc IEligibilityGate
    /// @dev An attestation is good up to and in the second `expiresAt`.
    function check(address donor, bytes calldata data) external view returns (bytes32 key, uint16 weightBps) {
        uint64 expiresAt;
        uint256 offset;
        (key, weightBps, expiresAt, offset) = abi.decode(data[:0x80], (bytes32, uint16, uint64, uint256));
        uint256 length = uint256(bytes32(data[offset:offset + 0x20]));
        bytes calldata signature = data[offset + 0x20:offset + 0x20 + length];

        bytes32 attestation = keccak256(abi.encode(ATTESTATION, msg.sender, donor, key, weightBps, expiresAt));
        bool eligible = weightBps <= FULL_WEIGHT_BPS && block.timestamp <= expiresAt;
        if (!eligible || !Signatures.isValid(attester, _hashTypedDataV4(attestation), signature)) return (0, 0);
    }
}
