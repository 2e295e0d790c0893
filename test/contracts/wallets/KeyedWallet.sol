// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @notice A contract that signs with a keyed hash: who does not know the secret can not sign, and no curve is worked out.
contract KeyedWallet is IERC1271 {
    bytes32 private immutable _secret;

    constructor(bytes32 secret) {
        _secret = secret;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        bool own = signature.length == 32 && bytes32(signature) == keccak256(abi.encode(_secret, digest));
        return own ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}
