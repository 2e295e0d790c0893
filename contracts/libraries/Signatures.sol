// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title Signatures
/// @notice Who signed: ECDSA first, ERC-1271 second.
/// @dev The order is a rule of money. A signer that gains code after signing (EIP-7702) must not be able to revoke what it
/// signed, so OpenZeppelin's `isValidSignatureNow`, which asks ERC-1271 wherever there is code, is not used as it stands.
library Signatures {
    /// @notice Whether `signature` over `digest` is `signer`'s, by recovery or else by its ERC-1271 answer.
    /// @dev ECDSA signatures have 65 bytes, or 64 (EIP-2098), and a low `s`. `signer` zero is never valid.
    function isValid(address signer, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        return
            isBy(signer, recover(digest, signature)) ||
            (signer.code.length != 0 && SignatureChecker.isValidERC1271SignatureNowCalldata(signer, digest, signature));
    }

    /// @notice As `isValid`, for ECDSA signatures in EIP-2098 form alone.
    function isValid(address signer, bytes32 digest, bytes32 r, bytes32 vs) internal pure returns (bool) {
        (address recovered, , ) = ECDSA.tryRecover(digest, r, vs);
        return isBy(signer, recovered);
    }

    /// @notice `v`, `r` and `s` of a signature of 65 bytes or, EIP-2098, of 64.
    /// @dev Of no other length: callers check.
    function split(bytes calldata signature) internal pure returns (uint8 v, bytes32 r, bytes32 s) {
        assembly ("memory-safe") {
            r := calldataload(signature.offset)
            s := calldataload(add(signature.offset, 0x20))
            v := byte(0, calldataload(add(signature.offset, 0x40)))
        }
        if (signature.length == 64) {
            v = 27 + uint8(uint256(s) >> 255);
            s &= bytes32(uint256(type(int256).max));
        }
    }

    /// @dev A failed recovery is the zero address, which signs nothing.
    function isBy(address signer, address recovered) private pure returns (bool) {
        return recovered == signer && recovered != address(0);
    }

    function recover(bytes32 digest, bytes calldata signature) private pure returns (address recovered) {
        if (signature.length != 64 && signature.length != 65) return address(0);
        (uint8 v, bytes32 r, bytes32 s) = split(signature);
        (recovered, , ) = ECDSA.tryRecover(digest, v, r, s);
    }
}
