// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {GasBurningGate} from "../gates/GasBurningGate.sol";
import {HungryGate} from "../gates/HungryGate.sol";
import {ReenteringGate} from "../gates/ReenteringGate.sol";
import {ReturnBombGate} from "../gates/ReturnBombGate.sol";
import {RevertingGate} from "../gates/RevertingGate.sol";
import {ShortGate} from "../gates/ShortGate.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice Gates that do not answer, answer wrongly, or do something else: the most they can do is to weigh nothing.
contract HostileGatesTest is PoolBase {
    function test_GivenAGateThatReverts_WhenCollected_ItWeighsNothing() public {
        weighsNothing(address(new RevertingGate()));
    }

    function test_GivenAGateThatAnswersShort_WhenCollected_ItWeighsNothing() public {
        weighsNothing(address(new ShortGate()));
    }

    function test_GivenAGateThatBurnsGas_WhenCollected_ItWeighsNothingAndBurnsNoMoreThanItsPart() public {
        behind(address(new GasBurningGate()));
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 3e6), ANY);
        uint256 before = gasleft();
        (bool done, bytes memory reason) = address(this).call(abi.encodeCall(this.bring, (item)));
        uint256 used = before - gasleft();
        assertTrue(!done, "refused");
        assertEq(reason, abi.encodeWithSelector(IDonationPool.NotEligible.selector, donorOf(1)), "refusal");
        assertTrue(used > 200_000 && used < 500_000, "gas of the refusal");
        weighsNothing(address(new GasBurningGate()));
    }

    /// @dev As a call of its own, so that it can be given less gas, and its revert watched.
    function bring(IDonationPool.CollectItem memory item) external {
        collect(item);
    }

    function test_GivenAGateThatRefusesWithABomb_WhenCollected_ItWeighsNothing() public {
        ReturnBombGate gate = new ReturnBombGate();
        gate.refuse();
        weighsNothing(address(gate));
    }

    function test_GivenAGateThatAnswersWithABomb_WhenCollected_ItsFirstTwoWordsCountAndNoMoreIsCopied() public {
        behind(address(new ReturnBombGate()));
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 3e6), ANY);
        uint256 before = gasleft();
        collect(item);
        assertTrue(before - gasleft() < 700_000, "gas of the collect");
        (bytes30 keyId, uint16 weightBps) = pool.standingOf(donorOf(1));
        assertEq(bytes32(keyId), bytes32(bytes30(keccak256(abi.encode(1)))), "key");
        assertEq(weightBps, 10_000, "weight");
    }

    function weighsNothing(address gate) private {
        behind(gate);
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 3e6), ANY);
        bytes memory reason = abi.encodeWithSelector(IDonationPool.NotEligible.selector, donorOf(1));
        vm.expectRevert(reason);
        collect(item);
        assertState(item.channel, DEPOSIT, 0, 0, false);
        funds(donorOf(1), 3e6);
        vm.prank(donorOf(1));
        vm.expectRevert(reason);
        pool.donate(list(1, 3e6), ANY, 0);

        IDonationPool.CollectItem[] memory items = new IDonationPool.CollectItem[](2);
        items[0] = item;
        items[1] = itemOf(line(2), none(), list(1, 3e6), "");
        assertEq(pool.collectBatch(items), 1, "the other item of a batch is collected");
        assertGifts(1, 3e6);
    }

    function test_GivenAGateThatReenters_WhenCollected_NoVerbGoesThrough() public {
        ReenteringGate gate = new ReenteringGate();
        behind(address(gate));
        IPaymentChannels.Channel memory other = line(2);
        channels.settle(other, 9e6, voucherOf(other, 9e6));
        bytes[] memory calls = new bytes[](6);
        calls[0] = abi.encodeCall(IDonationPool.refund, (other, none()));
        calls[1] = abi.encodeCall(IDonationPool.claim, (1));
        calls[2] = abi.encodeCall(IDonationPool.sponsor, (1));
        calls[3] = abi.encodeCall(IDonationPool.donate, (list(1, 1), "", 0));
        calls[4] = abi.encodeCall(IDonationPool.switchToRefunds, ());
        calls[5] = abi.encodeCall(IDonationPool.cancel, (REASON));
        for (uint256 i; i < calls.length; ++i) {
            gate.arm(address(pool), calls[i]);
            given(3 + i, list(1, 3e6));
            (bytes30 keyId, ) = pool.standingOf(donorOf(3 + i));
            assertEq(bytes32(keyId), bytes32(bytes30(keccak256(abi.encode(2)))), "the call back failed");
        }
        assertHeld(address(plain), address(pool), 9e6 + 3e6 * calls.length, "the pool");
    }

    function test_GivenAGateThatNeedsItsGas_WhenAStrangerBringsTooLittle_NothingIsAttributedWithoutItsMatch() public {
        spoils(0);
    }

    function test_GivenAGateThatWeighsLessOnLessGas_WhenAStrangerBringsTooLittle_NoLesserWeightIsFrozen() public {
        spoils(5_000);
    }

    /// @dev Tries every amount of gas, in steps, that a stranger could send with a donor's gift.
    function spoils(uint256 weightOnLess) private {
        behind(address(new HungryGate(150_000, weightOnLess)));
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 3e6), ANY);
        bytes memory data = abi.encodeCall(
            IDonationPool.collect,
            (
                item.channel,
                item.voucherSignature,
                item.previousGifts,
                item.gifts,
                item.gateData,
                item.allocationSignature
            )
        );
        uint256 went;
        for (uint256 gas_ = 60_000; gas_ < 600_000; gas_ += 4_000) {
            uint256 snapshot = vm.snapshotState();
            (bool done, ) = address(pool).call{gas: gas_}(data);
            (, uint16 weightBps) = pool.standingOf(donorOf(1));
            assertEq(weightBps, done ? 10_000 : 0, "weight that was frozen");
            assertGifts(1, done ? 3e6 : 0);
            if (done) ++went;
            vm.revertToState(snapshot);
        }
        assertTrue(went != 0 && went < 135, "some went through and some did not");
    }
}
