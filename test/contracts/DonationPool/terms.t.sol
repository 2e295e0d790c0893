// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {AnsweringGate} from "../gates/AnsweringGate.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice Every way in which terms can contradict themselves, each beside the nearest that do not.
contract TermsTest is PoolBase {
    function test_GivenATokenWithoutCodeOrTheEscrow_WhenMade_ItReverts() public {
        IDonationPool.Terms memory terms = matchingTerms();
        terms.token = stranger;
        invalid(terms, "token");
        terms.token = NATIVE;
        invalid(terms, "token");
        terms.token = address(channels);
        invalid(terms, "token");
    }

    function test_GivenARegistryWithoutCode_WhenMade_ItReverts() public {
        IDonationPool.Terms memory terms = matchingTerms();
        terms.registry = stranger;
        invalid(terms, "registry");
        terms = givingTerms();
        terms.registry = address(0);
        invalid(terms, "registry");
    }

    function test_GivenAStartThatIsNotBeforeTheEnd_WhenMade_ItReverts() public {
        IDonationPool.Terms memory terms = matchingTerms();
        terms.start = terms.end;
        invalid(terms, "end");
        terms.start = terms.end + 1;
        invalid(terms, "end");
        terms.start = terms.end - 1;
        valid(terms);
        terms = givingTerms();
        terms.start = terms.end;
        invalid(terms, "end");
    }

    function test_GivenAGateWithoutCode_WhenAPotStandsBehindIt_ItReverts() public {
        IDonationPool.Terms memory terms = matchingTerms();
        terms.gate = address(0);
        invalid(terms, "gate");
        terms.gate = stranger;
        invalid(terms, "gate");
    }

    function test_GivenAChallengeOfLessThanTwiceTheStewardsDelay_WhenMade_ItReverts() public {
        IDonationPool.Terms memory terms = matchingTerms();
        terms.challengeEnd = uint64(END + 2 * DELAY - 1);
        invalid(terms, "challengeEnd");
        terms.challengeEnd = uint64(END + 2 * DELAY);
        valid(terms);
    }

    function test_GivenLessThanSevenDaysToSettle_WhenMade_ItReverts() public {
        IDonationPool.Terms memory terms = matchingTerms();
        terms.settleBy = terms.challengeEnd + 7 days - 1;
        invalid(terms, "settleBy");
        terms.settleBy = terms.challengeEnd + 7 days;
        valid(terms);
    }

    function test_GivenTimesAtTheEndOf64Bits_WhenMade_NothingWraps() public {
        IDonationPool.Terms memory terms = matchingTerms();
        terms.end = type(uint64).max;
        terms.challengeEnd = type(uint64).max;
        invalid(terms, "challengeEnd");
        terms = matchingTerms();
        (terms.challengeEnd, terms.settleBy) = (type(uint64).max, type(uint64).max);
        invalid(terms, "settleBy");
    }

    function test_GivenACapOfZero_WhenAPotIsPromised_ItReverts() public {
        IDonationPool.Terms memory terms = matchingTerms();
        terms.cap = 0;
        invalid(terms, "cap");
        terms.cap = 1;
        valid(terms);
    }

    function test_GivenBoundsThatCrossOrCountNothing_WhenMade_ItReverts() public {
        IDonationPool.Terms memory terms = matchingTerms();
        (terms.minCounted, terms.maxCounted) = (5, 4);
        invalid(terms, "maxCounted");
        (terms.minCounted, terms.maxCounted) = (0, 0);
        invalid(terms, "maxCounted");
        (terms.minCounted, terms.maxCounted) = (5, 5);
        valid(terms);
        (terms.minCounted, terms.maxCounted) = (0, type(uint96).max);
        valid(terms);
    }

    function test_GivenAnOpenGate_WhenTheTermsDoNotAcceptSybils_ItReverts() public {
        IDonationPool.Terms memory terms = matchingTerms();
        terms.acceptsSybil = false;
        invalid(terms, "acceptsSybil");
        terms.gate = deploy(vm.getCode("OpenGate.sol:OpenGate"));
        invalid(terms, "acceptsSybil");
        terms.gate = address(new AnsweringGate());
        valid(terms);
    }

    function test_GivenNoPot_WhenAnyTermSpeaksOfOne_ItReverts() public {
        IDonationPool.Terms memory terms = givingTerms();
        valid(terms);
        terms.gate = openGate;
        invalid(terms, "gate");
        terms = givingTerms();
        terms.acceptsSybil = true;
        invalid(terms, "gate");
        terms = givingTerms();
        terms.challengeEnd = uint64(CHALLENGE_END);
        invalid(terms, "challengeEnd");
        terms = givingTerms();
        terms.settleBy = uint64(SETTLE_BY);
        invalid(terms, "challengeEnd");
        terms = givingTerms();
        terms.cap = 1;
        invalid(terms, "cap");
        terms = givingTerms();
        terms.minCounted = 1;
        invalid(terms, "cap");
        terms = givingTerms();
        terms.maxCounted = 1;
        invalid(terms, "cap");
    }

    function test_GivenProjectsThatNoRoundTakes_WhenMade_ItRevertsAsAnAdmissionWould() public {
        IDonationPool.Terms memory terms = matchingTerms();
        uint256[] memory twice = new uint256[](2);
        (twice[0], twice[1]) = (7, 7);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.ProjectAlreadyAdmitted.selector, 7));
        factory.createRound(terms, twice, 0);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.InvalidProjectId.selector, 0));
        factory.createRound(terms, range(0, 1), 0);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.InvalidProjectId.selector, 1 << 32));
        factory.createRound(terms, range(1 << 32, 1 << 32), 0);
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.TooManyProjects.selector, 1_000));
        factory.createRound(terms, range(1, 1_001), 0);
    }

    function invalid(IDonationPool.Terms memory terms, bytes32 term) private {
        vm.expectRevert(abi.encodeWithSelector(IDonationPool.InvalidTerms.selector, term));
        factory.createRound(terms, range(1, 3), 0);
    }

    function valid(IDonationPool.Terms memory terms) private {
        IDonationPool made = created(terms, range(1, 3));
        assertEq(abi.encode(made.terms()), abi.encode(terms), "terms of the round made");
    }
}
