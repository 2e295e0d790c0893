// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice What a round says of itself. What verbs change is read by their own tests.
contract ViewsTest is PoolBase {
    function test_GivenARound_WhenItsTermsAreRead_TheyAreThoseItWasMadeWith() public {
        IDonationPool.Terms memory terms = matchingTerms();
        assertEq(abi.encode(pool.terms()), abi.encode(terms), "terms with a pot");
        terms = givingTerms();
        pool = created(terms, range(1, 3));
        assertEq(abi.encode(pool.terms()), abi.encode(terms), "terms without a pot");
    }

    function test_GivenANewRound_WhenItIsRead_ItIsRunningEmptyAndOfThisEscrow() public view {
        assertEq(address(pool.channels()), address(channels), "escrow");
        assertStatus(IDonationPool.Status.Running);
        assertEq(pool.pot(), 0, "the pot");
        assertEq(pool.receiptCount(), 0, "receipts");
        assertEq(abi.encode(pool.projects()), abi.encode(range(1, 3)), "projects");
        assertEq(abi.encode(pool.settlement()), abi.encode(0, 0, 0), "settlement");
        assertEq(abi.encode(pool.getProject(1)), abi.encode(0, 0, 0, 0, 0, true, false), "a project of the round");
        assertEq(abi.encode(pool.getProject(4)), abi.encode(0, 0, 0, 0, 0, false, false), "another project");
        assertEq(pool.matchOf(1), 0, "match before settlement");
    }

    function test_GivenTwoDonors_WhenTheirStandingsAndVoicesAreRead_TheyAreWhatTheFirstCountedGiftsMade() public {
        donated(1, list(1, 4e6, 2, 9e6), ANY, 0);
        donated(2, list(1, 1e6), ANY, 0);

        bytes30 first = keyIdOf(donorOf(1));
        bytes30 second = keyIdOf(donorOf(2));
        assertVoice(first, 1, 4e10, uint256(2_000) << 32);
        assertVoice(first, 2, 9e10, uint256(3_000) << 32);
        assertVoice(second, 1, 1e10, uint256(1_000) << 32);
        assertVoice(second, 2, 0, 0);
    }

    function keyIdOf(address donor) private view returns (bytes30 keyId) {
        uint16 weightBps;
        (keyId, weightBps) = pool.standingOf(donor);
        bytes32 key = bytes32(uint256(uint160(donor)));
        assertEq(bytes32(keyId), bytes32(bytes30(keccak256(abi.encode(key)))), "name under which the donor counts");
        assertEq(weightBps, 10_000, "weight");
    }

    function assertVoice(bytes30 keyId, uint256 projectId, uint256 weighted, uint256 root) private view {
        (uint112 actualWeighted, uint80 actualRoot) = pool.voiceOf(keyId, projectId);
        assertEq(actualWeighted, weighted, "w");
        assertEq(actualRoot, root, "s");
    }

    function test_GivenEverySmallAmount_WhenItIsGiven_ItsRootIsTheOneCountedByHand() public {
        IDonationPool.Terms memory terms = matchingTerms();
        (terms.minCounted, terms.maxCounted) = (0, type(uint96).max);
        // floor(sqrt(c)) for c = 0 to 100, as runs: 2 * q + 1 amounts have the root q.
        for (uint128 c = 1; c <= 100; ++c) {
            uint256 q =
                c < 4
                    ? 1
                    : c < 9
                        ? 2
                        : c < 16
                            ? 3
                            : c < 25
                                ? 4
                                : c < 36
                                    ? 5
                                    : c < 49
                                        ? 6
                                        : 0;
            if (q == 0)
                q =
                    c < 64
                        ? 7
                        : c < 81
                            ? 8
                            : c < 100
                                ? 9
                                : 10;
            pool = created(terms, range(1, 1));
            donated(c, list(1, c), ANY, 0);
            uint256 root = pool.getProject(1).rootSum;
            assertEq(root >> 32, q, "integer part of the root");
            assertTrue(root * root <= uint256(c) << 64, "s^2 <= c * 2^64");
            assertTrue((root + 1) * (root + 1) > uint256(c) << 64, "c * 2^64 < (s + 1)^2");
            if (q * q == c) assertEq(root, q << 32, "root of a square");
        }
    }

    function test_GivenAnyAmount_WhenItIsGiven_ItsRootIsExact(uint96 amount) public {
        amount = uint96(bound(amount, 1, type(uint96).max));
        IDonationPool.Terms memory terms = matchingTerms();
        (terms.minCounted, terms.maxCounted) = (0, type(uint96).max);
        pool = created(terms, range(1, 1));
        donated(1, list(1, amount), ANY, 0);

        (, uint80 root) = pool.voiceOf(keyIdOf(donorOf(1)), 1);

        assertTrue(uint256(root) * root <= uint256(amount) << 64, "s^2 <= c * 2^64");
        assertTrue((uint256(root) + 1) * (uint256(root) + 1) > uint256(amount) << 64, "c * 2^64 < (s + 1)^2");
    }
}
