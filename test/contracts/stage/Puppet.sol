// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @notice Code of an account, beside its key: lets a stage act as it.
contract Puppet {
    function act(address to, bytes calldata data) external returns (bool ok, bytes memory answer) {
        (ok, answer) = to.call(data);
    }
}
