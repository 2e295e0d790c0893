// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {Puppet} from "./Puppet.sol";
import {RoundReader} from "./RoundReader.sol";

/// @notice Plays steps of a round one after another, each by whoever takes it, and tells after each what came of it and all
/// that the round then stores.
contract RoundStage {
    struct Call {
        Puppet actor;
        address to;
        bytes data;
    }

    /// @param ok Whether every call of the step went through.
    /// @param answer What the last call returned, or the first refused one reverted with.
    /// @param state As `RoundReader` reads it.
    event Played(bool ok, bytes answer, uint256[] state);

    /// @param steps The calls of each; one without any only looks.
    function play(RoundReader reader, RoundReader.Watched calldata watched, Call[][] calldata steps) external {
        for (uint256 i; i < steps.length; ++i) {
            bool ok = true;
            bytes memory answer;
            for (uint256 j; ok && j < steps[i].length; ++j) {
                Call calldata call = steps[i][j];
                (ok, answer) = call.actor.act(call.to, call.data);
            }
            emit Played(ok, answer, reader.read(watched));
        }
    }
}
