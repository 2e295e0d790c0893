// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";

/// @notice The escrow's and the pool's EIP-712 messages, written a second time and from their type strings, to hold the
/// contracts to.
library TypedData {
    string internal constant VOUCHER = "Voucher(bytes32 channelId,uint128 cumulativeAmount)";
    string internal constant CLOSE_REQUEST = "CloseRequest(bytes32 channelId,uint128 deposit)";
    string internal constant CLOSE_AUTHORIZATION =
        "CloseAuthorization(bytes32 channelId,uint128 cumulativeAmount,uint256 deadline)";
    string internal constant TICK_VOUCHER =
        "TickVoucher(bytes32 channelId,uint128 cumulativeAmount,bytes32 tickRoot,uint128 tickValue)";
    string internal constant DOMAIN =
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
    string internal constant RECEIVE_WITH_AUTHORIZATION =
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)";
    string internal constant PERMIT2_DOMAIN = "EIP712Domain(string name,uint256 chainId,address verifyingContract)";
    string internal constant TOKEN_PERMISSIONS = "TokenPermissions(address token,uint256 amount)";
    string internal constant OPEN_WITNESS = "ChannelOpenWitness(address payee,bytes32 salt,address authorizedSigner)";
    string internal constant TOP_UP_WITNESS = "ChannelTopUpWitness(bytes32 channelId)";
    string internal constant GIFT = "Gift(uint256 projectId,uint128 cumulativeAmount)";
    string internal constant ALLOCATION =
        "Allocation(bytes32 channelId,uint128 cumulativeAmount,bytes32 gateDataHash,Gift[] gifts)Gift(uint256 projectId,uint128 cumulativeAmount)";

    function separator(string memory name, uint256 chainId, address verifyingContract) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(keccak256(bytes(DOMAIN)), keccak256(bytes(name)), keccak256("1"), chainId, verifyingContract)
            );
    }

    function digest(
        address escrow,
        uint256 chainId,
        string memory typeString,
        bytes memory members
    ) internal pure returns (bytes32) {
        bytes32 structHash = keccak256(abi.encodePacked(keccak256(bytes(typeString)), members));
        return keccak256(abi.encodePacked(hex"1901", separator("EVM Payment Channel", chainId, escrow), structHash));
    }

    /// @notice What `from` signs for an EIP-3009 token of this name: `value` to the escrow, at any time.
    function authorization(
        string memory name,
        address token,
        uint256 chainId,
        address from,
        address escrow,
        uint256 value,
        bytes32 nonce
    ) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(bytes(RECEIVE_WITH_AUTHORIZATION));
        bytes32 structHash = keccak256(abi.encode(typeHash, from, escrow, value, uint256(0), type(uint256).max, nonce));
        return keccak256(abi.encodePacked(hex"1901", separator(name, chainId, token), structHash));
    }

    /// @notice The type of a Permit2 transfer with a witness: its own members, then what they refer to in alphabetical order.
    function permitType(string memory witnessName, string memory witnessType) internal pure returns (string memory) {
        return
            string.concat(
                "PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,",
                string.concat(witnessName, " witness)"),
                witnessType,
                TOKEN_PERMISSIONS
            );
    }

    function allocation(
        address pool,
        uint256 chainId,
        bytes32 channelId,
        uint128 cumulativeAmount,
        bytes32 gateDataHash,
        IDonationPool.Gift[] memory gifts
    ) internal pure returns (bytes32) {
        bytes memory hashes;
        for (uint256 i; i < gifts.length; ++i) {
            bytes memory gift = abi.encode(keccak256(bytes(GIFT)), gifts[i].projectId, gifts[i].cumulativeAmount);
            hashes = bytes.concat(hashes, keccak256(gift));
        }
        bytes memory members = abi.encode(channelId, cumulativeAmount, gateDataHash, keccak256(hashes));
        bytes32 structHash = keccak256(abi.encodePacked(keccak256(bytes(ALLOCATION)), members));
        return keccak256(abi.encodePacked(hex"1901", separator("Farthing Donation Pool", chainId, pool), structHash));
    }
}
