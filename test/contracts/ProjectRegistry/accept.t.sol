// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";
import {Base} from "./Base.t.sol";

contract AcceptTest is Base {
    function test_GivenNoChallenge_WhenTheWindowIsOver_AnyoneAcceptsAndTheDepositGoesBack() public {
        uint256 projectId = submitted();
        travelTo(clock + CHALLENGE_WINDOW);

        vm.expectEmit(address(registry));
        emit IProjectRegistry.ProjectAccepted(projectId);
        vm.expectEmit(address(registry));
        emit IProjectRegistry.DepositReleased(projectId, manager, DEPOSIT);
        vm.prank(stranger);
        registry.accept(projectId);

        assertStatus(projectId, IProjectRegistry.Status.Accepted);
        assertOwed(manager, DEPOSIT, "the manager");
        assertHeld(address(registry), DEPOSIT, "the registry");
    }

    function test_GivenNoChallenge_WhenTheWindowHasOneSecondLeft_ItReverts() public {
        uint256 projectId = submitted();
        uint256 closesAt = clock + CHALLENGE_WINDOW;
        travelTo(closesAt - 1);
        expectWindowOpen(closesAt);
        registry.accept(projectId);
        assertStatus(projectId, IProjectRegistry.Status.Submitted);
    }

    function test_GivenAChallengeWithoutDecision_WhenTheWindowIsOver_BothDepositsGoBack() public {
        uint256 projectId = challengedLate();
        travelTo(clock + DECISION_WINDOW);

        vm.expectEmit(address(registry));
        emit IProjectRegistry.ProjectAccepted(projectId);
        vm.expectEmit(address(registry));
        emit IProjectRegistry.DepositReleased(projectId, manager, DEPOSIT);
        vm.expectEmit(address(registry));
        emit IProjectRegistry.DepositReleased(projectId, challenger, DEPOSIT);
        vm.prank(stranger);
        registry.accept(projectId);

        assertStatus(projectId, IProjectRegistry.Status.Accepted);
        assertOwed(manager, DEPOSIT, "the manager");
        assertOwed(challenger, DEPOSIT, "the challenger");
    }

    /// @dev The challenge's window is long over: once challenged, only the decision's counts.
    function test_GivenAChallengeWithoutDecision_WhenTheWindowHasOneSecondLeft_ItReverts() public {
        uint256 projectId = challengedLate();
        uint256 closesAt = clock + DECISION_WINDOW;
        travelTo(closesAt - 1);
        expectWindowOpen(closesAt);
        registry.accept(projectId);
        assertStatus(projectId, IProjectRegistry.Status.Challenged);
    }

    function test_GivenAnyOtherStatus_WhenAccepted_ItReverts() public {
        IProjectRegistry.Status[] memory statuses = everyStatus();
        for (uint256 i = uint256(IProjectRegistry.Status.Challenged); i < statuses.length; ++i) {
            uint256 projectId = inStatus(statuses[i]);
            travelTo(clock + 365 days);
            expectInvalidStatus(projectId, IProjectRegistry.Status.Submitted, statuses[i]);
            registry.accept(projectId);
        }
    }

    function challengedLate() private returns (uint256 projectId) {
        projectId = submitted();
        travelTo(clock + CHALLENGE_WINDOW - 1);
        vm.prank(challenger);
        registry.challenge(projectId, REASON);
    }
}
