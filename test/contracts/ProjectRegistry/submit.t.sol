// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";
import {FalseMovingToken} from "../tokens/FalseMovingToken.sol";
import {FalseStillToken} from "../tokens/FalseStillToken.sol";
import {FeeInToken} from "../tokens/FeeInToken.sol";
import {GenerousToken} from "../tokens/GenerousToken.sol";
import {NoReturnToken} from "../tokens/NoReturnToken.sol";
import {PlainToken} from "../tokens/PlainToken.sol";
import {ShrinkingToken} from "../tokens/ShrinkingToken.sol";
import {Base} from "./Base.t.sol";

contract SubmitTest is Base {
    bytes32 private constant COUNT_SLOT = bytes32(uint256(1));

    function test_GivenADeposit_WhenSubmitted_TheCallerManagesAProjectThatTakesNoGiftsYet() public {
        uint256 before = token.balanceOf(manager);

        vm.expectEmit(address(registry));
        emit IProjectRegistry.ProjectSubmitted(1, manager, payout, METADATA);
        vm.prank(manager);
        uint256 projectId = registry.submit(payout, METADATA);

        assertEq(projectId, 1, "the first id");
        assertEq(registry.projectCount(), 1, "projectCount");
        IProjectRegistry.Project memory expected;
        expected.manager = manager;
        expected.submittedAt = uint40(clock);
        expected.status = IProjectRegistry.Status.Submitted;
        expected.payout = payout;
        expected.metadataHash = METADATA;
        assertEq(abi.encode(registry.getProject(1)), abi.encode(expected), "project");
        assertStatus(1, IProjectRegistry.Status.Submitted);
        assertHeld(manager, before - DEPOSIT, "the manager");
        assertHeld(address(registry), DEPOSIT, "the registry");
        assertOwed(manager, 0, "the manager");
    }

    function test_GivenProjects_WhenOthersAreSubmitted_IdsFollowEachOther() public {
        assertEq(submitted(), 1, "first");
        vm.prank(challenger);
        assertEq(registry.submit(nextPayout, bytes32(0)), 2, "second, of another manager");
        assertEq(submitted(), 3, "third, the same as the first");
        assertEq(registry.projectCount(), 3, "projectCount");
        assertHeld(address(registry), 3 * DEPOSIT, "the registry");
    }

    function test_GivenAPayoutOfZeroOrTheRegistry_WhenSubmitted_ItReverts() public {
        address[2] memory payouts = [address(0), address(registry)];
        for (uint256 i; i < 2; ++i) {
            expectInvalidPayout(payouts[i]);
            vm.prank(manager);
            registry.submit(payouts[i], METADATA);
        }
        assertEq(registry.projectCount(), 0, "projectCount");
    }

    function test_GivenNoIdLeft_WhenSubmittedWithAnInvalidPayout_ThePayoutIsNamedFirst() public {
        vm.store(address(registry), COUNT_SLOT, bytes32(uint256(type(uint32).max)));
        expectInvalidPayout(address(0));
        vm.prank(manager);
        registry.submit(address(0), METADATA);
    }

    function test_GivenOneIdLeft_WhenTwoAreSubmitted_TheSecondReverts() public {
        uint256 max = type(uint32).max;
        vm.store(address(registry), COUNT_SLOT, bytes32(max - 1));
        assertEq(registry.projectCount(), max - 1, "projectCount lies in that slot");

        assertEq(submitted(), max, "the last id");
        vm.expectRevert(abi.encodeWithSelector(IProjectRegistry.RegistryFull.selector, max));
        vm.prank(manager);
        registry.submit(payout, METADATA);
    }

    function test_GivenATokenThatDeliversAnotherAmount_WhenSubmitted_ItReverts() public {
        submitsNothing(new FeeInToken(), DEPOSIT - DEPOSIT / 100);
        submitsNothing(new GenerousToken(), DEPOSIT + 1);
    }

    function test_GivenATokenThatTakesMoreThanItDelivers_WhenSubmitted_NothingCountsAsReceived() public {
        use(new ShrinkingToken());
        token.mint(address(registry), 10 * DEPOSIT);
        expectMismatch(0);
        vm.prank(manager);
        registry.submit(payout, METADATA);
    }

    function test_GivenATokenThatReturnsFalse_WhenSubmitted_ItReverts() public {
        FalseStillToken still = new FalseStillToken();
        FalseMovingToken moving = new FalseMovingToken();
        still.refuse();
        moving.lie();
        PlainToken[2] memory tokens = [PlainToken(still), PlainToken(moving)];
        for (uint256 i; i < 2; ++i) {
            use(tokens[i]);
            vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(token)));
            vm.prank(manager);
            registry.submit(payout, METADATA);
            assertEq(registry.projectCount(), 0, "projectCount");
        }
    }

    function test_GivenATokenThatReturnsNothing_WhenSubmittedAndFreed_ItServesAsWell() public {
        use(PlainToken(address(new NoReturnToken())));
        accepted();
        uint256 before = token.balanceOf(manager);
        registry.withdrawDeposit(manager);
        assertHeld(manager, before + DEPOSIT, "the manager");
    }

    function submitsNothing(PlainToken hostile, uint256 received) private {
        use(hostile);
        expectMismatch(received);
        vm.prank(manager);
        registry.submit(payout, METADATA);
        assertEq(registry.projectCount(), 0, "projectCount");
        assertHeld(address(registry), 0, "the registry");
    }
}
