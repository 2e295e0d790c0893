// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";
import {Assertions} from "../support/Assertions.sol";
import {PlainToken} from "../tokens/PlainToken.sol";

/// @notice A registry, its token and its timelock, people, and projects in every status: what every test starts from.
abstract contract Base is Assertions {
    uint128 internal constant DEPOSIT = 50e6;
    uint256 internal constant CHALLENGE_WINDOW = 7 days;
    uint256 internal constant DECISION_WINDOW = 10 days;
    uint256 internal constant PAYOUT_DELAY = 3 days;
    uint256 internal constant TIMELOCK_DELAY = 2 days;
    bytes32 internal constant METADATA = keccak256("A project's published description");
    bytes32 internal constant REASON = keccak256("A published reason");

    address internal manager = vm.addr(0xA11CE);
    address internal challenger = vm.addr(0xB0B);
    address internal proposer = vm.addr(0x5AFE);
    address internal stranger = vm.addr(0xBAD);
    address internal payout = vm.addr(0xFEED);
    address internal nextPayout = vm.addr(0xF00D);

    IProjectRegistry internal registry;
    TimelockController internal timelock;
    PlainToken internal token;
    /// @dev Second of the next call. The optimizer reads `block` once a test, so tests must not read it after a change.
    uint256 internal clock;

    function setUp() public virtual {
        travelTo(1_800_000_000); // the simulator starts at second 1, where no real chain is
        timelock = deployTimelock(TIMELOCK_DELAY);
        use(new PlainToken());
    }

    function travelTo(uint256 second) internal {
        clock = second;
        vm.warp(second);
    }

    /// @dev A fresh registry with this token, of which manager and challenger have more than they will ever deposit.
    function use(PlainToken token_) internal {
        token = token_;
        registry = deployRegistry(
            address(token_),
            DEPOSIT,
            CHALLENGE_WINDOW,
            DECISION_WINDOW,
            PAYOUT_DELAY,
            address(timelock)
        );
        fund(manager);
        fund(challenger);
    }

    function fund(address account) internal {
        token.mint(account, 1e6 * uint256(DEPOSIT));
        vm.prank(account);
        (bool approved, ) = address(token).call(abi.encodeCall(token.approve, (address(registry), type(uint256).max)));
        assertTrue(approved, "approved, whatever the token returned");
    }

    function deployTimelock(uint256 delay) internal returns (TimelockController) {
        address[] memory proposers = new address[](1);
        proposers[0] = proposer;
        return TimelockController(payable(deploy("Timelock.sol:Timelock", abi.encode(delay, proposers))));
    }

    function deployRegistry(
        address token_,
        uint128 applicationDeposit,
        uint256 challengeWindow,
        uint256 decisionWindow,
        uint256 payoutDelay,
        address stewards
    ) internal returns (IProjectRegistry) {
        bytes memory arguments = abi.encode(
            token_,
            applicationDeposit,
            challengeWindow,
            decisionWindow,
            payoutDelay,
            stewards
        );
        return IProjectRegistry(deploy("ProjectRegistry.sol:ProjectRegistry", arguments));
    }

    /// @dev From the artifact, so that no test's bytecode carries the contract's. Reverts as the constructor does.
    /// Danger: a run of single files compiles those alone; build first, or a changed contract is tested as it was.
    function deploy(string memory artifact, bytes memory arguments) internal returns (address deployed) {
        bytes memory code = abi.encodePacked(vm.getCode(artifact), arguments);
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
            if iszero(deployed) {
                returndatacopy(0x00, 0x00, returndatasize())
                revert(0x00, returndatasize())
            }
        }
    }

    /* PROJECTS */

    function submitted() internal returns (uint256 projectId) {
        vm.prank(manager);
        projectId = registry.submit(payout, METADATA);
        assertStatus(projectId, IProjectRegistry.Status.Submitted);
    }

    /// @dev In the second in which it was submitted.
    function challenged() internal returns (uint256 projectId) {
        projectId = submitted();
        vm.prank(challenger);
        registry.challenge(projectId, REASON);
        assertStatus(projectId, IProjectRegistry.Status.Challenged);
    }

    /// @dev By silence, a challenge window later.
    function accepted() internal returns (uint256 projectId) {
        projectId = submitted();
        travelTo(clock + CHALLENGE_WINDOW);
        registry.accept(projectId);
        assertStatus(projectId, IProjectRegistry.Status.Accepted);
    }

    function suspended() internal returns (uint256 projectId) {
        projectId = accepted();
        vm.prank(address(timelock));
        registry.suspend(projectId, REASON);
        assertStatus(projectId, IProjectRegistry.Status.Suspended);
    }

    function rejected() internal returns (uint256 projectId) {
        projectId = challenged();
        vm.prank(address(timelock));
        registry.decide(projectId, false, REASON);
        assertStatus(projectId, IProjectRegistry.Status.Rejected);
    }

    function closed() internal returns (uint256 projectId) {
        projectId = accepted();
        vm.prank(manager);
        registry.close(projectId);
        assertStatus(projectId, IProjectRegistry.Status.Closed);
    }

    function inStatus(IProjectRegistry.Status status) internal returns (uint256 projectId) {
        if (status == IProjectRegistry.Status.Submitted) return submitted();
        if (status == IProjectRegistry.Status.Challenged) return challenged();
        if (status == IProjectRegistry.Status.Accepted) return accepted();
        if (status == IProjectRegistry.Status.Suspended) return suspended();
        if (status == IProjectRegistry.Status.Rejected) return rejected();
        return closed();
    }

    /// @dev Each status that a project can have, in the order of the enumeration.
    function everyStatus() internal pure returns (IProjectRegistry.Status[] memory statuses) {
        statuses = new IProjectRegistry.Status[](uint256(type(IProjectRegistry.Status).max));
        for (uint8 i; i < statuses.length; ++i) statuses[i] = IProjectRegistry.Status(i + 1);
    }

    /// @dev Status and bit.
    function assertStatus(uint256 projectId, IProjectRegistry.Status expected) internal view {
        assertEq(uint256(registry.getProject(projectId).status), uint256(expected), "status");
        bool bit = (registry.acceptedBits(projectId / 256) >> (projectId % 256)) & 1 == 1;
        assertTrue(bit == (expected == IProjectRegistry.Status.Accepted), "accepted bit equals the status");
    }

    /* VERBS */

    /// @dev One call of each verb of the stewards on a project.
    function stewardVerbs(uint256 projectId) internal pure returns (bytes[] memory calls) {
        calls = new bytes[](3);
        calls[0] = abi.encodeCall(IProjectRegistry.decide, (projectId, true, REASON));
        calls[1] = abi.encodeCall(IProjectRegistry.suspend, (projectId, REASON));
        calls[2] = abi.encodeCall(IProjectRegistry.reinstate, (projectId, REASON));
    }

    /// @dev One call of each verb of the manager on a project.
    function managerVerbs(uint256 projectId) internal view returns (bytes[] memory calls) {
        calls = new bytes[](4);
        calls[0] = abi.encodeCall(IProjectRegistry.changePayout, (projectId, nextPayout));
        calls[1] = abi.encodeCall(IProjectRegistry.transferManager, (projectId, stranger));
        calls[2] = abi.encodeCall(IProjectRegistry.changeMetadata, (projectId, METADATA));
        calls[3] = abi.encodeCall(IProjectRegistry.close, (projectId));
    }

    /// @dev One call of each verb of anyone on a project.
    function openVerbs(uint256 projectId) internal pure returns (bytes[] memory calls) {
        calls = new bytes[](3);
        calls[0] = abi.encodeCall(IProjectRegistry.challenge, (projectId, REASON));
        calls[1] = abi.encodeCall(IProjectRegistry.accept, (projectId));
        calls[2] = abi.encodeCall(IProjectRegistry.acceptManager, (projectId));
    }

    function join(bytes[] memory left, bytes[] memory right) internal pure returns (bytes[] memory all) {
        all = new bytes[](left.length + right.length);
        for (uint256 i; i < left.length; ++i) all[i] = left[i];
        for (uint256 i; i < right.length; ++i) all[left.length + i] = right[i];
    }

    function assertRefused(address caller, bytes memory data, bytes memory expected, string memory what) internal {
        vm.prank(caller);
        (bool succeeded, bytes memory result) = address(registry).call(data);
        assertTrue(!succeeded, what);
        assertEq(result, expected, what);
    }

    /* MONEY */

    function assertHeld(address account, uint256 expected, string memory who) internal view {
        assertEq(token.balanceOf(account), expected, string.concat("balance of ", who));
    }

    function assertOwed(address account, uint256 expected, string memory who) internal view {
        assertEq(registry.owedTo(account), expected, string.concat("owed to ", who));
    }

    /* REVERTS */

    function expectInvalidStatus(
        uint256 projectId,
        IProjectRegistry.Status expected,
        IProjectRegistry.Status actual
    ) internal {
        vm.expectRevert(abi.encodeWithSelector(IProjectRegistry.InvalidStatus.selector, projectId, expected, actual));
    }

    function expectWindowClosed(uint256 closedAt) internal {
        vm.expectRevert(abi.encodeWithSelector(IProjectRegistry.WindowClosed.selector, closedAt, clock));
    }

    function expectWindowOpen(uint256 closesAt) internal {
        vm.expectRevert(abi.encodeWithSelector(IProjectRegistry.WindowOpen.selector, closesAt, clock));
    }

    function expectInvalidPayout(address payout_) internal {
        vm.expectRevert(abi.encodeWithSelector(IProjectRegistry.InvalidPayout.selector, payout_));
    }

    function expectMismatch(uint256 received) internal {
        vm.expectRevert(abi.encodeWithSelector(IProjectRegistry.TransferMismatch.selector, uint256(DEPOSIT), received));
    }
}
