// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IDonationPoolFactory} from "../../../contracts/interfaces/IDonationPoolFactory.sol";
import {PoolBase} from "../DonationPool/PoolBase.t.sol";

/// @notice A round's address is a promise of its creator and terms, and the list of rounds is complete.
contract CreateRoundTest is PoolBase {
    bytes32 private constant SALT = keccak256("salt");

    function test_GivenTermsAndASalt_WhenARoundIsMade_ItStandsAtTheAddressForetoldAndIsListed() public {
        IDonationPool.Terms memory terms = matchingTerms();
        address foretold = addressOf(stranger, terms, range(1, 3), SALT);
        bytes32 roundId = keccak256(abi.encode(stranger, SALT));
        assertTrue(!factory.isRound(foretold) && foretold.code.length == 0, "not made yet");
        uint256 before = factory.roundCount();

        vm.expectEmit(address(factory));
        emit IDonationPoolFactory.RoundCreated(foretold, stranger, roundId, terms, range(1, 3));
        vm.prank(stranger);
        assertEq(factory.createRound(terms, range(1, 3), SALT), foretold, "address of the round");

        assertTrue(factory.isRound(foretold), "known as a round");
        assertEq(factory.roundCount(), before + 1, "rounds");
        assertEq(factory.rounds(before), foretold, "the newest round");
        assertEq(IDonationPool(foretold).roundId(), roundId, "id of the round");
        assertEq(factory.roundIdOf(stranger, SALT), roundId, "id foretold");
        assertEq(address(IDonationPool(foretold).channels()), address(channels), "escrow of the round");
        assertEq(abi.encode(IDonationPool(foretold).terms()), abi.encode(terms), "terms of the round");
        assertEq(abi.encode(IDonationPool(foretold).projects()), abi.encode(range(1, 3)), "projects of the round");
    }

    function test_GivenARoundThatWasMade_WhenTheSameIsMadeAgain_ItReverts() public {
        factory.createRound(matchingTerms(), range(1, 3), SALT);
        uint256 before = factory.roundCount();
        vm.expectRevert("");
        factory.createRound(matchingTerms(), range(1, 3), SALT);
        assertEq(factory.roundCount(), before, "rounds");
    }

    function test_GivenAnyDifference_WhenTheAddressIsForetold_ItIsAnother() public {
        IDonationPool.Terms memory terms = matchingTerms();
        address one = addressOf(creator, terms, range(1, 3), SALT);
        differs(one, addressOf(stranger, terms, range(1, 3), SALT));
        differs(one, addressOf(creator, terms, range(1, 2), SALT));
        differs(one, addressOf(creator, terms, range(1, 3), bytes32("other")));
        terms.cap += 1;
        differs(one, addressOf(creator, terms, range(1, 3), SALT));
        terms.cap -= 1;
        terms.closer = stranger;
        differs(one, addressOf(creator, terms, range(1, 3), SALT));
        terms.closer = closer;
        terms.settleBy += 1;
        differs(one, addressOf(creator, terms, range(1, 3), SALT));
    }

    /// @dev Foretold by making it and undoing that. The code in the hash is the factory's own copy, which the compiler does not
    /// promise to be the artifact's to the byte.
    function addressOf(
        address maker,
        IDonationPool.Terms memory terms,
        uint256[] memory projectIds,
        bytes32 salt
    ) private returns (address pool_) {
        uint256 snapshot = vm.snapshotState();
        vm.prank(maker);
        pool_ = factory.createRound(terms, projectIds, salt);
        vm.revertToState(snapshot);
        assertEq(pool_.code.length, 0, "code at an address that is only foretold");
    }

    function differs(address one, address other) private pure {
        assertTrue(one != other, "another address");
    }

    function test_GivenARoundMadeElsewhere_WhenTheFactoryIsAsked_ItDoesNotKnowIt() public view {
        assertTrue(factory.isRound(address(pool)), "its own");
        assertTrue(!factory.isRound(stranger) && !factory.isRound(address(factory)), "anything else");
    }

    function test_GivenNoEscrowAtTheAddress_WhenAFactoryIsMade_ItReverts() public {
        bytes memory code = vm.getCode("DonationPoolFactory.sol:DonationPoolFactory");
        vm.expectRevert(abi.encodeWithSelector(IDonationPoolFactory.InvalidChannels.selector, stranger));
        this.make(abi.encodePacked(code, abi.encode(stranger)));
        assertEq(address(factory.channels()), address(channels), "escrow of a factory that was made");
    }

    /// @dev As a call of its own, which reverts as the constructor does.
    function make(bytes memory code) external {
        assembly ("memory-safe") {
            if iszero(create(0, add(code, 0x20), mload(code))) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
    }
}
