// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {AttestedGate} from "../../../contracts/gates/AttestedGate.sol";
import {Assertions} from "../support/Assertions.sol";
import {TypedData} from "../support/TypedData.sol";
import {NoWallet} from "../wallets/NoWallet.sol";
import {RotatingWallet} from "../wallets/RotatingWallet.sol";

contract AttestedGateTest is Assertions {
    uint256 private constant CHAIN = 8453;
    uint256 private constant NOW = 1_800_000_000;
    uint256 private constant ATTESTER_KEY = 0xA77E57;
    uint256 private constant STRANGER_KEY = 0xBAD;
    uint256 private constant CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    string private constant ATTESTATION =
        "Attestation(address pool,address donor,bytes32 key,uint16 weightBps,uint64 expiresAt)";

    struct Attestation {
        address pool;
        address donor;
        bytes32 key;
        uint16 weightBps;
        uint64 expiresAt;
    }

    address private attester = vm.addr(ATTESTER_KEY);
    address private pool = vm.addr(0x9001);
    address private donor = vm.addr(0xD0);
    AttestedGate private _gate;

    function setUp() public {
        vm.chainId(CHAIN);
        vm.warp(NOW);
        _gate = new AttestedGate(attester);
    }

    function test_GivenAnAttester_WhenDeployed_ItReadsBack() public view {
        assertEq(_gate.attester(), attester, "attester");
    }

    function test_GivenTheGatesDomain_WhenAsked_ItIsTheOneThatWalletsAreShown() public view {
        (, string memory name, string memory version, uint256 chainId, address contract_, , ) = _gate.eip712Domain();
        assertEq(bytes(name), bytes("Farthing Attested Gate"), "name");
        assertEq(bytes(version), bytes("1"), "version");
        assertEq(chainId, CHAIN, "chainId");
        assertEq(contract_, address(_gate), "verifyingContract");
        assertEq(vm.eip712HashType(ATTESTATION), keccak256(bytes(ATTESTATION)), "type hash");
    }

    function test_GivenAnAttestation_WhenTheDonorShowsIt_ItCountsAsItsKeyWithItsWeight() public {
        uint16[3] memory weights = [1, 9_999, 10_000];
        for (uint256 i; i < weights.length; ++i) {
            Attestation memory a = sample();
            a.weightBps = weights[i];
            assertAnswer(a, signed(ATTESTER_KEY, a), a.key, weights[i], "attested");
            assertAnswer(a, compact(ATTESTER_KEY, a), a.key, weights[i], "attested in 64 bytes");
        }
    }

    function test_GivenAnAttestationOfWeightZero_WhenShown_ItIsNotEligible() public {
        Attestation memory a = sample();
        a.weightBps = 0;
        assertAnswer(a, signed(ATTESTER_KEY, a), a.key, 0, "weight zero");
    }

    function test_GivenAnAttestationAboveFullWeight_WhenShown_ItIsNotEligible() public {
        uint16[2] memory weights = [10_001, type(uint16).max];
        for (uint256 i; i < weights.length; ++i) {
            Attestation memory a = sample();
            a.weightBps = weights[i];
            assertRefused(a, signed(ATTESTER_KEY, a), "a weight above full");
        }
    }

    function test_GivenAnAttestation_WhenItsLastSecondPasses_ItIsNoLongerGood() public {
        Attestation memory a = sample();
        bytes memory signature = signed(ATTESTER_KEY, a);
        vm.warp(a.expiresAt);
        assertAnswer(a, signature, a.key, a.weightBps, "in its last second");
        vm.warp(uint256(a.expiresAt) + 1);
        assertRefused(a, signature, "a second later");
    }

    function test_GivenAnAttestationThatNeverExpires_WhenShownLate_ItIsGood() public {
        Attestation memory a = sample();
        a.expiresAt = type(uint64).max;
        vm.warp(type(uint64).max);
        assertAnswer(a, signed(ATTESTER_KEY, a), a.key, a.weightBps, "in the last second of all");
    }

    function test_GivenAnAttestation_WhenAnythingIsChanged_ItIsNotEligible() public {
        bytes memory signature = signed(ATTESTER_KEY, sample());
        Attestation memory a = sample();
        assertAnswer(a, signature, a.key, a.weightBps, "unchanged");
        a.pool = vm.addr(0x9002);
        assertRefused(a, signature, "another pool");
        a = sample();
        a.donor = vm.addr(0xD1);
        assertRefused(a, signature, "another donor");
        a = sample();
        a.key = keccak256("another person");
        assertRefused(a, signature, "another key");
        a = sample();
        a.weightBps += 1;
        assertRefused(a, signature, "more weight");
        a = sample();
        a.expiresAt += 1;
        assertRefused(a, signature, "a later end");
    }

    function test_GivenAnAttestation_WhenTheChainForks_ItIsGoodOnItsOwnAlone() public {
        Attestation memory a = sample();
        bytes memory signature = signed(ATTESTER_KEY, a);
        vm.chainId(10);
        assertRefused(a, signature, "on another chain");
        vm.chainId(CHAIN);
        assertAnswer(a, signature, a.key, a.weightBps, "on its own");
    }

    function test_GivenAnAttestationForAnotherGate_WhenShown_ItIsNotEligible() public {
        Attestation memory a = sample();
        bytes memory signature = signed(ATTESTER_KEY, a);
        _gate = new AttestedGate(attester);
        assertRefused(a, signature, "another gate of the same attester");
    }

    function test_GivenASignatureThatIsNotTheAttesters_WhenShown_ItIsNotEligible() public {
        Attestation memory a = sample();
        assertRefused(a, signed(STRANGER_KEY, a), "a stranger's");
        bytes memory good = signed(ATTESTER_KEY, a);
        assertRefused(a, abi.encodePacked(good, bytes1(0)), "a byte too long");
        assertRefused(a, "", "empty");
        assertRefused(a, new bytes(65), "of zeros");

        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ATTESTER_KEY, digest(a));
        assertRefused(a, abi.encodePacked(r, CURVE_ORDER - uint256(s), v == 27 ? 28 : 27), "malleable");
        assertRefused(a, abi.encodePacked(r, s, v - 27), "with another form of v");
    }

    function test_GivenNoAttester_WhenAnySignatureIsShown_ItIsNotEligible() public {
        _gate = new AttestedGate(address(0));
        Attestation memory a = sample();
        assertRefused(a, signed(ATTESTER_KEY, a), "someone's");
        assertRefused(a, new bytes(65), "one that recovers to nobody");
    }

    function test_GivenAnAttesterThatIsAWallet_WhenItsKeySigned_ItCountsAsLongAsTheWalletSaysSo() public {
        RotatingWallet wallet = new RotatingWallet(attester);
        _gate = new AttestedGate(address(wallet));
        Attestation memory a = sample();
        bytes memory signature = signed(ATTESTER_KEY, a);
        assertAnswer(a, signature, a.key, a.weightBps, "by the wallet's key");
        assertRefused(a, signed(STRANGER_KEY, a), "by another key");
        wallet.rotate(vm.addr(STRANGER_KEY));
        assertRefused(a, signature, "by the key before");
    }

    /// @dev EIP-7702: what the attester's key signed stays good when its account is given code that disowns it.
    function test_GivenAnAttesterThatGainsCodeWhichDisowns_WhenItsKeySigned_ItStillCounts() public {
        Attestation memory a = sample();
        bytes memory signature = signed(ATTESTER_KEY, a);
        vm.etch(attester, abi.encodePacked(hex"ef0100", new NoWallet()));
        assertTrue(attester.code.length != 0, "the attester has code");
        assertAnswer(a, signature, a.key, a.weightBps, "by its key");
    }

    function test_GivenDataOfAnotherForm_WhenChecked_ItReverts() public {
        Attestation memory a = sample();
        bytes memory good = encode(a, signed(ATTESTER_KEY, a));
        bytes memory head = abi.encode(a.key, a.weightBps, a.expiresAt);
        bytes[6] memory malformed = [
            bytes(""),
            head,
            abi.encodePacked(head, uint256(0x80)),
            abi.encodePacked(head, uint256(0x80), uint256(65), bytes32(0), bytes32(0)),
            abi.encodePacked(head, type(uint256).max, uint256(65)),
            abi.encodePacked(head, uint256(0x80), type(uint256).max)
        ];
        for (uint256 i; i < malformed.length; ++i) {
            vm.prank(pool);
            (bool answered, ) = address(_gate).call(abi.encodeCall(AttestedGate.check, (donor, malformed[i])));
            assertTrue(!answered, "malformed data reverts");
        }
        vm.prank(pool);
        (bool accepted, ) = address(_gate).call(abi.encodeCall(AttestedGate.check, (donor, good)));
        assertTrue(accepted, "data of the right form does not");
    }

    function testFuzz_GivenAnyAttestation_WhenSigned_TheGateReadsItAsItWasEncoded(
        address pool_,
        address donor_,
        bytes32 key,
        uint16 weightBps,
        uint64 expiresAt
    ) public {
        weightBps = uint16(bound(weightBps, 0, 10_000));
        expiresAt = uint64(bound(expiresAt, NOW, type(uint64).max));
        Attestation memory a = Attestation(pool_, donor_, key, weightBps, expiresAt);
        assertAnswer(a, signed(ATTESTER_KEY, a), key, weightBps, "signed");
        assertRefused(a, signed(STRANGER_KEY, a), "signed by a stranger");
    }

    /* ATTESTATIONS */

    function sample() private view returns (Attestation memory) {
        return Attestation(pool, donor, keccak256("a person"), 7_500, uint64(NOW + 30 days));
    }

    /// @dev Written a second time and from the type string, to hold the gate to.
    function digest(Attestation memory a) private view returns (bytes32) {
        bytes32 domain = TypedData.separator("Farthing Attested Gate", CHAIN, address(_gate));
        bytes memory members = abi.encode(a.pool, a.donor, a.key, a.weightBps, a.expiresAt);
        bytes32 structHash = keccak256(abi.encodePacked(keccak256(bytes(ATTESTATION)), members));
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function signed(uint256 key, Attestation memory a) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest(a));
        return abi.encodePacked(r, s, v);
    }

    function compact(uint256 key, Attestation memory a) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 vs) = vm.sign(key, digest(a));
        if (v == 28) vs |= bytes32(uint256(1) << 255);
        return abi.encodePacked(r, vs);
    }

    function encode(Attestation memory a, bytes memory signature) private pure returns (bytes memory) {
        return abi.encode(a.key, a.weightBps, a.expiresAt, signature);
    }

    /* ANSWERS */

    function assertAnswer(
        Attestation memory a,
        bytes memory signature,
        bytes32 key,
        uint256 weightBps,
        string memory what
    ) private {
        vm.prank(a.pool);
        (bytes32 actualKey, uint16 actualWeight) = _gate.check(a.donor, encode(a, signature));
        assertEq(actualKey, key, string.concat("key: ", what));
        assertEq(actualWeight, weightBps, string.concat("weight: ", what));
    }

    function assertRefused(Attestation memory a, bytes memory signature, string memory what) private {
        assertAnswer(a, signature, 0, 0, what);
    }
}
