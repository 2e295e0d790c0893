// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @notice A delegate that confirms its account's signatures over a hash of its own making alone, against replay between accounts of
/// one key: it disowns every plain one.
contract RehashingWallet is IERC1271 {
    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        (address recovered, , ) = ECDSA.tryRecoverCalldata(rehash(digest), signature);
        return recovered == address(this) ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }

    function rehash(bytes32 digest) public view returns (bytes32) {
        return keccak256(abi.encode(digest, address(this)));
    }

    receive() external payable {}
}
