// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {DonationPool} from "./DonationPool.sol";
import {IDonationPool} from "./interfaces/IDonationPool.sol";
import {IDonationPoolFactory} from "./interfaces/IDonationPoolFactory.sol";
import {IPaymentChannels} from "./interfaces/IPaymentChannels.sol";

/// @title DonationPoolFactory
/// @notice Makes rounds whose address says who made them and on what terms, and lists them. Nobody owns it.
contract DonationPoolFactory is IDonationPoolFactory {
    /// @inheritdoc IDonationPoolFactory
    IPaymentChannels public immutable channels;

    /// @inheritdoc IDonationPoolFactory
    address[] public rounds;

    /// @inheritdoc IDonationPoolFactory
    mapping(address pool => bool) public isRound;

    /// @param channels_ The escrow of every round made here.
    constructor(IPaymentChannels channels_) {
        require(address(channels_).code.length != 0, InvalidChannels(address(channels_)));
        channels = channels_;
    }

    /// @inheritdoc IDonationPoolFactory
    function createRound(
        IDonationPool.Terms calldata terms,
        uint256[] calldata projectIds,
        bytes32 salt
    ) external returns (address pool) {
        bytes32 roundId = roundIdOf(msg.sender, salt);
        pool = address(new DonationPool{salt: roundId}(channels, roundId, terms, projectIds));

        rounds.push(pool);
        isRound[pool] = true;
        emit RoundCreated(pool, msg.sender, roundId, terms, projectIds);
    }

    /// @inheritdoc IDonationPoolFactory
    function roundCount() external view returns (uint256) {
        return rounds.length;
    }

    /// @inheritdoc IDonationPoolFactory
    function roundIdOf(address creator, bytes32 salt) public pure returns (bytes32) {
        return keccak256(abi.encode(creator, salt));
    }
}
