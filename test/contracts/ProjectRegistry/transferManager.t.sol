// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";
import {Base} from "./Base.t.sol";

contract TransferManagerTest is Base {
    function test_GivenAnOffer_WhenItIsMade_TheManagerStaysUntilItIsTaken() public {
        uint256 projectId = accepted();

        vm.expectEmit(address(registry));
        emit IProjectRegistry.ManagerTransferStarted(projectId, manager, stranger);
        offer(projectId, stranger);

        assertManager(projectId, manager, stranger);
        assertRefused(
            stranger,
            abi.encodeCall(IProjectRegistry.close, (projectId)),
            abi.encodeWithSelector(IProjectRegistry.NotManager.selector, manager, stranger),
            "the pending manager may not yet act"
        );
    }

    function test_GivenAnOffer_WhenAnotherReplacesIt_TheFirstIsVoid() public {
        uint256 projectId = accepted();
        offer(projectId, stranger);
        offer(projectId, challenger);
        assertManager(projectId, manager, challenger);
        expectNotPending(challenger, stranger);
        vm.prank(stranger);
        registry.acceptManager(projectId);
    }

    function test_GivenAnOffer_WhenItIsWithdrawn_NobodyCanTakeIt() public {
        uint256 projectId = accepted();
        offer(projectId, stranger);

        vm.expectEmit(address(registry));
        emit IProjectRegistry.ManagerTransferStarted(projectId, manager, address(0));
        offer(projectId, address(0));

        assertManager(projectId, manager, address(0));
        expectNotPending(address(0), stranger);
        vm.prank(stranger);
        registry.acceptManager(projectId);
    }

    function test_GivenEveryStatus_WhenOfferedAndTaken_TheManagerChangesAndTheStatusStays() public {
        IProjectRegistry.Status[] memory statuses = everyStatus();
        for (uint256 i; i < statuses.length; ++i) {
            uint256 projectId = inStatus(statuses[i]);
            offer(projectId, stranger);
            vm.prank(stranger);
            registry.acceptManager(projectId);
            assertManager(projectId, stranger, address(0));
            assertStatus(projectId, statuses[i]);
        }
    }

    /* ACCEPT MANAGER */

    function test_GivenAnOffer_WhenItIsTaken_TheNewManagerActsAndTheOldNoMore() public {
        uint256 projectId = accepted();
        offer(projectId, stranger);

        vm.expectEmit(address(registry));
        emit IProjectRegistry.ManagerTransferred(projectId, manager, stranger);
        vm.prank(stranger);
        registry.acceptManager(projectId);

        assertManager(projectId, stranger, address(0));
        assertRefused(
            manager,
            abi.encodeCall(IProjectRegistry.close, (projectId)),
            abi.encodeWithSelector(IProjectRegistry.NotManager.selector, stranger, manager),
            "the manager before may act no more"
        );
        vm.prank(stranger);
        registry.close(projectId);
        assertStatus(projectId, IProjectRegistry.Status.Closed);
    }

    function test_GivenAnOfferTaken_WhenItIsTakenAgain_ItReverts() public {
        uint256 projectId = accepted();
        offer(projectId, stranger);
        vm.prank(stranger);
        registry.acceptManager(projectId);
        expectNotPending(address(0), stranger);
        vm.prank(stranger);
        registry.acceptManager(projectId);
    }

    function test_GivenNoOffer_WhenTaken_ItReverts() public {
        uint256 projectId = accepted();
        address[3] memory callers = [manager, stranger, address(timelock)];
        for (uint256 i; i < callers.length; ++i) {
            expectNotPending(address(0), callers[i]);
            vm.prank(callers[i]);
            registry.acceptManager(projectId);
        }
        assertManager(projectId, manager, address(0));
    }

    function offer(uint256 projectId, address newManager) private {
        vm.prank(manager);
        registry.transferManager(projectId, newManager);
    }

    function assertManager(uint256 projectId, address present, address pending) private view {
        assertEq(registry.getProject(projectId).manager, present, "manager");
        assertEq(registry.getProject(projectId).pendingManager, pending, "pendingManager");
    }

    function expectNotPending(address pending, address caller) private {
        vm.expectRevert(abi.encodeWithSelector(IProjectRegistry.NotPendingManager.selector, pending, caller));
    }
}
