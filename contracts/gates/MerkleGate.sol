// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {FULL_WEIGHT_BPS, IEligibilityGate} from "../interfaces/IEligibilityGate.sol";

/// @title MerkleGate
/// @notice Lets those count who are on a list that was published before the round; the list's Merkle root is fixed.
/// @dev The data is `abi.encode(bytes32 key, uint16 weightBps, bytes32[] proof)`; data of another form reverts.
///
/// A leaf is `keccak256(bytes.concat(keccak256(abi.encode(block.chainid, roundId, donor, key, weightBps))))`. It is hashed
/// twice, so that no inner node of the tree, whose pre-image is 64 bytes, can pass for a leaf. It names chain and round, so
/// that a list made for one is worth nothing in another. Sibling hashes are sorted, as OpenZeppelin's merkle-tree does.
contract MerkleGate is IEligibilityGate {
    /// @notice Root of the list's Merkle tree.
    bytes32 public immutable root;

    /// @notice The round that the list is for: `keccak256(abi.encode(creator, salt))` of the pool. The pool's own address
    /// follows from its gate's, and can not be known before it.
    bytes32 public immutable roundId;

    /// @param root_ Root of the list's Merkle tree.
    /// @param roundId_ `keccak256(abi.encode(creator, salt))` of the pool.
    constructor(bytes32 root_, bytes32 roundId_) {
        root = root_;
        roundId = roundId_;
    }

    /// @inheritdoc IEligibilityGate
    function check(address donor, bytes calldata data) external view returns (bytes32 key, uint16 weightBps) {
        bytes32[] memory proof;
        (key, weightBps, proof) = abi.decode(data, (bytes32, uint16, bytes32[]));
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(block.chainid, roundId, donor, key, weightBps))));
        if (weightBps > FULL_WEIGHT_BPS || !MerkleProof.verify(proof, root, leaf)) return (0, 0);
    }
}
