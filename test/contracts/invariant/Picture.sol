// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {RoundRoles} from "./RoundRoles.sol";

/// @notice Everything that somebody without a right could change, in one word.
abstract contract Picture is RoundRoles {
    function picture() internal view returns (bytes32) {
        return keccak256(abi.encode(channelsPicture(), moneyPicture(), roundsPicture(), registryPicture()));
    }

    /// @dev The words themselves, as they lie in the escrow's storage.
    function channelsPicture() private view returns (bytes32 hash) {
        for (uint256 i; i < ids.length; ++i) {
            hash = keccak256(abi.encode(hash, vm.load(address(channels), ids[i])));
        }
    }

    function moneyPicture() private view returns (bytes32 hash) {
        for (uint256 i; i < tokens.length; ++i) {
            for (uint256 j; j < people.length; ++j) {
                uint256 credit = channels.credit(tokens[i], people[j]);
                hash = keccak256(abi.encode(hash, held(tokens[i], people[j]), credit));
            }
            hash = keccak256(abi.encode(hash, held(tokens[i], OUTSIDER), channels.credit(tokens[i], OUTSIDER)));
        }
    }

    function roundsPicture() private view returns (bytes32 hash) {
        for (uint256 r; r < rounds.length; ++r) {
            IDonationPool pool_ = rounds[r].pool;
            hash = keccak256(abi.encode(hash, pool_.status(), pool_.pot(), pool_.receiptCount(), pool_.settlement()));
            for (uint256 id = 1; id <= LAST_PROJECT; ++id) {
                hash = keccak256(abi.encode(hash, pool_.getProject(id)));
            }
            for (uint256 i; i < receipts[r].length; ++i) {
                hash = keccak256(abi.encode(hash, pool_.getReceipt(i)));
            }
            for (uint256 i; i < PAYERS; ++i) {
                (bytes30 keyId, uint16 weightBps) = pool_.standingOf(payers[i]);
                hash = keccak256(abi.encode(hash, keyId, weightBps));
            }
        }
        for (uint256 n; n < lines.length; ++n) {
            hash = keccak256(abi.encode(hash, rounds[lines[n].round].pool.giftsHash(lines[n].id)));
        }
    }

    function registryPicture() private view returns (bytes32 hash) {
        hash = keccak256(abi.encode(registry.projectCount(), registry.stewards(), registry.acceptedBits(0)));
        for (uint256 id = 1; id <= LAST_PROJECT; ++id) {
            hash = keccak256(abi.encode(hash, registry.getProject(id)));
        }
        return keccak256(abi.encode(hash, deposits.balanceOf(address(registry)), deposits.balanceOf(OUTSIDER)));
    }
}
