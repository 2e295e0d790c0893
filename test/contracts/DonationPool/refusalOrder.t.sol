// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice Of two faults the one that the specification lists first is named.
contract RefusalOrderTest is PoolBase {
    function test_GivenAStrangerBeforeTheStart_WhenClosing_TheStrangerIsNamed() public {
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 1e6), ANY);
        travelTo(START - 1);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.NotCloser.selector, closer, stranger));
        vm.prank(stranger);
        pool.collectAndClose(item, "");
    }

    function test_GivenACancelledRoundAfterItsEnd_WhenGivenOrSponsored_TheFirstFaultIsNamed() public {
        cancelled();
        travelTo(END);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.NotOpen.selector, START, END, END));
        pool.donate(list(1, 1e6), "", 0);
        expectRefunding();
        pool.sponsor(1);
    }

    function test_GivenARoundAfterItsEnd_WhenNothingIsSponsored_TheTimeIsNamed() public {
        travelTo(END);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.TooLate.selector, END, END));
        pool.sponsor(0);
    }

    function test_GivenACancelledRoundAfterItsEnd_WhenAStrangerActsAsSteward_TheStrangerIsNamed() public {
        cancelled();
        travelTo(END);
        expectNotSteward();
        pool.admit(range(4, 4));
        expectNotSteward();
        pool.cancel(REASON);
        expectNotSteward();
        pool.disqualify(1, REASON);
    }

    function test_GivenACancelledRound_WhenItIsCancelledAgainTooLate_ItsStatusIsNamed() public {
        cancelled();
        travelTo(END);
        expectRefunding();
        vm.prank(stewards);
        pool.cancel(REASON);
    }

    function test_GivenACancelledRound_WhenItIsGoneOnWithTooEarly_ItsStatusIsNamed() public {
        cancelled();
        expectRefunding();
        vm.prank(stewards);
        pool.disqualify(1, REASON);
        expectRefunding();
        pool.settleRound(0, 0);
        expectRefunding();
        pool.switchToRefunds();
    }

    function test_GivenADonationThatIsThere_WhenNothingIsDonatedUnderItsSalt_TheDonationIsNamed() public {
        bytes32 donationId = donated(1, list(1, 1e6), "", 0);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.DonationExists.selector, donationId));
        vm.prank(donorOf(1));
        pool.donate(none(), "", 0);
    }

    function test_GivenAThousandProjects_WhenOneOfThemIsAdmittedAgain_ItIsNamed() public {
        vm.prank(stewards);
        pool.admit(range(4, 1_000));
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.ProjectAlreadyAdmitted.selector, 5));
        vm.prank(stewards);
        pool.admit(range(5, 5));
    }

    function test_GivenARunningRound_WhenAReceiptThatIsNotThereIsRefunded_TheStatusIsNamed() public {
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.WrongStatus.selector, IDonationPool.Status.Running));
        pool.refundSponsor(0);
    }

    function test_GivenAnotherDonorsLine_WhenItIsRefundedWithAnotherList_TheDonorIsNamed() public {
        IPaymentChannels.Channel memory channel = given(1, list(1, 1e6));
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.NotDonor.selector, donorOf(1), stranger));
        vm.prank(stranger);
        pool.refund(channel, none());
    }

    function test_GivenAnEmptyGiftOutOfOrder_WhenDonated_TheOrderIsNamed() public {
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.GiftsNotAscending.selector, 1));
        pool.donate(list(2, 1e6, 1, 0), "", 0);
    }

    function test_GivenTwoTermsThatAreWrong_WhenARoundIsMade_TheFirstIsNamed() public {
        IDonationPool.Terms memory terms = matchingTerms();
        (terms.token, terms.registry) = (stranger, stranger);
        expectInvalid(terms, "token");
        terms = matchingTerms();
        (terms.registry, terms.end) = (stranger, terms.start);
        expectInvalid(terms, "registry");
        terms = matchingTerms();
        (terms.challengeEnd, terms.settleBy) = (terms.end, terms.end);
        expectInvalid(terms, "challengeEnd");
        terms = matchingTerms();
        (terms.settleBy, terms.cap) = (terms.challengeEnd, 0);
        expectInvalid(terms, "settleBy");
        terms = matchingTerms();
        (terms.cap, terms.maxCounted) = (0, 0);
        expectInvalid(terms, "cap");
        terms = matchingTerms();
        (terms.maxCounted, terms.acceptsSybil) = (0, false);
        expectInvalid(terms, "maxCounted");
    }

    function test_GivenNoPotAndTwoTermsThatSpeakOfOne_WhenARoundIsMade_TheFirstIsNamed() public {
        IDonationPool.Terms memory terms = givingTerms();
        (terms.gate, terms.settleBy) = (openGate, uint64(SETTLE_BY));
        expectInvalid(terms, "gate");
        terms = givingTerms();
        (terms.settleBy, terms.cap) = (uint64(SETTLE_BY), 1);
        expectInvalid(terms, "challengeEnd");
    }

    function expectInvalid(IDonationPool.Terms memory terms, bytes32 term) private {
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.InvalidTerms.selector, term));
        factory.createRound(terms, range(1, 3), 0);
    }

    function expectRefunding() private {
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.WrongStatus.selector, IDonationPool.Status.Refunding));
    }

    /// @dev Of the next call, which is the stranger's.
    function expectNotSteward() private {
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.NotSteward.selector, stewards, stranger));
        vm.prank(stranger);
    }
}
