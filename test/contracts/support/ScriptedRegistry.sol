// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @notice What a pool asks of a registry, answered as a test says.
contract ScriptedRegistry {
    address public stewards;
    mapping(uint256 wordIndex => uint256) public acceptedBits;
    mapping(uint256 projectId => address) public payoutOf;

    constructor(address stewards_) {
        stewards = stewards_;
    }

    function accept(uint256 projectId, bool accepted) external {
        uint256 bit = 1 << (projectId & 0xff);
        uint256 word = acceptedBits[projectId >> 8];
        acceptedBits[projectId >> 8] = accepted ? word | bit : word & ~bit;
    }

    function pay(uint256 projectId, address payout) external {
        payoutOf[projectId] = payout;
    }

    function replaceStewards(address stewards_) external {
        stewards = stewards_;
    }
}
