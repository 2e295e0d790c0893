// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";
import {SwitchedFeeToken} from "../tokens/SwitchedFeeToken.sol";
import {Base} from "./Base.t.sol";

contract ChallengeTest is Base {
    function test_GivenAnApplication_WhenChallenged_AnEqualDepositIsLockedAndTheStewardsMustDecide() public {
        uint256 projectId = submitted();
        uint256 before = token.balanceOf(challenger);
        travelTo(clock + 1 hours);

        vm.expectEmit(address(registry));
        emit IProjectRegistry.ProjectChallenged(projectId, challenger, REASON);
        vm.prank(challenger);
        registry.challenge(projectId, REASON);

        IProjectRegistry.Project memory project = registry.getProject(projectId);
        assertEq(project.challenger, challenger, "challenger");
        assertEq(project.challengedAt, clock, "challengedAt");
        assertEq(project.submittedAt, clock - 1 hours, "submittedAt");
        assertStatus(projectId, IProjectRegistry.Status.Challenged);
        assertHeld(challenger, before - DEPOSIT, "the challenger");
        assertHeld(address(registry), 2 * DEPOSIT, "the registry");
    }

    function test_GivenTheFirstSecondOfTheWindow_WhenChallenged_ItSucceeds() public {
        challenged();
    }

    function test_GivenTheLastSecondOfTheWindow_WhenChallenged_ItSucceeds() public {
        uint256 projectId = submitted();
        travelTo(clock + CHALLENGE_WINDOW - 1);
        vm.prank(challenger);
        registry.challenge(projectId, REASON);
        assertStatus(projectId, IProjectRegistry.Status.Challenged);
    }

    function test_GivenTheSecondAfterTheWindow_WhenChallenged_ItReverts() public {
        uint256 projectId = submitted();
        travelTo(clock + CHALLENGE_WINDOW);
        expectWindowClosed(clock);
        vm.prank(challenger);
        registry.challenge(projectId, REASON);
        assertStatus(projectId, IProjectRegistry.Status.Submitted);
    }

    function test_GivenADayAfterTheWindow_WhenChallenged_ItRevertsSayingWhenItClosed() public {
        uint256 projectId = submitted();
        uint256 closedAt = clock + CHALLENGE_WINDOW;
        travelTo(closedAt + 1 days);
        expectWindowClosed(closedAt);
        vm.prank(challenger);
        registry.challenge(projectId, REASON);
        assertStatus(projectId, IProjectRegistry.Status.Submitted);
    }

    function test_GivenAnyOtherStatus_WhenChallenged_ItReverts() public {
        IProjectRegistry.Status[] memory statuses = everyStatus();
        for (uint256 i; i < statuses.length; ++i) {
            if (statuses[i] == IProjectRegistry.Status.Submitted) continue;
            uint256 projectId = inStatus(statuses[i]);
            expectInvalidStatus(projectId, IProjectRegistry.Status.Submitted, statuses[i]);
            vm.prank(challenger);
            registry.challenge(projectId, REASON);
        }
    }

    function test_GivenATokenThatBeganToTakeAFee_WhenChallenged_ItReverts() public {
        SwitchedFeeToken switched = new SwitchedFeeToken();
        use(switched);
        uint256 projectId = submitted();
        switched.charge();
        expectMismatch(DEPOSIT - DEPOSIT / 100);
        vm.prank(challenger);
        registry.challenge(projectId, REASON);
        assertStatus(projectId, IProjectRegistry.Status.Submitted);
    }
}
