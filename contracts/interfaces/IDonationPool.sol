// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "./IPaymentChannels.sol";

/// @title IDonationPool
/// @notice One round of giving: many donors' small gifts to many projects, matched from a pot that follows the number of
/// people behind a project more than the size of their gifts.
/// @dev A donor opens one channel of the escrow to the pool and signs, beside each voucher, an *allocation*: the cumulative
/// gift meant for each project. Anyone may bring both. The pool settles the channel first and counts only what arrived.
///
/// For a round, a donor's key *i* and a project *p*: `w = min(sum(increment * weightBps), maxCounted * 10,000)`, `c = floor(w /
/// 10,000)`, 0 below `minCounted`, `s = isqrt(c * 2^64)`, `S_p = sum of s` (*rootSum*), `R_p = S_p^2 - sum of s^2`
/// (*subsidy*), kept as `R_p += 2 * (s_new - s_old) * (S_before - s_old)`. The match is `min(cap, floor(lambda * R_p))`.
///
/// Every amount is in base units of the round's token, every time in Unix seconds. There are exactly three kinds of
/// outgoing transfer, each to a receiver that nobody else can choose: `Claimed` (to the address that the registry holds for
/// the project), `Refunded` (to the donor), `SponsorRefunded` (to the sponsor).
///
/// Warning: as in the escrow, only plain tokens are safe.
interface IDonationPool {
    /* TYPES */

    /// @notice A round's immutable terms.
    /// @param token ERC-20 token of every gift and of the pot.
    /// @param registry Who may receive, and the stewards.
    /// @param gate Who counts for matching; zero without matching.
    /// @param closer May consent to early closes of channels that ask for it, and nothing else; zero for nobody.
    /// @param start First second of giving.
    /// @param end First second after giving; sponsoring ends here too.
    /// @param challengeEnd First second after the stewards' time to disqualify; 0 without matching.
    /// @param settleBy From here on an unsettled round may be switched to refunds; 0 without matching.
    /// @param matching Whether there is a pot.
    /// @param acceptsSybil Consent of the creator to a pot that any number of wallets of one person can draw from.
    /// @param cap The most that one project is matched, at least 1; 0 without matching.
    /// @param minCounted A key's gifts to a project below this in total count as nothing.
    /// @param maxCounted A key's gifts to a project above this in total count as this.
    struct Terms {
        address token;
        address registry;
        address gate;
        address closer;
        uint64 start;
        uint64 end;
        uint64 challengeEnd;
        uint64 settleBy;
        bool matching;
        bool acceptsSybil;
        uint128 cap;
        uint96 minCounted;
        uint96 maxCounted;
    }

    /// @notice What of a channel is meant for one project, cumulative; in a donation, what it adds.
    /// @dev EIP-712: `Gift(uint256 projectId,uint128 cumulativeAmount)`. Project 0 never exists: what was refunded is
    /// listed under it.
    struct Gift {
        uint256 projectId;
        uint128 cumulativeAmount;
    }

    /// @notice The arguments of one `collect`, for `collectBatch`.
    struct CollectItem {
        IPaymentChannels.Channel channel;
        bytes voucherSignature;
        Gift[] previousGifts;
        Gift[] gifts;
        bytes gateData;
        bytes allocationSignature;
    }

    /// @notice Where a round stands.
    /// @param Running Gifts, the pot and the count are kept.
    /// @param Refunding Cancelled, or nobody settled in time: everything goes back.
    /// @param Settled Matches are known.
    enum Status {
        Running,
        Refunding,
        Settled
    }

    /// @notice What is stored of a project.
    /// @param gifts Base units attributed to it, gifts that were refunded after its disqualification included.
    /// @param paid Base units claimed so far.
    /// @param rootSum `S`.
    /// @param subsidy `R`.
    /// @param donors Keys with a root above 0.
    /// @param admitted Whether it takes part in the round.
    /// @param disqualified Whether the stewards took it out.
    struct ProjectState {
        uint128 gifts;
        uint128 paid;
        uint96 rootSum;
        uint192 subsidy;
        uint32 donors;
        bool admitted;
        bool disqualified;
    }

    /// @notice A sponsor's payment into the pot.
    /// @param sponsor Who paid, and gets back what is unused.
    /// @param refunded Whether the unused part went back.
    /// @param prefix What the pot held before.
    /// @param deposit What was paid.
    struct Receipt {
        address sponsor;
        bool refunded;
        uint128 prefix;
        uint128 deposit;
    }

    /// @notice What settlement wrote: `lambda = numerator / denominator`, and what of the pot no project draws.
    struct Settlement {
        uint256 numerator;
        uint256 denominator;
        uint128 unused;
    }

    /* EVENTS */

    /// @notice A project takes part in the round.
    event ProjectAdmitted(uint256 indexed projectId);
    /// @notice A project is out: its subsidy no longer counts, and its gifts are its donors' to take back.
    event ProjectDisqualified(uint256 indexed projectId, bytes32 reasonHash);
    /// @notice A donor's first counted gift: key and weight hold for the rest of the round.
    event DonorWeighed(address indexed donor, bytes32 key, uint16 weightBps);
    /// @notice A channel's gifts were attributed. `gifts` is the whole list as it stands now, the next `previousGifts`.
    /// @param matched Whether what this list adds counts for matching.
    event Collected(bytes32 indexed channelId, address indexed donor, bool matched, Gift[] gifts);
    /// @notice `amount` meant for a project that takes no gifts was left to its donor.
    event GiftSkipped(bytes32 indexed channelId, uint256 indexed projectId, uint128 amount);
    /// @notice A batch passed over an item. `reason` is the selector of the error that it met.
    /// @dev Evidence of nothing: anyone can cause one with a made-up item.
    event CollectSkipped(bytes32 indexed channelId, bytes4 reason);
    /// @notice A wallet gave at once. `donationId` is its ledger line.
    event Donated(bytes32 indexed donationId, address indexed donor, bytes32 indexed salt, bool matched, Gift[] gifts);
    /// @notice The pot grew by `deposit`.
    event Sponsored(uint256 indexed index, address indexed sponsor, uint128 deposit);
    /// @notice The stewards cancelled the round.
    event Cancelled(bytes32 reasonHash);
    /// @notice Nobody settled in time: everything goes back.
    event SwitchedToRefunds();
    /// @notice Matches are known: `lambda = numerator / denominator`, and `unused` goes back to the sponsors.
    event Settled(uint256 cappedCount, uint256 cappedSubsidy, uint256 numerator, uint256 denominator, uint128 unused);
    /// @notice Outgoing transfer to a project.
    event Claimed(uint256 indexed projectId, address indexed payout, uint256 amount);
    /// @notice Outgoing transfer to a donor. `gifts` is the line's whole list as it stands now.
    event Refunded(bytes32 indexed lineId, address indexed donor, uint256 amount, Gift[] gifts);
    /// @notice Outgoing transfer to a sponsor.
    event SponsorRefunded(uint256 indexed index, address indexed sponsor, uint256 amount);

    /* ERRORS */

    /// @notice The terms contradict themselves; `term` names the first that does.
    error InvalidTerms(bytes32 term);
    /// @notice Gifts are taken in `start <= t < end`.
    error NotOpen(uint256 start, uint256 end, uint256 timestamp);
    /// @notice This is possible from `from` on.
    error TooEarly(uint256 from, uint256 timestamp);
    /// @notice This was possible before `until`.
    error TooLate(uint256 until, uint256 timestamp);
    /// @notice The round has no pot.
    error NotMatching();
    /// @notice The round is in another state than this needs.
    error WrongStatus(Status actual);
    /// @notice Only the registry's stewards may do this.
    error NotSteward(address stewards, address caller);
    /// @notice Only the round's closer may do this.
    error NotCloser(address closer, address caller);
    /// @notice Before `end` only the donor may take money back.
    error NotDonor(address donor, address caller);
    /// @notice The channel does not pay this pool in its token.
    error NotOwnChannel(address payee, address token);
    /// @notice The channel's payer did not ask to leave.
    error CloseNotRequested(bytes32 channelId);
    /// @notice The project takes no part in the round.
    error ProjectNotAdmitted(uint256 projectId);
    /// @notice The project takes part already.
    error ProjectAlreadyAdmitted(uint256 projectId);
    /// @notice Ids start at 1 and have 32 bits.
    error InvalidProjectId(uint256 projectId);
    /// @notice The round has no room for more projects.
    error TooManyProjects(uint256 max);
    /// @notice The project takes no gifts: unknown to the round, suspended or closed.
    error ProjectNotAccepted(uint256 projectId);
    /// @notice The stewards took the project out.
    error ProjectIsDisqualified(uint256 projectId);
    /// @notice The list has more gifts than an allocation may.
    error TooManyGifts(uint256 max, uint256 actual);
    /// @notice Gifts stand by rising project, each above zero.
    error GiftsNotAscending(uint256 projectId);
    /// @notice A gift, a pot's payment or a donation of nothing.
    error ZeroAmount();
    /// @notice The list is not the one that stands; the line's last event has it.
    error GiftsMismatch(bytes32 expected, bytes32 actual);
    /// @notice The allocation leaves out or lowers what was attributed or, under project 0, refunded.
    error AllocationDiverges(uint256 projectId, uint256 least, uint256 actual);
    /// @notice The allocation gives more than what the channel brought.
    error AllocationExceedsCash(uint256 settled, uint256 cumulativeAmount);
    /// @notice The signature is malformed, malleable, or not by the channel's signer.
    error InvalidSignature();
    /// @notice The gate gives the donor no weight for this data: bring better, or sign without matching.
    error NotEligible(address donor);
    /// @notice The gate could not have had all of its gas: call again with more.
    error NotEnoughGas(uint256 required, uint256 actual);
    /// @notice The donor used this salt before.
    error DonationExists(bytes32 donationId);
    /// @notice The escrow owes the pool money that the token does not let through.
    error CreditRemains(uint256 amount);
    /// @notice What arrived is not what was promised.
    error TransferMismatch(uint256 expected, uint256 received);
    /// @notice The pair is not the round's: find it from the round's present subsidies.
    error WrongPair(uint256 cappedCount, uint256 cappedSubsidy);
    /// @notice The receipt's unused part went back already.
    error AlreadyRefunded(uint256 index);
    /// @notice There is no such receipt.
    error ReceiptNotFound(uint256 index);
    /// @notice Only the pool calls this, of itself.
    error OnlySelf();

    /* GIVE */

    /// @notice Attributes what a channel's newest allocation adds. Anyone may bring it; the donor is the channel's payer.
    /// @dev Requirements, in the order checked: `start <= t < end` (`NotOpen`), not refunding (`WrongStatus`); a channel of
    /// this pool in its token (`NotOwnChannel`); `previousGifts` is the list that stands (`GiftsMismatch`); at most 64 gifts
    /// (`TooManyGifts`); then, gift by gift, by rising project, none zero (`GiftsNotAscending`, `ZeroAmount`), each attributed
    /// one contained and none lower, project 0 at least what was refunded (`AllocationDiverges`); the signer's signature
    /// (`InvalidSignature`);
    /// the sum of the gifts settled on the channel, now or before (the escrow's error if `voucherSignature` is not valid,
    /// else `AllocationExceedsCash`); no credit of the pool remains in the escrow (`CreditRemains`); with `gateData` and
    /// anything to attribute, gas to ask the gate with (`NotEnoughGas`) and a weight above 0 (`NotEligible`). Gifts to
    /// projects that take none are skipped. Nothing new is success.
    /// @param voucherSignature The signer's, over `Voucher(channelId, sum of gifts)`; empty when that was settled before.
    /// @param previousGifts The list of the channel's last `Collected` or `Refunded`; empty before the first.
    /// @param gifts The allocation's, cumulative.
    /// @param gateData What the gate asks for; empty gives without matching.
    /// @param allocationSignature The signer's, over `Allocation(channelId, sum of gifts, gateDataHash, gifts)`, where
    /// `gateDataHash` is `keccak256(gateData)`, or 0 for empty data.
    function collect(
        IPaymentChannels.Channel calldata channel,
        bytes calldata voucherSignature,
        Gift[] calldata previousGifts,
        Gift[] calldata gifts,
        bytes calldata gateData,
        bytes calldata allocationSignature
    ) external;

    /// @notice Collects many channels. An item that would revert is skipped with `CollectSkipped`.
    /// @dev Each item gets an equal part of the gas that is left, so that one that burns all of it harms itself alone.
    /// Warning: an estimate finds the gas at which every item is skipped; send the dearest item's gas times their number.
    /// @return collected How many were not skipped.
    function collectBatch(CollectItem[] calldata items) external returns (uint256 collected);

    /// @notice One item of a batch; the pool alone calls it (`OnlySelf`).
    function collectItem(CollectItem calldata item) external;

    /// @notice Collects, then closes the channel at once: the remainder goes back to the donor.
    /// @dev As `collect`, and: the caller is the round's closer (`NotCloser`); the donor's `CloseRequest`, or a close that is
    /// pending in the escrow when `closeSignature` is empty (`CloseNotRequested`).
    /// @param closeSignature By the payer or the signer, over the escrow's `CloseRequest(channelId, deposit)`.
    function collectAndClose(CollectItem calldata item, bytes calldata closeSignature) external;

    /// @notice Closes a channel to the pool when nothing more can be collected: from `end` on, or while refunding.
    /// @dev Anyone may call (`TooEarly` before). What no allocation took is the donor's refund.
    function closeChannel(IPaymentChannels.Channel calldata channel) external;

    /// @notice Gives at once from the caller's wallet, by allowance.
    /// @dev Requirements: `start <= t < end`, not refunding; a salt never used by the caller (`DonationExists`); 1 to 64 gifts
    /// as in `collect`, increments here; each project takes gifts (`ProjectNotAccepted`); with `gateData`, a weight above 0
    /// (`NotEligible`); exactly the sum arrives (`TransferMismatch`).
    /// @return donationId `keccak256(abi.encode(caller, salt))`, the donation's ledger line.
    function donate(Gift[] calldata gifts, bytes calldata gateData, bytes32 salt) external returns (bytes32 donationId);

    /// @notice As `donate`, for `from`, by an EIP-3009 authorization that it signed; anyone may submit it.
    /// @dev The authorization's nonce is `keccak256(abi.encode(from, keccak256(abi.encode(gifts)), gateDataHash, salt))`, its
    /// value the sum of the gifts, so that nobody can spend it on other gifts.
    function donateWithAuthorization(
        address from,
        Gift[] calldata gifts,
        bytes calldata gateData,
        bytes32 salt,
        uint256 validAfter,
        uint256 validBefore,
        bytes calldata signature
    ) external returns (bytes32 donationId);

    /// @notice Adds to the pot, by the caller's allowance, before `end`.
    /// @dev Requirements: matching (`NotMatching`); running (`WrongStatus`); before `end` (`TooLate`); not 0 (`ZeroAmount`).
    /// @return index The receipt's.
    function sponsor(uint128 deposit) external returns (uint256 index);

    /* STEWARDS */

    /// @notice Takes projects into the round, before `end`.
    /// @dev Requirements: the registry's stewards (`NotSteward`); before `end` (`TooLate`); ids of 1 to 32 bits
    /// (`InvalidProjectId`), new to the round (`ProjectAlreadyAdmitted`), at most 1,000 in all (`TooManyProjects`).
    function admit(uint256[] calldata projectIds) external;

    /// @notice Ends the round before `end`: every gift and every deposit goes back.
    function cancel(bytes32 reasonHash) external;

    /// @notice Takes a project out in `end <= t < challengeEnd`, before settlement.
    /// @dev Warning: its part of the match shifts to the others.
    function disqualify(uint256 projectId, bytes32 reasonHash) external;

    /* SETTLE */

    /// @notice Settles the round in one walk over its projects. Anyone may call, from `challengeEnd` on.
    /// @dev `lambda = min(1/2^64, (M - k*cap) / (T - T_k))`, `1/2^64` where `T = T_k`; capped means `floor(lambda * R) >= cap`.
    /// Exactly one pair is right (`WrongPair`).
    /// @param cappedCount `k`: how many projects reach the cap.
    /// @param cappedSubsidy `T_k`: the sum of their `R`.
    function settleRound(uint256 cappedCount, uint256 cappedSubsidy) external;

    /// @notice Switches a round that nobody settled to refunds, from `settleBy` on. Anyone may call.
    function switchToRefunds() external;

    /* PAY OUT */

    /// @notice Pays a project its gifts and its match, less what it was paid, to the address that the registry holds.
    /// @dev Anyone may call: after settlement, or without matching at any time. Nothing due is success.
    function claim(uint256 projectId) external returns (uint256 amount);

    /// @notice Pays a donor back what of a channel was settled but not attributed; while refunding, all of it; from the
    /// challenge on also gifts to disqualified projects. Before `end` the donor alone may call (`NotDonor`), then anyone.
    /// @param attributedGifts The line's list as it stands.
    function refund(
        IPaymentChannels.Channel calldata channel,
        Gift[] calldata attributedGifts
    ) external returns (uint256 amount);

    /// @notice As `refund`, for a donation without a channel.
    function refundDonation(
        address donor,
        bytes32 salt,
        Gift[] calldata attributedGifts
    ) external returns (uint256 amount);

    /// @notice Pays a sponsor the receipt's part of what the pot left unused, `floor(U*(prefix+d)/M) - floor(U*prefix/M)`;
    /// while refunding, the deposit. Anyone may call, once a receipt.
    function refundSponsor(uint256 index) external returns (uint256 amount);

    /* VIEWS */

    /// @notice The escrow whose channels the pool collects.
    function channels() external view returns (IPaymentChannels);
    /// @notice `keccak256(abi.encode(creator, salt))`: names the round before its address is known.
    function roundId() external view returns (bytes32);
    /// @notice The round's terms; they never change.
    function terms() external view returns (Terms memory);
    /// @notice Where the round stands.
    function status() external view returns (Status);
    /// @notice What sponsors paid in, base units.
    function pot() external view returns (uint128);
    /// @notice Ids of the round's projects, in the order of their admission.
    function projects() external view returns (uint256[] memory);
    /// @notice What is stored of a project.
    function getProject(uint256 projectId) external view returns (ProjectState memory);
    /// @notice A project's match, base units; 0 before settlement.
    function matchOf(uint256 projectId) external view returns (uint256);
    /// @notice Hash of the gifts that stand on a line, `keccak256` of their words in a row; 0 for none.
    function giftsHash(bytes32 lineId) external view returns (bytes32);
    /// @notice The name under which a donor counts and its weight; 0 before the first counted gift.
    /// @return keyId The upper 240 bits of `keccak256(key)`.
    function standingOf(address donor) external view returns (bytes30 keyId, uint16 weightBps);
    /// @notice What a key has given to a project, as far as it counts.
    /// @return weighted `w`, base units times 10,000.
    /// @return root `s`.
    function voiceOf(bytes30 keyId, uint256 projectId) external view returns (uint112 weighted, uint80 root);
    /// @notice A sponsor's payment.
    function getReceipt(uint256 index) external view returns (Receipt memory);
    /// @notice How many payments the pot had.
    function receiptCount() external view returns (uint256);
    /// @notice What settlement wrote; zeros before.
    function settlement() external view returns (Settlement memory);
    /// @notice The digest that a donor signs for an allocation.
    function allocationDigest(
        bytes32 channelId,
        bytes32 gateDataHash,
        Gift[] calldata gifts
    ) external view returns (bytes32);
}
