// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";
import {SilentFallbackToken} from "../tokens/SilentFallbackToken.sol";
import {Base} from "./Base.t.sol";

/// @notice Reverts with a word that would be a fine delay.
contract RevertingStewards {
    fallback() external {
        assembly ("memory-safe") {
            mstore(0x00, 1)
            revert(0x00, 0x20)
        }
    }
}

contract ReplaceStewardsTest is Base {
    function test_GivenAnotherTimelock_WhenItReplacesTheStewards_ItAloneDecides() public {
        address next = address(deployTimelock(DECISION_WINDOW / 2));
        uint256 projectId = accepted();

        vm.expectEmit(address(registry));
        emit IProjectRegistry.StewardsReplaced(address(timelock), next, REASON);
        vm.prank(address(timelock));
        registry.replaceStewards(next, REASON);

        assertEq(registry.stewards(), next, "stewards");
        vm.expectRevert(abi.encodeWithSelector(IProjectRegistry.NotSteward.selector, next, address(timelock)));
        vm.prank(address(timelock));
        registry.suspend(projectId, REASON);
        vm.prank(next);
        registry.suspend(projectId, REASON);
        assertStatus(projectId, IProjectRegistry.Status.Suspended);
    }

    function test_GivenNoStewards_WhenTheyReplace_ItReverts() public {
        address next = address(deployTimelock(TIMELOCK_DELAY));
        address[3] memory callers = [stranger, proposer, next];
        for (uint256 i; i < callers.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IProjectRegistry.NotSteward.selector, address(timelock), callers[i])
            );
            vm.prank(callers[i]);
            registry.replaceStewards(next, REASON);
        }
        assertEq(registry.stewards(), address(timelock), "stewards");
    }

    /// @dev Accounts without code, of which a precompile answers a word; contracts that revert; one that answers nothing.
    function test_GivenSuccessorsThatAreNoTimelock_WhenTheyReplace_ItReverts() public {
        address[6] memory successors = [
            address(0),
            stranger,
            address(2),
            address(token),
            address(new RevertingStewards()),
            address(new SilentFallbackToken())
        ];
        for (uint256 i; i < successors.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IProjectRegistry.InvalidStewards.selector, successors[i]));
            vm.prank(address(timelock));
            registry.replaceStewards(successors[i], REASON);
        }
        assertEq(registry.stewards(), address(timelock), "stewards");
    }

    function test_GivenATimelockTooSlowToDecide_WhenItReplaces_ItReverts() public {
        uint256 max = DECISION_WINDOW / 2;
        address slow = address(deployTimelock(max + 1));
        vm.expectRevert(abi.encodeWithSelector(IProjectRegistry.StewardsTooSlow.selector, max, max + 1));
        vm.prank(address(timelock));
        registry.replaceStewards(slow, REASON);
        assertEq(registry.stewards(), address(timelock), "stewards");
    }
}
