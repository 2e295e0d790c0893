// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {AnsweringGate} from "../gates/AnsweringGate.sol";
import {HashingGate} from "../gates/HashingGate.sol";
import {HungryGate} from "../gates/HungryGate.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice The call to a gate is laid by hand: what arrives, what comes back, and what it may not do to the memory around it.
contract GateCallsTest is PoolBase {
    uint256 private constant GAS_TO_ASK = 208_174; // 200,000, a 63rd of it rounded down, and 5,000

    function test_GivenDataOfAnyLength_WhenTheGateIsAsked_ItGetsThatDataAndTheGiftsAreAsTheyWere() public {
        behind(address(new HashingGate()));
        uint128 given_;
        for (uint256 length = 1; length < 1_000; length += length < 70 ? 1 : 61) {
            bytes memory data = new bytes(length);
            data[length - 1] = 0x7f;
            donated(length, list(1, 1e6, 2, 2e6, 3, 3e6), data, 0);
            (bytes30 keyId, uint16 weightBps) = pool.standingOf(donorOf(length));
            assertEq(bytes32(keyId), bytes32(bytes30(keccak256(abi.encode(keccak256(data))))), "key");
            assertEq(weightBps, 10_000, "weight");
            given_ += 1e6;
            assertGifts(1, given_);
            assertGifts(2, 2 * given_);
            assertGifts(3, 3 * given_);
        }
    }

    function test_GivenAnAnswerOfThreeWords_WhenTheGateIsAsked_TheThirdTouchesNothing() public {
        // mstore(0, 1), mstore(0x20, 10_000), mstore(0x40, not(0)), return(0, 0x60)
        vm.etch(address(0x6A7E), hex"60015f526127106020525f1960405260605ff3");
        behind(address(0x6A7E));
        bytes32 donationId = donated(1, list(1, 1e6, 2, 2e6), ANY, 0);
        assertGifts(1, 1e6);
        assertGifts(2, 2e6);
        assertEq(pool.giftsHash(donationId), hashOf(list(1, 1e6, 2, 2e6)), "hash of the donation");
    }

    function test_GivenTheLeastWeight_WhenAGiftIsLargeEnough_ItCounts() public {
        AnsweringGate gate = new AnsweringGate();
        gate.answer(donorOf(1), "key", 1);
        behind(address(gate));
        donated(1, list(1, 100e6), ANY, 0);
        assertEq(pool.getProject(1).rootSum, slowRoot(MIN_COUNTED << 64), "S of the project");
        assertEq(pool.getProject(1).donors, 1, "donors");
    }

    /// @dev Less than what is left of the gate's gas when it arrives in full, and more than what a caller could leave of it.
    function test_GivenAGateThatNeedsAllItsGas_WhenCallersLeaveEveryAmount_NoLesserWeightIsFrozen() public {
        behind(address(new HungryGate(196_500, 5_000)));
        funds(donorOf(1), 1e6);
        bytes memory call_ = abi.encodeCall(IDonationPool.donate, (list(1, 1e6), ANY, 0));
        uint256 refused;
        uint256 went;
        for (uint256 gas = 220_000; gas < 520_000; gas += 250) {
            uint256 snapshot = vm.snapshotState();
            vm.prank(donorOf(1));
            (bool done, bytes memory reason) = address(pool).call{gas: gas}(call_);
            (, uint16 weightBps) = pool.standingOf(donorOf(1));
            assertEq(weightBps, done ? 10_000 : 0, "weight that was frozen");
            if (done) {
                ++went;
            } else if (reason.length == 0x44 && bytes4(reason) == IDonationPool.NotEnoughGas.selector) {
                ++refused;
                assertLeft(reason);
            }
            vm.revertToState(snapshot);
        }
        assertTrue(refused != 0 && went != 0, "some were refused for their gas, and some went through");
    }

    function assertLeft(bytes memory reason) private pure {
        uint256 required;
        uint256 actual;
        assembly ("memory-safe") {
            required := mload(add(reason, 0x24))
            actual := mload(add(reason, 0x44))
        }
        assertEq(required, GAS_TO_ASK, "gas that is required");
        assertTrue(actual < required, "gas that was left");
    }
}
