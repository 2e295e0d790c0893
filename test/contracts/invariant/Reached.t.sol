// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {Assertions} from "../support/Assertions.sol";
import {Chaos} from "./Chaos.sol";
import {Handlers} from "./Handlers.sol";
import {Roles} from "./Roles.sol";
import {WrongTimes} from "./WrongTimes.sol";

/// @notice The campaign's handlers on a fixed walk: each has to do what it is named after, and rounds have to come to every end. A
/// handler that always turns back would check nothing, in silence.
contract ReachedTest is Assertions, Handlers {
    uint256 private constant RUNS = 30;
    uint256 private constant DEPTH = 60;

    Roles private roles;

    function setUp() public {
        roles = new Roles();
        roles.setUp();
    }

    function test_GivenAWalkOfThirtyRuns_WhenItIsOver_EachHandlerHadAnEffectAndRoundsCameToEveryEnd() public {
        bytes4[] memory all = handlers();
        uint256[] memory effects = new uint256[](all.length);
        uint256[5] memory cases;
        uint256[3] memory ends;
        uint256 comparisons;
        for (uint256 run; run < RUNS; ++run) {
            uint256 world = vm.snapshotState();
            for (uint256 step; step < DEPTH; ++step) {
                uint256 draw = uint256(keccak256(abi.encode(run, step)));
                walks(all[draw % all.length], draw);
                roles.checkWorld();
            }
            triesEveryCase(run);
            roles.checkEnd();
            for (uint256 i; i < all.length; ++i) effects[i] += roles.effects(all[i]);
            for (uint256 i; i < cases.length; ++i) cases[i] |= roles.casesTried(chaos()[i]);
            for (uint256 i; i < ends.length; ++i) ends[i] += roles.endedAs(IDonationPool.Status(i));
            roles.checkEnding(run);
            comparisons += roles.effects(Roles.checkEnding.selector);
            assertTrue(vm.revertToState(world), "back to the beginning");
        }

        for (uint256 i; i < all.length; ++i) {
            if (effects[i] == 0) assertTrue(false, string.concat("an effect of handler ", vm.toString(i)));
        }
        uint256[5] memory numbers = roles.caseCounts();
        for (uint256 i; i < cases.length; ++i) assertEq(cases[i], (1 << numbers[i]) - 1, "cases of chaos, a bit each");
        assertTrue(ends[uint256(IDonationPool.Status.Settled)] != 0, "a round that was settled");
        assertTrue(ends[uint256(IDonationPool.Status.Refunding)] != 0, "a round that was refunded");
        assertTrue(comparisons != 0, "gifts counted in another order");
    }

    function walks(bytes4 handler, uint256 draw) private {
        uint256[4] memory words;
        for (uint256 i; i < 4; ++i) words[i] = uint256(keccak256(abi.encode(draw, i))) >> 160; // fits every argument but a flag
        if (isFlagged(handler)) words[1] &= 1;
        if (handler == bytes4(keccak256("payeeCloses(uint256,uint128,bool)"))) words[2] &= 1;
        if (handler == bytes4(keccak256("timeReachesAnEdge(bool)"))) words[0] &= 1;
        (bool done, bytes memory reason) = address(roles).call(abi.encodePacked(handler, abi.encode(words)));
        if (!done) assertTrue(false, string.concat("a handler reverted: ", vm.toString(reason)));
    }

    function isFlagged(bytes4 handler) private pure returns (bool) {
        return
            handler == bytes4(keccak256("payerAsksToLeave(uint256,bool)")) ||
            handler == bytes4(keccak256("receiverTakesItsCredit(uint256,bool)")) ||
            handler == bytes4(keccak256("donorDonates(uint256,bool)"));
    }

    function triesEveryCase(uint256 run) private {
        uint256[5] memory numbers = roles.caseCounts();
        for (uint256 i; i < numbers.length; ++i) {
            for (uint256 number; number < numbers[i]; ++number) {
                uint256 draw = uint256(keccak256(abi.encode(run, i, number)));
                (bool done, ) = address(roles).call(
                    abi.encodeWithSelector(chaos()[i], draw, number, uint128(draw >> 200))
                );
                assertTrue(done, "what chaos tries is refused");
            }
        }
    }

    function chaos() private pure returns (bytes4[5] memory) {
        return
            [
                Chaos.chaosOnTheEscrow.selector,
                Chaos.chaosOnARound.selector,
                Chaos.chaosOnTheRegistry.selector,
                WrongTimes.chaosByChannelRoles.selector,
                WrongTimes.chaosByRoundRoles.selector
            ];
    }
}
