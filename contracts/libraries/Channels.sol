// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../interfaces/IPaymentChannels.sol";

/// @notice Seven words in memory: what a channel's id is the hash of.
type Descriptor is uint256;

using Channels for Descriptor global;

/// @title Channels
/// @notice A descriptor's id, `keccak256(abi.encode(payer, payee, token, salt, authorizedSigner, escrow, chainId))`, laid by hand
/// in the memory beyond the free pointer, and its fields, read as they are: an `abi.encode` and checked reads a row would cost
/// a tenth of settling it.
/// @dev Addresses in calldata count with all of their 256 bits. A descriptor with any of the upper ones set has an id that nobody
/// can have opened, because `open` decodes its arguments; so a field's upper bits are zero once the channel was found.
library Channels {
    /// @notice Lays a new channel's descriptor, for its id and its event.
    function lay(
        address payer,
        address payee,
        address token,
        bytes32 salt,
        address authorizedSigner
    ) internal view returns (Descriptor descriptor) {
        assembly ("memory-safe") {
            descriptor := mload(0x40)
            mstore(0x40, add(descriptor, 0xe0))
            mstore(descriptor, payer)
            mstore(add(descriptor, 0x20), payee)
            mstore(add(descriptor, 0x40), token)
            mstore(add(descriptor, 0x60), salt)
            mstore(add(descriptor, 0x80), authorizedSigner)
            mstore(add(descriptor, 0xa0), address())
            mstore(add(descriptor, 0xc0), chainid())
        }
    }

    function idOf(Descriptor descriptor) internal pure returns (bytes32 id) {
        assembly ("memory-safe") {
            id := keccak256(descriptor, 0xe0)
        }
    }

    /// @notice `ChannelOpened`, whose data are the words from the token on with the deposit behind them. Ends the descriptor.
    function logOpened(Descriptor descriptor, bytes32 id, address payer, address payee, uint256 deposit) internal {
        bytes32 topic = IPaymentChannels.ChannelOpened.selector;
        assembly ("memory-safe") {
            mstore(add(descriptor, 0xa0), deposit)
            log4(add(descriptor, 0x40), 0x80, topic, id, payer, payee)
        }
    }

    function idOf(IPaymentChannels.Channel calldata channel) internal view returns (bytes32 id) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, channel, 0xa0)
            mstore(add(free, 0xa0), address())
            mstore(add(free, 0xc0), chainid())
            id := keccak256(free, 0xe0)
        }
    }

    /// @notice Of a row's channel; a batch has payee and token once.
    function idOf(
        address payee,
        address token,
        IPaymentChannels.SettleRow calldata row
    ) internal view returns (bytes32 id) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, calldataload(row))
            mstore(add(free, 0x20), payee)
            mstore(add(free, 0x40), token)
            calldatacopy(add(free, 0x60), add(row, 0x20), 0x40) // salt and authorizedSigner
            mstore(add(free, 0xa0), address())
            mstore(add(free, 0xc0), chainid())
            id := keccak256(free, 0xe0)
        }
    }

    /// @notice Whether a channel may pay `payee`: not nobody, its own payer, its token or the escrow.
    function isPayable(address payer, address payee, address token) internal view returns (bool payable_) {
        assembly ("memory-safe") {
            let itself := or(eq(payee, payer), or(eq(payee, token), eq(payee, address())))
            payable_ := iszero(or(iszero(payee), itself))
        }
    }

    /// @dev Dirty upper bits name nobody.
    function isPaidBy(IPaymentChannels.Channel calldata channel, address account) internal pure returns (bool isPayer) {
        assembly ("memory-safe") {
            isPayer := eq(calldataload(channel), account)
        }
    }

    function payerOf(IPaymentChannels.Channel calldata channel) internal pure returns (address payer) {
        assembly ("memory-safe") {
            payer := calldataload(channel)
        }
    }

    function payeeOf(IPaymentChannels.Channel calldata channel) internal pure returns (address payee) {
        assembly ("memory-safe") {
            payee := calldataload(add(channel, 0x20))
        }
    }

    function tokenOf(IPaymentChannels.Channel calldata channel) internal pure returns (address token) {
        assembly ("memory-safe") {
            token := calldataload(add(channel, 0x40))
        }
    }

    /// @notice Who signs for the payer: the payer itself unless the channel names a key.
    function signerOf(IPaymentChannels.Channel calldata channel) internal pure returns (address signer) {
        assembly ("memory-safe") {
            signer := calldataload(add(channel, 0x80))
            if iszero(signer) {
                signer := calldataload(channel)
            }
        }
    }

    function signerOf(IPaymentChannels.SettleRow calldata row) internal pure returns (address signer) {
        assembly ("memory-safe") {
            signer := calldataload(add(row, 0x40))
            if iszero(signer) {
                signer := calldataload(row)
            }
        }
    }

    function payerOf(IPaymentChannels.SettleRow calldata row) internal pure returns (address payer) {
        assembly ("memory-safe") {
            payer := calldataload(row)
        }
    }

    /// @notice A row's amount with all of its 256 bits: one of more than 128 is above every deposit, and skipped like any other.
    function amountOf(IPaymentChannels.SettleRow calldata row) internal pure returns (uint256 cumulativeAmount) {
        assembly ("memory-safe") {
            cumulativeAmount := calldataload(add(row, 0x60))
        }
    }
}
