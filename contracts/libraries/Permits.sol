// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPermit2} from "../interfaces/IPermit2.sol";

/// @title Permits
/// @notice Takes money by a Permit2 signature whose witness says which channel it is for.
/// @dev Permit2 makes its caller the spender, so only this contract can use the signature, and each nonce once.
library Permits {
    /// @notice The canonical deployment, at one address on every chain that has it.
    IPermit2 internal constant PERMIT2 = IPermit2(0x000000000022D473030F116dDEE9F6B43aC78BA3);

    bytes32 internal constant OPEN_WITNESS = keccak256(
        "ChannelOpenWitness(address payee,bytes32 salt,address authorizedSigner)"
    );
    bytes32 internal constant TOP_UP_WITNESS = keccak256("ChannelTopUpWitness(bytes32 channelId)");

    /// @dev The rest of the signed type. EIP-712 wants referenced types in alphabetical order; wallets refuse any other.
    string internal constant OPEN_TYPE =
        "ChannelOpenWitness witness)ChannelOpenWitness(address payee,bytes32 salt,address authorizedSigner)TokenPermissions(address token,uint256 amount)";
    string internal constant TOP_UP_TYPE =
        "ChannelTopUpWitness witness)ChannelTopUpWitness(bytes32 channelId)TokenPermissions(address token,uint256 amount)";

    struct Permit {
        address from;
        address token;
        uint256 amount;
        uint256 nonce;
        uint256 deadline;
    }

    function openWitness(address payee, bytes32 salt, address authorizedSigner) internal pure returns (bytes32) {
        return keccak256(abi.encode(OPEN_WITNESS, payee, salt, authorizedSigner));
    }

    function topUpWitness(bytes32 channelId) internal pure returns (bytes32) {
        return keccak256(abi.encode(TOP_UP_WITNESS, channelId));
    }

    /// @notice Pulls `permit.amount`, all that was permitted, to this contract. What arrived is the caller's to check.
    function transfer(
        Permit memory permit,
        bytes32 witness,
        string memory witnessType,
        bytes calldata signature
    ) internal {
        PERMIT2.permitWitnessTransferFrom(
            IPermit2.PermitTransferFrom(
                IPermit2.TokenPermissions(permit.token, permit.amount),
                permit.nonce,
                permit.deadline
            ),
            IPermit2.SignatureTransferDetails(address(this), permit.amount),
            permit.from,
            witness,
            witnessType,
            signature
        );
    }
}
