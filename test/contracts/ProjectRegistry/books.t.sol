// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";
import {Base} from "./Base.t.sol";

/// @notice Any sequence of verbs, at any times, by those who may and those who may not, against a model that is told of
/// nothing but the calls: which of them succeed, where each project stands, and whose each unit of the token is.
contract BooksTest is Base {
    uint256 private constant STEPS = 60;
    bytes32 private constant COUNT_SLOT = bytes32(uint256(1));

    enum Verb {
        Submit,
        Challenge,
        Accept,
        Reject,
        AcceptBySilence,
        Suspend,
        Reinstate,
        Close,
        HandOver,
        Withdraw
    }

    struct Model {
        IProjectRegistry.Status status;
        address manager;
        address challenger;
        uint256 submittedAt;
        uint256 challengedAt;
    }

    address[4] private _actors = [manager, challenger, stranger, payout];
    uint256[] private _ids;
    mapping(uint256 projectId => Model) private _models;
    mapping(address account => uint256) private _owed;
    uint256 private _strays;
    uint256 private _random;

    function setUp() public override {
        super.setUp();
        fund(stranger);
        fund(payout);
    }

    function testFuzz_GivenAnySequenceOfVerbs_WhenChecked_BitsFollowStatusesAndEveryUnitIsLockedOrOwed(
        uint256 seed
    ) public {
        _random = seed;
        step(Verb.Submit);
        for (uint256 i; i < STEPS; ++i) {
            pass();
            step(draw(3) == 0 ? Verb(draw(uint256(type(Verb).max) + 1)) : likely());
            assertBooks();
        }
    }

    function test_GivenMoreProjectsThanAWordHasBits_WhenSomeAreAccepted_EachWordHasItsOwn() public {
        for (uint256 i; i < 600; ++i) submitted();
        travelTo(clock + CHALLENGE_WINDOW);
        uint256[3] memory words;
        for (uint256 id = 1; id <= 600; ++id) {
            if (id % 3 == 0 && id != 255 && id != 513) continue;
            registry.accept(id);
            words[id / 256] |= 1 << (id % 256);
        }
        for (uint256 i; i < 3; ++i) assertEq(registry.acceptedBits(i), words[i], "accepted bits");
        assertEq(registry.acceptedBits(3), 0, "accepted bits past the last project");
        assertEq(registry.acceptedBits(type(uint256).max), 0, "accepted bits of no project");
    }

    /* STEPS */

    function step(Verb verb) private {
        if (verb == Verb.Submit) return submitAnother();
        if (verb == Verb.Withdraw) return withdraw(_actors[draw(4)]);
        uint256 id = _ids[draw(_ids.length)];
        if (verb == Verb.HandOver) return handOver(id, _actors[draw(4)]);
        address right = rightful(verb, id);
        address caller = draw(6) == 0 ? _actors[draw(4)] : right;
        bool legal = (right == address(0) || caller == right) && timely(verb, id);
        if (caller == address(0)) caller = _actors[draw(4)];

        vm.prank(caller);
        (bool succeeded, ) = address(registry).call(encode(verb, id));

        assertTrue(succeeded == legal, "a verb succeeds exactly where the model says that it may");
        if (legal) follow(verb, id, caller);
    }

    /// @dev A third of the projects leap ahead to the end of a word of bits, so that ids lie in several.
    function submitAnother() private {
        uint256 count = registry.projectCount();
        uint256 leapt = (count | 255) - 1;
        if (leapt > count && draw(3) == 0) vm.store(address(registry), COUNT_SLOT, bytes32(leapt));
        address caller = _actors[draw(4)];
        vm.prank(caller);
        uint256 id = registry.submit(payout, METADATA);
        _ids.push(id);
        _models[id] = Model(IProjectRegistry.Status.Submitted, caller, address(0), clock, 0);
    }

    function withdraw(address account) private {
        uint256 before = token.balanceOf(account);
        assertEq(registry.withdrawDeposit(account), _owed[account], "withdrawn");
        assertHeld(account, before + _owed[account], "who withdrew");
        _owed[account] = 0;
    }

    function handOver(uint256 id, address to) private {
        vm.prank(_models[id].manager);
        registry.transferManager(id, to);
        vm.prank(to);
        registry.acceptManager(id);
        _models[id].manager = to;
    }

    /// @dev Now and then someone sends the registry tokens by mistake; mostly little time passes.
    function pass() private {
        uint256[6] memory pauses = [0, 0, 0, 1 hours, CHALLENGE_WINDOW - 1, DECISION_WINDOW];
        travelTo(clock + pauses[draw(6)]);
        if (draw(8) != 0) return;
        token.mint(address(registry), 7);
        _strays += 7;
    }

    /* MODEL */

    function likely() private returns (Verb) {
        Verb[10] memory verbs = [
            Verb.Submit,
            Verb.Challenge,
            Verb.Challenge,
            Verb.Accept,
            Verb.Reject,
            Verb.AcceptBySilence,
            Verb.AcceptBySilence,
            Verb.Suspend,
            Verb.Reinstate,
            Verb.Withdraw
        ];
        return verbs[draw(10)];
    }

    /// @dev Zero where anyone may.
    function rightful(Verb verb, uint256 id) private view returns (address) {
        if (verb == Verb.Close) return _models[id].manager;
        return verb == Verb.Challenge || verb == Verb.AcceptBySilence ? address(0) : address(timelock);
    }

    function timely(Verb verb, uint256 id) private view returns (bool) {
        Model storage model = _models[id];
        bool open = clock < model.submittedAt + CHALLENGE_WINDOW;
        bool undecided = clock < model.challengedAt + DECISION_WINDOW;
        if (model.status == IProjectRegistry.Status.Submitted) {
            return open ? verb == Verb.Challenge : verb == Verb.AcceptBySilence;
        }
        if (model.status == IProjectRegistry.Status.Challenged) {
            return undecided ? verb == Verb.Accept || verb == Verb.Reject : verb == Verb.AcceptBySilence;
        }
        if (model.status == IProjectRegistry.Status.Accepted) return verb == Verb.Suspend || verb == Verb.Close;
        if (model.status == IProjectRegistry.Status.Suspended) return verb == Verb.Reinstate || verb == Verb.Close;
        return false;
    }

    function follow(Verb verb, uint256 id, address caller) private {
        Model storage model = _models[id];
        if (verb == Verb.Challenge) {
            (model.challenger, model.challengedAt) = (caller, clock);
            model.status = IProjectRegistry.Status.Challenged;
        } else if (verb == Verb.Accept || verb == Verb.Reject) {
            _owed[verb == Verb.Accept ? model.manager : model.challenger] += 2 * DEPOSIT;
            model.status = verb == Verb.Accept ? IProjectRegistry.Status.Accepted : IProjectRegistry.Status.Rejected;
        } else if (verb == Verb.AcceptBySilence) {
            _owed[model.manager] += DEPOSIT;
            if (model.challenger != address(0)) _owed[model.challenger] += DEPOSIT;
            model.status = IProjectRegistry.Status.Accepted;
        } else if (verb == Verb.Suspend) {
            model.status = IProjectRegistry.Status.Suspended;
        } else if (verb == Verb.Reinstate) {
            model.status = IProjectRegistry.Status.Accepted;
        } else {
            model.status = IProjectRegistry.Status.Closed;
        }
    }

    function encode(Verb verb, uint256 id) private pure returns (bytes memory) {
        if (verb == Verb.Challenge) return abi.encodeCall(IProjectRegistry.challenge, (id, REASON));
        if (verb == Verb.AcceptBySilence) return abi.encodeCall(IProjectRegistry.accept, (id));
        if (verb == Verb.Suspend) return abi.encodeCall(IProjectRegistry.suspend, (id, REASON));
        if (verb == Verb.Reinstate) return abi.encodeCall(IProjectRegistry.reinstate, (id, REASON));
        if (verb == Verb.Close) return abi.encodeCall(IProjectRegistry.close, (id));
        return abi.encodeCall(IProjectRegistry.decide, (id, verb == Verb.Accept, REASON));
    }

    function assertBooks() private view {
        uint256 locked;
        for (uint256 i; i < _ids.length; ++i) {
            IProjectRegistry.Status status = _models[_ids[i]].status;
            if (status == IProjectRegistry.Status.Submitted) locked += DEPOSIT;
            if (status == IProjectRegistry.Status.Challenged) locked += 2 * DEPOSIT;
            assertEq(uint256(registry.getProject(_ids[i]).status), uint256(status), "status");
            assertEq(registry.acceptedBits(_ids[i] / 256), expectedBits(_ids[i] / 256), "accepted bits");
        }
        uint256 owed;
        for (uint256 i; i < _actors.length; ++i) {
            assertOwed(_actors[i], _owed[_actors[i]], "an actor");
            owed += _owed[_actors[i]];
        }
        assertHeld(address(registry), locked + owed + _strays, "the registry: locked, owed, and sent by mistake");
    }

    function expectedBits(uint256 wordIndex) private view returns (uint256 bits) {
        for (uint256 i; i < _ids.length; ++i) {
            bool inWord = _ids[i] / 256 == wordIndex;
            if (inWord && _models[_ids[i]].status == IProjectRegistry.Status.Accepted) bits |= 1 << (_ids[i] % 256);
        }
    }

    /// @dev A number below `size`.
    function draw(uint256 size) private returns (uint256) {
        _random = uint256(keccak256(abi.encode(_random)));
        return _random % size;
    }
}
