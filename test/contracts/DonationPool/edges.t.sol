// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {TypedData} from "../support/TypedData.sol";
import {DenyListToken} from "../tokens/DenyListToken.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice Nothing, one unit, the first project, the second receipt: amounts and numbers that a zero is easily taken for.
contract EdgesTest is PoolBase {
    function test_GivenAChannelThatPaidNothing_WhenItIsClosedAtTheEnd_ItsDonorGetsAllOfIt() public {
        IPaymentChannels.Channel memory channel = line(1);
        travelTo(END);
        pool.closeChannel(channel);
        assertHeld(address(plain), donorOf(1), DEPOSIT, "the donor");
    }

    function test_GivenADonorWhoGaveNothing_WhenTheCloserClosesAtItsWish_ItGetsAllOfIt() public {
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), none(), "");
        item.voucherSignature = "";
        bytes memory wish = closeRequest(keyOf[item.channel.authorizedSigner], item.channel, DEPOSIT);
        vm.prank(closer);
        pool.collectAndClose(item, wish);
        assertHeld(address(plain), donorOf(1), DEPOSIT, "the donor");
    }

    function test_GivenAReceipt_WhenSponsoredAgain_TheSecondHasTheNextNumber() public {
        sponsored(1, 5e6);
        funds(stranger, 7e6);
        vm.expectEmit(address(pool));
        emit IDonationPool.Sponsored(1, stranger, 7e6);
        vm.prank(stranger);
        assertEq(pool.sponsor(7e6), 1, "index");
    }

    function test_GivenTheEndLongAgo_WhenSponsored_TheErrorSaysWhenItWas() public {
        travelTo(END + 1 hours);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.TooLate.selector, END, END + 1 hours));
        pool.sponsor(1);
    }

    function test_GivenAnAllocationOfNothing_WhenItsDigestIsAsked_ItIsTheOneThatIsSigned() public view {
        bytes32 digest = TypedData.allocation(address(pool), chain, "channel", 0, 0, none());
        assertEq(pool.allocationDigest("channel", 0, none()), digest, "digest");
    }

    function test_GivenTheFirstProjectIsSuspended_WhenAGiftToItIsSkipped_ThatIsLogged() public {
        suspend(1);
        IPaymentChannels.Channel memory channel = line(1);
        vm.expectEmit(address(pool));
        emit IDonationPool.GiftSkipped(idOf(channel), 1, 3e6);
        collect(channel, none(), list(1, 3e6));
        assertGifts(1, 0);
    }

    function test_GivenACreditOfOneUnit_WhenItsGiftIsCollected_ThatUnitComesIn() public {
        DenyListToken strict = new DenyListToken();
        paidIn(strict);
        IPaymentChannels.Channel memory channel = line(1);
        strict.deny(address(pool), true);
        channels.settle(channel, 1, voucherOf(channel, 1));
        strict.deny(address(pool), false);
        assertEq(channels.credit(address(strict), address(pool)), 1, "credit of the pool");
        collect(channel, none(), list(1, 1));
        assertEq(channels.credit(address(strict), address(pool)), 0, "credit afterwards");
        assertHeld(address(strict), address(pool), 1, "the pool");
    }

    /// @dev A tenth more gas than they use, so that an item that got less than its part would fail.
    function test_GivenLittleMoreGasThanTheItemsUse_WhenBatched_EachGetsItsPart() public {
        IDonationPool.CollectItem[] memory one = new IDonationPool.CollectItem[](1);
        IDonationPool.CollectItem[] memory items = new IDonationPool.CollectItem[](4);
        for (uint256 i; i < 4; ++i) {
            items[i] = itemOf(line(i), none(), list(1, 1e6), "");
        }
        one[0] = items[0];
        uint256 snapshot = vm.snapshotState();
        uint256 before = gasleft();
        pool.collectBatch(one);
        uint256 used = before - gasleft();
        vm.revertToState(snapshot);

        assertEq(pool.collectBatch{gas: (4 * used * 11) / 10}(items), 4, "collected");
    }

    /// @dev Code that answers one byte too few, that answers nothing, and that reverts with what looks like a weight.
    function test_GivenAGateThatDoesNotAnswerInFull_WhenSybilsAreNotAccepted_TheRoundIsMade() public {
        bytes[3] memory codes = [bytes(hex"603f5ff3"), hex"5f5ff3", hex"60ff60205260405ffd"];
        for (uint256 i; i < codes.length; ++i) {
            vm.etch(address(0x6A7E), codes[i]);
            IDonationPool.Terms memory terms = matchingTerms();
            (terms.gate, terms.acceptsSybil) = (address(0x6A7E), false);
            assertTrue(!created(terms, range(1, 3)).terms().acceptsSybil, "terms of the round");
        }
    }
}
