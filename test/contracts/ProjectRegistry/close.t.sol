// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";
import {Base} from "./Base.t.sol";

contract CloseTest is Base {
    function test_GivenAnAcceptedOrSuspendedProject_WhenClosed_ItTakesNoGiftsAndKeepsItsPayout() public {
        uint256 other = accepted();
        uint256[2] memory ids = [accepted(), suspended()];
        for (uint256 i; i < 2; ++i) {
            vm.expectEmit(address(registry));
            emit IProjectRegistry.ProjectClosed(ids[i]);
            vm.prank(manager);
            registry.close(ids[i]);

            assertStatus(ids[i], IProjectRegistry.Status.Closed);
            assertEq(registry.payoutOf(ids[i]), payout, "payout");
        }
        assertStatus(other, IProjectRegistry.Status.Accepted);
    }

    function test_GivenAnyOtherStatus_WhenClosed_ItReverts() public {
        IProjectRegistry.Status[4] memory statuses = [
            IProjectRegistry.Status.Submitted,
            IProjectRegistry.Status.Challenged,
            IProjectRegistry.Status.Rejected,
            IProjectRegistry.Status.Closed
        ];
        for (uint256 i; i < statuses.length; ++i) {
            uint256 projectId = inStatus(statuses[i]);
            vm.expectRevert(abi.encodeWithSelector(IProjectRegistry.NotAdmitted.selector, projectId, statuses[i]));
            vm.prank(manager);
            registry.close(projectId);
            assertStatus(projectId, statuses[i]);
        }
    }
}
