// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";
import {Base} from "./Base.t.sol";

contract ChangeMetadataTest is Base {
    bytes32 private constant NEXT = keccak256("Another description");

    function test_GivenAnAcceptedOrSuspendedProject_WhenItsDescriptionChanges_NothingElseDoes() public {
        uint256[2] memory ids = [accepted(), suspended()];
        for (uint256 i; i < 2; ++i) {
            IProjectRegistry.Project memory expected = registry.getProject(ids[i]);
            expected.metadataHash = NEXT;

            vm.expectEmit(address(registry));
            emit IProjectRegistry.MetadataChanged(ids[i], NEXT);
            vm.prank(manager);
            registry.changeMetadata(ids[i], NEXT);

            assertEq(abi.encode(registry.getProject(ids[i])), abi.encode(expected), "project");
        }
    }

    function test_GivenAnyOtherStatus_WhenItsDescriptionChanges_ItReverts() public {
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
            registry.changeMetadata(projectId, NEXT);
            assertEq(registry.getProject(projectId).metadataHash, METADATA, "metadataHash");
        }
    }
}
