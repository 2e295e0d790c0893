// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @title EscrowModel
/// @notice The books of one channel and of its parties' credits, verb by verb as `PaymentChannels` keeps them. Whatever signatures,
/// callers, tokens and receivers decide is an argument, so that a proof holds for everything that they may decide.
/// `test/contracts/proofs/escrow.t.sol` plays the model and the contract side by side.
abstract contract EscrowModel {
    uint256 public constant MAX_DEPOSIT = type(uint104).max;
    uint256 public immutable grace;

    uint256 public deposit;
    uint256 public settled;
    uint256 public closeRequestedAt;
    bool public finalized;
    uint256 public payeeCredit;
    uint256 public payerCredit;

    /// @notice What came in and went out over the channel's life, base units.
    uint256 public received;
    uint256 public toPayee;
    uint256 public toPayer;
    uint256 public closings;

    constructor(uint256 grace_) {
        require(grace_ >= 10 minutes && grace_ <= 365 days);
        grace = grace_;
    }

    function open(uint128 amount) public {
        require(amount != 0);
        require(deposit == 0);
        addDeposit(amount);
    }

    function topUp(uint128 amount, bool byPayer) public virtual {
        require(amount != 0);
        requireLive();
        require(byPayer || closeRequestedAt == 0);
        addDeposit(amount);
        closeRequestedAt = 0;
    }

    function settle(uint256 cumulativeAmount, bool pushed) public {
        requireLive();
        require(cumulativeAmount > settled);
        requireCovered(cumulativeAmount);
        uint256 increase = cumulativeAmount - settled;
        settled = cumulativeAmount;
        payPayee(increase, pushed);
    }

    function requestClose() public virtual {
        requireLive();
        if (closeRequestedAt == 0) closeRequestedAt = block.timestamp;
    }

    function close(uint256 cumulativeAmount, bool payeePushed, bool payerPushed) public {
        requireLive();
        uint256 increase;
        if (cumulativeAmount > settled) {
            requireCovered(cumulativeAmount);
            increase = cumulativeAmount - settled;
            settled = cumulativeAmount;
        }
        uint256 rest = deposit - settled;
        finalize();
        payPayee(increase, payeePushed);
        payPayer(rest, payerPushed);
    }

    function withdraw(bool pushed) public virtual {
        requireLive();
        require(closeRequestedAt != 0);
        require(block.timestamp >= closeRequestedAt + grace);
        uint256 rest = deposit - settled;
        finalize();
        payPayer(rest, pushed);
    }

    function withdrawCredits() public virtual {
        (uint256 ofPayee, uint256 ofPayer) = (payeeCredit, payerCredit);
        (payeeCredit, payerCredit) = (0, 0);
        toPayee += ofPayee;
        toPayer += ofPayer;
    }

    function requireLive() internal view virtual {
        require(deposit != 0);
        require(!finalized);
    }

    function requireCovered(uint256 cumulativeAmount) internal view virtual {
        require(cumulativeAmount <= deposit);
    }

    function addDeposit(uint256 amount) internal virtual {
        require(deposit + amount <= MAX_DEPOSIT);
        deposit += amount;
        received += amount;
    }

    function finalize() internal virtual {
        finalized = true;
        closings += 1;
    }

    function payPayee(uint256 amount, bool pushed) internal virtual {
        if (pushed) toPayee += amount;
        else payeeCredit += amount;
    }

    function payPayer(uint256 amount, bool pushed) internal virtual {
        if (pushed) toPayer += amount;
        else payerCredit += amount;
    }
}

/// @notice The invariant: whatever books it allows, each verb leaves books that it allows; a channel never opened has such books.
abstract contract EscrowBooks is EscrowModel {
    function books() internal view returns (bool) {
        return
            (deposit != 0 || (closeRequestedAt == 0 && !finalized)) &&
            grace >= 10 minutes &&
            grace <= 365 days &&
            closeRequestedAt <= block.timestamp &&
            block.timestamp <= type(uint40).max &&
            settled <= deposit &&
            deposit <= MAX_DEPOSIT &&
            received == deposit &&
            toPayee + payeeCredit == settled &&
            toPayer + payerCredit == (finalized ? deposit - settled : 0) &&
            closings == (finalized ? 1 : 0);
    }

    /// @dev A modifier, because the checker would ask each function that asserts by itself, without what its callers require.
    modifier keepsBooks() {
        require(books());
        _;
        assert(deposit != 0 || (closeRequestedAt == 0 && !finalized));
        assert(closeRequestedAt <= block.timestamp);
        assert(settled <= deposit);
        assert(deposit <= MAX_DEPOSIT);
        assert(received == deposit);
        assert(toPayee + payeeCredit == settled); // the payee has what was settled, or a credit for it
        assert(toPayer + payerCredit == (finalized ? deposit - settled : 0)); // the payer the rest, once closed
        assert(closings == (finalized ? 1 : 0)); // once
    }
}

contract OpenStep is EscrowBooks {
    constructor(uint256 grace_) EscrowModel(grace_) {}

    function stepOpen(uint128 amount) external keepsBooks {
        open(amount);
    }
}

contract TopUpStep is EscrowBooks {
    constructor(uint256 grace_) EscrowModel(grace_) {}

    function stepTopUp(uint128 amount, bool byPayer) external keepsBooks {
        bool leaving = closeRequestedAt != 0;
        bool ended = finalized;
        topUp(amount, byPayer);
        assert(!ended);
        assert(byPayer || !leaving); // nobody else stops an exit
    }
}

contract SettleStep is EscrowBooks {
    constructor(uint256 grace_) EscrowModel(grace_) {}

    function stepSettle(uint256 cumulativeAmount, bool pushed) external keepsBooks {
        (uint256 before, uint256 asked, bool ended) = (settled, closeRequestedAt, finalized);
        settle(cumulativeAmount, pushed);
        assert(!ended);
        assert(settled > before);
        assert(closeRequestedAt == asked);
    }
}

contract RequestCloseStep is EscrowBooks {
    constructor(uint256 grace_) EscrowModel(grace_) {}

    function stepRequestClose() external keepsBooks {
        (uint256 asked, bool ended) = (closeRequestedAt, finalized);
        requestClose();
        assert(!ended);
        assert(asked == 0 || closeRequestedAt == asked); // asking again does not start the clock again
    }
}

contract CloseStep is EscrowBooks {
    constructor(uint256 grace_) EscrowModel(grace_) {}

    function stepClose(uint256 cumulativeAmount, bool payeePushed, bool payerPushed) external keepsBooks {
        bool ended = finalized;
        close(cumulativeAmount, payeePushed, payerPushed);
        assert(!ended);
        assert(finalized);
    }
}

contract WithdrawStep is EscrowBooks {
    constructor(uint256 grace_) EscrowModel(grace_) {}

    function stepWithdraw(bool pushed) external keepsBooks {
        (uint256 asked, bool ended) = (closeRequestedAt, finalized);
        withdraw(pushed);
        assert(!ended);
        assert(asked != 0);
        assert(block.timestamp >= asked + grace); // not a second before
    }
}

contract WithdrawCreditsStep is EscrowBooks {
    constructor(uint256 grace_) EscrowModel(grace_) {}

    function stepWithdrawCredits() external keepsBooks {
        (uint256 owed, bool ended) = (payeeCredit + payerCredit, finalized);
        uint256 before = toPayee + toPayer;
        withdrawCredits();
        assert(toPayee + toPayer == before + owed);
        assert(finalized == ended);
    }
}

contract BrokenSettlesPastTheDeposit is SettleStep {
    constructor(uint256 grace_) SettleStep(grace_) {}

    function requireCovered(uint256) internal view override {}
}

contract BrokenOverflowsItsWidth is OpenStep {
    constructor(uint256 grace_) OpenStep(grace_) {}

    function addDeposit(uint256 amount) internal override {
        deposit += amount;
        received += amount;
    }
}

contract BrokenCountsWhatNeverArrived is TopUpStep {
    constructor(uint256 grace_) TopUpStep(grace_) {}

    function addDeposit(uint256 amount) internal override {
        require(deposit + amount <= MAX_DEPOSIT);
        deposit += amount;
    }
}

contract BrokenCreditsWhatWasPushed is SettleStep {
    constructor(uint256 grace_) SettleStep(grace_) {}

    function payPayee(uint256 amount, bool pushed) internal override {
        if (pushed) toPayee += amount;
        payeeCredit += amount;
    }
}

contract BrokenForgetsTheRefund is CloseStep {
    constructor(uint256 grace_) CloseStep(grace_) {}

    function payPayer(uint256 amount, bool pushed) internal override {
        if (pushed) toPayer += amount;
    }
}

contract BrokenLivesOn is TopUpStep {
    constructor(uint256 grace_) TopUpStep(grace_) {}

    function requireLive() internal view override {
        require(deposit != 0);
    }
}

contract BrokenClosesTwice is WithdrawStep {
    constructor(uint256 grace_) WithdrawStep(grace_) {}

    function requireLive() internal view override {
        require(deposit != 0);
    }
}

contract BrokenClosesWhatNeverOpened is CloseStep {
    constructor(uint256 grace_) CloseStep(grace_) {}

    function requireLive() internal view override {
        require(!finalized);
    }
}

contract BrokenWithdrawsEarly is WithdrawStep {
    constructor(uint256 grace_) WithdrawStep(grace_) {}

    function withdraw(bool pushed) public override {
        requireLive();
        uint256 rest = deposit - settled;
        finalize();
        payPayer(rest, pushed);
    }
}

contract BrokenRestartsTheClock is RequestCloseStep {
    constructor(uint256 grace_) RequestCloseStep(grace_) {}

    function requestClose() public override {
        requireLive();
        closeRequestedAt = block.timestamp;
    }
}

contract BrokenStopsAnExit is TopUpStep {
    constructor(uint256 grace_) TopUpStep(grace_) {}

    function topUp(uint128 amount, bool) public override {
        requireLive();
        addDeposit(amount);
        closeRequestedAt = 0;
    }
}

contract BrokenPaysACreditTwice is WithdrawCreditsStep {
    constructor(uint256 grace_) WithdrawCreditsStep(grace_) {}

    function withdrawCredits() public override {
        toPayee += payeeCredit;
        toPayer += payerCredit;
    }
}
