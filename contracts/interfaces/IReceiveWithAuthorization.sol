// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @title IReceiveWithAuthorization
/// @notice The two forms of EIP-3009's `receiveWithAuthorization`: the standard's, and the `bytes` form that USDC 2.2 added
/// for contract wallets.
interface IReceiveWithAuthorization {
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;
}
