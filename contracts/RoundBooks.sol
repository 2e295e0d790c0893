// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IDonationPool} from "./interfaces/IDonationPool.sol";
import {Matching} from "./libraries/Matching.sol";
import {QuadraticCount} from "./libraries/QuadraticCount.sol";
import {RoundTerms} from "./RoundTerms.sol";

/// @title RoundBooks
/// @notice What a round stores, how it is read, and what of it each verb asks before it acts.
abstract contract RoundBooks is RoundTerms {
    uint256 private constant MAX_PROJECTS = 1_000;

    /// @inheritdoc IDonationPool
    Status public status;
    /// @inheritdoc IDonationPool
    uint128 public pot;

    /// @inheritdoc IDonationPool
    mapping(bytes32 lineId => bytes32) public giftsHash;

    /// @dev keyId (240) | weightBps (16)
    mapping(address donor => uint256) internal _standings;
    mapping(uint256 keyId => mapping(uint256 projectId => uint256)) internal _voices;
    mapping(uint256 projectId => QuadraticCount.Project) internal _projects;
    uint32[] internal _projectIds;
    Receipt[] internal _receipts;
    Settlement internal _settlement;

    /* VIEWS */

    /// @inheritdoc IDonationPool
    function projects() external view returns (uint256[] memory projectIds) {
        projectIds = new uint256[](_projectIds.length);
        for (uint256 i; i < projectIds.length; ++i) {
            projectIds[i] = _projectIds[i];
        }
    }

    /// @inheritdoc IDonationPool
    function getProject(uint256 projectId) external view returns (ProjectState memory) {
        QuadraticCount.Project storage project = _projects[projectId];
        (uint256 subsidyWord, uint256 giftsWord) = (project.subsidyWord, project.giftsWord);
        return
            ProjectState({
                gifts: uint128(giftsWord),
                paid: project.paid,
                rootSum: uint96(giftsWord >> 128),
                subsidy: uint192(subsidyWord),
                donors: uint32(giftsWord >> 224),
                admitted: subsidyWord & QuadraticCount.ADMITTED != 0,
                disqualified: subsidyWord & QuadraticCount.DISQUALIFIED != 0
            });
    }

    /// @inheritdoc IDonationPool
    function matchOf(uint256 projectId) public view returns (uint256) {
        uint256 word = _projects[projectId].subsidyWord;
        if (status != Status.Settled || word & QuadraticCount.DISQUALIFIED != 0) return 0;
        Matching.Lambda memory lambda = Matching.Lambda(_settlement.numerator, _settlement.denominator);
        return Matching.matchOf(uint192(word), lambda, _cap);
    }

    /// @inheritdoc IDonationPool
    function standingOf(address donor) external view returns (bytes30 keyId, uint16 weightBps) {
        uint256 standing = _standings[donor];
        return (bytes30(bytes32(standing)), uint16(standing));
    }

    /// @inheritdoc IDonationPool
    function voiceOf(bytes30 keyId, uint256 projectId) external view returns (uint112 weighted, uint80 root) {
        uint256 voice = _voices[uint240(keyId)][projectId];
        return (uint112(voice), uint80(voice >> 112));
    }

    /// @inheritdoc IDonationPool
    function getReceipt(uint256 index) external view returns (Receipt memory) {
        require(index < _receipts.length, ReceiptNotFound(index));
        return _receipts[index];
    }

    /// @inheritdoc IDonationPool
    function receiptCount() external view returns (uint256) {
        return _receipts.length;
    }

    /// @inheritdoc IDonationPool
    function settlement() external view returns (Settlement memory) {
        return _settlement;
    }

    /* ROUND */

    function _requireOpen() internal view {
        bool open = block.timestamp >= _start && block.timestamp < _end;
        require(open, NotOpen(_start, _end, block.timestamp));
        require(status == Status.Running, WrongStatus(status));
    }

    function _requireRunning() internal view {
        require(_matching, NotMatching());
        require(status == Status.Running, WrongStatus(status));
    }

    function _requireFrom(uint256 from) internal view {
        require(block.timestamp >= from, TooEarly(from, block.timestamp));
    }

    function _requireBefore(uint256 until) internal view {
        require(block.timestamp < until, TooLate(until, block.timestamp));
    }

    function _requireSteward() internal view {
        address stewards = _registry.stewards();
        require(msg.sender == stewards, NotSteward(stewards, msg.sender));
    }

    function _admit(uint256 projectId) internal {
        require(projectId != 0 && projectId <= type(uint32).max, InvalidProjectId(projectId));
        require(_projects[projectId].subsidyWord == 0, ProjectAlreadyAdmitted(projectId));
        require(_projectIds.length < MAX_PROJECTS, TooManyProjects(MAX_PROJECTS));

        _projects[projectId].subsidyWord = QuadraticCount.ADMITTED;
        _projectIds.push(uint32(projectId));
        emit ProjectAdmitted(projectId);
    }

    /// @dev Loads a project that takes part and was not taken out.
    function _standingProject(uint256 projectId) internal view returns (QuadraticCount.Project storage project) {
        project = _projects[projectId];
        uint256 word = project.subsidyWord;
        require(word != 0, ProjectNotAdmitted(projectId));
        require(word & QuadraticCount.DISQUALIFIED == 0, ProjectIsDisqualified(projectId));
    }

    /// @dev `R` of every project, 0 for one that was taken out, and their sum. Laid by hand: a round's settlement walks a thousand of them.
    function _subsidies() internal view returns (uint256[] memory subsidies, uint256 total) {
        subsidies = new uint256[](_projectIds.length);
        uint256 disqualified = QuadraticCount.DISQUALIFIED;
        assembly ("memory-safe") {
            mstore(0x00, _projectIds.slot)
            let ids := keccak256(0x00, 0x20)
            mstore(0x20, _projects.slot)
            let count := mload(subsidies)
            let target := subsidies
            let packed := 0 // eight ids of 32 bits
            for {
                let i := 0
            } lt(i, count) {
                i := add(i, 1)
            } {
                if iszero(and(i, 7)) {
                    packed := sload(add(ids, shr(3, i)))
                }
                mstore(0x00, and(packed, 0xffffffff))
                packed := shr(32, packed)
                target := add(target, 0x20)
                let word := sload(keccak256(0x00, 0x40)) // subsidyWord is a project's first
                if iszero(and(word, disqualified)) {
                    let subsidy := shr(64, shl(64, word))
                    mstore(target, subsidy)
                    total := add(total, subsidy)
                }
            }
        }
    }
}
