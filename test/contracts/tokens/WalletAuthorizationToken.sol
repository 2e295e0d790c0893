// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {AuthorizationToken} from "./AuthorizationToken.sol";

/// @notice An EIP-3009 token with the overload that USDC 2.2 added for contract wallets.
contract WalletAuthorizationToken is AuthorizationToken {
    error Unauthorized();

    bytes32 private constant RECEIVE_WITH_AUTHORIZATION = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );

    mapping(address from => mapping(bytes32 nonce => bool)) private _used;

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        bytes32 structHash = keccak256(
            abi.encode(RECEIVE_WITH_AUTHORIZATION, from, to, value, validAfter, validBefore, nonce)
        );
        bool valid = SignatureChecker.isValidSignatureNow(from, _hashTypedDataV4(structHash), signature);
        bool inTime = block.timestamp > validAfter && block.timestamp < validBefore;
        require(valid && inTime && to == msg.sender && !_used[from][nonce], Unauthorized());
        _used[from][nonce] = true;
        _transfer(from, to, value);
    }
}
