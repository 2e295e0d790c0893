// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";
import {Base} from "./Base.t.sol";

contract SuspendTest is Base {
    function test_GivenAnAcceptedProject_WhenSuspended_ItTakesNoGiftsAndKeepsItsPayout() public {
        uint256 other = accepted();
        uint256 projectId = accepted();

        vm.expectEmit(address(registry));
        emit IProjectRegistry.ProjectSuspended(projectId, REASON);
        vm.prank(address(timelock));
        registry.suspend(projectId, REASON);

        assertStatus(projectId, IProjectRegistry.Status.Suspended);
        assertStatus(other, IProjectRegistry.Status.Accepted);
        assertEq(registry.payoutOf(projectId), payout, "payout");
    }

    function test_GivenAnyOtherStatus_WhenSuspended_ItReverts() public {
        IProjectRegistry.Status[] memory statuses = everyStatus();
        for (uint256 i; i < statuses.length; ++i) {
            if (statuses[i] == IProjectRegistry.Status.Accepted) continue;
            uint256 projectId = inStatus(statuses[i]);
            expectInvalidStatus(projectId, IProjectRegistry.Status.Accepted, statuses[i]);
            vm.prank(address(timelock));
            registry.suspend(projectId, REASON);
        }
    }
}
