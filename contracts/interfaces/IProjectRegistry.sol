// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @title IProjectRegistry
/// @notice Which projects may take gifts, and where their money goes. A project applies with a deposit; anyone may challenge
/// it with an equal one; stewards decide between the two, and the loser's deposit goes to the winner; silence accepts.
/// @dev Deposits are base units of `depositToken`. Times and durations are in Unix seconds. A window of time contains its
/// first second and not its last: what is possible until `end` is possible while `block.timestamp < end`.
///
/// The stewards are an OpenZeppelin `TimelockController`: each decision is public for the timelock's delay before it can act,
/// and is an event with the hash of its published reason. They decide challenges, suspend, reinstate, and name their
/// successors; they move no money other than by `decide`, and change neither a payout nor a manager.
///
/// Warning: an application can be challenged once. A project that challenges itself from a second account is judged as any
/// other, but loses its deposit to itself.
/// Warning: only a plain token is safe as the deposit's. One that takes a fee when it is pulled is refused
/// (`TransferMismatch`); one that rebases, or takes more than it delivers, can leave the registry short.
interface IProjectRegistry {
    /* TYPES */

    /// @notice Where a project stands. `Rejected` and `Closed` are final.
    /// @dev Submitted -> Accepted (silence) or Challenged; Challenged -> Accepted or Rejected; Accepted <-> Suspended;
    /// Accepted or Suspended -> Closed.
    enum Status {
        None,
        Submitted,
        Challenged,
        Accepted,
        Suspended,
        Rejected,
        Closed
    }

    /// @notice All that is known of a project.
    /// @param manager Who speaks for it, and owns its deposit while the application is open.
    /// @param submittedAt When it applied.
    /// @param challengedAt When it was challenged; 0 if never.
    /// @param status Where it stands.
    /// @param payout Where its money goes now.
    /// @param payoutChangesAt When `pendingPayout` takes its place; 0 when no change is pending.
    /// @param pendingPayout The next payout; zero when no change is pending.
    /// @param pendingManager Who may take over by `acceptManager`; zero for nobody.
    /// @param challenger Who challenged it; zero if nobody did.
    /// @param metadataHash Hash of the project's published description.
    struct Project {
        address manager;
        uint40 submittedAt;
        uint40 challengedAt;
        Status status;
        address payout;
        uint40 payoutChangesAt;
        address pendingPayout;
        address pendingManager;
        address challenger;
        bytes32 metadataHash;
    }

    /* EVENTS */

    /// @notice A project applied and its deposit has arrived. The manager is who paid it.
    event ProjectSubmitted(
        uint256 indexed projectId,
        address indexed manager,
        address indexed payout,
        bytes32 metadataHash
    );

    /// @notice An application was challenged, and an equal deposit has arrived from the challenger.
    event ProjectChallenged(uint256 indexed projectId, address indexed challenger, bytes32 reasonHash);

    /// @notice Nobody objected in time, or the stewards did not decide in time: the project is accepted.
    event ProjectAccepted(uint256 indexed projectId);

    /// @notice The stewards decided a challenge.
    event ProjectDecided(uint256 indexed projectId, bool accepted, bytes32 reasonHash);

    /// @notice Deposits worth `amount` were freed for `account`, which may withdraw them.
    event DepositReleased(uint256 indexed projectId, address indexed account, uint256 amount);

    /// @notice All that was owed to `account` was paid to it.
    event DepositWithdrawn(address indexed account, uint256 amount);

    /// @notice The stewards stopped a project's gifts.
    event ProjectSuspended(uint256 indexed projectId, bytes32 reasonHash);

    /// @notice The stewards let a suspended project take gifts again.
    event ProjectReinstated(uint256 indexed projectId, bytes32 reasonHash);

    /// @notice Stewards handed over to others. The first are announced with the zero address as `previousStewards`.
    event StewardsReplaced(address indexed previousStewards, address indexed newStewards, bytes32 reasonHash);

    /// @notice The project's money will go to `payout` from `changesAt` on; a change pending before is void.
    event PayoutChangeScheduled(uint256 indexed projectId, address indexed payout, uint256 changesAt);

    /// @notice The manager offered its place to `pendingManager`, or withdrew the offer (the zero address).
    event ManagerTransferStarted(uint256 indexed projectId, address indexed manager, address indexed pendingManager);

    /// @notice A new manager took over.
    event ManagerTransferred(uint256 indexed projectId, address indexed previousManager, address indexed newManager);

    /// @notice The project's description changed.
    event MetadataChanged(uint256 indexed projectId, bytes32 metadataHash);

    /// @notice The project left for good.
    event ProjectClosed(uint256 indexed projectId);

    /* ERRORS */

    /// @notice No project has this id.
    error ProjectNotFound(uint256 projectId);
    /// @notice The verb is for projects of status `expected`.
    error InvalidStatus(uint256 projectId, Status expected, Status actual);
    /// @notice The verb is for projects that are accepted or suspended.
    error NotAdmitted(uint256 projectId, Status status);
    /// @notice Only the project's manager may do this.
    error NotManager(address manager, address caller);
    /// @notice Only who was offered the manager's place may take it.
    error NotPendingManager(address pendingManager, address caller);
    /// @notice Only the stewards may do this.
    error NotSteward(address stewards, address caller);
    /// @notice The time for this ended at `closedAt`.
    error WindowClosed(uint256 closedAt, uint256 timestamp);
    /// @notice This is possible from `closesAt` on.
    error WindowOpen(uint256 closesAt, uint256 timestamp);
    /// @notice A payout is neither the zero address nor the registry.
    error InvalidPayout(address payout);
    /// @notice The deposit's token has no code.
    error InvalidToken(address token);
    /// @notice A deposit of nothing deters nobody.
    error ZeroDeposit();
    /// @notice What arrived is not the deposit.
    error TransferMismatch(uint256 expected, uint256 received);
    /// @notice A duration of the constructor, by its name, is out of range.
    error InvalidDuration(string name, uint256 min, uint256 max, uint256 duration);
    /// @notice The stewards have no code, or do not answer `getMinDelay()` as a timelock.
    error InvalidStewards(address stewards);
    /// @notice The timelock's delay leaves too little of the decision window to decide in.
    error StewardsTooSlow(uint256 maxDelay, uint256 delay);
    /// @notice Every id is taken.
    error RegistryFull(uint256 maxProjects);

    /* APPLY, CHALLENGE, DECIDE */

    /// @notice Applies for a project with the caller as its manager, and takes `applicationDeposit` by allowance.
    /// @dev Requirements, in the order checked: a valid payout (`InvalidPayout`); an id left (`RegistryFull`); exactly the
    /// deposit arrives (`TransferMismatch`).
    /// @param payout Where the project's money is to go.
    /// @param metadataHash Hash of the project's published description.
    /// @return projectId The new project's id: 1 for the first, then the next.
    function submit(address payout, bytes32 metadataHash) external returns (uint256 projectId);

    /// @notice Challenges an application, and takes `applicationDeposit` from the caller by allowance.
    /// @dev Requirements: a project (`ProjectNotFound`) that is submitted (`InvalidStatus`), until
    /// `submittedAt + challengeWindow` (`WindowClosed`); exactly the deposit arrives (`TransferMismatch`).
    /// @param reasonHash Hash of the challenger's published reason.
    function challenge(uint256 projectId, bytes32 reasonHash) external;

    /// @notice The stewards decide a challenge: both deposits are the manager's if accepted, else the challenger's.
    /// @dev Requirements: a project; the stewards (`NotSteward`); a challenged project (`InvalidStatus`), until
    /// `challengedAt + decisionWindow` (`WindowClosed`).
    /// @param accepted Whether the project may take gifts. A rejected one never will; it can apply again as another.
    /// @param reasonHash Hash of the stewards' published reason.
    function decide(uint256 projectId, bool accepted, bytes32 reasonHash) external;

    /// @notice Accepts a project by silence: the manager and a challenger each get their own deposit back. Anyone may call.
    /// @dev Requirements: a project that is submitted or challenged (`InvalidStatus`); its window for a challenge or, once
    /// challenged, for a decision is over (`WindowOpen`).
    function accept(uint256 projectId) external;

    /// @notice Pays an account all that it is owed. Anyone may call; nothing owed is success.
    /// @return amount What was paid, base units of `depositToken`.
    function withdrawDeposit(address account) external returns (uint256 amount);

    /* STEWARDS */

    /// @notice Stops new gifts to a project. What it was given stays its own.
    /// @dev Requirements: a project; the stewards (`NotSteward`); an accepted project (`InvalidStatus`).
    /// @param reasonHash Hash of the stewards' published reason.
    function suspend(uint256 projectId, bytes32 reasonHash) external;

    /// @notice Lets a suspended project take gifts again.
    /// @dev Requirements: a project; the stewards (`NotSteward`); a suspended project (`InvalidStatus`).
    /// @param reasonHash Hash of the stewards' published reason.
    function reinstate(uint256 projectId, bytes32 reasonHash) external;

    /// @notice The stewards hand over to another timelock.
    /// @dev Requirements: the stewards (`NotSteward`); `newStewards` has code and answers `getMinDelay()`
    /// (`InvalidStewards`) with no more than half of `decisionWindow` (`StewardsTooSlow`).
    /// Warning: a timelock can lengthen its own delay later. One that can no longer decide in time leaves it to silence.
    /// @param newStewards An OpenZeppelin `TimelockController`.
    /// @param reasonHash Hash of the stewards' published reason.
    function replaceStewards(address newStewards, bytes32 reasonHash) external;

    /* MANAGER */

    /// @notice Sends the project's money elsewhere from `payoutDelay` seconds on. A change that is pending is replaced, and the
    /// delay starts anew; one that has taken effect stays in effect until then.
    /// @dev Requirements: a project; its manager (`NotManager`); a valid payout (`InvalidPayout`). In every status: a project
    /// that left may still have money to claim.
    function changePayout(uint256 projectId, address newPayout) external;

    /// @notice Offers the manager's place to another, who takes it by `acceptManager`; the zero address withdraws the offer.
    /// @dev In two steps, because nobody could repair a mistyped address. The place comes with the deposit of an application
    /// that is still open. Requirements: a project; its manager (`NotManager`).
    function transferManager(uint256 projectId, address newManager) external;

    /// @notice Takes the manager's place that was offered to the caller.
    /// @dev Requirements: a project; the offer is the caller's (`NotPendingManager`).
    function acceptManager(uint256 projectId) external;

    /// @notice Changes the project's description.
    /// @dev Requirements: a project; its manager (`NotManager`); it is accepted or suspended (`NotAdmitted`): an application
    /// is judged as it was made.
    function changeMetadata(uint256 projectId, bytes32 metadataHash) external;

    /// @notice Ends the project for good: it takes no more gifts, and keeps what it was given.
    /// @dev Requirements: a project; its manager (`NotManager`); it is accepted or suspended (`NotAdmitted`): nobody escapes
    /// from a challenge.
    function close(uint256 projectId) external;

    /* VIEWS */

    /// @notice The token of deposits.
    function depositToken() external view returns (address);

    /// @notice What an application costs, and a challenge, base units of `depositToken`.
    function applicationDeposit() external view returns (uint256);

    /// @notice Seconds from an application in which it can be challenged.
    function challengeWindow() external view returns (uint256);

    /// @notice Seconds from a challenge in which the stewards can decide it.
    function decisionWindow() external view returns (uint256);

    /// @notice Seconds from a change of payout until it takes effect.
    function payoutDelay() external view returns (uint256);

    /// @notice The timelock that decides.
    function stewards() external view returns (address);

    /// @notice How many projects ever applied; their ids are 1 to this number. Below 2^32.
    function projectCount() external view returns (uint256);

    /// @notice Which of the projects `256 * wordIndex` to `256 * wordIndex + 255` take gifts: bit `id % 256` is set while
    /// project `id` is accepted, neither suspended nor closed.
    function acceptedBits(uint256 wordIndex) external view returns (uint256);

    /// @notice Where a project's money goes in this second, whatever its status.
    /// @dev Requirements: a project (`ProjectNotFound`).
    function payoutOf(uint256 projectId) external view returns (address);

    /// @notice A project as it is in this second: a change of payout that has taken effect is no longer pending.
    /// @dev Requirements: a project (`ProjectNotFound`).
    function getProject(uint256 projectId) external view returns (Project memory);

    /// @notice What `account` can withdraw, base units of `depositToken`.
    function owedTo(address account) external view returns (uint256);
}
