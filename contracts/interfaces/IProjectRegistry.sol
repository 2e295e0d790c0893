// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;
interface IProjectRegistry {
    function acceptedBits(uint256 wordIndex) external view returns (uint256);
    function payoutOf(uint256 projectId) external view returns (address);
    function stewards() external view returns (address);
}
