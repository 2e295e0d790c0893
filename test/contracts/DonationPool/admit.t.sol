// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice Which projects a round has room for, and who lets them in.
contract AdmitTest is PoolBase {
    function test_GivenStewards_WhenTheyAdmitProjects_TheyTakePartInThatOrder() public {
        register(5);
        uint256[] memory ids = new uint256[](2);
        (ids[0], ids[1]) = (5, 4);

        vm.expectEmit(address(pool));
        emit IDonationPool.ProjectAdmitted(5);
        vm.expectEmit(address(pool));
        emit IDonationPool.ProjectAdmitted(4);
        vm.prank(stewards);
        pool.admit(ids);

        uint256[] memory all = pool.projects();
        assertEq(all.length, 5, "projects");
        assertEq(all[2], 3, "the last from the start");
        assertEq(all[3], 5, "the first admitted");
        assertEq(all[4], 4, "the second admitted");
        assertTrue(pool.getProject(4).admitted && !pool.getProject(4).disqualified, "admitted");
        given(1, list(4, 1e6));
        assertGifts(4, 1e6);
    }

    function test_GivenTheRoundsTimes_WhenStewardsAdmit_ItIsPossibleUntilTheLastSecondBeforeTheEnd() public {
        travelTo(END - 1);
        vm.prank(stewards);
        pool.admit(range(4, 4));
        travelTo(END);
        vm.prank(stewards);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.TooLate.selector, END, END));
        pool.admit(range(5, 5));
    }

    function test_GivenAnyoneElse_WhenTheyAdmit_ItReverts(address caller) public {
        vm.assume(caller != stewards);
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.NotSteward.selector, stewards, caller));
        pool.admit(range(4, 4));
    }

    function test_GivenStewardsThatHandedOver_WhenEitherAdmits_OnlyTheNewOnesCan() public {
        address[] memory proposers = new address[](0);
        address successors = deploy(
            abi.encodePacked(vm.getCode("Timelock.sol:Timelock"), abi.encode(DELAY, proposers))
        );
        vm.prank(stewards);
        registry.replaceStewards(successors, REASON);

        vm.prank(stewards);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.NotSteward.selector, successors, stewards));
        pool.admit(range(4, 4));
        vm.prank(successors);
        pool.admit(range(4, 4));
        assertTrue(pool.getProject(4).admitted, "admitted");
    }

    function test_GivenAProjectOfTheRound_WhenItIsAdmittedAgain_ItReverts() public {
        vm.prank(stewards);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.ProjectAlreadyAdmitted.selector, 2));
        pool.admit(range(2, 2));
        uint256[] memory twice = new uint256[](2);
        (twice[0], twice[1]) = (9, 9);
        vm.prank(stewards);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.ProjectAlreadyAdmitted.selector, 9));
        pool.admit(twice);
        assertEq(pool.projects().length, 3, "projects");
    }

    function test_GivenAnIdOfZeroOrMoreThan32Bits_WhenAdmitted_ItReverts(uint256 id) public {
        id = bound(id, uint256(type(uint32).max) + 1, type(uint256).max);
        vm.prank(stewards);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.InvalidProjectId.selector, id));
        pool.admit(range(id, id));
        vm.prank(stewards);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.InvalidProjectId.selector, 0));
        pool.admit(range(0, 0));
        vm.prank(stewards);
        pool.admit(range(type(uint32).max, type(uint32).max));
        assertEq(pool.projects()[3], type(uint32).max, "the largest id");
    }

    function test_GivenAThousandProjects_WhenOneMoreIsAdmitted_ItReverts() public {
        vm.prank(stewards);
        pool.admit(range(4, 1_000));
        assertEq(pool.projects().length, 1_000, "projects");
        vm.prank(stewards);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.TooManyProjects.selector, 1_000));
        pool.admit(range(1_001, 1_001));
    }

    function test_GivenARoundWithoutAPot_WhenStewardsAdmit_TheProjectTakesPart() public {
        pool = created(givingTerms(), range(1, 3));
        register(4);
        vm.prank(stewards);
        pool.admit(range(4, 4));
        donated(1, list(4, 1e6), "", 0);
        assertEq(pool.claim(4), 1e6, "what the project is paid");
    }
}
