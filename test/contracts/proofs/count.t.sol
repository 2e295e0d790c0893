// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {CountModel} from "../../proofs/Count.sol";
import {PoolBase} from "../DonationPool/PoolBase.t.sol";

/// @notice A round's counting step does what its proven model does.
contract CountProofTest is PoolBase {
    function test_GivenAnyDonors_WhenAGiftIsCounted_TheModelCountsTheSame(uint256 seed) public {
        uint256 squares;
        for (uint256 i; i < 8; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            uint256 donor = random % 3;
            uint256 oldRoot = rootOf(donor);
            IDonationPool.ProjectState memory before = pool.getProject(1);

            donated(donor, list(1, 1 + uint128((random >> 8) % (1 << (random % 28)))), ANY, bytes32(i));

            uint256 root = rootOf(donor);
            IDonationPool.ProjectState memory state = pool.getProject(1);
            (uint256 subsidy, uint256 rootSum) = CountModel.step(before.subsidy, before.rootSum, oldRoot, root);
            squares = squares - oldRoot * oldRoot + root * root;
            assertEq(state.subsidy, subsidy, "R");
            assertEq(state.rootSum, rootSum, "S");
            assertEq(subsidy, rootSum * rootSum - squares, "R is S^2 less the squares");
        }
    }

    function rootOf(uint256 donor) private view returns (uint256 root) {
        (bytes30 keyId, ) = pool.standingOf(donorOf(donor));
        (, root) = pool.voiceOf(keyId, 1);
    }
}
