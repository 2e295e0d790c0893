// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {Assertions} from "../support/Assertions.sol";
import {Handlers} from "./Handlers.sol";
import {Roles} from "./Roles.sol";

/// @notice What holds after any sequence of what the roles do. One campaign: every handler's call is looked at by every check,
/// whose message begins with the number of the invariant that does not hold.
contract InvariantsTest is Assertions, Handlers {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Roles internal roles;

    function setUp() public {
        roles = new Roles();
        roles.setUp();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(roles);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(roles), handlers());
    }

    /// Invariants 1 to 6, 9 to 11, 14 to 16, 18 and 20.
    function invariant_TheEscrowAndItsRoundsAreAsTheBooksHaveThem() public view {
        roles.checkWorld();
    }

    /// @dev Invariants 7, 8, 12, 13, 17 and 19, at the end of each run.
    function afterInvariant() public {
        roles.checkEnd();
    }
}
