// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IReceiveWithAuthorization} from "../interfaces/IReceiveWithAuthorization.sol";
import {Signatures} from "./Signatures.sol";

/// @title Authorizations
/// @notice Takes money by an EIP-3009 authorization, in either of the two forms that tokens have.
library Authorizations {
    /// @notice Pulls `value` from `from` to this contract. What arrived is the caller's to check.
    /// @param signature 64 (EIP-2098) or 65 bytes go to the token's `(v, r, s)` overload, any other length to its `bytes`
    /// overload, for wallets that are contracts.
    function receiveFrom(
        address token,
        address from,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) internal {
        IReceiveWithAuthorization source = IReceiveWithAuthorization(token);
        if (signature.length == 64 || signature.length == 65) {
            (uint8 v, bytes32 r, bytes32 s) = Signatures.split(signature);
            source.receiveWithAuthorization(from, address(this), value, validAfter, validBefore, nonce, v, r, s);
        } else {
            source.receiveWithAuthorization(from, address(this), value, validAfter, validBefore, nonce, signature);
        }
    }
}
