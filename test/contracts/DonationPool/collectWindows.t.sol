// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice First and last second of giving.
contract CollectWindowsTest is PoolBase {
    function test_GivenTheSecondBeforeTheStart_WhenCollectedOrDonated_ItReverts() public {
        closedAt(START - 1);
    }

    function test_GivenTheFirstSecond_WhenCollectedAndDonated_BothCount() public {
        openAt(START);
    }

    function test_GivenTheLastSecond_WhenCollectedAndDonated_BothCount() public {
        openAt(END - 1);
    }

    function test_GivenTheEnd_WhenCollectedOrDonated_ItReverts() public {
        closedAt(END);
    }

    function test_GivenARoundWithoutAPot_WhenItsWindowIsOver_NothingIsCollected() public {
        pool = created(givingTerms(), range(1, 3));
        closedAt(END);
        openAt(END - 1);
    }

    function openAt(uint256 second) private {
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 3e6), ANY);
        travelTo(second);
        collect(item);
        donated(2, list(1, 4e6), ANY, 0);
        assertGifts(1, 7e6);
    }

    function closedAt(uint256 second) private {
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 3e6), ANY);
        bytes memory reason = abi.encodeWithSelector(IDonationPool.NotOpen.selector, START, END, second);
        travelTo(second);
        vm.expectRevert(reason);
        collect(item);
        vm.expectRevert(reason);
        pool.donate(list(1, 3e6), ANY, 0);
        vm.expectRevert(reason);
        pool.donateWithAuthorization(donorOf(1), list(1, 3e6), ANY, 0, 0, type(uint256).max, "");
        assertGifts(1, 0);
        assertState(item.channel, DEPOSIT, 0, 0, false);
    }
}
