// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {PoolBase} from "./PoolBase.t.sol";

contract SwitchToRefundsTest is PoolBase {
    function test_GivenARoundThatNobodySettled_WhenAnyoneSwitchesFromSettleByOn_ItIsRefunding() public {
        travelTo(SETTLE_BY - 1);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.TooEarly.selector, SETTLE_BY, SETTLE_BY - 1));
        pool.switchToRefunds();
        assertStatus(IDonationPool.Status.Running);

        travelTo(SETTLE_BY);
        vm.expectEmit(address(pool));
        emit IDonationPool.SwitchedToRefunds();
        vm.prank(stranger);
        pool.switchToRefunds();
        assertStatus(IDonationPool.Status.Refunding);
    }

    function test_GivenTheSecondOfSettleBy_WhenSomebodySettlesFirst_TheSwitchReverts() public {
        travelTo(SETTLE_BY);
        pool.settleRound(0, 0);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.WrongStatus.selector, IDonationPool.Status.Settled));
        pool.switchToRefunds();
        assertStatus(IDonationPool.Status.Settled);
    }

    function test_GivenARefundingRoundOrOneWithoutAPot_WhenSwitched_ItReverts() public {
        travelTo(SETTLE_BY);
        pool.switchToRefunds();
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.WrongStatus.selector, IDonationPool.Status.Refunding));
        pool.switchToRefunds();
        pool = created(givingTerms(), range(1, 3));
        expectError(IDonationPool.NotMatching.selector);
        pool.switchToRefunds();
    }
}
