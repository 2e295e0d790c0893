// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";
import {Base} from "./Base.t.sol";

contract ChangePayoutTest is Base {
    function test_GivenAChange_WhenItsDelayRuns_ThePayoutIsTheOldOneToTheLastSecond() public {
        uint256 projectId = accepted();
        uint256 changesAt = clock + PAYOUT_DELAY;

        vm.expectEmit(address(registry));
        emit IProjectRegistry.PayoutChangeScheduled(projectId, nextPayout, changesAt);
        change(projectId, nextPayout);
        assertPayout(projectId, payout, nextPayout, changesAt);

        travelTo(changesAt - 1);
        assertPayout(projectId, payout, nextPayout, changesAt);
        travelTo(changesAt);
        assertPayout(projectId, nextPayout, address(0), 0);
        travelTo(changesAt + 1000 days);
        assertPayout(projectId, nextPayout, address(0), 0);
    }

    function test_GivenAPendingChange_WhenAnotherReplacesIt_TheDelayStartsAnewAndTheFirstNeverHolds() public {
        uint256 projectId = accepted();
        change(projectId, nextPayout);
        uint256 first = clock + PAYOUT_DELAY;
        travelTo(first - 1);
        change(projectId, stranger);
        uint256 second = clock + PAYOUT_DELAY;

        assertPayout(projectId, payout, stranger, second);
        travelTo(first);
        assertPayout(projectId, payout, stranger, second);
        travelTo(second - 1);
        assertPayout(projectId, payout, stranger, second);
        travelTo(second);
        assertPayout(projectId, stranger, address(0), 0);
    }

    function test_GivenAChangeInEffect_WhenAnotherIsScheduled_TheFirstStaysUntilThen() public {
        uint256 projectId = accepted();
        change(projectId, nextPayout);
        travelTo(clock + PAYOUT_DELAY);
        change(projectId, stranger);
        uint256 second = clock + PAYOUT_DELAY;

        assertPayout(projectId, nextPayout, stranger, second);
        travelTo(second - 1);
        assertPayout(projectId, nextPayout, stranger, second);
        travelTo(second);
        assertPayout(projectId, stranger, address(0), 0);
    }

    /// @dev The way to call a change off. It is shown as pending, though nothing will change.
    function test_GivenAPendingChange_WhenThePresentPayoutReplacesIt_NothingEverChanges() public {
        uint256 projectId = accepted();
        change(projectId, nextPayout);
        change(projectId, payout);
        uint256 changesAt = clock + PAYOUT_DELAY;
        assertPayout(projectId, payout, payout, changesAt);
        travelTo(changesAt);
        assertPayout(projectId, payout, address(0), 0);
    }

    function test_GivenEveryStatus_WhenTheManagerChangesThePayout_ItTakesEffect() public {
        IProjectRegistry.Status[] memory statuses = everyStatus();
        for (uint256 i; i < statuses.length; ++i) {
            uint256 projectId = inStatus(statuses[i]);
            change(projectId, nextPayout);
            travelTo(clock + PAYOUT_DELAY);
            assertPayout(projectId, nextPayout, address(0), 0);
            assertStatus(projectId, statuses[i]);
        }
    }

    function test_GivenAPayoutOfZeroOrTheRegistry_WhenChanged_ItReverts() public {
        uint256 projectId = accepted();
        address[2] memory payouts = [address(0), address(registry)];
        for (uint256 i; i < 2; ++i) {
            expectInvalidPayout(payouts[i]);
            change(projectId, payouts[i]);
        }
        assertPayout(projectId, payout, address(0), 0);
    }

    function testFuzz_GivenChangesAtAnyTimes_WhenRead_ThePayoutIsTheNewestWhoseDelayRanUndisturbed(
        uint32[8] calldata pauses
    ) public {
        uint256 projectId = accepted();
        address inEffect = payout;
        for (uint160 i; i < pauses.length; ++i) {
            address next = address(0x1000 + i);
            change(projectId, next);
            uint256 pause = bound(pauses[i], 0, 2 * PAYOUT_DELAY);
            travelTo(clock + pause);
            if (pause >= PAYOUT_DELAY) inEffect = next;
            assertEq(registry.payoutOf(projectId), inEffect, "payout");
        }
    }

    function change(uint256 projectId, address newPayout) private {
        vm.prank(manager);
        registry.changePayout(projectId, newPayout);
    }

    function assertPayout(uint256 projectId, address present, address pending, uint256 changesAt) private view {
        IProjectRegistry.Project memory project = registry.getProject(projectId);
        assertEq(registry.payoutOf(projectId), present, "payoutOf");
        assertEq(project.payout, present, "payout");
        assertEq(project.pendingPayout, pending, "pendingPayout");
        assertEq(project.payoutChangesAt, changesAt, "payoutChangesAt");
    }
}
