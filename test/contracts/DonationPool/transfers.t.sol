// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {Vm} from "../support/Vm.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice The table of outgoing transfers: each is one of three, to a receiver that nobody chose.
contract TransfersTest is PoolBase {
    function test_GivenALongRound_WhenEveryVerbWasUsed_EachTransferOutOfThePoolIsOneOfThreeToItsOnlyReceiver() public {
        vm.recordLogs();
        IPaymentChannels.Channel memory kept = line(1);
        IPaymentChannels.Channel memory left = line(2);
        address sponsor = sponsored(1, 30e6);
        sponsored(2, 20e6);
        suspend(3);
        collect(kept, none(), list(1, 4e6, 2, 4e6, 3, 5e6));
        donated(3, list(1, 4e6, 2, 9e6), ANY, 0);
        IDonationPool.CollectItem memory leaving_ = itemOf(left, none(), list(1, 1e6, 3, 2e6), ANY);
        vm.prank(donorOf(2));
        channels.requestClose(left);
        vm.prank(closer);
        pool.collectAndClose(leaving_, "");
        IDonationPool.CollectItem[] memory items = new IDonationPool.CollectItem[](1);
        items[0] = itemOf(kept, list(1, 4e6, 2, 4e6), list(1, 5e6, 2, 4e6, 3, 5e6), ANY);
        pool.collectBatch(items);
        vm.prank(stewards);
        pool.admit(range(4, 5));
        quiet("collecting, giving, sponsoring, admitting");

        vm.prank(donorOf(1));
        pool.refund(kept, list(1, 5e6, 2, 4e6));
        outgoing(IDonationPool.Refunded.selector, donorOf(1), 5e6);
        disqualified(2);
        pool.closeChannel(kept);
        quiet("disqualifying and closing");
        pool.refund(kept, list(0, 5e6, 1, 5e6, 2, 4e6));
        outgoing(IDonationPool.Refunded.selector, donorOf(1), 4e6);
        pool.refund(left, list(1, 1e6));
        outgoing(IDonationPool.Refunded.selector, donorOf(2), 2e6);
        pool.refundDonation(donorOf(3), 0, list(1, 4e6, 2, 9e6));
        outgoing(IDonationPool.Refunded.selector, donorOf(3), 9e6);
        travelTo(CHALLENGE_END);
        pool.settleRound(0, 0);
        pool.claim(3);
        quiet("settling, and claiming nothing");
        pool.claim(1);
        uint256 match_ = pool.matchOf(1);
        outgoing(IDonationPool.Claimed.selector, payoutOf(1), 10e6 + match_);
        uint256 amount = pool.refundSponsor(0);
        outgoing(IDonationPool.SponsorRefunded.selector, sponsor, amount);
        amount += pool.refundSponsor(1);
        assertEq(amount, 50e6 - match_, "what went back to sponsors");
        assertHeld(address(plain), address(pool), 0, "the pool");
    }

    function test_GivenACancelledRound_WhenEverythingGoesBack_EachTransferOutOfThePoolIsARefund() public {
        vm.recordLogs();
        IPaymentChannels.Channel memory channel = given(1, list(1, 4e6));
        donated(2, list(2, 3e6), "", 0);
        address sponsor = sponsored(1, 30e6);
        cancelled();
        pool.closeChannel(channel);
        quiet("giving, sponsoring, cancelling, closing");
        pool.refund(channel, list(1, 4e6));
        outgoing(IDonationPool.Refunded.selector, donorOf(1), 4e6);
        pool.refundDonation(donorOf(2), 0, list(2, 3e6));
        outgoing(IDonationPool.Refunded.selector, donorOf(2), 3e6);
        pool.refundSponsor(0);
        outgoing(IDonationPool.SponsorRefunded.selector, sponsor, 30e6);
    }

    /// @dev No token left the pool since the last look.
    function quiet(string memory what) private {
        assertEq(transfers(vm.getRecordedLogs()).length, 0, string.concat("transfers out of the pool while ", what));
    }

    /// @dev Exactly one transfer left the pool, to `to`, and the pool's own event just before it says the same.
    function outgoing(bytes32 kind, address to, uint256 amount) private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256[] memory indexes = transfers(logs);
        assertEq(indexes.length, 1, "transfers out of the pool");
        Vm.Log memory transfer = logs[indexes[0]];
        assertEq(address(uint160(uint256(transfer.topics[2]))), to, "receiver");
        assertEq(abi.decode(transfer.data, (uint256)), amount, "amount");

        Vm.Log memory own = logs[indexes[0] - 1];
        assertEq(own.emitter, address(pool), "who says so");
        assertEq(own.topics[0], kind, "which of the three");
        assertEq(address(uint160(uint256(own.topics[2]))), to, "receiver by the event");
        assertEq(uint256(bytes32(own.data)), amount, "amount by the event");
    }

    function transfers(Vm.Log[] memory logs) private view returns (uint256[] memory indexes) {
        uint256 count;
        indexes = new uint256[](logs.length);
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].emitter != address(plain) || logs[i].topics[0] != IERC20.Transfer.selector) continue;
            if (logs[i].topics[1] != bytes32(uint256(uint160(address(pool))))) continue;
            indexes[count++] = i;
        }
        assembly ("memory-safe") {
            mstore(indexes, count)
        }
    }
}
