// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {FULL_WEIGHT_BPS, IEligibilityGate} from "../interfaces/IEligibilityGate.sol";

/// @title OpenGate
/// @notice Lets everyone count in full, each account as itself; any data will do.
/// @dev Warning: accounts cost nothing, so a thousand wallets with a cent each drain a pot that stands behind this gate.
contract OpenGate is IEligibilityGate {
    /// @inheritdoc IEligibilityGate
    function check(address donor, bytes calldata) external pure returns (bytes32 key, uint16 weightBps) {
        return (bytes32(uint256(uint160(donor))), FULL_WEIGHT_BPS);
    }
}
