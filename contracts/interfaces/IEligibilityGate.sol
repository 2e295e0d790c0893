// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;
interface IEligibilityGate {
    function check(address donor, bytes calldata data) external view returns (bytes32 key, uint16 weightBps);
}
