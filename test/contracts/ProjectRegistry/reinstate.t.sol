// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";
import {Base} from "./Base.t.sol";

contract ReinstateTest is Base {
    function test_GivenASuspendedProject_WhenReinstated_ItTakesGiftsAgain() public {
        uint256 other = suspended();
        uint256 projectId = suspended();

        vm.expectEmit(address(registry));
        emit IProjectRegistry.ProjectReinstated(projectId, REASON);
        vm.prank(address(timelock));
        registry.reinstate(projectId, REASON);

        assertStatus(projectId, IProjectRegistry.Status.Accepted);
        assertStatus(other, IProjectRegistry.Status.Suspended);
    }

    function test_GivenAnyOtherStatus_WhenReinstated_ItReverts() public {
        IProjectRegistry.Status[] memory statuses = everyStatus();
        for (uint256 i; i < statuses.length; ++i) {
            if (statuses[i] == IProjectRegistry.Status.Suspended) continue;
            uint256 projectId = inStatus(statuses[i]);
            expectInvalidStatus(projectId, IProjectRegistry.Status.Suspended, statuses[i]);
            vm.prank(address(timelock));
            registry.reinstate(projectId, REASON);
        }
    }
}
