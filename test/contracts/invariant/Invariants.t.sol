// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {Assertions} from "../support/Assertions.sol";
import {Roles} from "./Roles.sol";

/// @notice What holds after any sequence of what the roles do. The numbers are read by `Roles` from the escrow and compared
/// there with its own books.
contract InvariantsTest is Assertions {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Roles private roles;

    function setUp() public {
        roles = new Roles();
        roles.setUp();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(roles);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[16] memory all = [
            Roles.payerOpens.selector,
            Roles.payerTopsUp.selector,
            Roles.relayerOpens.selector,
            Roles.relayerTopsUp.selector,
            Roles.payerAsksToLeave.selector,
            Roles.payeeCloses.selector,
            Roles.payeeClosesMany.selector,
            Roles.keeperSettles.selector,
            Roles.keeperSettles.selector,
            Roles.keeperSettlesTicks.selector,
            Roles.keeperSettlesMany.selector,
            Roles.keeperFinishesAnExit.selector,
            Roles.receiverTakesItsCredit.selector,
            Roles.timePasses.selector,
            Roles.outsiderGives.selector,
            Roles.outsiderTries.selector
        ];
        targets = new FuzzSelector[](1);
        targets[0].addr = address(roles);
        targets[0].selectors = new bytes4[](all.length);
        for (uint256 i; i < all.length; ++i) {
            targets[0].selectors[i] = all[i];
        }
    }

    /// Invariant 1: balance = sum of (deposit - settled) over live channels, and credits, and what was given.
    function invariant_TheEscrowHoldsEveryUnitThatItOwes() public view {
        roles.checkSolvency();
    }

    /// Invariants 2, 3, 5 and 9: 0 <= settled <= signed, settled <= deposit <= max; both as the books have them; closed stays closed.
    function invariant_EveryChannelIsAsTheBooksHaveIt() public view {
        roles.checkChannels();
    }

    /// Invariant 3: what each payee got, credits included, is the sum of its channels' settled.
    function invariant_EveryPayeeGotExactlyWhatWasSettled() public view {
        roles.checkPayees();
    }

    /// Invariants 4 and 6: the payer has its start less its deposits, and the remainder of its closed channels once.
    function invariant_ThePayerGotTheRemainderOfClosedChannelsOnce() public view {
        roles.checkPayer();
    }

    /// Invariants 7 and 8: a payee can settle any voucher within the deposit, and a payer can leave, from any state.
    function invariant_EveryLiveChannelCanBeSettledAndLeft() public {
        roles.checkLiveness();
    }
}
