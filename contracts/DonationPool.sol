// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IDonationPool} from "./interfaces/IDonationPool.sol";
import {IPaymentChannels} from "./interfaces/IPaymentChannels.sol";
import {Allocations} from "./libraries/Allocations.sol";
import {Authorizations} from "./libraries/Authorizations.sol";
import {GiftCalls} from "./libraries/GiftCalls.sol";
import {GiftList, GiftLists} from "./libraries/GiftLists.sol";
import {Matching} from "./libraries/Matching.sol";
import {QuadraticCount} from "./libraries/QuadraticCount.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {Words} from "./libraries/Words.sol";
import {RoundPayouts} from "./RoundPayouts.sol";
import {RoundTerms} from "./RoundTerms.sol";

/// @title DonationPool
/// @notice One round: escrow, counting, settlement, payouts that projects pull, refunds. Nobody holds a key to the money.
/// @dev The interface is the specification. Each verb has one rhythm: load, checks, effects, event, interactions, return;
/// cash is fetched from the escrow, which is trusted, before anything is attributed.
contract DonationPool is RoundPayouts, EIP712 {
    using QuadraticCount for QuadraticCount.Project;
    using SafeERC20 for IERC20;

    constructor(
        IPaymentChannels channels_,
        bytes32 roundId_,
        Terms memory terms_,
        uint256[] memory projectIds
    ) RoundTerms(channels_, roundId_, terms_) EIP712("Farthing Donation Pool", "1") {
        for (uint256 i; i < projectIds.length; ++i) {
            _admit(projectIds[i]);
        }
    }

    /* GIVE */

    /// @inheritdoc IDonationPool
    function collect(
        IPaymentChannels.Channel calldata channel,
        bytes calldata voucherSignature,
        Gift[] calldata previousGifts,
        Gift[] calldata gifts,
        bytes calldata gateData,
        bytes calldata allocationSignature
    ) external nonReentrant {
        _requireOpen();
        _collect(channel, voucherSignature, previousGifts, gifts, gateData, allocationSignature);
    }

    /// @inheritdoc IDonationPool
    function collectBatch(CollectItem[] calldata items) external nonReentrant returns (uint256 collected) {
        _requireOpen();
        for (uint256 i; i < items.length; ++i) {
            try this.collectItem{gas: gasleft() / (items.length - i)}(items[i]) {
                ++collected;
            } catch (bytes memory reason) {
                emit CollectSkipped(GiftCalls.idOf(channels, items[i].channel), bytes4(reason));
            }
        }
    }

    /// @inheritdoc IDonationPool
    function collectItem(CollectItem calldata item) external {
        require(msg.sender == address(this), OnlySelf());
        _collectItem(item);
    }

    /// @inheritdoc IDonationPool
    function collectAndClose(CollectItem calldata item, bytes calldata closeSignature) external nonReentrant {
        require(msg.sender == _closer, NotCloser(_closer, msg.sender));
        _requireOpen();
        bytes32 channelId = _collectItem(item);
        if (closeSignature.length != 0) {
            channels.requestCloseWithSignature(item.channel, closeSignature);
        } else {
            require(channels.getChannel(channelId).closeRequestedAt != 0, CloseNotRequested(channelId));
        }
        channels.close(item.channel, 0, "");
    }

    /// @inheritdoc IDonationPool
    function closeChannel(IPaymentChannels.Channel calldata channel) external nonReentrant {
        if (status != Status.Refunding) _requireFrom(_end);
        channels.close(channel, 0, "");
    }

    /// @inheritdoc IDonationPool
    function donate(
        Gift[] calldata gifts,
        bytes calldata gateData,
        bytes32 salt
    ) external nonReentrant returns (bytes32 donationId) {
        uint128 sum;
        (donationId, sum) = _donate(msg.sender, gifts, gateData, salt);
        _pull(sum);
    }

    /// @inheritdoc IDonationPool
    function donateWithAuthorization(
        address from,
        Gift[] calldata gifts,
        bytes calldata gateData,
        bytes32 salt,
        uint256 validAfter,
        uint256 validBefore,
        bytes calldata signature
    ) external nonReentrant returns (bytes32 donationId) {
        uint128 sum;
        (donationId, sum) = _donate(from, gifts, gateData, salt);
        bytes32 giftsDigest = keccak256(abi.encode(gifts));
        bytes32 nonce = keccak256(abi.encode(from, giftsDigest, Allocations.hashGateData(gateData), salt));
        uint256 balanceBefore = _balance();
        Authorizations.receiveFrom(_token, from, sum, validAfter, validBefore, nonce, signature);
        _requireArrived(balanceBefore, sum);
    }

    /// @inheritdoc IDonationPool
    function sponsor(uint128 deposit) external nonReentrant returns (uint256 index) {
        _requireRunning();
        _requireBefore(_end);
        require(deposit != 0, ZeroAmount());
        index = _receipts.length;

        _receipts.push(Receipt(msg.sender, false, pot, deposit));
        pot += deposit;
        emit Sponsored(index, msg.sender, deposit);

        _pull(deposit);
    }

    /* STEWARDS */

    /// @inheritdoc IDonationPool
    function admit(uint256[] calldata projectIds) external {
        _requireSteward();
        _requireBefore(_end);
        for (uint256 i; i < projectIds.length; ++i) {
            _admit(projectIds[i]);
        }
    }

    /// @inheritdoc IDonationPool
    function cancel(bytes32 reasonHash) external {
        _requireSteward();
        _requireRunning();
        _requireBefore(_end);

        status = Status.Refunding;
        emit Cancelled(reasonHash);
    }

    /// @inheritdoc IDonationPool
    function disqualify(uint256 projectId, bytes32 reasonHash) external {
        _requireSteward();
        _requireRunning();
        _requireFrom(_end);
        _requireBefore(_challengeEnd);
        uint256 word = _standingProject(projectId).subsidyWord;

        _projects[projectId].subsidyWord = word | QuadraticCount.DISQUALIFIED;
        emit ProjectDisqualified(projectId, reasonHash);
    }

    /* SETTLE */

    /// @inheritdoc IDonationPool
    function settleRound(uint256 cappedCount, uint256 cappedSubsidy) external {
        _requireRunning();
        _requireFrom(_challengeEnd);
        (uint256[] memory subsidies, uint256 total) = _subsidies();
        Matching.Lambda memory lambda = Matching.lambdaOf(
            subsidies.length,
            total,
            pot,
            _cap,
            cappedCount,
            cappedSubsidy
        );
        uint128 unused = pot - Matching.settle(subsidies, total, lambda, _cap, cappedCount, cappedSubsidy);

        status = Status.Settled;
        _settlement = Settlement(lambda.numerator, lambda.denominator, unused);
        emit Settled(cappedCount, cappedSubsidy, lambda.numerator, lambda.denominator, unused);
    }

    /// @inheritdoc IDonationPool
    function switchToRefunds() external {
        _requireRunning();
        _requireFrom(_settleBy);

        status = Status.Refunding;
        emit SwitchedToRefunds();
    }

    /* VIEWS */

    /// @inheritdoc IDonationPool
    function allocationDigest(
        bytes32 channelId,
        bytes32 gateDataHash,
        Gift[] calldata gifts
    ) external view returns (bytes32) {
        (uint128 sum, , uint256[] memory hashes) = Allocations.read(gifts[:0], gifts);
        return _digest(channelId, sum, gateDataHash, hashes);
    }

    /* LINES */

    function _digest(
        bytes32 channelId,
        uint128 sum,
        bytes32 gateDataHash,
        uint256[] memory giftHashes
    ) private view returns (bytes32) {
        return _hashTypedDataV4(Allocations.hashStruct(channelId, sum, gateDataHash, giftHashes));
    }

    function _collectItem(CollectItem calldata item) private returns (bytes32) {
        return
            _collect(
                item.channel,
                item.voucherSignature,
                item.previousGifts,
                item.gifts,
                item.gateData,
                item.allocationSignature
            );
    }

    function _collect(
        IPaymentChannels.Channel calldata channel,
        bytes calldata voucherSignature,
        Gift[] calldata previousGifts,
        Gift[] calldata gifts,
        bytes calldata gateData,
        bytes calldata allocationSignature
    ) private returns (bytes32 channelId) {
        channelId = _ownChannel(channel);
        GiftLists.requireStanding(giftsHash[channelId], previousGifts);
        (uint128 sum, uint256[] memory increments, uint256[] memory hashes) = Allocations.read(previousGifts, gifts);
        bytes32 digest = _digest(channelId, sum, Allocations.hashGateData(gateData), hashes);
        address signer = channel.authorizedSigner == address(0) ? channel.payer : channel.authorizedSigner;
        require(Signatures.isValid(signer, digest, allocationSignature), InvalidSignature());

        _requireSettled(channel, channelId, sum, voucherSignature);
        _pullCredit();

        (GiftList list, bool changed) = _attribute(channelId, channel.payer, gifts, increments, gateData);
        if (!changed) return channelId;
        giftsHash[channelId] = list.hash();
        list.log(Collected.selector, channelId, channel.payer, _counts(gateData));
    }

    /// @dev Settles the sum of an allocation, unless the channel has paid it before.
    function _requireSettled(
        IPaymentChannels.Channel calldata channel,
        bytes32 channelId,
        uint128 sum,
        bytes calldata voucherSignature
    ) private {
        if (voucherSignature.length == 0) {
            uint256 settled = channels.getChannel(channelId).settled;
            require(settled >= sum, AllocationExceedsCash(settled, sum));
            return;
        }
        (bool done, bytes memory reason) = GiftCalls.trySettle(channels, channel, sum, voucherSignature);
        // Somebody may have settled it first: what counts is that the cash is there.
        if (done || channels.getChannel(channelId).settled >= sum) return;
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }

    /// @dev Attributes what `increments` adds to the projects that take gifts.
    /// @return list What stands of the line afterwards: project 0 keeps what was refunded, a skipped gift what it had.
    /// @return changed Whether anything was attributed.
    function _attribute(
        bytes32 lineId,
        address donor,
        Gift[] calldata gifts,
        uint256[] memory increments,
        bytes calldata gateData
    ) private returns (GiftList list, bool changed) {
        list = GiftLists.allocate(gifts.length);
        uint256 standing; // asked for with the first gift that is taken
        mapping(uint256 projectId => uint256) storage voices = _voices[0];
        AcceptedBits memory accepted = AcceptedBits(type(uint256).max, 0);
        for (uint256 i; i < increments.length; ++i) {
            (uint256 projectId, uint256 kept) = GiftLists.at(gifts, i);
            uint256 increment = Words.at(increments, i);
            if (increment != 0) {
                QuadraticCount.Project storage project = _projects[projectId];
                uint256 word = project.subsidyWord;
                if (word != 0 && _isAccepted(projectId, accepted)) {
                    if (standing == 0 && _counts(gateData) != 0) {
                        standing = _weigh(donor, gateData);
                        voices = _voices[standing >> 16];
                    }
                    project.add(word, voices, projectId, increment, uint16(standing), _minCounted, _maxCounted);
                    changed = true;
                } else {
                    kept -= increment;
                    if (projectId != 0) emit GiftSkipped(lineId, projectId, uint128(increment));
                }
            }
            if (kept != 0) list.push(projectId, kept);
        }
    }

    function _donate(
        address donor,
        Gift[] calldata gifts,
        bytes calldata gateData,
        bytes32 salt
    ) private returns (bytes32 donationId, uint128 sum) {
        _requireOpen();
        donationId = _donationId(donor, salt);
        require(giftsHash[donationId] == 0, DonationExists(donationId));
        require(gifts.length != 0, ZeroAmount());
        uint256[] memory increments;
        (sum, increments, ) = Allocations.read(gifts[:0], gifts);
        AcceptedBits memory accepted = AcceptedBits(type(uint256).max, 0);
        for (uint256 i; i < gifts.length; ++i) {
            uint256 projectId = gifts[i].projectId;
            bool taken = _projects[projectId].subsidyWord != 0 && _isAccepted(projectId, accepted);
            require(taken, ProjectNotAccepted(projectId));
        }

        (GiftList list, ) = _attribute(donationId, donor, gifts, increments, gateData);
        giftsHash[donationId] = list.hash();
        list.log(Donated.selector, donationId, donor, salt, _counts(gateData));
    }

    /* COUNT */

    /// @dev The registry's word that was read last: projects of one round mostly share one.
    struct AcceptedBits {
        uint256 wordIndex;
        uint256 bits;
    }

    function _isAccepted(uint256 projectId, AcceptedBits memory accepted) private view returns (bool) {
        uint256 wordIndex = projectId >> 8;
        if (accepted.wordIndex != wordIndex) {
            accepted.wordIndex = wordIndex;
            accepted.bits = GiftCalls.acceptedBits(_registry, wordIndex);
        }
        return (accepted.bits >> (projectId & 0xff)) & 1 != 0;
    }

    /// @dev 1 where gifts under this data count for matching, else 0.
    function _counts(bytes calldata gateData) private view returns (uint256) {
        return _matching && gateData.length != 0 ? 1 : 0;
    }

    /// @dev A donor's standing, asked of the gate once and then frozen.
    function _weigh(address donor, bytes calldata gateData) private returns (uint256 standing) {
        standing = _standings[donor];
        if (standing != 0) return standing;
        (bytes32 key, uint256 weightBps) = GiftCalls.checkGate(_gate, donor, gateData);
        require(weightBps != 0, NotEligible(donor));

        standing = (uint256(keccak256(abi.encode(key))) & ~uint256(type(uint16).max)) | weightBps;
        _standings[donor] = standing;
        emit DonorWeighed(donor, key, uint16(weightBps));
    }

    /* MONEY */

    function _pull(uint256 amount) private {
        uint256 balanceBefore = _balance();
        IERC20(_token).safeTransferFrom(msg.sender, address(this), amount);
        _requireArrived(balanceBefore, amount);
    }

    function _balance() private view returns (uint256) {
        return IERC20(_token).balanceOf(address(this));
    }

    function _requireArrived(uint256 balanceBefore, uint256 expected) private view {
        uint256 balance = _balance();
        uint256 received = balance > balanceBefore ? balance - balanceBefore : 0;
        require(received == expected, TransferMismatch(expected, received));
    }
}
