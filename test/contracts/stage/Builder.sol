// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @notice Creates a contract from the code that it is called with, and passes its constructor's refusal on.
contract Builder {
    fallback(bytes calldata code) external returns (bytes memory) {
        bytes memory creation = code;
        assembly ("memory-safe") {
            if iszero(create(0, add(creation, 0x20), mload(creation))) {
                let free := mload(0x40)
                returndatacopy(free, 0, returndatasize())
                revert(free, returndatasize())
            }
        }
        return "";
    }
}
