// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IEligibilityGate} from "../interfaces/IEligibilityGate.sol";
import {QuadraticCount} from "./QuadraticCount.sol";

/// @title GateCalls
/// @notice Asks a gate that may be hostile.
library GateCalls {
    /// @notice Gas that a gate gets: a Merkle proof or a signature by a contract wallet, and nothing to burn a batch with.
    uint256 internal constant GATE_GAS = 200_000;

    /// @notice A donor's key and weight; weight 0 when the gate reverts, answers short, runs out of gas or says more than
    /// 10,000.
    /// @dev A static call: the gate can change nothing. Copies no more than two words of what it returns.
    function check(
        address gate,
        address donor,
        bytes calldata data
    ) internal view returns (bytes32 key, uint256 weightBps) {
        bytes memory request = abi.encodeCall(IEligibilityGate.check, (donor, data));
        bool answered;
        assembly ("memory-safe") {
            answered := staticcall(GATE_GAS, gate, add(request, 0x20), mload(request), 0x00, 0x40)
            answered := and(answered, gt(returndatasize(), 0x3f))
            key := mload(0x00)
            weightBps := mload(0x20)
        }
        if (!answered || weightBps > QuadraticCount.FULL_WEIGHT) weightBps = 0;
    }
}
