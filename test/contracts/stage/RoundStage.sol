// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {Puppet} from "./Puppet.sol";

/// @notice Plays steps one after another, each by whoever takes it, and tells after each what came of it and what a list of
/// views then answers.
contract RoundStage {
    struct Call {
        Puppet actor;
        address to;
        bytes data;
    }

    struct View {
        address to;
        bytes data;
    }

    /// @param ok Whether every call of the step went through.
    /// @param answer What the last call returned, or the first refused one reverted with.
    /// @param state What the views return, in a row; one zero word for each that reverts. Nothing where the step's one call was
    /// refused, which leaves all as it was, but for the first of `play`.
    event Played(bool ok, bytes answer, bytes state);

    /// @notice As `state` of `Played`, of the views that are asked once, in the end.
    event Seen(bytes state);

    /// @param often Views that are asked after each step.
    /// @param once Views that are asked after the last.
    /// @param steps The calls of each; one without any only looks.
    function play(View[] calldata often, View[] calldata once, Call[][] calldata steps) external {
        uint256 free;
        assembly ("memory-safe") {
            free := mload(0x40)
        }
        for (uint256 i; i < steps.length; ++i) {
            bool ok = true;
            bytes memory answer;
            for (uint256 j; ok && j < steps[i].length; ++j) {
                Call calldata call = steps[i][j];
                (ok, answer) = call.actor.act(call.to, call.data);
            }
            bool changed = ok || i == 0 || steps[i].length > 1;
            emit Played(ok, answer, changed ? look(often) : new bytes(0));
            // Nothing of a step is needed in the next: memory that only grows would cost more than all the rest.
            assembly ("memory-safe") {
                mstore(0x40, free)
            }
        }
        emit Seen(look(once));
    }

    /// @dev Decodes nothing: tens of views after each of thousands of steps.
    function look(View[] calldata views) private view returns (bytes memory state) {
        uint256 end;
        assembly ("memory-safe") {
            state := mload(0x40)
            end := add(state, 0x20)
        }
        for (uint256 i; i < views.length; ++i) {
            address to = views[i].to;
            bytes calldata data = views[i].data;
            assembly ("memory-safe") {
                calldatacopy(end, data.offset, data.length)
                switch staticcall(gas(), to, end, data.length, 0, 0)
                case 0 {
                    mstore(end, 0)
                    end := add(end, 0x20)
                }
                default {
                    returndatacopy(end, 0, returndatasize())
                    end := add(end, returndatasize())
                }
            }
        }
        assembly ("memory-safe") {
            mstore(state, sub(end, add(state, 0x20)))
            mstore(0x40, end)
        }
    }
}
