// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {ScriptedRegistry} from "../support/ScriptedRegistry.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice A registry that stops answering, or answers nonsense: what donors and sponsors are owed does not depend on it.
contract HostileRegistryTest is PoolBase {
    ScriptedRegistry private scripted;

    function setUp() public override {
        super.setUp();
        scripted = new ScriptedRegistry(stewards);
        for (uint256 id = 1; id <= 3; ++id) {
            scripted.accept(id, true);
            scripted.pay(id, payoutOf(id));
        }
        IDonationPool.Terms memory terms = matchingTerms();
        terms.registry = address(scripted);
        pool = created(terms, range(1, 3));
    }

    /// @dev Nothing but an error comes from it any more.
    function silence() private {
        vm.etch(address(scripted), hex"fe");
    }

    function test_GivenASilentRegistry_WhenARoundIsSettled_DonorsAndSponsorsArePaidAndProjectsWait() public {
        address sponsor = sponsored(1, 50e6);
        IPaymentChannels.Channel memory channel = given(1, list(1, 4e6));
        channels.settle(channel, 9e6, voucherOf(channel, 9e6));
        silence();

        vm.prank(donorOf(1));
        assertEq(pool.refund(channel, list(1, 4e6)), 5e6, "what was refunded");
        travelTo(END);
        pool.closeChannel(channel);
        travelTo(CHALLENGE_END);
        pool.settleRound(0, 0);
        assertEq(pool.refundSponsor(0), 50e6, "the sponsor's part");
        vm.expectRevert("");
        pool.claim(1);

        assertHeld(address(plain), donorOf(1), DEPOSIT - 4e6, "the donor");
        assertHeld(address(plain), sponsor, 50e6, "the sponsor");
        assertHeld(address(plain), address(pool), 4e6, "the pool, for the project");
    }

    /// @dev Code that reverts with a word of ones, and that answers one byte less than a word of them.
    function test_GivenARegistryThatRevertsOrAnswersShort_WhenDonated_NothingIsTakenForAnAnswer() public {
        bytes[2] memory codes = [bytes(hex"5f195f5260205ffd"), hex"5f195f52601f5ff3"];
        funds(donorOf(1), 1e6);
        for (uint256 i; i < codes.length; ++i) {
            vm.etch(address(scripted), codes[i]);
            vm.expectRevert("");
            vm.prank(donorOf(1));
            pool.donate(list(1, 1e6), "", 0);
        }
    }

    function test_GivenASilentRegistry_WhenNobodySettles_EverythingGoesBack() public {
        address sponsor = sponsored(1, 50e6);
        IPaymentChannels.Channel memory channel = given(1, list(1, 4e6));
        donated(2, list(1, 4e6), ANY, 0);
        silence();
        travelTo(SETTLE_BY);
        pool.switchToRefunds();

        pool.refund(channel, list(1, 4e6));
        pool.refundDonation(donorOf(2), 0, list(1, 4e6));
        pool.refundSponsor(0);

        assertHeld(address(plain), donorOf(1), 4e6, "the first donor");
        assertHeld(address(plain), donorOf(2), 4e6, "the second donor");
        assertHeld(address(plain), sponsor, 50e6, "the sponsor");
    }

    function test_GivenASilentRegistry_WhenCollected_ItRevertsAndTheChannelStays() public {
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 4e6), ANY);
        silence();
        vm.expectRevert("");
        collect(item);
        assertState(item.channel, DEPOSIT, 0, 0, false);
    }

    function test_GivenAPayoutOfZero_WhenClaimed_ItRevertsAndNothingIsLost() public {
        donated(1, list(1, 4e6), ANY, 0);
        travelTo(CHALLENGE_END);
        pool.settleRound(0, 0);
        scripted.pay(1, address(0));
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0)));
        pool.claim(1);
        scripted.pay(1, payoutOf(1));
        pool.claim(1);
        assertHeld(address(plain), payoutOf(1), 4e6, "the project");
    }

    function test_GivenARegistryThatAcceptsEverything_WhenCollected_ProjectsOutsideTheRoundAreStillSkipped() public {
        scripted.accept(4, true);
        IPaymentChannels.Channel memory channel = given(1, list(1, 1e6, 4, 2e6));
        assertLine(channel, list(1, 1e6), "the round's project alone");
        assertGifts(4, 0);
    }
}
