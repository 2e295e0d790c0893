// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";
import {FalseMovingToken} from "../tokens/FalseMovingToken.sol";
import {Base} from "./Base.t.sol";

contract WithdrawDepositTest is Base {
    function test_GivenDepositsOfSeveralProjects_WhenAnyoneWithdraws_TheAccountGetsThemAllOnce() public {
        accepted();
        accepted();
        uint256 locked = challenged();
        uint256 before = token.balanceOf(manager);

        vm.expectEmit(address(registry));
        emit IProjectRegistry.DepositWithdrawn(manager, 2 * DEPOSIT);
        vm.prank(stranger);
        assertEq(registry.withdrawDeposit(manager), 2 * DEPOSIT, "amount");

        assertHeld(manager, before + 2 * DEPOSIT, "the manager");
        assertHeld(stranger, 0, "who called");
        assertOwed(manager, 0, "the manager");
        assertEq(registry.withdrawDeposit(manager), 0, "a second time");
        assertHeld(manager, before + 2 * DEPOSIT, "the manager, a second time");
        assertHeld(address(registry), 2 * DEPOSIT, "the registry");
        assertStatus(locked, IProjectRegistry.Status.Challenged);
    }

    function test_GivenNothingOwed_WhenWithdrawn_NothingMovesAndNothingIsLogged() public {
        submitted();
        vm.recordLogs();
        assertEq(registry.withdrawDeposit(manager), 0, "amount");
        assertEq(vm.getRecordedLogs().length, 0, "logs");
        assertHeld(address(registry), DEPOSIT, "the registry");
    }

    function test_GivenATokenThatReturnsFalse_WhenWithdrawn_ItRevertsAndTheDepositStaysOwed() public {
        FalseMovingToken moving = new FalseMovingToken();
        use(moving);
        accepted();
        moving.lie();
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(token)));
        registry.withdrawDeposit(manager);
        assertOwed(manager, DEPOSIT, "the manager");
        assertHeld(address(registry), DEPOSIT, "the registry");
    }
}
