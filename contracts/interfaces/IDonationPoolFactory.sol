// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "./IDonationPool.sol";
import {IPaymentChannels} from "./IPaymentChannels.sol";

/// @title IDonationPoolFactory
/// @notice Makes rounds. A round's address follows from its creator, a salt and all of its terms, so that a link to it is a
/// promise of them; nothing is left to initialise.
interface IDonationPoolFactory {
    /// @notice A round was made.
    event RoundCreated(
        address indexed pool,
        address indexed creator,
        bytes32 indexed roundId,
        IDonationPool.Terms terms,
        uint256[] projectIds
    );

    /// @notice There is no escrow at this address.
    error InvalidChannels(address channels);

    /// @notice Makes a round; the caller is its creator, which gives no power over it.
    /// @dev Terms that contradict themselves revert with `IDonationPool.InvalidTerms`, naming the first: a token and a registry
    /// with code; `start < end`; with matching a gate with code, `challengeEnd` at least twice the delay of the registry's
    /// timelock after `end`, `settleBy` at least seven days after that, a cap of at least 1, `minCounted <= maxCounted`, and no
    /// pot behind a gate that counts just anybody, as `OpenGate` does, unless `acceptsSybil` says so; without matching none of
    /// these. Project ids as in `IDonationPool.admit`. The same creator, salt and terms make no second round.
    /// @param projectIds The projects that take part from the start: some hundreds, because a new contract's code and arguments
    /// are limited to 49,152 bytes (EIP-3860) and each id is 32 of them. Stewards may `admit` the others.
    /// @param salt Any value of the creator's.
    /// @return pool The round's address; a call that is only simulated, from the creator, tells it beforehand.
    function createRound(
        IDonationPool.Terms calldata terms,
        uint256[] calldata projectIds,
        bytes32 salt
    ) external returns (address pool);

    /// @notice The escrow of every round made here.
    function channels() external view returns (IPaymentChannels);
    /// @notice The rounds made here, in order.
    function rounds(uint256 index) external view returns (address);
    /// @notice How many there are.
    function roundCount() external view returns (uint256);
    /// @notice Whether a round was made here: its code and terms were then checked.
    function isRound(address pool) external view returns (bool);
    /// @notice `keccak256(abi.encode(creator, salt))`: the round's name before its address is known.
    function roundIdOf(address creator, bytes32 salt) external pure returns (bytes32);
}
