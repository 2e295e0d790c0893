// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {FalseStillToken} from "../tokens/FalseStillToken.sol";
import {LongReturnToken} from "../tokens/LongReturnToken.sol";
import {NoReturnToken} from "../tokens/NoReturnToken.sol";
import {PausableToken} from "../tokens/PausableToken.sol";
import {PlainToken} from "../tokens/PlainToken.sol";
import {ReenteringToken} from "../tokens/ReenteringToken.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice Tokens that call back, refuse, lie or are odd.
contract HostileTokensTest is PoolBase {
    bytes private constant REFUSED = abi.encodeWithSelector(
        ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector
    );

    function test_GivenATokenThatReenters_WhenMoneyComesIn_EveryGuardedVerbRefuses() public {
        ReenteringToken token = new ReenteringToken();
        paidIn(token);
        IPaymentChannels.Channel memory channel = line(1);
        bytes[] memory calls = everyVerb(channel);
        for (uint256 i; i < calls.length; ++i) {
            IDonationPool.CollectItem memory item = itemOf(line(2), none(), list(1, 3e6), ANY);
            funds(donorOf(2), 9e6);
            token.arm(address(pool), calls[i]);

            collect(item);
            refused(token, "collect");
            vm.prank(donorOf(2));
            pool.donate(list(1, 3e6), ANY, bytes32(i));
            refused(token, "donate");
            vm.prank(donorOf(2));
            pool.sponsor(3e6);
            refused(token, "sponsor");
            bytes32 salt = bytes32(100 + i);
            pool.donateWithAuthorization(donorOf(2), list(1, 3e6), ANY, salt, 0, type(uint256).max, "");
            refused(token, "donateWithAuthorization");
            token.arm(address(0), "");
        }
        assertGifts(1, 9e6 * calls.length);
        assertEq(pool.pot(), 3e6 * calls.length, "the pot");
        assertHeld(address(token), address(pool), 12e6 * calls.length, "the pool");
    }

    function test_GivenATokenThatReenters_WhenMoneyGoesOut_EveryGuardedVerbRefusesAndEachIsPaidOnce() public {
        ReenteringToken token = new ReenteringToken();
        paidIn(token);
        bytes[] memory calls = everyVerb(line(1));
        for (uint256 i; i < calls.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            paysOut(token, calls[i]);
            vm.revertToState(snapshot);
        }
    }

    /// @dev Every way out of the pool and, by the escrow, of a channel, with a call back in each.
    function paysOut(ReenteringToken token, bytes memory callBack) private {
        address sponsor = sponsored(1, 50e6);
        donated(2, list(1, 3e6, 2, 4e6), ANY, 0);
        IDonationPool.CollectItem memory leaving_ = itemOf(line(3), none(), list(1, 3e6), ANY);
        IPaymentChannels.Channel memory other = line(4);
        channels.settle(other, 5e6, voucherOf(other, 5e6));
        vm.prank(donorOf(3));
        channels.requestClose(leaving_.channel);
        token.arm(address(pool), callBack);

        vm.prank(closer);
        pool.collectAndClose(leaving_, "");
        refused(token, "collectAndClose");
        vm.prank(donorOf(4));
        pool.refund(other, none());
        refused(token, "refund");
        disqualified(2);
        pool.closeChannel(other);
        refused(token, "closeChannel");
        pool.refundDonation(donorOf(2), 0, list(1, 3e6, 2, 4e6));
        refused(token, "refundDonation");
        travelTo(CHALLENGE_END);
        pool.settleRound(0, 0);
        pool.claim(1);
        refused(token, "claim");
        pool.refundSponsor(0);
        refused(token, "refundSponsor");

        uint256 match_ = pool.matchOf(1);
        assertTrue(match_ != 0, "a match");
        assertHeld(address(token), payoutOf(1), 6e6 + match_, "the project");
        assertHeld(address(token), donorOf(2), 4e6, "the donor of the disqualified project");
        assertHeld(address(token), donorOf(3), DEPOSIT - 3e6, "the donor who left");
        assertHeld(address(token), donorOf(4), DEPOSIT, "the donor who was refunded");
        assertHeld(address(token), sponsor, 50e6 - match_, "the sponsor");
        assertHeld(address(token), address(pool), 0, "the pool");
    }

    function refused(ReenteringToken token, string memory verb) private view {
        assertTrue(!token.succeeded(), string.concat("the call back failed within ", verb));
        assertEq(token.result(), REFUSED, verb);
    }

    /// @dev One call of each verb that moves money or attributes it.
    function everyVerb(IPaymentChannels.Channel memory channel) private view returns (bytes[] memory calls) {
        IDonationPool.CollectItem memory item = itemOf(channel, none(), list(1, 1e6), ANY);
        IDonationPool.CollectItem[] memory items = new IDonationPool.CollectItem[](1);
        items[0] = item;
        calls = new bytes[](10);
        calls[0] = abi.encodeCall(
            IDonationPool.collect,
            (channel, item.voucherSignature, none(), item.gifts, ANY, item.allocationSignature)
        );
        calls[1] = abi.encodeCall(IDonationPool.collectBatch, (items));
        calls[2] = abi.encodeCall(IDonationPool.closeChannel, (channel));
        calls[3] = abi.encodeCall(IDonationPool.donate, (item.gifts, ANY, 0));
        calls[4] = abi.encodeCall(
            IDonationPool.donateWithAuthorization,
            (stranger, item.gifts, ANY, 0, 0, type(uint256).max, "")
        );
        calls[5] = abi.encodeCall(IDonationPool.sponsor, (1));
        calls[6] = abi.encodeCall(IDonationPool.claim, (1));
        calls[7] = abi.encodeCall(IDonationPool.refund, (channel, none()));
        calls[8] = abi.encodeCall(IDonationPool.refundDonation, (donorOf(2), 0, none()));
        calls[9] = abi.encodeCall(IDonationPool.refundSponsor, (0));
    }

    function test_GivenAReenteringTokenAsCloser_WhenItCallsCollectAndCloseFromWithin_ItIsRefused() public {
        ReenteringToken token = new ReenteringToken();
        plain = token;
        funded(token);
        IDonationPool.Terms memory terms = matchingTerms();
        terms.closer = address(token);
        pool = created(terms, range(1, 3));
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 1e6), ANY);
        vm.prank(donorOf(1));
        channels.requestClose(item.channel);
        IDonationPool.CollectItem memory other = itemOf(line(2), none(), list(1, 1e6), ANY);
        token.arm(address(pool), abi.encodeCall(IDonationPool.collectAndClose, (item, "")));
        collect(other);
        refused(token, "collect");
    }

    function test_GivenATokenThatIsPaused_WhenPaidOut_EachRevertsAndIsPaidOnceLater() public {
        PausableToken token = new PausableToken();
        paidIn(token);
        address sponsor = sponsored(1, 5e6);
        donated(1, list(1, 3e6), ANY, 0);
        travelTo(CHALLENGE_END);
        pool.settleRound(0, 0);
        token.pause(true);
        expectError(PausableToken.Paused.selector);
        pool.claim(1);
        expectError(PausableToken.Paused.selector);
        pool.refundSponsor(0);
        token.pause(false);
        pool.claim(1);
        pool.refundSponsor(0);
        assertHeld(address(token), payoutOf(1), 3e6, "the project");
        assertHeld(address(token), sponsor, 5e6, "the sponsor");
    }

    function test_GivenATokenThatReturnsFalse_WhenPaidInOrOut_ItRevertsAndNothingIsBooked() public {
        FalseStillToken token = new FalseStillToken();
        paidIn(token);
        donated(1, list(1, 3e6), ANY, 0);
        funds(donorOf(2), 3e6);
        token.refuse();
        bytes memory failed = abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(token));
        vm.prank(donorOf(2));
        vm.expectRevert(failed);
        pool.donate(list(1, 3e6), ANY, 0);
        vm.prank(donorOf(2));
        vm.expectRevert(failed);
        pool.sponsor(3e6);
        travelTo(CHALLENGE_END);
        pool.settleRound(0, 0);
        vm.expectRevert(failed);
        pool.claim(1);
        assertEq(pool.getProject(1).paid, 0, "paid");
        assertGifts(1, 3e6);
        assertEq(pool.pot(), 0, "the pot");
    }

    function test_GivenATokenThatReturnsNothing_WhenGivenClaimedAndRefunded_EverythingIsPaid() public {
        roundtrip(PlainToken(address(new NoReturnToken())));
    }

    function test_GivenATokenThatReturnsALot_WhenGivenClaimedAndRefunded_EverythingIsPaid() public {
        roundtrip(new LongReturnToken());
    }

    function roundtrip(PlainToken token) private {
        plain = token;
        pool = created(matchingTerms(), range(1, 3));
        address sponsor = sponsored(1, 5e6);
        donated(1, list(1, 3e6), ANY, 0);
        suspend(2);
        IPaymentChannels.Channel memory channel = given(2, list(1, 1e6, 2, 4e6));
        vm.prank(donorOf(2));
        pool.refund(channel, list(1, 1e6));
        travelTo(CHALLENGE_END);
        pool.settleRound(0, 0);
        uint256 match_ = pool.matchOf(1);
        pool.claim(1);
        pool.refundSponsor(0);
        assertHeld(address(token), payoutOf(1), 4e6 + match_, "the project");
        assertHeld(address(token), donorOf(2), 4e6, "the donor");
        assertHeld(address(token), sponsor, 5e6 - match_, "the sponsor");
        assertHeld(address(token), address(pool), 0, "the pool");
    }
}
