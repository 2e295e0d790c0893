// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";
import {Base} from "./Base.t.sol";

/// @notice A verb logs what it did before it calls the token, so that whatever the token logs or calls in turn comes after it.
contract LogsTest is Base {
    function test_GivenAnApplication_WhenSubmitted_ItsLogComesBeforeTheTokens() public {
        vm.recordLogs();
        vm.prank(manager);
        registry.submit(payout, METADATA);
        assertFirst(IProjectRegistry.ProjectSubmitted.selector);
    }

    function test_GivenAnApplication_WhenChallenged_TheLogComesBeforeTheTokens() public {
        uint256 projectId = submitted();
        vm.recordLogs();
        vm.prank(challenger);
        registry.challenge(projectId, REASON);
        assertFirst(IProjectRegistry.ProjectChallenged.selector);
    }

    function test_GivenADepositThatIsOwed_WhenWithdrawn_TheLogComesBeforeTheTokens() public {
        accepted();
        vm.recordLogs();
        registry.withdrawDeposit(manager);
        assertFirst(IProjectRegistry.DepositWithdrawn.selector);
    }

    function assertFirst(bytes32 topic) private {
        assertEq(vm.getRecordedLogs()[0].topics[0], topic, "the first log");
    }
}
