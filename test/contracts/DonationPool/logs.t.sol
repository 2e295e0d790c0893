// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {Vm} from "../support/Vm.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice A verb logs what it did before it calls the token.
contract LogsTest is PoolBase {
    function test_GivenMoney_WhenDonatedOrSponsored_TheRoundsLogComesBeforeTheTokens() public {
        funds(stranger, 2e6);
        vm.recordLogs();
        vm.prank(stranger);
        pool.donate(list(1, 1e6), "", 0);
        assertTopics(IDonationPool.Donated.selector);
        vm.prank(stranger);
        pool.sponsor(1e6);
        assertTopics(IDonationPool.Sponsored.selector);
    }

    function test_GivenAGift_WhenItIsClaimed_TheRoundsLogComesBeforeTheTokens() public {
        donated(1, list(1, 1e6), ANY, 0);
        travelTo(CHALLENGE_END);
        pool.settleRound(0, 0);
        vm.recordLogs();
        pool.claim(1);
        assertTopics(IDonationPool.Claimed.selector);
    }

    function test_GivenACancelledRound_WhenDonorAndSponsorAreRefunded_TheRoundsLogComesBeforeTheTokens() public {
        IPaymentChannels.Channel memory channel = given(1, list(1, 1e6));
        sponsored(1, 1e6);
        cancelled();
        vm.recordLogs();
        pool.refund(channel, list(1, 1e6));
        assertTopics(IDonationPool.Refunded.selector);
        pool.refundSponsor(0);
        assertTopics(IDonationPool.SponsorRefunded.selector);
    }

    /// @dev Of the logs since the last look.
    function assertTopics(bytes32 first) private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs[0].topics[0], first, "the first log");
        assertEq(logs[1].topics[0], IERC20.Transfer.selector, "the second log");
    }
}
