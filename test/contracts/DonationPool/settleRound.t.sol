// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice Which pair is a round's, and what follows from it.
/// @dev Two donors of `q^2` each make `R = 2 * q^2 * 2^64`, so that the uncapped match is `2 * q^2` exactly.
contract SettleRoundTest is PoolBase {
    uint256 private constant ONE = 1 << 64;

    /// @dev Two donors of 4, 9 and 16 (times a million) to projects 1, 2 and 3: raw matches of 8e6, 18e6 and 32e6.
    function three(uint128 cap, uint128 pot) private {
        IDonationPool.Terms memory terms = matchingTerms();
        terms.cap = cap;
        pool = created(terms, range(1, 3));
        travelTo(START);
        if (pot != 0) sponsored(1, pot);
        donated(1, list(1, 4e6, 2, 9e6, 3, 16e6), ANY, 0);
        donated(2, list(1, 4e6, 2, 9e6, 3, 16e6), ANY, 0);
        travelTo(CHALLENGE_END);
        assertEq(pool.getProject(1).subsidy, 8e6 * ONE, "R of project 1");
        assertEq(pool.getProject(2).subsidy, 18e6 * ONE, "R of project 2");
        assertEq(pool.getProject(3).subsidy, 32e6 * ONE, "R of project 3");
    }

    function test_GivenAPotForEveryRawSubsidy_WhenSettled_EachDrawsItsRawSubsidyAndTheRestIsUnused() public {
        three(CAP, 60e6);

        vm.expectEmit(address(pool));
        emit IDonationPool.Settled(0, 0, 1, ONE, 2e6);
        vm.prank(stranger);
        pool.settleRound(0, 0);

        assertStatus(IDonationPool.Status.Settled);
        assertSettlement(1, ONE, 2e6);
        assertMatches(8e6, 18e6, 32e6);
    }

    function test_GivenTwoProjectsAtTheCap_WhenSettled_TheirPairIsLogged() public {
        three(10e6, 60e6);
        vm.expectEmit(address(pool));
        emit IDonationPool.Settled(2, 50e6 * ONE, 1, ONE, 32e6);
        pool.settleRound(2, 50e6 * ONE);
        assertMatches(8e6, 10e6, 10e6);
    }

    function test_GivenAScarcePot_WhenSettled_EachDrawsItsPartFlooredAndWhatFloorsLeaveIsUnused() public {
        three(CAP, 10e6 + 1);

        pool.settleRound(0, 0);

        assertSettlement(10e6 + 1, 58e6 * ONE, 2);
        // 10,000,001 * 8 / 58 = 1,379,310.48; * 18 / 58 = 3,103,448.58; * 32 / 58 = 5,517,241.93
        assertMatches(1_379_310, 3_103_448, 5_517_241);
    }

    function test_GivenExactlyThePotForEveryRawSubsidy_WhenSettled_LambdaIsItsLargestAndNothingIsUnused() public {
        three(CAP, 58e6);

        pool.settleRound(0, 0);

        assertSettlement(1, ONE, 0);
        assertMatches(8e6, 18e6, 32e6);
    }

    /// @dev Four donors of 2^94 and of 2^92: `R` is 12 * 2^158 and 12 * 2^156, and times the pot it passes 256 bits.
    function test_GivenAPotAndSubsidiesWhoseProductPassesAWord_WhenSettled_EachDrawsItsPart() public {
        IDonationPool.Terms memory terms = matchingTerms();
        (terms.cap, terms.maxCounted) = (type(uint128).max, type(uint96).max);
        pool = created(terms, range(1, 2));
        travelTo(START);
        sponsored(1, 1 << 97);
        for (uint256 donor = 1; donor <= 4; ++donor) {
            donated(donor, list(1, 1 << 94, 2, 1 << 92), ANY, 0);
        }
        travelTo(CHALLENGE_END);

        pool.settleRound(0, 0);

        uint256 pot = 1 << 97;
        assertSettlement(pot, 15 * (1 << 158), pot - (4 * pot) / 5 - pot / 5);
        assertEq(pool.matchOf(1), (4 * pot) / 5, "match of project 1");
        assertEq(pool.matchOf(2), pot / 5, "match of project 2");
    }

    function test_GivenNoSponsors_WhenSettled_NobodyIsMatched() public {
        three(CAP, 0);

        pool.settleRound(0, 0);

        assertSettlement(0, 58e6 * ONE, 0);
        assertMatches(0, 0, 0);
    }

    function test_GivenNoGifts_WhenSettled_TheWholePotIsUnused() public {
        sponsored(1, 60e6);
        travelTo(CHALLENGE_END);

        pool.settleRound(0, 0);

        assertSettlement(1, ONE, 60e6);
        assertMatches(0, 0, 0);
    }

    function test_GivenLoneDonors_WhenSettled_TheWholePotIsUnused() public {
        sponsored(1, 60e6);
        donated(1, list(1, 4e6), ANY, 0);
        donated(2, list(2, 4e6), ANY, 0);
        travelTo(CHALLENGE_END);

        pool.settleRound(0, 0);

        assertSettlement(1, ONE, 60e6);
        assertMatches(0, 0, 0);
    }

    function test_GivenARoundWithoutProjects_WhenSettled_TheWholePotIsUnused() public {
        pool = created(matchingTerms(), new uint256[](0));
        sponsored(1, 60e6);
        travelTo(CHALLENGE_END);

        pool.settleRound(0, 0);

        assertSettlement(1, ONE, 60e6);
    }

    function test_GivenAProjectAtTheCapInAnAbundantPot_WhenSettled_ItCountsAsCappedAndTheOthersDrawTheirRawSubsidy()
        public
    {
        three(18e6, 60e6);
        onlyRight(2, 50e6 * ONE);

        assertSettlement(1, ONE, 60e6 - 44e6);
        assertMatches(8e6, 18e6, 18e6);
    }

    function test_GivenACapOneAboveATie_WhenSettled_TheTieIsNotCapped() public {
        three(18e6 + 1, 60e6);
        onlyRight(1, 32e6 * ONE);

        assertMatches(8e6, 18e6, 18e6 + 1);
    }

    function test_GivenACapBelowEverything_WhenSettled_AllAreCappedAndLambdaIsItsLargest() public {
        three(5e6, 60e6);
        onlyRight(3, 58e6 * ONE);

        assertSettlement(1, ONE, 45e6);
        assertMatches(5e6, 5e6, 5e6);
    }

    function test_GivenAPotOfExactlyTheCaps_WhenSettled_OnlyThePairWithEveryProjectWithinItIsRight() public {
        three(5e6, 15e6);
        onlyRight(3, 58e6 * ONE);

        assertSettlement(1, ONE, 0);
        assertMatches(5e6, 5e6, 5e6);
    }

    function test_GivenAScarcePotAndATieAtExactlyTheCap_WhenSettled_TheTieIsCapped() public {
        // lambda = 26 / 52 of a raw subsidy: project 3 draws 16 = the cap, project 1 draws 4, project 2 draws 9.
        three(16e6, 29e6);
        onlyRight(1, 32e6 * ONE);

        assertSettlement(13e6, 26e6 * ONE, 0);
        assertMatches(4e6, 9e6, 16e6);
    }

    function test_GivenTwoEqualProjectsAtTheCap_WhenSettled_BothAreCapped() public {
        IDonationPool.Terms memory terms = matchingTerms();
        terms.cap = 8e6;
        pool = created(terms, range(1, 3));
        sponsored(1, 60e6);
        donated(1, list(1, 4e6, 2, 4e6), ANY, 0);
        donated(2, list(1, 4e6, 2, 4e6), ANY, 0);
        travelTo(CHALLENGE_END);
        onlyRight(2, 16e6 * ONE);

        assertMatches(8e6, 8e6, 0);
    }

    /// @dev Tries every pair around the right one, and then the right one.
    function onlyRight(uint256 right, uint256 rightSubsidy) private {
        uint256 each = 8e6 * ONE;
        for (uint256 k; k <= 5; ++k) {
            if (k != right) wrong(k, rightSubsidy);
            wrong(k, rightSubsidy + 1);
            wrong(k, rightSubsidy - 1);
            for (uint256 subset; subset < 8; ++subset) {
                uint256 subsidy;
                for (uint256 i; i < 3; ++i) {
                    if ((subset >> i) & 1 != 0) subsidy += pool.getProject(i + 1).subsidy;
                }
                if (k != right || subsidy != rightSubsidy) wrong(k, subsidy);
            }
            wrong(k, 100 * each);
            wrong(k, type(uint256).max);
        }
        wrong(type(uint256).max, rightSubsidy);
        wrong(type(uint256).max, type(uint256).max);
        pool.settleRound(right, rightSubsidy);
        assertStatus(IDonationPool.Status.Settled);
    }

    function wrong(uint256 k, uint256 subsidy) private {
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.WrongPair.selector, k, subsidy));
        pool.settleRound(k, subsidy);
    }

    function test_GivenAnyGiftsPotAndCap_WhenEveryPairOfASubsetIsTried_ExactlyOneSettlesAndPaysWithinThePot(
        uint256 seed,
        uint128 pot,
        uint128 cap
    ) public {
        IDonationPool.Terms memory terms = matchingTerms();
        terms.cap = uint128(bound(cap, 1, 100e6));
        pool = created(terms, range(1, 3));
        pot = uint128(bound(pot, 1, 400e6));
        sponsored(1, pot);
        for (uint256 donor; donor < 4; ++donor) {
            uint256 random = uint256(keccak256(abi.encode(seed, donor)));
            IDonationPool.Gift[] memory gifts = list(1, uint64(random) % 20e6, 2, uint64(random >> 64) % 20e6, 3, 1e6);
            for (uint256 i; i < 2; ++i) {
                gifts[i].cumulativeAmount += 1;
            }
            donated(donor, gifts, ANY, 0);
        }
        travelTo(CHALLENGE_END);

        uint256 settledBy;
        uint256[3] memory matches;
        for (uint256 subset; subset < 8; ++subset) {
            (uint256 k, uint256 subsidy) = (0, 0);
            for (uint256 i; i < 3; ++i) {
                if ((subset >> i) & 1 == 0) continue;
                ++k;
                subsidy += pool.getProject(i + 1).subsidy;
            }
            uint256 snapshot = vm.snapshotState();
            try pool.settleRound(k, subsidy) {
                ++settledBy;
                matches = [pool.matchOf(1), pool.matchOf(2), pool.matchOf(3)];
                uint256 unused = pool.settlement().unused;
                assertEq(matches[0] + matches[1] + matches[2] + unused, pot, "matches and what is unused");
                for (uint256 i; i < 3; ++i) {
                    bool within = matches[i] <= terms.cap && matches[i] <= pool.getProject(i + 1).subsidy >> 64;
                    assertTrue(within, "each match is within the cap and the raw subsidy");
                }
            } catch (bytes memory reason) {
                assertEq(bytes32(bytes4(reason)), bytes32(IDonationPool.WrongPair.selector), "refusal");
            }
            vm.revertToState(snapshot);
        }
        assertEq(settledBy, 1, "pairs that settle");
    }

    function test_GivenTheChallengeWindow_WhenItsLastSecondIsOver_TheRoundCanBeSettledAndNotBefore() public {
        travelTo(CHALLENGE_END - 1);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.TooEarly.selector, CHALLENGE_END, CHALLENGE_END - 1));
        pool.settleRound(0, 0);

        travelTo(CHALLENGE_END);
        pool.settleRound(0, 0);
        assertStatus(IDonationPool.Status.Settled);
    }

    function test_GivenARoundThatNobodySwitched_WhenSettledAfterSettleBy_ItSettles() public {
        travelTo(SETTLE_BY + 365 days);
        pool.settleRound(0, 0);
        assertStatus(IDonationPool.Status.Settled);
    }

    function test_GivenASettledOrRefundingRound_WhenSettled_ItReverts() public {
        travelTo(CHALLENGE_END);
        pool.settleRound(0, 0);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.WrongStatus.selector, IDonationPool.Status.Settled));
        pool.settleRound(0, 0);

        pool = created(matchingTerms(), range(1, 3));
        travelTo(SETTLE_BY);
        pool.switchToRefunds();
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.WrongStatus.selector, IDonationPool.Status.Refunding));
        pool.settleRound(0, 0);
    }

    function test_GivenARoundWithoutAPot_WhenSettled_ItReverts() public {
        pool = created(givingTerms(), range(1, 3));
        travelTo(SETTLE_BY);
        expectError(IDonationPool.NotMatching.selector);
        pool.settleRound(0, 0);
    }

    function test_GivenADisqualifiedProject_WhenSettled_ItsSubsidyDoesNotCountAndTheOthersShareThePot() public {
        sponsored(1, 13e6);
        donated(1, list(1, 4e6, 2, 9e6, 3, 16e6), ANY, 0);
        donated(2, list(1, 4e6, 2, 9e6, 3, 16e6), ANY, 0);
        disqualified(3);
        travelTo(CHALLENGE_END);
        wrong(1, 32e6 * ONE);

        pool.settleRound(0, 0);

        assertSettlement(13e6, 26e6 * ONE, 0);
        assertMatches(4e6, 9e6, 0);
    }

    function test_GivenTokensSentDirectly_WhenSettled_TheyAreNeitherMatchNorUnused() public {
        plain.mint(address(this), 500e6);
        three(CAP, 10e6);
        plain.mint(address(pool), 500e6);

        pool.settleRound(0, 0);

        assertEq(pool.pot(), 10e6, "the pot");
        assertSettlement(10e6, 58e6 * ONE, 1);
    }

    function assertSettlement(uint256 numerator, uint256 denominator, uint256 unused) private view {
        IDonationPool.Settlement memory settlement = pool.settlement();
        assertEq(settlement.numerator, numerator, "numerator of lambda");
        assertEq(settlement.denominator, denominator, "denominator of lambda");
        assertEq(settlement.unused, unused, "what no project draws");
    }

    function assertMatches(uint256 first, uint256 second, uint256 third) private view {
        assertEq(pool.matchOf(1), first, "match of project 1");
        assertEq(pool.matchOf(2), second, "match of project 2");
        assertEq(pool.matchOf(3), third, "match of project 3");
    }
}
