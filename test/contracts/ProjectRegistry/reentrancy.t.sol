// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";
import {ReenteringToken} from "../tokens/ReenteringToken.sol";
import {Base} from "./Base.t.sol";

/// @notice A token that calls the registry back from within its own calls.
contract ReentrancyTest is Base {
    bytes private constant REFUSED = abi.encodeWithSelector(
        ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector
    );

    function test_GivenATokenThatReenters_WhenADepositMoves_EveryVerbRefuses() public {
        ReenteringToken reentering = new ReenteringToken();
        use(reentering);
        accepted();
        bytes[] memory calls = everyVerb();
        for (uint256 i; i < calls.length; ++i) {
            reentering.arm(address(registry), calls[i]);
            uint256 projectId = submitted();
            refused(reentering, "submit");

            reentering.arm(address(registry), calls[i]);
            vm.prank(challenger);
            registry.challenge(projectId, REASON);
            refused(reentering, "challenge");

            vm.prank(address(timelock));
            registry.decide(projectId, true, REASON);
            reentering.arm(address(registry), calls[i]);
            registry.withdrawDeposit(manager);
            refused(reentering, "withdrawDeposit");
        }
        assertHeld(address(registry), 0, "the registry");
        assertStatus(1, IProjectRegistry.Status.Accepted);
    }

    function test_GivenATokenThatReenters_WhenItReadsTheRegistry_ItSeesWhatWillStand() public {
        ReenteringToken reentering = new ReenteringToken();
        use(reentering);
        accepted();
        reentering.arm(address(registry), abi.encodeCall(IProjectRegistry.owedTo, (manager)));
        registry.withdrawDeposit(manager);
        assertTrue(reentering.succeeded(), "views stay open");
        assertEq(reentering.result(), abi.encode(0), "owed, seen from within the payment");
    }

    /// @dev Every state-changing function, with arguments that would get far on their own.
    function everyVerb() private view returns (bytes[] memory calls) {
        calls = new bytes[](3);
        calls[0] = abi.encodeCall(IProjectRegistry.submit, (payout, METADATA));
        calls[1] = abi.encodeCall(IProjectRegistry.withdrawDeposit, (manager));
        calls[2] = abi.encodeCall(IProjectRegistry.replaceStewards, (address(timelock), REASON));
        return join(calls, join(stewardVerbs(1), join(managerVerbs(1), openVerbs(1))));
    }

    /// @dev Disarms the token, whose last answer stays.
    function refused(ReenteringToken reentering, string memory verb) private {
        assertTrue(!reentering.succeeded(), string.concat("the call back failed within ", verb));
        assertEq(reentering.result(), REFUSED, verb);
        reentering.arm(address(0), "");
    }
}
