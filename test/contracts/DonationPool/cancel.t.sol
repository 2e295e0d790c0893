// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {PoolBase} from "./PoolBase.t.sol";

contract CancelTest is PoolBase {
    function test_GivenARunningRound_WhenStewardsCancel_ItIsRefundingWithAPublishedReason() public {
        vm.expectEmit(address(pool));
        emit IDonationPool.Cancelled(REASON);
        vm.prank(stewards);
        pool.cancel(REASON);
        assertStatus(IDonationPool.Status.Refunding);
    }

    function test_GivenTheRoundsTimes_WhenStewardsCancel_ItIsPossibleUntilTheLastSecondBeforeTheEnd() public {
        travelTo(END);
        vm.prank(stewards);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.TooLate.selector, END, END));
        pool.cancel(REASON);
        travelTo(END - 1);
        cancelled();
        assertStatus(IDonationPool.Status.Refunding);
    }

    function test_GivenAnyoneElse_WhenTheyCancel_ItReverts(address caller) public {
        vm.assume(caller != stewards);
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.NotSteward.selector, stewards, caller));
        pool.cancel(REASON);
        assertStatus(IDonationPool.Status.Running);
    }

    function test_GivenACancelledRound_WhenAnythingIsGivenOrCancelledAgain_ItReverts() public {
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 1e6), ANY);
        cancelled();
        bytes memory refunding = abi.encodeWithSelector(
            IDonationPool.WrongStatus.selector,
            IDonationPool.Status.Refunding
        );
        vm.expectRevert(refunding);
        collect(item);
        vm.expectRevert(refunding);
        pool.donate(list(1, 1e6), ANY, 0);
        vm.prank(stewards);
        vm.expectRevert(refunding);
        pool.cancel(REASON);
        assertState(item.channel, DEPOSIT, 0, 0, false);
    }

    function test_GivenARoundWithoutAPot_WhenStewardsCancel_ItReverts() public {
        pool = created(givingTerms(), range(1, 3));
        vm.prank(stewards);
        expectError(IDonationPool.NotMatching.selector);
        pool.cancel(REASON);
    }

    function test_GivenTheTimelock_WhenItsProposerSchedules_AnyoneExecutesOnceTheDelayIsOverAndNotBefore() public {
        TimelockController timelock = TimelockController(payable(stewards));
        bytes memory data = abi.encodeCall(IDonationPool.cancel, (REASON));
        vm.prank(stranger);
        (bool scheduled, ) = stewards.call(abi.encodeCall(timelock.schedule, (address(pool), 0, data, 0, 0, DELAY)));
        assertTrue(!scheduled, "a stranger proposes nothing");
        vm.prank(proposer);
        timelock.schedule(address(pool), 0, data, 0, 0, DELAY);

        travelTo(clock + DELAY - 1);
        vm.prank(stranger);
        (bool executed, ) = stewards.call(abi.encodeCall(timelock.execute, (address(pool), 0, data, 0, 0)));
        assertTrue(!executed, "not within the delay");
        assertStatus(IDonationPool.Status.Running);
        travelTo(clock + 1);
        vm.prank(stranger);
        timelock.execute(address(pool), 0, data, 0, 0);
        assertStatus(IDonationPool.Status.Refunding);
    }
}
