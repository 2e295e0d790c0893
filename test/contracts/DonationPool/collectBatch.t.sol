// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {AnsweringGate} from "../gates/AnsweringGate.sol";
import {GasBurningWallet} from "../wallets/GasBurningWallet.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice Many channels at once: a bad item harms itself alone.
contract CollectBatchTest is PoolBase {
    function test_GivenGoodItems_WhenBatched_EachIsCollected(uint8 count) public {
        count = uint8(bound(count, 0, 8));
        IDonationPool.CollectItem[] memory items = new IDonationPool.CollectItem[](count);
        for (uint256 i; i < count; ++i) {
            items[i] = itemOf(line(i), none(), list(1, uint128(1e6 + i), 2, 1e6), ANY);
        }
        vm.prank(stranger);
        assertEq(pool.collectBatch(items), count, "collected");
        for (uint256 i; i < count; ++i) {
            assertLine(items[i].channel, items[i].gifts, "of each item");
        }
        assertEq(pool.getProject(2).donors, count, "donors");
        assertGifts(2, uint256(count) * 1e6);
    }

    function test_GivenBadItemsAmongGoodOnes_WhenBatched_EachBadOneIsSkippedWithItsReasonAndHarmsNoOther() public {
        AnsweringGate gate = new AnsweringGate();
        behind(address(gate));
        gate.answer(donorOf(0), "key", 10_000);
        IDonationPool.CollectItem[] memory items = new IDonationPool.CollectItem[](7);
        for (uint256 i; i < 7; ++i) {
            items[i] = itemOf(line(i), none(), list(1, 3e6), i == 0 || i == 6 ? bytes("") : ANY);
        }
        items[1].allocationSignature = items[0].allocationSignature;
        items[2].channel.token = NATIVE;
        items[3].previousGifts = list(1, 1);
        items[4].voucherSignature = items[0].voucherSignature;
        skips(items[1].channel, IDonationPool.InvalidSignature.selector);
        skips(items[2].channel, IDonationPool.NotOwnChannel.selector);
        skips(items[3].channel, IDonationPool.GiftsMismatch.selector);
        skips(items[4].channel, IPaymentChannels.InvalidSignature.selector);
        skips(items[5].channel, IDonationPool.NotEligible.selector);

        assertEq(pool.collectBatch(items), 2, "collected");

        assertLine(items[0].channel, list(1, 3e6), "of the first");
        assertLine(items[6].channel, list(1, 3e6), "of the last");
        assertGifts(1, 6e6);
        assertHeld(address(plain), address(pool), 6e6, "the pool");
        assertState(items[5].channel, DEPOSIT, 0, 0, false);
    }

    function skips(IPaymentChannels.Channel memory channel, bytes4 reason) private {
        vm.expectEmit(address(pool));
        emit IDonationPool.CollectSkipped(idOf(channel), reason);
    }

    function test_GivenTheSameItemTwice_WhenBatched_ItIsCollectedOnceAndTheCopyIsSkipped() public {
        IDonationPool.CollectItem[] memory items = new IDonationPool.CollectItem[](2);
        items[0] = itemOf(line(1), none(), list(1, 3e6), ANY);
        items[1] = items[0];
        skips(items[0].channel, IDonationPool.GiftsMismatch.selector);
        assertEq(pool.collectBatch(items), 1, "collected");
        assertGifts(1, 3e6);
        assertHeld(address(plain), address(pool), 3e6, "the pool");
    }

    function test_GivenTwoListsOfOneChannel_WhenBatchedInOrder_BothAreCollected() public {
        IDonationPool.CollectItem[] memory items = new IDonationPool.CollectItem[](2);
        items[0] = itemOf(line(1), none(), list(1, 3e6), ANY);
        items[1] = itemOf(items[0].channel, list(1, 3e6), list(1, 4e6), ANY);
        assertEq(pool.collectBatch(items), 2, "collected");
        assertGifts(1, 4e6);
    }

    function test_GivenItemsWhoseSignersBurnAllGas_WhenBatched_TheOthersAreCollected() public {
        address burner = address(new GasBurningWallet());
        IDonationPool.CollectItem[] memory items = new IDonationPool.CollectItem[](5);
        for (uint256 i; i < 5; ++i) {
            items[i] = itemOf(line(i), none(), list(1, 3e6), ANY);
            if (i % 2 == 0) items[i].channel.authorizedSigner = burner;
        }
        (bool done, bytes memory result) = address(pool).call{gas: 10_000_000}(
            abi.encodeCall(IDonationPool.collectBatch, (items))
        );
        assertTrue(done, "the batch went through");
        assertEq(abi.decode(result, (uint256)), 2, "collected");
        assertLine(items[1].channel, list(1, 3e6), "of the second");
        assertLine(items[3].channel, list(1, 3e6), "of the fourth");
    }

    function test_GivenTheWindowAndTheStatus_WhenABatchComesOutsideThem_ItReverts() public {
        IDonationPool.CollectItem[] memory none_ = new IDonationPool.CollectItem[](0);
        travelTo(END);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.NotOpen.selector, START, END, END));
        pool.collectBatch(none_);
        travelTo(START);
        cancelled();
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.WrongStatus.selector, IDonationPool.Status.Refunding));
        pool.collectBatch(none_);
    }

    function test_GivenAnyone_WhenTheyCallTheItemsVerbThemselves_ItReverts(address caller) public {
        vm.assume(caller != address(pool));
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 3e6), ANY);
        vm.prank(caller);
        expectError(IDonationPool.OnlySelf.selector);
        pool.collectItem(item);
        assertGifts(1, 0);
    }
}
