// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";
import {DenyListToken} from "../tokens/DenyListToken.sol";
import {Base} from "./Base.t.sol";

contract DecideTest is Base {
    function test_GivenAChallenge_WhenAccepted_BothDepositsAreTheManagers() public {
        uint256 projectId = challenged();

        vm.expectEmit(address(registry));
        emit IProjectRegistry.ProjectDecided(projectId, true, REASON);
        vm.expectEmit(address(registry));
        emit IProjectRegistry.DepositReleased(projectId, manager, 2 * DEPOSIT);
        vm.prank(address(timelock));
        registry.decide(projectId, true, REASON);

        assertStatus(projectId, IProjectRegistry.Status.Accepted);
        assertOwed(manager, 2 * DEPOSIT, "the manager");
        assertOwed(challenger, 0, "the challenger");
        assertHeld(address(registry), 2 * DEPOSIT, "the registry");
    }

    function test_GivenAChallenge_WhenRejected_BothDepositsAreTheChallengers() public {
        uint256 projectId = challenged();

        vm.expectEmit(address(registry));
        emit IProjectRegistry.ProjectDecided(projectId, false, REASON);
        vm.expectEmit(address(registry));
        emit IProjectRegistry.DepositReleased(projectId, challenger, 2 * DEPOSIT);
        vm.prank(address(timelock));
        registry.decide(projectId, false, REASON);

        assertStatus(projectId, IProjectRegistry.Status.Rejected);
        assertOwed(challenger, 2 * DEPOSIT, "the challenger");
        assertOwed(manager, 0, "the manager");
        assertHeld(address(registry), 2 * DEPOSIT, "the registry");
    }

    /// @dev The decision's window opens with the challenge, not with the application.
    function test_GivenTheLastSecondOfTheWindow_WhenDecided_ItSucceeds() public {
        uint256 projectId = challengedLate();
        travelTo(clock + DECISION_WINDOW - 1);
        vm.prank(address(timelock));
        registry.decide(projectId, true, REASON);
        assertStatus(projectId, IProjectRegistry.Status.Accepted);
    }

    function test_GivenADayAfterTheWindow_WhenDecided_ItRevertsSayingWhenItClosed() public {
        uint256 projectId = challengedLate();
        uint256 closedAt = clock + DECISION_WINDOW;
        travelTo(closedAt + 1 days);
        expectWindowClosed(closedAt);
        vm.prank(address(timelock));
        registry.decide(projectId, true, REASON);
        assertStatus(projectId, IProjectRegistry.Status.Challenged);
    }

    function test_GivenTheSecondAfterTheWindow_WhenDecided_ItReverts() public {
        uint256 projectId = challengedLate();
        travelTo(clock + DECISION_WINDOW);
        expectWindowClosed(clock);
        vm.prank(address(timelock));
        registry.decide(projectId, false, REASON);
        assertStatus(projectId, IProjectRegistry.Status.Challenged);
    }

    function test_GivenAnyOtherStatus_WhenDecided_ItReverts() public {
        IProjectRegistry.Status[] memory statuses = everyStatus();
        for (uint256 i; i < statuses.length; ++i) {
            if (statuses[i] == IProjectRegistry.Status.Challenged) continue;
            uint256 projectId = inStatus(statuses[i]);
            expectInvalidStatus(projectId, IProjectRegistry.Status.Challenged, statuses[i]);
            vm.prank(address(timelock));
            registry.decide(projectId, i % 2 == 0, REASON);
        }
    }

    function test_GivenAManagerThatTookOver_WhenAccepted_TheDepositsAreTheNewManagers() public {
        uint256 projectId = challenged();
        vm.prank(manager);
        registry.transferManager(projectId, stranger);
        vm.prank(stranger);
        registry.acceptManager(projectId);
        vm.prank(address(timelock));
        registry.decide(projectId, true, REASON);
        assertOwed(stranger, 2 * DEPOSIT, "the new manager");
        assertOwed(manager, 0, "the manager before");
    }

    function test_GivenAWinnerThatTheTokenRefuses_WhenDecided_TheDecisionStandsAndTheMoneyWaits() public {
        DenyListToken strict = new DenyListToken();
        use(strict);
        uint256 won = challenged();
        uint256 lost = challenged();
        strict.deny(manager, true);
        strict.deny(challenger, true);

        vm.prank(address(timelock));
        registry.decide(won, true, REASON);
        vm.prank(address(timelock));
        registry.decide(lost, false, REASON);
        assertStatus(won, IProjectRegistry.Status.Accepted);
        assertStatus(lost, IProjectRegistry.Status.Rejected);

        vm.expectRevert(abi.encodeWithSelector(DenyListToken.Denied.selector, manager));
        registry.withdrawDeposit(manager);
        assertOwed(manager, 2 * DEPOSIT, "the manager");
        strict.deny(manager, false);
        assertEq(registry.withdrawDeposit(manager), 2 * DEPOSIT, "paid once the token lets it");
    }

    /// @dev A challenge in the last second of its window.
    function challengedLate() private returns (uint256 projectId) {
        projectId = submitted();
        travelTo(clock + CHALLENGE_WINDOW - 1);
        vm.prank(challenger);
        registry.challenge(projectId, REASON);
    }
}
