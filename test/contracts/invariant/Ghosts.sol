// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {World} from "./World.sol";

/// @notice What the world should look like, kept beside it: what was signed, moved and given, never read from the contracts.
abstract contract Ghosts is World {
    /// @dev Of a channel. `signed`: the highest amount that its signer signed. `endedFairly`: its payee closed it, or its payer left
    /// when the grace period was over.
    struct Book {
        uint128 deposits;
        uint128 settled;
        uint128 signed;
        uint64 requestedAt;
        bool ended;
        bool endedFairly;
    }

    /// @dev What a donor gave through a channel to a round or, `bare`, without one. Under project 0 is what went back.
    struct Line {
        uint8 round;
        uint8 donor;
        bool bare;
        uint32 channel;
        uint128 brought;
        bytes32 id;
        bytes32 salt;
        uint128[LAST_PROJECT + 1] given;
    }

    struct Round {
        IDonationPool pool;
        address token;
        address gate;
        uint64 start;
        uint64 end;
        uint64 challengeEnd;
        uint64 settleBy;
        bool matching;
        IDonationPool.Status status;
        uint128 cap;
        uint96 minCounted;
        uint96 maxCounted;
        uint128 pot;
        uint128 unused;
        uint128[LAST_PROJECT + 1] gifts;
        uint128[LAST_PROJECT + 1] paid;
        uint128[LAST_PROJECT + 1] matched;
        bool[LAST_PROJECT + 1] admitted;
        bool[LAST_PROJECT + 1] out;
    }

    struct Receipt {
        uint8 sponsor;
        bool refunded;
        uint128 prefix;
        uint128 deposit;
    }

    /// @dev A gift that counts, with the weight and the key (by its place in `keys`) that its donor had.
    struct Counted {
        uint8 project;
        uint8 key;
        uint16 weightBps;
        uint128 amount;
    }

    struct Standing {
        uint8 key;
        uint16 weightBps;
    }

    IPaymentChannels.Channel[] internal made;
    bytes32[] internal ids;
    Book[] internal books;
    Line[] internal lines;
    Round[] internal rounds;
    mapping(uint256 round => Receipt[]) internal receipts;
    mapping(uint256 round => Counted[]) internal counted;
    mapping(uint256 round => bytes32[]) internal keys;
    mapping(uint256 round => mapping(uint256 donor => Standing)) internal standings;

    mapping(address token => mapping(address account => uint256)) internal balances;
    mapping(address token => mapping(address account => uint256)) internal credits;
    /// @dev What came to the escrow or to a round without a verb.
    mapping(address token => mapping(address account => uint256)) internal gifts;
    /// @dev Everybody whose balances are compared.
    address[] internal people;

    bool internal paused;
    address internal deniedOne;
    bool internal coinsRefused = true;
    bool[LAST_PROJECT + 1] internal suspended;
    bool[LAST_PROJECT + 1] internal left;
    address[LAST_PROJECT + 1] internal payouts;
    address[LAST_PROJECT + 1] internal nextPayouts;
    uint64[LAST_PROJECT + 1] internal payoutChangesAt;

    /// @dev What the last call acted on.
    uint256 internal lastChannel;
    uint256 internal lastRound;

    uint256 public calls;
    /// @dev How often each handler did what it is named after.
    mapping(bytes4 handler => uint256) public effects;

    modifier acts() {
        ++calls;
        _;
    }

    function took() internal {
        ++effects[msg.sig];
    }

    /* MONEY */

    /// @dev Whether a push of this token would go through.
    function reaches(address token, address from, address to) internal view returns (bool) {
        if (token == NATIVE) return to != payees[2] || !coinsRefused;
        if (token != address(dollar)) return true;
        return !paused && (deniedOne == address(0) || (deniedOne != from && deniedOne != to));
    }

    function move(address token, address from, address to, uint256 amount) internal {
        balances[token][from] -= amount;
        balances[token][to] += amount;
    }

    function payOut(address token, address to, uint256 amount) private {
        if (amount == 0) return;
        if (reaches(token, address(channels), to)) move(token, address(channels), to, amount);
        else credits[token][to] += amount;
    }

    /// @dev What the escrow owes an account, if it can have it.
    function fetchCredit(address token, address account) internal {
        uint256 owed = credits[token][account];
        if (owed == 0) return;
        credits[token][account] = 0;
        move(token, address(channels), account, owed);
    }

    /* CHANNELS */

    function noteOpened(IPaymentChannels.Channel memory channel, uint128 deposit) internal returns (uint256 index) {
        index = made.length;
        made.push(channel);
        ids.push(idOf(channel));
        books.push().deposits = deposit;
        move(channel.token, channel.payer, address(channels), deposit);
        lastChannel = index;
    }

    function noteTopUp(uint256 index, uint128 addition) internal {
        books[index].deposits += addition;
        move(made[index].token, made[index].payer, address(channels), addition);
        lastChannel = index;
    }

    function noteSigned(uint256 index, uint128 amount) internal {
        if (amount > books[index].signed) books[index].signed = amount;
    }

    function noteSettled(uint256 index, uint128 amount) internal {
        Book storage book = books[index];
        uint128 increase = amount - book.settled;
        book.settled = amount;
        payOut(made[index].token, made[index].payee, increase);
        lastChannel = index;
    }

    function noteRequested(uint256 index) internal {
        if (books[index].requestedAt == 0) books[index].requestedAt = uint64(clock);
        lastChannel = index;
    }

    function noteEnded(uint256 index, bool byPayee) internal {
        Book storage book = books[index];
        book.ended = true;
        book.endedFairly = byPayee || (book.requestedAt != 0 && clock >= book.requestedAt + GRACE);
        payOut(made[index].token, made[index].payer, book.deposits - book.settled);
        lastChannel = index;
    }

    function isLive(uint256 index) internal view returns (bool) {
        return !books[index].ended;
    }

    function isReady(uint256 index) internal view returns (bool) {
        Book storage book = books[index];
        return !book.ended && book.requestedAt != 0 && clock >= book.requestedAt + GRACE;
    }

    /* ROUNDS */

    function isOpen(uint256 r) internal view returns (bool) {
        Round storage round = rounds[r];
        return clock >= round.start && clock < round.end && round.status == IDonationPool.Status.Running;
    }

    function isRunning(uint256 r) internal view returns (bool) {
        return rounds[r].matching && rounds[r].status == IDonationPool.Status.Running;
    }

    function takesGifts(uint256 r, uint256 projectId) internal view returns (bool) {
        return rounds[r].admitted[projectId] && !suspended[projectId] && !left[projectId];
    }

    /// @dev Key and weight under which a donor counts in a round now, and whether they hold.
    function standingIn(uint256 r, uint256 donor) internal view returns (bytes32 key, uint256 weightBps, bool holds) {
        Standing storage standing = standings[r][donor];
        if (standing.weightBps != 0) return (keys[r][standing.key], standing.weightBps, true);
        if (rounds[r].gate == openGate) return (bytes32(uint256(uint160(payers[donor]))), 10_000, false);
        (key, weightBps) = (gate.keys(payers[donor]), gate.weights(payers[donor]));
        if (weightBps > 10_000) weightBps = 0;
    }

    /// @dev A gift that was taken; where it counts, under the standing that holds from here on.
    function noteGift(uint256 n, uint256 projectId, uint128 amount, bool counts) internal {
        Line storage line_ = lines[n];
        uint256 r = line_.round;
        line_.given[projectId] += amount;
        rounds[r].gifts[projectId] += amount;
        lastRound = r;
        if (!counts) return;
        (bytes32 key, uint256 weightBps, bool holds) = standingIn(r, line_.donor);
        if (!holds) standings[r][line_.donor] = Standing(placeOf(r, key), uint16(weightBps));
        counted[r].push(Counted(uint8(projectId), standings[r][line_.donor].key, uint16(weightBps), amount));
    }

    function placeOf(uint256 r, bytes32 key) private returns (uint8 place) {
        bytes32[] storage known = keys[r];
        for (; place < known.length; ++place) {
            if (known[place] == key) return place;
        }
        known.push(key);
    }

    /// @dev What a line has brought to its round in all.
    function broughtBy(uint256 n) internal view returns (uint128) {
        return lines[n].bare ? lines[n].brought : books[lines[n].channel].settled;
    }

    /// @dev What the donor of a line can take back now.
    function refundableOf(uint256 n) internal view returns (uint128 amount) {
        Line storage line_ = lines[n];
        Round storage round = rounds[line_.round];
        amount = broughtBy(n) - line_.given[0];
        if (round.status == IDonationPool.Status.Refunding) return amount;
        for (uint256 id = 1; id <= LAST_PROJECT; ++id) {
            if (!round.out[id]) amount -= line_.given[id];
        }
    }

    /// @dev Of everything that can be taken back; what of it was a project's is no longer on the line.
    function noteRefund(uint256 n) internal returns (uint128 amount) {
        Line storage line_ = lines[n];
        Round storage round = rounds[line_.round];
        amount = refundableOf(n);
        lastRound = line_.round;
        if (amount == 0) return 0;
        fetchCredit(round.token, address(round.pool));
        move(round.token, address(round.pool), payers[line_.donor], amount);
        line_.given[0] += amount;
        bool everything = round.status == IDonationPool.Status.Refunding;
        for (uint256 id = 1; id <= LAST_PROJECT; ++id) {
            if (everything || round.out[id]) line_.given[id] = 0;
        }
    }

    /// @dev What stands of a line, as the next call has to show it.
    function standingGifts(uint256 n) internal view returns (IDonationPool.Gift[] memory list_) {
        return giftsOf(lines[n].given);
    }

    function giftsOf(
        uint128[LAST_PROJECT + 1] memory amounts
    ) internal pure returns (IDonationPool.Gift[] memory list_) {
        list_ = new IDonationPool.Gift[](LAST_PROJECT + 1);
        uint256 count;
        for (uint256 id; id <= LAST_PROJECT; ++id) {
            if (amounts[id] != 0) list_[count++] = IDonationPool.Gift(id, amounts[id]);
        }
        assembly ("memory-safe") {
            mstore(list_, count)
        }
    }

    /// @dev What a project can claim now.
    function dueTo(uint256 r, uint256 projectId) internal view returns (uint128) {
        Round storage round = rounds[r];
        return round.gifts[projectId] + round.matched[projectId] - round.paid[projectId];
    }

    function canClaim(uint256 r, uint256 projectId) internal view returns (bool) {
        Round storage round = rounds[r];
        IDonationPool.Status needed = round.matching ? IDonationPool.Status.Settled : IDonationPool.Status.Running;
        return round.status == needed && round.admitted[projectId] && !round.out[projectId];
    }

    function noteClaim(uint256 r, uint256 projectId) internal returns (uint128 amount) {
        Round storage round = rounds[r];
        amount = dueTo(r, projectId);
        lastRound = r;
        if (amount == 0) return 0;
        fetchCredit(round.token, address(round.pool));
        move(round.token, address(round.pool), effectivePayout(projectId), amount);
        round.paid[projectId] += amount;
    }

    function effectivePayout(uint256 projectId) internal view returns (address) {
        bool changed = payoutChangesAt[projectId] != 0 && clock >= payoutChangesAt[projectId];
        return changed ? nextPayouts[projectId] : payouts[projectId];
    }

    /// @dev A receipt's part of what is unused; the whole of it while refunding.
    function shareOf(uint256 r, uint256 index) internal view returns (uint256) {
        Receipt storage receipt = receipts[r][index];
        Round storage round = rounds[r];
        if (round.status == IDonationPool.Status.Refunding) return receipt.deposit;
        uint256 upTo = (uint256(round.unused) * (uint256(receipt.prefix) + receipt.deposit)) / round.pot;
        return upTo - (uint256(round.unused) * receipt.prefix) / round.pot;
    }

    function noteSponsorRefund(uint256 r, uint256 index) internal returns (uint256 amount) {
        Round storage round = rounds[r];
        amount = shareOf(r, index);
        fetchCredit(round.token, address(round.pool));
        move(round.token, address(round.pool), sponsors[receipts[r][index].sponsor], amount);
        receipts[r][index].refunded = true;
        lastRound = r;
    }
}
