// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";
import {PlainToken} from "../tokens/PlainToken.sol";

/// @notice Gives once, as an account of its own, and is gone.
contract CrowdMember {
    constructor(IDonationPool pool, PlainToken token, IDonationPool.Gift[] memory gifts, bytes memory gateData) {
        uint256 sum;
        for (uint256 i; i < gifts.length; ++i) {
            sum += gifts[i].cumulativeAmount;
        }
        token.mint(address(this), sum);
        token.approve(address(pool), sum);
        pool.donate(gifts, gateData, 0);
    }
}

/// @notice Makes what a round has many of, many in one transaction: projects, and donors who give to them from wallets.
contract Crowd {
    /// @notice Applies for `count` projects that are all paid at one address.
    function submit(IProjectRegistry registry, uint256 count, address payout) external {
        PlainToken token = PlainToken(registry.depositToken());
        uint256 deposits = count * registry.applicationDeposit();
        token.mint(address(this), deposits);
        token.approve(address(registry), deposits);
        for (uint256 i; i < count; ++i) {
            registry.submit(payout, 0);
        }
    }

    /// @notice Accepts the projects `from` to `to`, both included, that nobody challenged.
    function accept(IProjectRegistry registry, uint256 from, uint256 to) external {
        for (uint256 projectId = from; projectId <= to; ++projectId) {
            registry.accept(projectId);
        }
    }

    /// @notice `donors` new accounts give the same gifts.
    function give(
        IDonationPool pool,
        IDonationPool.Gift[] calldata gifts,
        bytes calldata gateData,
        uint256 donors
    ) external {
        PlainToken token = PlainToken(pool.terms().token);
        for (uint256 i; i < donors; ++i) {
            new CrowdMember(pool, token, gifts, gateData);
        }
    }
}
