// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {PoolBase} from "./PoolBase.t.sol";

contract DisqualifyTest is PoolBase {
    function test_GivenTheChallenge_WhenStewardsDisqualify_TheProjectIsOutAndKeepsItsCountOnRecord() public {
        donated(1, list(1, 4e6, 2, 1e6), ANY, 0);
        donated(2, list(1, 4e6), ANY, 0);
        IDonationPool.ProjectState memory before = pool.getProject(1);
        travelTo(END);

        vm.expectEmit(address(pool));
        emit IDonationPool.ProjectDisqualified(1, REASON);
        vm.prank(stewards);
        pool.disqualify(1, REASON);

        IDonationPool.ProjectState memory state = pool.getProject(1);
        assertTrue(state.admitted && state.disqualified, "admitted and disqualified");
        assertEq(state.gifts, before.gifts, "gifts on record");
        assertEq(state.subsidy, before.subsidy, "R on record");
        assertEq(state.rootSum, before.rootSum, "S on record");
        assertTrue(!pool.getProject(2).disqualified, "the other project is in");
    }

    function test_GivenTheChallengeWindow_WhenStewardsDisqualify_ItIsPossibleFromTheEndToTheChallengesLastSecond()
        public
    {
        travelTo(END - 1);
        vm.prank(stewards);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.TooEarly.selector, END, END - 1));
        pool.disqualify(1, REASON);
        travelTo(END);
        vm.prank(stewards);
        pool.disqualify(1, REASON);
        travelTo(CHALLENGE_END - 1);
        vm.prank(stewards);
        pool.disqualify(2, REASON);
        travelTo(CHALLENGE_END);
        vm.prank(stewards);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.TooLate.selector, CHALLENGE_END, CHALLENGE_END));
        pool.disqualify(3, REASON);
        assertTrue(!pool.getProject(3).disqualified, "the third project is in");
    }

    function test_GivenAnyoneElse_WhenTheyDisqualify_ItReverts(address caller) public {
        vm.assume(caller != stewards);
        travelTo(END);
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.NotSteward.selector, stewards, caller));
        pool.disqualify(1, REASON);
    }

    function test_GivenAProjectThatIsOutOrWasNeverIn_WhenDisqualified_ItReverts() public {
        disqualified(1);
        vm.prank(stewards);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.ProjectIsDisqualified.selector, 1));
        pool.disqualify(1, REASON);
        vm.prank(stewards);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.ProjectNotAdmitted.selector, 4));
        pool.disqualify(4, REASON);
    }

    function test_GivenACancelledRoundOrOneWithoutAPot_WhenDisqualified_ItReverts() public {
        cancelled();
        travelTo(END);
        vm.prank(stewards);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.WrongStatus.selector, IDonationPool.Status.Refunding));
        pool.disqualify(1, REASON);
        pool = created(givingTerms(), range(1, 3));
        vm.prank(stewards);
        expectError(IDonationPool.NotMatching.selector);
        pool.disqualify(1, REASON);
    }
}
