// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IEligibilityGate} from "../../../contracts/interfaces/IEligibilityGate.sol";

/// @notice Answers whatever key and weight the data says.
contract FrankGate is IEligibilityGate {
    function check(address, bytes calldata data) external pure returns (bytes32 key, uint16 weightBps) {
        return abi.decode(data, (bytes32, uint16));
    }
}
