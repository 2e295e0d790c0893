// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {TypedData} from "../support/TypedData.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice The gates that ship, as a round asks them: proofs and attestations are good for one donor of one round.
contract GatesTest is PoolBase {
    bytes32 private constant SALT = keccak256("a listed round");
    uint256 private constant ATTESTER_KEY = 0xA77E57;

    /// @dev A round behind a list of two donors, of whom the second weighs half.
    function listed() private returns (bytes memory first, bytes memory second) {
        bytes32 roundId = keccak256(abi.encode(creator, SALT));
        bytes32 one = leaf(roundId, donorOf(1), "one", 10_000);
        bytes32 two = leaf(roundId, donorOf(2), "two", 5_000);
        bytes32 root = one < two ? keccak256(abi.encode(one, two)) : keccak256(abi.encode(two, one));
        behindRoot(root, roundId);
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = two;
        first = abi.encode(bytes32("one"), uint16(10_000), proof);
        proof[0] = one;
        second = abi.encode(bytes32("two"), uint16(5_000), proof);
    }

    function leaf(bytes32 roundId, address donor, bytes32 key, uint16 weightBps) private view returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(chain, roundId, donor, key, weightBps))));
    }

    function test_GivenAListOfThisRound_WhenItsDonorsProveThemselves_EachCountsWithItsWeight() public {
        (bytes memory first, bytes memory second) = listed();
        collect(itemOf(line(1), none(), list(1, 4e6), first));
        donated(2, list(1, 4e6), second, 0);

        uint256[] memory counted = new uint256[](2);
        (counted[0], counted[1]) = (4e6, 2e6);
        assertCount(1, counted);
        (bytes30 keyId, uint16 weightBps) = pool.standingOf(donorOf(2));
        assertEq(bytes32(keyId), bytes32(bytes30(keccak256(abi.encode(bytes32("two"))))), "key");
        assertEq(weightBps, 5_000, "weight");
    }

    function test_GivenARootOfAnotherRoundsList_WhenItsDonorsProveThemselves_TheyDoNotCount() public {
        bytes32 other = leaf(keccak256("another round"), donorOf(1), "one", 10_000);
        bytes32 own = leaf(keccak256(abi.encode(creator, SALT)), donorOf(1), "one", 10_000);
        bytes memory data = abi.encode(bytes32("one"), uint16(10_000), new bytes32[](0));
        behindRoot(other, keccak256(abi.encode(creator, SALT)));
        refused(line(1), data);

        behindRoot(own, keccak256(abi.encode(creator, SALT)));
        collect(itemOf(line(1), none(), list(1, 4e6), data));
        assertGifts(1, 4e6);
    }

    function behindRoot(bytes32 root, bytes32 roundId) private {
        IDonationPool.Terms memory terms = matchingTerms();
        terms.gate = deploy(abi.encodePacked(vm.getCode("MerkleGate.sol:MerkleGate"), abi.encode(root, roundId)));
        terms.acceptsSybil = false;
        vm.prank(creator);
        pool = IDonationPool(factory.createRound(terms, range(1, 3), SALT));
    }

    function test_GivenAProof_WhenAnotherDonorOrAnotherWeightOrAMalformedOneComes_ItDoesNotCount() public {
        (bytes memory first, bytes memory second) = listed();
        refused(line(1), second);
        refused(line(2), first);
        (, , bytes32[] memory proof) = abi.decode(second, (bytes32, uint16, bytes32[]));
        refused(line(2), abi.encode(bytes32("two"), uint16(10_000), proof));
        refused(line(2), abi.encode(bytes32("three"), uint16(5_000), proof));
        refused(line(1), hex"c0ffee");
    }

    function test_GivenAnAttestationForThisPool_WhenItComesBeforeItExpires_TheDonorCounts() public {
        attested();
        collect(itemOf(line(1), none(), list(1, 4e6), attestation(address(pool), donorOf(1), uint64(clock))));
        uint256[] memory counted = new uint256[](1);
        counted[0] = 4e6;
        assertCount(1, counted);
    }

    function test_GivenAnAttestationForAnotherPoolOrDonorOrTime_WhenItComes_TheDonorDoesNotCount() public {
        attested();
        refused(line(1), attestation(stranger, donorOf(1), uint64(clock)));
        refused(line(2), attestation(address(pool), donorOf(1), uint64(clock)));
        refused(line(1), attestation(address(pool), donorOf(1), uint64(clock - 1)));
    }

    function attested() private {
        address attester = vm.addr(ATTESTER_KEY);
        behind(deploy(abi.encodePacked(vm.getCode("AttestedGate.sol:AttestedGate"), abi.encode(attester))));
    }

    function attestation(address pool_, address donor, uint64 expiresAt) private view returns (bytes memory) {
        bytes32 typeHash = keccak256(
            "Attestation(address pool,address donor,bytes32 key,uint16 weightBps,uint64 expiresAt)"
        );
        bytes32 structHash = keccak256(abi.encode(typeHash, pool_, donor, bytes32("key"), uint16(10_000), expiresAt));
        bytes32 domain = TypedData.separator("Farthing Attested Gate", chain, pool.terms().gate);
        bytes memory signature = signed(ATTESTER_KEY, keccak256(abi.encodePacked(hex"1901", domain, structHash)));
        return abi.encode(bytes32("key"), uint16(10_000), expiresAt, signature);
    }

    function refused(IPaymentChannels.Channel memory channel, bytes memory gateData) private {
        IDonationPool.CollectItem memory item = itemOf(channel, none(), list(1, 4e6), gateData);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.NotEligible.selector, channel.payer));
        collect(item);
        assertState(channel, DEPOSIT, 0, 0, false);
    }
}
