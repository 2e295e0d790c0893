// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice How the pot grows, and until when.
contract SponsorTest is PoolBase {
    function test_GivenARunningRound_WhenSponsored_ThePotGrowsAndTheReceiptSaysByWhatAndAfterWhat() public {
        funds(stranger, 5e6);

        vm.expectEmit(address(pool));
        emit IDonationPool.Sponsored(0, stranger, 5e6);
        vm.prank(stranger);
        assertEq(pool.sponsor(5e6), 0, "index of the first receipt");
        address other = sponsored(1, 7e6);

        assertEq(pool.pot(), 12e6, "the pot");
        assertEq(pool.receiptCount(), 2, "receipts");
        assertReceipt(0, stranger, 0, 5e6);
        assertReceipt(1, other, 5e6, 7e6);
        assertHeld(address(plain), address(pool), 12e6, "the pool");
        assertHeld(address(plain), stranger, 0, "the first sponsor");
    }

    function assertReceipt(uint256 index, address sponsor, uint256 prefix, uint256 deposit) private view {
        IDonationPool.Receipt memory receipt = pool.getReceipt(index);
        assertEq(receipt.sponsor, sponsor, "sponsor");
        assertTrue(!receipt.refunded, "not refunded");
        assertEq(receipt.prefix, prefix, "what the pot held before");
        assertEq(receipt.deposit, deposit, "deposit");
    }

    function test_GivenTheRoundsTimes_WhenSponsored_ItIsPossibleBeforeTheStartAndUntilTheLastSecondBeforeTheEnd()
        public
    {
        travelTo(START - 1);
        sponsored(1, 1);
        travelTo(END - 1);
        sponsored(1, 1);
        travelTo(END);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.TooLate.selector, END, END));
        pool.sponsor(1);
        assertEq(pool.pot(), 2, "the pot");
    }

    function test_GivenNothing_WhenSponsored_ItReverts() public {
        expectError(IDonationPool.ZeroAmount.selector);
        pool.sponsor(0);
    }

    function test_GivenNoAllowance_WhenSponsored_ItRevertsAndThePotStays() public {
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(pool), 0, 5e6)
        );
        pool.sponsor(5e6);
        assertEq(pool.pot(), 0, "the pot");
        assertEq(pool.receiptCount(), 0, "receipts");
    }

    function test_GivenACancelledRound_WhenSponsored_ItReverts() public {
        cancelled();
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.WrongStatus.selector, IDonationPool.Status.Refunding));
        pool.sponsor(5e6);
    }

    function test_GivenARoundWithoutAPot_WhenSponsored_ItReverts() public {
        pool = created(givingTerms(), range(1, 3));
        expectError(IDonationPool.NotMatching.selector);
        pool.sponsor(5e6);
    }
}
