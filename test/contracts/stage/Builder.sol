// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @notice Creates contracts, and passes their constructors' refusals on.
contract Builder {
    function build(bytes memory creationCode) external {
        assembly ("memory-safe") {
            if iszero(create(0, add(creationCode, 0x20), mload(creationCode))) {
                let free := mload(0x40)
                returndatacopy(free, 0, returndatasize())
                revert(free, returndatasize())
            }
        }
    }
}
