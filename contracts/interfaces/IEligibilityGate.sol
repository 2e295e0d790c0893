// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @dev The weight, in hundredths of a percent, of a gift that counts in full; nothing weighs more.
uint16 constant FULL_WEIGHT_BPS = 10_000;

/// @title IEligibilityGate
/// @notice Who counts for matching in a donation pool, as which key, and how much.
/// @dev A pool asks by a static call with bounded gas, once for each donor of a round: it keeps the key and the weight of the
/// donor's first counted gift. A gate that reverts, runs out of gas or answers more than `FULL_WEIGHT_BPS` says 0.
///
/// A gate never moves money: where it says 0 a gift can still be made, without matching.
interface IEligibilityGate {
    /// @notice Whether `donor` counts, and as whom. The caller must be the pool where the gate's data is bound to a pool.
    /// @param donor Whose gift it is: the channel's payer, or whose tokens are donated.
    /// @param data What the donor shows for itself, in the gate's own form.
    /// @return key Whom the gift counts as: gifts of one key add up before the root is taken, whichever accounts gave them.
    /// @return weightBps How much of a gift counts, 0 (the donor is not eligible) to 10,000 (all of it).
    function check(address donor, bytes calldata data) external view returns (bytes32 key, uint16 weightBps);
}
