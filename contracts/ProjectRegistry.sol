// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {IProjectRegistry} from "./interfaces/IProjectRegistry.sol";

/// @title ProjectRegistry
/// @notice Who may receive: applications with deposits, challenges, and stewards behind a timelock. No owner, no upgrade.
/// @dev The interface is the specification. Each verb has one rhythm: load, checks, effects, event, interactions, return.
contract ProjectRegistry is IProjectRegistry, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using BitMaps for BitMaps.BitMap;

    uint256 private constant MIN_DURATION = 1 hours;
    uint256 private constant MAX_DURATION = 365 days; // no deposit is out of reach for longer than that
    uint256 private constant MAX_PROJECTS = type(uint32).max;

    /// @inheritdoc IProjectRegistry
    address public immutable depositToken;
    /// @inheritdoc IProjectRegistry
    uint256 public immutable applicationDeposit;
    /// @inheritdoc IProjectRegistry
    uint256 public immutable challengeWindow;
    /// @inheritdoc IProjectRegistry
    uint256 public immutable decisionWindow;
    /// @inheritdoc IProjectRegistry
    uint256 public immutable payoutDelay;

    /// @inheritdoc IProjectRegistry
    address public stewards;
    /// @inheritdoc IProjectRegistry
    uint256 public projectCount;

    /// @inheritdoc IProjectRegistry
    mapping(address account => uint256) public owedTo;

    mapping(uint256 projectId => Project) private _projects;
    BitMaps.BitMap private _accepted;

    /// @param depositToken_ A plain ERC-20 token.
    /// @param applicationDeposit_ Base units, not 0; 128 bits, so that no sum of deposits overflows.
    /// @param challengeWindow_ Seconds, an hour to a year.
    /// @param decisionWindow_ Seconds, an hour to a year, and at least twice the delay of the stewards' timelock.
    /// @param payoutDelay_ Seconds, an hour to a year.
    /// @param stewards_ An OpenZeppelin `TimelockController`.
    constructor(
        address depositToken_,
        uint128 applicationDeposit_,
        uint256 challengeWindow_,
        uint256 decisionWindow_,
        uint256 payoutDelay_,
        address stewards_
    ) {
        require(depositToken_.code.length != 0, InvalidToken(depositToken_));
        require(applicationDeposit_ != 0, ZeroDeposit());
        _requireDuration("challengeWindow", challengeWindow_);
        _requireDuration("decisionWindow", decisionWindow_);
        _requireDuration("payoutDelay", payoutDelay_);

        depositToken = depositToken_;
        applicationDeposit = applicationDeposit_;
        challengeWindow = challengeWindow_;
        decisionWindow = decisionWindow_;
        payoutDelay = payoutDelay_;
        _appoint(stewards_, decisionWindow_, bytes32(0));
    }

    /* APPLY, CHALLENGE, DECIDE */

    /// @inheritdoc IProjectRegistry
    function submit(address payout, bytes32 metadataHash) external nonReentrant returns (uint256 projectId) {
        _requirePayout(payout);
        require(projectCount < MAX_PROJECTS, RegistryFull(MAX_PROJECTS));

        projectId = ++projectCount;
        Project storage project = _projects[projectId];
        project.manager = msg.sender;
        project.submittedAt = uint40(block.timestamp);
        project.status = Status.Submitted;
        project.payout = payout;
        project.metadataHash = metadataHash;
        emit ProjectSubmitted(projectId, msg.sender, payout, metadataHash);

        _pullDeposit();
    }

    /// @inheritdoc IProjectRegistry
    function challenge(uint256 projectId, bytes32 reasonHash) external nonReentrant {
        Project storage project = _existing(projectId);
        _requireStatus(projectId, project.status, Status.Submitted);
        uint256 closesAt = project.submittedAt + challengeWindow;
        require(block.timestamp < closesAt, WindowClosed(closesAt, block.timestamp));

        project.challenger = msg.sender;
        project.challengedAt = uint40(block.timestamp);
        project.status = Status.Challenged;
        emit ProjectChallenged(projectId, msg.sender, reasonHash);

        _pullDeposit();
    }

    /// @inheritdoc IProjectRegistry
    function decide(uint256 projectId, bool accepted, bytes32 reasonHash) external nonReentrant {
        Project storage project = _existing(projectId);
        _requireStewards();
        _requireStatus(projectId, project.status, Status.Challenged);
        uint256 closesAt = project.challengedAt + decisionWindow;
        require(block.timestamp < closesAt, WindowClosed(closesAt, block.timestamp));

        _setStatus(projectId, project, accepted ? Status.Accepted : Status.Rejected);
        emit ProjectDecided(projectId, accepted, reasonHash);
        _release(projectId, accepted ? project.manager : project.challenger, 2 * applicationDeposit);
    }

    /// @inheritdoc IProjectRegistry
    function accept(uint256 projectId) external nonReentrant {
        Project storage project = _existing(projectId);
        bool challenged = project.status == Status.Challenged;
        if (!challenged) _requireStatus(projectId, project.status, Status.Submitted);
        uint256 closesAt = challenged ? project.challengedAt + decisionWindow : project.submittedAt + challengeWindow;
        require(block.timestamp >= closesAt, WindowOpen(closesAt, block.timestamp));

        _setStatus(projectId, project, Status.Accepted);
        emit ProjectAccepted(projectId);
        _release(projectId, project.manager, applicationDeposit);
        if (challenged) _release(projectId, project.challenger, applicationDeposit);
    }

    /// @inheritdoc IProjectRegistry
    function withdrawDeposit(address account) external nonReentrant returns (uint256 amount) {
        amount = owedTo[account];
        if (amount == 0) return 0;

        owedTo[account] = 0;
        emit DepositWithdrawn(account, amount);

        IERC20(depositToken).safeTransfer(account, amount);
    }

    /* STEWARDS */

    /// @inheritdoc IProjectRegistry
    function suspend(uint256 projectId, bytes32 reasonHash) external nonReentrant {
        Project storage project = _existing(projectId);
        _requireStewards();
        _requireStatus(projectId, project.status, Status.Accepted);

        _setStatus(projectId, project, Status.Suspended);
        emit ProjectSuspended(projectId, reasonHash);
    }

    /// @inheritdoc IProjectRegistry
    function reinstate(uint256 projectId, bytes32 reasonHash) external nonReentrant {
        Project storage project = _existing(projectId);
        _requireStewards();
        _requireStatus(projectId, project.status, Status.Suspended);

        _setStatus(projectId, project, Status.Accepted);
        emit ProjectReinstated(projectId, reasonHash);
    }

    /// @inheritdoc IProjectRegistry
    function replaceStewards(address newStewards, bytes32 reasonHash) external nonReentrant {
        _requireStewards();
        _appoint(newStewards, decisionWindow, reasonHash);
    }

    /* MANAGER */

    /// @inheritdoc IProjectRegistry
    function changePayout(uint256 projectId, address newPayout) external nonReentrant {
        Project storage project = _managed(projectId);
        _requirePayout(newPayout);
        uint256 changesAt = block.timestamp + payoutDelay;

        project.payout = _effectivePayout(project);
        project.pendingPayout = newPayout;
        project.payoutChangesAt = uint40(changesAt);
        emit PayoutChangeScheduled(projectId, newPayout, changesAt);
    }

    /// @inheritdoc IProjectRegistry
    function transferManager(uint256 projectId, address newManager) external nonReentrant {
        Project storage project = _managed(projectId);

        project.pendingManager = newManager;
        emit ManagerTransferStarted(projectId, msg.sender, newManager);
    }

    /// @inheritdoc IProjectRegistry
    function acceptManager(uint256 projectId) external nonReentrant {
        Project storage project = _existing(projectId);
        require(msg.sender == project.pendingManager, NotPendingManager(project.pendingManager, msg.sender));
        address previousManager = project.manager;

        project.manager = msg.sender;
        project.pendingManager = address(0);
        emit ManagerTransferred(projectId, previousManager, msg.sender);
    }

    /// @inheritdoc IProjectRegistry
    function changeMetadata(uint256 projectId, bytes32 metadataHash) external nonReentrant {
        Project storage project = _managed(projectId);
        _requireAdmitted(projectId, project.status);

        project.metadataHash = metadataHash;
        emit MetadataChanged(projectId, metadataHash);
    }

    /// @inheritdoc IProjectRegistry
    function close(uint256 projectId) external nonReentrant {
        Project storage project = _managed(projectId);
        _requireAdmitted(projectId, project.status);

        _setStatus(projectId, project, Status.Closed);
        emit ProjectClosed(projectId);
    }

    /* VIEWS */

    /// @inheritdoc IProjectRegistry
    function acceptedBits(uint256 wordIndex) external view returns (uint256) {
        return _accepted._data[wordIndex];
    }

    /// @inheritdoc IProjectRegistry
    function payoutOf(uint256 projectId) external view returns (address) {
        return _effectivePayout(_existing(projectId));
    }

    /// @inheritdoc IProjectRegistry
    function getProject(uint256 projectId) external view returns (Project memory project) {
        project = _existing(projectId);
        if (!_payoutChanged(_projects[projectId])) return project;
        (project.payout, project.payoutChangesAt, project.pendingPayout) = (project.pendingPayout, 0, address(0));
    }

    /* PROJECTS */

    function _existing(uint256 projectId) private view returns (Project storage project) {
        project = _projects[projectId];
        require(project.status != Status.None, ProjectNotFound(projectId));
    }

    /// @dev An existing project whose manager is the caller.
    function _managed(uint256 projectId) private view returns (Project storage project) {
        project = _existing(projectId);
        require(msg.sender == project.manager, NotManager(project.manager, msg.sender));
    }

    function _requireStatus(uint256 projectId, Status actual, Status expected) private pure {
        require(actual == expected, InvalidStatus(projectId, expected, actual));
    }

    function _requireAdmitted(uint256 projectId, Status status) private pure {
        require(status == Status.Accepted || status == Status.Suspended, NotAdmitted(projectId, status));
    }

    /// @dev The bit follows the status wherever either can change.
    function _setStatus(uint256 projectId, Project storage project, Status status) private {
        project.status = status;
        _accepted.setTo(projectId, status == Status.Accepted);
    }

    /* PAYOUTS */

    function _requirePayout(address payout) private view {
        require(payout != address(0) && payout != address(this), InvalidPayout(payout));
    }

    /// @dev Whether a scheduled change has taken effect. It stays scheduled in storage until the next one is.
    function _payoutChanged(Project storage project) private view returns (bool) {
        return project.payoutChangesAt != 0 && block.timestamp >= project.payoutChangesAt;
    }

    function _effectivePayout(Project storage project) private view returns (address) {
        return _payoutChanged(project) ? project.pendingPayout : project.payout;
    }

    /* STEWARDS */

    function _requireStewards() private view {
        require(msg.sender == stewards, NotSteward(stewards, msg.sender));
    }

    /// @dev An account without code, or one that answers nothing, would leave the registry without stewards for good.
    function _appoint(address newStewards, uint256 decisionWindow_, bytes32 reasonHash) private {
        (bool answered, bytes memory answer) = newStewards.staticcall(
            abi.encodeCall(TimelockController.getMinDelay, ())
        );
        bool timelock = newStewards.code.length != 0 && answered && answer.length == 32;
        require(timelock, InvalidStewards(newStewards));
        uint256 delay = abi.decode(answer, (uint256));
        require(delay <= decisionWindow_ / 2, StewardsTooSlow(decisionWindow_ / 2, delay));

        address previousStewards = stewards;
        stewards = newStewards;
        emit StewardsReplaced(previousStewards, newStewards, reasonHash);
    }

    /* MONEY */

    /// @dev Takes the deposit from the caller. A token that keeps a part, or gives too much, is refused.
    function _pullDeposit() private {
        IERC20 token = IERC20(depositToken);
        uint256 balanceBefore = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), applicationDeposit);
        uint256 balance = token.balanceOf(address(this));
        uint256 received = balance > balanceBefore ? balance - balanceBefore : 0;
        require(received == applicationDeposit, TransferMismatch(applicationDeposit, received));
    }

    /// @dev Owed and pulled, never pushed: an account that the token refuses must not block a decision.
    function _release(uint256 projectId, address account, uint256 amount) private {
        owedTo[account] += amount;
        emit DepositReleased(projectId, account, amount);
    }

    function _requireDuration(string memory name, uint256 duration) private pure {
        bool inRange = duration >= MIN_DURATION && duration <= MAX_DURATION;
        require(inRange, InvalidDuration(name, MIN_DURATION, MAX_DURATION, duration));
    }
}
