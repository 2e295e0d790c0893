// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @notice OpenZeppelin's timelock under a name of its own, so that tests can find its artifact. Anybody may execute.
contract Timelock is TimelockController {
    constructor(
        uint256 delay,
        address[] memory proposers
    ) TimelockController(delay, proposers, new address[](1), address(0)) {}
}
