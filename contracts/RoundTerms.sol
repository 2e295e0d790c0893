// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {IDonationPool} from "./interfaces/IDonationPool.sol";
import {IEligibilityGate} from "./interfaces/IEligibilityGate.sol";
import {IPaymentChannels} from "./interfaces/IPaymentChannels.sol";
import {IProjectRegistry} from "./interfaces/IProjectRegistry.sol";

/// @title RoundTerms
/// @notice What of a round never changes: its terms, checked once when it is made, and kept in its code.
abstract contract RoundTerms is IDonationPool {
    uint256 private constant MIN_TIME_TO_SETTLE = 7 days;

    /// @inheritdoc IDonationPool
    IPaymentChannels public immutable channels;
    /// @inheritdoc IDonationPool
    bytes32 public immutable roundId;

    address internal immutable _token;
    address internal immutable _gate;
    address internal immutable _closer;
    IProjectRegistry internal immutable _registry;
    uint256 internal immutable _start;
    uint256 internal immutable _end;
    uint256 internal immutable _challengeEnd;
    uint256 internal immutable _settleBy;
    bool internal immutable _matching;
    bool internal immutable _acceptsSybil;
    uint256 internal immutable _cap;
    uint256 internal immutable _minCounted;
    uint256 internal immutable _maxCounted;

    constructor(IPaymentChannels channels_, bytes32 roundId_, Terms memory terms_) {
        require(terms_.token.code.length != 0 && terms_.token != address(channels_), InvalidTerms("token"));
        require(terms_.registry.code.length != 0, InvalidTerms("registry"));
        require(terms_.start < terms_.end, InvalidTerms("end"));
        if (terms_.matching) _checkMatching(terms_);
        else _checkGiving(terms_);

        channels = channels_;
        roundId = roundId_;
        _token = terms_.token;
        _gate = terms_.gate;
        _closer = terms_.closer;
        _registry = IProjectRegistry(terms_.registry);
        _start = terms_.start;
        _end = terms_.end;
        _challengeEnd = terms_.challengeEnd;
        _settleBy = terms_.settleBy;
        _matching = terms_.matching;
        _acceptsSybil = terms_.acceptsSybil;
        _cap = terms_.cap;
        _minCounted = terms_.minCounted;
        _maxCounted = terms_.maxCounted;
    }

    /// @inheritdoc IDonationPool
    function terms() external view returns (Terms memory) {
        return
            Terms({
                token: _token,
                registry: address(_registry),
                gate: _gate,
                closer: _closer,
                start: uint64(_start),
                end: uint64(_end),
                challengeEnd: uint64(_challengeEnd),
                settleBy: uint64(_settleBy),
                matching: _matching,
                acceptsSybil: _acceptsSybil,
                cap: uint128(_cap),
                minCounted: uint96(_minCounted),
                maxCounted: uint96(_maxCounted)
            });
    }

    /// @dev Stewards act through a timelock: the challenge leaves time to see a fault, propose, and wait.
    function _checkMatching(Terms memory terms_) private view {
        require(terms_.gate.code.length != 0, InvalidTerms("gate"));
        address stewards = IProjectRegistry(terms_.registry).stewards();
        uint256 delay = TimelockController(payable(stewards)).getMinDelay();
        require(terms_.challengeEnd >= terms_.end + 2 * delay, InvalidTerms("challengeEnd"));
        require(terms_.settleBy >= terms_.challengeEnd + MIN_TIME_TO_SETTLE, InvalidTerms("settleBy"));
        require(terms_.cap != 0, InvalidTerms("cap"));
        require(terms_.maxCounted >= terms_.minCounted && terms_.maxCounted != 0, InvalidTerms("maxCounted"));
        require(terms_.acceptsSybil || !_isOpen(terms_.gate), InvalidTerms("acceptsSybil"));
    }

    /// @dev A gate that counts an account of which nobody has ever heard, for no proof at all, counts everybody.
    function _isOpen(address gate) private view returns (bool) {
        address nobody = address(uint160(uint256(keccak256(abi.encode(address(this), gate)))));
        bytes memory question = abi.encodeCall(IEligibilityGate.check, (nobody, hex"00"));
        (bool answered, bytes memory answer) = gate.staticcall(question);
        if (!answered || answer.length < 0x40) return false;
        (, uint256 weightBps) = abi.decode(answer, (bytes32, uint256));
        return weightBps != 0;
    }

    /// @dev Without matching nothing may suggest that there is any.
    function _checkGiving(Terms memory terms_) private pure {
        require(terms_.gate == address(0) && !terms_.acceptsSybil, InvalidTerms("gate"));
        require(terms_.challengeEnd == 0 && terms_.settleBy == 0, InvalidTerms("challengeEnd"));
        require(terms_.cap == 0 && terms_.minCounted == 0 && terms_.maxCounted == 0, InvalidTerms("cap"));
    }
}
