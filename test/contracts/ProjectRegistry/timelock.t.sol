// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";
import {Base} from "./Base.t.sol";

/// @notice Stewards as they are: a proposer announces, the delay passes, anyone executes.
contract TimelockTest is Base {
    function test_GivenAScheduledDecision_WhenTheDelayIsOver_AnyoneExecutesIt() public {
        uint256 projectId = challenged();
        bytes memory decision = abi.encodeCall(IProjectRegistry.decide, (projectId, false, REASON));
        schedule(decision);
        travelTo(clock + TIMELOCK_DELAY);

        vm.expectEmit(address(registry));
        emit IProjectRegistry.ProjectDecided(projectId, false, REASON);
        execute(decision);

        assertStatus(projectId, IProjectRegistry.Status.Rejected);
        assertOwed(challenger, 2 * DEPOSIT, "the challenger");
    }

    function test_GivenAScheduledDecision_WhenTheDelayHasOneSecondLeft_NobodyExecutesIt() public {
        uint256 projectId = challenged();
        bytes memory decision = abi.encodeCall(IProjectRegistry.decide, (projectId, true, REASON));
        schedule(decision);
        bytes32 operation = timelock.hashOperation(address(registry), 0, decision, 0, 0);
        travelTo(clock + TIMELOCK_DELAY - 1);

        vm.expectRevert(
            abi.encodeWithSelector(
                TimelockController.TimelockUnexpectedOperationState.selector,
                operation,
                bytes32(1 << uint8(TimelockController.OperationState.Ready))
            )
        );
        execute(decision);
        assertStatus(projectId, IProjectRegistry.Status.Challenged);
    }

    function test_GivenADecisionScheduledTooLate_WhenItIsExecuted_SilenceHasWon() public {
        uint256 projectId = challenged();
        bytes memory decision = abi.encodeCall(IProjectRegistry.decide, (projectId, false, REASON));
        uint256 closesAt = clock + DECISION_WINDOW;
        travelTo(closesAt - TIMELOCK_DELAY);
        schedule(decision);
        travelTo(closesAt);
        expectWindowClosed(closesAt);
        execute(decision);

        registry.accept(projectId);
        assertStatus(projectId, IProjectRegistry.Status.Accepted);
        assertOwed(manager, DEPOSIT, "the manager");
    }

    function test_GivenAStranger_WhenItProposes_TheTimelockRefuses() public {
        bytes32 role = timelock.PROPOSER_ROLE();
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, stranger, role)
        );
        vm.prank(stranger);
        timelock.schedule(address(registry), 0, "", 0, 0, TIMELOCK_DELAY);
    }

    function test_GivenSuspensionAndReplacement_WhenBothAreScheduled_TheNewTimelockReinstates() public {
        uint256 projectId = accepted();
        TimelockController next = deployTimelock(TIMELOCK_DELAY + 1);
        bytes memory suspension = abi.encodeCall(IProjectRegistry.suspend, (projectId, REASON));
        bytes memory replacement = abi.encodeCall(IProjectRegistry.replaceStewards, (address(next), REASON));
        bytes memory reinstatement = abi.encodeCall(IProjectRegistry.reinstate, (projectId, REASON));
        schedule(suspension);
        schedule(replacement);
        schedule(reinstatement);
        travelTo(clock + TIMELOCK_DELAY);
        execute(suspension);
        execute(replacement);
        assertStatus(projectId, IProjectRegistry.Status.Suspended);
        assertEq(registry.stewards(), address(next), "stewards");

        vm.expectRevert(abi.encodeWithSelector(IProjectRegistry.NotSteward.selector, address(next), address(timelock)));
        execute(reinstatement);

        timelock = next;
        vm.prank(proposer);
        next.schedule(address(registry), 0, reinstatement, 0, 0, TIMELOCK_DELAY + 1);
        travelTo(clock + TIMELOCK_DELAY + 1);
        execute(reinstatement);
        assertStatus(projectId, IProjectRegistry.Status.Accepted);
    }

    function schedule(bytes memory data) private {
        vm.prank(proposer);
        timelock.schedule(address(registry), 0, data, 0, 0, TIMELOCK_DELAY);
    }

    function execute(bytes memory data) private {
        vm.prank(stranger);
        timelock.execute(address(registry), 0, data, 0, 0);
    }
}
