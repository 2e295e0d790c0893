// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {MerkleGate} from "../../../contracts/gates/MerkleGate.sol";
import {Assertions} from "../support/Assertions.sol";

contract MerkleGateTest is Assertions {
    bytes32 private constant ROUND = keccak256("the round");
    bytes32 private constant KEY = keccak256("a person");
    uint256 private constant CHAIN = 8453;

    address private alice = vm.addr(0xA11CE);
    address private bob = vm.addr(0xB0B);
    /// @dev The leaf of the list that a test is about, between others: a tree of four.
    bytes32 private _sibling;
    bytes32 private _uncle;
    bytes32 private _root;
    MerkleGate private _gate;

    function setUp() public {
        vm.chainId(CHAIN);
        _sibling = leaf(CHAIN, ROUND, bob, bytes32("bob"), 10_000);
        _uncle = pair(leaf(CHAIN, ROUND, vm.addr(3), KEY, 1), leaf(CHAIN, ROUND, vm.addr(4), KEY, 2));
        list(leaf(CHAIN, ROUND, alice, KEY, 10_000));
    }

    function test_GivenArguments_WhenDeployed_TheyReadBack() public view {
        assertEq(_gate.root(), _root, "root");
        assertEq(_gate.roundId(), ROUND, "roundId");
    }

    function test_GivenAListedDonor_WhenProved_ItCountsAsItsKeyWithItsWeight() public {
        uint16[3] memory weights = [1, 9_999, 10_000];
        for (uint256 i; i < weights.length; ++i) {
            list(leaf(CHAIN, ROUND, alice, KEY, weights[i]));
            assertAnswer(alice, proved(KEY, weights[i]), KEY, weights[i], "a listed donor");
        }
        assertAnswer(bob, abi.encode(bytes32("bob"), 10_000, path(last())), bytes32("bob"), 10_000, "its neighbour");
    }

    function test_GivenAListOfOne_WhenProvedByNothing_TheRootIsTheLeaf() public {
        _gate = new MerkleGate(leaf(CHAIN, ROUND, alice, KEY, 5_000), ROUND);
        assertAnswer(alice, abi.encode(KEY, 5_000, new bytes32[](0)), KEY, 5_000, "the only donor");
        assertRefused(bob, abi.encode(KEY, 5_000, new bytes32[](0)), "another donor");
    }

    function test_GivenALeafOfWeightZero_WhenProved_ItIsNotEligible() public {
        list(leaf(CHAIN, ROUND, alice, KEY, 0));
        assertAnswer(alice, proved(KEY, 0), KEY, 0, "weight zero");
    }

    function test_GivenALeafAboveFullWeight_WhenProved_ItIsNotEligible() public {
        uint16[2] memory weights = [10_001, type(uint16).max];
        for (uint256 i; i < weights.length; ++i) {
            list(leaf(CHAIN, ROUND, alice, KEY, weights[i]));
            assertRefused(alice, proved(KEY, weights[i]), "a weight above full");
        }
    }

    function test_GivenAListedDonor_WhenAnythingIsChanged_ItIsNotEligible() public view {
        assertAnswer(alice, proved(KEY, 10_000), KEY, 10_000, "unchanged");
        assertRefused(bob, proved(KEY, 10_000), "another donor's proof");
        assertRefused(alice, proved(keccak256("another person"), 10_000), "another key");
        assertRefused(alice, proved(KEY, 9_999), "another weight");
        assertRefused(alice, abi.encode(KEY, 10_000, new bytes32[](0)), "no proof");
        bytes32[] memory short = new bytes32[](1);
        short[0] = _sibling;
        assertRefused(alice, abi.encode(KEY, 10_000, short), "a proof that stops early");
        bytes32[] memory swapped = new bytes32[](2);
        (swapped[0], swapped[1]) = (_uncle, _sibling);
        assertRefused(alice, abi.encode(KEY, 10_000, swapped), "a proof in another order");
        bytes32[] memory long = new bytes32[](3);
        (long[0], long[1], long[2]) = (_sibling, _uncle, _root);
        assertRefused(alice, abi.encode(KEY, 10_000, long), "a proof that goes on past the root");
    }

    function test_GivenAListOfAnotherRound_WhenProved_ItIsNotEligible() public {
        list(leaf(CHAIN, keccak256("another round"), alice, KEY, 10_000));
        assertRefused(alice, proved(KEY, 10_000), "a leaf of another round");
        _gate = new MerkleGate(_root, keccak256("another round"));
        assertAnswer(alice, proved(KEY, 10_000), KEY, 10_000, "in its own round");
    }

    function test_GivenAListOfAnotherChain_WhenProved_ItIsNotEligible() public {
        list(leaf(10, ROUND, alice, KEY, 10_000));
        assertRefused(alice, proved(KEY, 10_000), "a leaf of another chain");
        vm.chainId(10);
        assertAnswer(alice, proved(KEY, 10_000), KEY, 10_000, "on its own chain");
    }

    /// @dev Someone who may name leaves puts one on the list whose single hash would be taken for it.
    function test_GivenALeafThatWasHashedOnce_WhenProved_ItIsNotEligible() public {
        list(keccak256(abi.encode(CHAIN, ROUND, alice, KEY, uint16(10_000))));
        assertRefused(alice, proved(KEY, 10_000), "a leaf hashed once");
    }

    /// @dev The pre-image of an inner node is 64 bytes, that of a leaf 32: no node can pass for a leaf, nor a leaf's fields
    /// for a node's children.
    function test_GivenAnInnerNode_WhenItIsShownAsALeaf_ItIsNotEligible() public {
        bytes32[] memory above = new bytes32[](1);
        above[0] = _uncle;
        bytes32 left = leaf(CHAIN, ROUND, alice, KEY, 10_000);
        assertRefused(alice, abi.encode(pair(left, _sibling), 10_000, above), "a node as the key");
        assertRefused(address(uint160(uint256(left))), abi.encode(_sibling, 10_000, above), "its children as fields");

        bytes32 children = keccak256(abi.encode(alice, KEY)); // 64 bytes, hashed once, as a node is
        _gate = new MerkleGate(pair(children, _uncle), ROUND);
        assertRefused(alice, abi.encode(KEY, 10_000, above), "a leaf of 64 bytes");
    }

    function test_GivenDataOfAnotherForm_WhenChecked_ItRevertsOrIsNotEligible() public view {
        bytes[4] memory malformed = [bytes(""), hex"00", abi.encode(KEY), abi.encode(KEY, 10_000, uint256(1e30))];
        for (uint256 i; i < malformed.length; ++i) assertReverts(alice, malformed[i]);
        assertReverts(alice, abi.encode(KEY, uint256(65_536), path(_sibling)));
    }

    function testFuzz_GivenAnyProof_WhenItIsNotTheListed_ItIsNotEligible(
        address donor,
        bytes32 key,
        uint16 weightBps,
        bytes32[] calldata proof
    ) public view {
        assertRefused(donor, abi.encode(key, weightBps, proof), "made up");
    }

    /* LISTS */

    /// @dev A list with this leaf first, and its gate.
    function list(bytes32 first) private {
        _root = pair(pair(first, _sibling), _uncle);
        _gate = new MerkleGate(_root, ROUND);
    }

    function last() private view returns (bytes32) {
        return leaf(CHAIN, ROUND, alice, KEY, 10_000);
    }

    function proved(bytes32 key, uint16 weightBps) private view returns (bytes memory) {
        return abi.encode(key, weightBps, path(_sibling));
    }

    function path(bytes32 neighbour) private view returns (bytes32[] memory proof) {
        proof = new bytes32[](2);
        (proof[0], proof[1]) = (neighbour, _uncle);
    }

    function leaf(
        uint256 chainId,
        bytes32 roundId,
        address donor,
        bytes32 key,
        uint16 weightBps
    ) private pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(abi.encode(chainId, roundId, donor, key, weightBps))));
    }

    function pair(bytes32 a, bytes32 b) private pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }

    /* ANSWERS */

    function assertAnswer(
        address donor,
        bytes memory data,
        bytes32 key,
        uint256 weightBps,
        string memory what
    ) private view {
        (bytes32 actualKey, uint16 actualWeight) = _gate.check(donor, data);
        assertEq(actualKey, key, string.concat("key: ", what));
        assertEq(actualWeight, weightBps, string.concat("weight: ", what));
    }

    function assertRefused(address donor, bytes memory data, string memory what) private view {
        assertAnswer(donor, data, 0, 0, what);
    }

    function assertReverts(address donor, bytes memory data) private view {
        (bool answered, ) = address(_gate).staticcall(abi.encodeCall(MerkleGate.check, (donor, data)));
        assertTrue(!answered, "malformed data reverts");
    }
}
