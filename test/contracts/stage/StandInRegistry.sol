// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";

contract StandInRegistry is IProjectRegistry {
    error ProjectNotFound(uint256 projectId);
    error InvalidStatus(uint256 projectId, uint8 expected, uint8 actual);
    error NotSteward(address stewards, address caller);

    address public immutable stewards;
    address[] private payouts;
    uint256 private bits;

    constructor(address stewards_, address[] memory payouts_) {
        stewards = stewards_;
        payouts = payouts_;
        for (uint256 i; i < payouts_.length; ++i) bits |= 2 << i;
    }

    function acceptedBits(uint256 wordIndex) external view returns (uint256) {
        return wordIndex == 0 ? bits : 0;
    }

    function payoutOf(uint256 projectId) external view returns (address) {
        return payouts[projectId - 1];
    }

    function suspend(uint256 projectId, bytes32) external {
        judge(projectId, true);
    }

    function reinstate(uint256 projectId, bytes32) external {
        judge(projectId, false);
    }

    function judge(uint256 projectId, bool accepted) private {
        require(projectId != 0 && projectId <= payouts.length, ProjectNotFound(projectId));
        require(msg.sender == stewards, NotSteward(stewards, msg.sender));
        require(
            ((bits >> projectId) & 1 != 0) == accepted,
            InvalidStatus(projectId, accepted ? 3 : 4, accepted ? 4 : 3)
        );
        bits ^= 1 << projectId;
    }
}
