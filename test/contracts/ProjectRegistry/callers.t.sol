// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";
import {Base} from "./Base.t.sol";

/// @notice Who may do what, and of which projects.
contract CallersTest is Base {
    function test_GivenAnUnknownProject_WhenAnyVerbOrViewIsCalled_ItReverts() public {
        uint256 last = submitted();
        uint256[4] memory unknown = [0, last + 1, uint256(type(uint32).max) + 2, type(uint256).max];
        for (uint256 i; i < unknown.length; ++i) {
            uint256 id = unknown[i];
            bytes[] memory views = new bytes[](2);
            views[0] = abi.encodeCall(IProjectRegistry.payoutOf, (id));
            views[1] = abi.encodeCall(IProjectRegistry.getProject, (id));
            bytes[] memory calls = join(join(stewardVerbs(id), managerVerbs(id)), join(openVerbs(id), views));
            bytes memory expected = abi.encodeWithSelector(IProjectRegistry.ProjectNotFound.selector, id);
            for (uint256 j; j < calls.length; ++j) {
                assertRefused(address(timelock), calls[j], expected, "an unknown project, by the stewards");
                assertRefused(manager, calls[j], expected, "an unknown project, by a manager");
            }
        }
    }

    function test_GivenAnyStatus_WhenAnyoneElseCallsAVerbOfTheStewards_ItReverts() public {
        IProjectRegistry.Status[] memory statuses = everyStatus();
        address[4] memory callers = [stranger, manager, challenger, proposer];
        for (uint256 i; i < statuses.length; ++i) {
            bytes[] memory calls = stewardVerbs(inStatus(statuses[i]));
            for (uint256 j; j < calls.length * callers.length; ++j) {
                address caller = callers[j % callers.length];
                bytes memory expected = abi.encodeWithSelector(
                    IProjectRegistry.NotSteward.selector,
                    address(timelock),
                    caller
                );
                assertRefused(caller, calls[j / callers.length], expected, "a verb of the stewards");
            }
        }
    }

    function test_GivenAnyStatus_WhenAnyoneElseCallsAVerbOfTheManager_ItReverts() public {
        IProjectRegistry.Status[] memory statuses = everyStatus();
        address[4] memory callers = [stranger, address(timelock), challenger, payout];
        for (uint256 i; i < statuses.length; ++i) {
            bytes[] memory calls = managerVerbs(inStatus(statuses[i]));
            for (uint256 j; j < calls.length * callers.length; ++j) {
                address caller = callers[j % callers.length];
                bytes memory expected = abi.encodeWithSelector(IProjectRegistry.NotManager.selector, manager, caller);
                assertRefused(caller, calls[j / callers.length], expected, "a verb of the manager");
            }
        }
    }
}
