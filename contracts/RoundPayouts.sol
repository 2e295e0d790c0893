// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IDonationPool} from "./interfaces/IDonationPool.sol";
import {IPaymentChannels} from "./interfaces/IPaymentChannels.sol";
import {GiftCalls} from "./libraries/GiftCalls.sol";
import {GiftList, GiftLists} from "./libraries/GiftLists.sol";
import {Matching} from "./libraries/Matching.sol";
import {QuadraticCount} from "./libraries/QuadraticCount.sol";
import {RoundBooks} from "./RoundBooks.sol";

/// @title RoundPayouts
/// @notice How money leaves a round: what a project claims, and what a donor or a sponsor gets back. Each pulls its own.
abstract contract RoundPayouts is RoundBooks, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @inheritdoc IDonationPool
    function claim(uint256 projectId) external nonReentrant returns (uint256 amount) {
        require(status == (_matching ? Status.Settled : Status.Running), WrongStatus(status));
        QuadraticCount.Project storage project = _standingProject(projectId);
        uint256 paid = project.paid;
        amount = uint128(project.giftsWord) + matchOf(projectId) - paid;
        if (amount == 0) return 0;

        _pullCredit();
        project.paid = SafeCast.toUint128(paid + amount);
        address payout = _registry.payoutOf(projectId);
        emit Claimed(projectId, payout, amount);

        IERC20(_token).safeTransfer(payout, amount);
    }

    /// @inheritdoc IDonationPool
    function refund(
        IPaymentChannels.Channel calldata channel,
        Gift[] calldata attributedGifts
    ) external nonReentrant returns (uint256) {
        bytes32 channelId = _ownChannel(channel);
        return _refund(channelId, channel.payer, channels.getChannel(channelId).settled, attributedGifts);
    }

    /// @inheritdoc IDonationPool
    function refundDonation(
        address donor,
        bytes32 salt,
        Gift[] calldata attributedGifts
    ) external nonReentrant returns (uint256) {
        uint256 received;
        for (uint256 i; i < attributedGifts.length; ++i) {
            received += attributedGifts[i].cumulativeAmount;
        }
        return _refund(_donationId(donor, salt), donor, received, attributedGifts);
    }

    /// @inheritdoc IDonationPool
    function refundSponsor(uint256 index) external nonReentrant returns (uint256 amount) {
        require(status != Status.Running, WrongStatus(Status.Running));
        require(index < _receipts.length, ReceiptNotFound(index));
        Receipt storage receipt = _receipts[index];
        require(!receipt.refunded, AlreadyRefunded(index));
        uint256 unused = status == Status.Refunding ? pot : _settlement.unused;
        amount = Matching.shareOf(unused, pot, receipt.prefix, receipt.deposit);

        _pullCredit();
        receipt.refunded = true;
        emit SponsorRefunded(index, receipt.sponsor, amount);

        IERC20(_token).safeTransfer(receipt.sponsor, amount);
    }

    /* LINES */

    function _ownChannel(IPaymentChannels.Channel calldata channel) internal view returns (bytes32) {
        bool own = channel.payee == address(this) && channel.token == _token;
        require(own, NotOwnChannel(channel.payee, channel.token));
        return GiftCalls.idOf(channels, channel);
    }

    function _donationId(address donor, bytes32 salt) internal pure returns (bytes32) {
        return keccak256(abi.encode(donor, salt));
    }

    /// @param received What the line brought in all, base units.
    function _refund(
        bytes32 lineId,
        address donor,
        uint256 received,
        Gift[] calldata gifts
    ) private returns (uint256 amount) {
        bool everything = status == Status.Refunding;
        bool anyone = everything || block.timestamp >= _end;
        require(anyone || msg.sender == donor, NotDonor(donor, msg.sender));
        GiftLists.requireStanding(giftsHash[lineId], gifts);

        uint256 kept;
        uint256 refunded;
        GiftList list = GiftLists.allocate(gifts.length + 1);
        list.push(0, 0);
        for (uint256 i; i < gifts.length; ++i) {
            (uint256 projectId, uint256 given) = GiftLists.at(gifts, i);
            if (projectId == 0) {
                refunded = given;
            } else if (!everything && _projects[projectId].subsidyWord & QuadraticCount.DISQUALIFIED == 0) {
                list.push(projectId, given);
                kept += given;
            }
        }
        amount = received - kept - refunded;
        if (amount == 0) return 0;

        _pullCredit();
        list.setFirst(refunded + amount);
        giftsHash[lineId] = list.hash();
        list.log(Refunded.selector, lineId, donor, amount);

        IERC20(_token).safeTransfer(donor, amount);
    }

    /// @dev What the escrow owes the pool, because the token once refused a push, comes in before anything is attributed
    /// or paid.
    function _pullCredit() internal {
        uint256 owed = GiftCalls.creditOf(channels, _token, address(this));
        if (owed == 0) return;
        // solhint-disable-next-line no-empty-blocks
        try channels.withdrawCredit(_token, address(this)) {} catch {
            revert CreditRemains(owed);
        }
    }
}
