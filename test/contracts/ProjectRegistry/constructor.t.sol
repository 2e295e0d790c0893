// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";
import {Base} from "./Base.t.sol";

contract ConstructorTest is Base {
    uint256 private constant MIN = 1 hours;
    uint256 private constant MAX = 365 days;

    function test_GivenArguments_WhenDeployed_EachReadsBackAndNoProjectIsThere() public view {
        assertEq(registry.depositToken(), address(token), "depositToken");
        assertEq(registry.applicationDeposit(), DEPOSIT, "applicationDeposit");
        assertEq(registry.challengeWindow(), CHALLENGE_WINDOW, "challengeWindow");
        assertEq(registry.decisionWindow(), DECISION_WINDOW, "decisionWindow");
        assertEq(registry.payoutDelay(), PAYOUT_DELAY, "payoutDelay");
        assertEq(registry.stewards(), address(timelock), "stewards");
        assertEq(registry.projectCount(), 0, "projectCount");
        assertEq(registry.acceptedBits(0), 0, "acceptedBits");
    }

    function test_GivenStewards_WhenDeployed_TheyAreAnnounced() public {
        vm.recordLogs();
        use(token);
        bytes32 announced = vm.getRecordedLogs()[0].topics[2];
        assertEq(announced, bytes32(uint256(uint160(address(timelock)))), "stewards announced");
    }

    function test_GivenATokenWithoutCode_WhenDeployed_ItReverts() public {
        bytes memory refusal = abi.encodeWithSelector(IProjectRegistry.InvalidToken.selector, stranger);
        assertUndeployable(refusal, stranger, DEPOSIT, MIN, MIN, MIN, address(deployTimelock(0)));
    }

    function test_GivenADepositOfNothing_WhenDeployed_ItReverts() public {
        bytes memory refusal = abi.encodeWithSelector(IProjectRegistry.ZeroDeposit.selector);
        assertUndeployable(refusal, address(token), 0, MIN, MIN, MIN, address(deployTimelock(0)));
    }

    function test_GivenEachDurationAtItsBounds_WhenDeployed_ItSucceeds() public {
        address prompt = address(deployTimelock(0));
        deployRegistry(address(token), 1, MIN, MIN, MIN, prompt);
        deployRegistry(address(token), type(uint128).max, MAX, MAX, MAX, prompt);
    }

    function test_GivenADurationOutOfBounds_WhenDeployed_ItRevertsNamingIt() public {
        string[3] memory names = ["challengeWindow", "decisionWindow", "payoutDelay"];
        uint256[3] memory wrong = [MIN - 1, MAX + 1, type(uint256).max];
        address prompt = address(deployTimelock(0));
        for (uint256 i; i < 9; ++i) {
            uint256[3] memory durations = [MIN, MIN, MIN];
            durations[i / 3] = wrong[i % 3];
            assertUndeployable(
                abi.encodeWithSelector(IProjectRegistry.InvalidDuration.selector, names[i / 3], MIN, MAX, wrong[i % 3]),
                address(token),
                DEPOSIT,
                durations[0],
                durations[1],
                durations[2],
                prompt
            );
        }
    }

    function test_GivenTwoFaults_WhenDeployed_TheFirstOfTheArgumentsIsNamed() public {
        address prompt = address(deployTimelock(0));
        bytes memory refusal = abi.encodeWithSelector(IProjectRegistry.InvalidToken.selector, stranger);
        assertUndeployable(refusal, stranger, 0, MIN, MIN, MIN, prompt);
        refusal = abi.encodeWithSelector(IProjectRegistry.ZeroDeposit.selector);
        assertUndeployable(refusal, address(token), 0, 0, MIN, MIN, prompt);
        refusal = abi.encodeWithSelector(IProjectRegistry.InvalidDuration.selector, "challengeWindow", MIN, MAX, 0);
        assertUndeployable(refusal, address(token), DEPOSIT, 0, 0, MIN, prompt);
        refusal = abi.encodeWithSelector(IProjectRegistry.InvalidDuration.selector, "decisionWindow", MIN, MAX, 0);
        assertUndeployable(refusal, address(token), DEPOSIT, MIN, 0, 0, prompt);
    }

    function test_GivenStewardsThatAreNoTimelock_WhenDeployed_ItReverts() public {
        bytes memory refusal = abi.encodeWithSelector(IProjectRegistry.InvalidStewards.selector, stranger);
        assertUndeployable(refusal, address(token), DEPOSIT, MIN, MIN, MIN, stranger);
    }

    function test_GivenATimelockTooSlowToDecide_WhenDeployed_ItReverts() public {
        deployRegistry(address(token), DEPOSIT, MIN, MIN, MIN, address(deployTimelock(MIN / 2)));
        address slow = address(deployTimelock(MIN / 2 + 1));
        bytes memory refusal = abi.encodeWithSelector(IProjectRegistry.StewardsTooSlow.selector, MIN / 2, MIN / 2 + 1);
        assertUndeployable(refusal, address(token), DEPOSIT, MIN, MIN, MIN, slow);
    }

    /// @dev By a call to itself, because a revert is only expected of calls.
    function assertUndeployable(
        bytes memory refusal,
        address token_,
        uint128 deposit,
        uint256 challengeWindow,
        uint256 decisionWindow,
        uint256 payoutDelay,
        address stewards
    ) private {
        vm.expectRevert(refusal);
        this.deployExternally(token_, deposit, challengeWindow, decisionWindow, payoutDelay, stewards);
    }

    function deployExternally(
        address token_,
        uint128 deposit,
        uint256 challengeWindow,
        uint256 decisionWindow,
        uint256 payoutDelay,
        address stewards
    ) external {
        deployRegistry(token_, deposit, challengeWindow, decisionWindow, payoutDelay, stewards);
    }
}
