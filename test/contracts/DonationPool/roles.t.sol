// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {IProjectRegistry} from "../../../contracts/interfaces/IProjectRegistry.sol";
import {AnsweringGate} from "../gates/AnsweringGate.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice No role can take money, nor all of them together: it goes to the project that was meant, to its donor or to its
/// sponsor. Everybody honest gives to project 1; project 2 is the thieves' own.
contract RolesTest is PoolBase {
    uint256 private constant PHASES = 5;
    uint128 private constant POT = 50e6;

    AnsweringGate private gate;
    IPaymentChannels.Channel[2] private honest;
    address private sponsor;

    function setUp() public override {
        super.setUp();
        gate = new AnsweringGate();
        gate.answer(donorOf(0), "first", 10_000);
        gate.answer(donorOf(1), "second", 10_000);
        behind(address(gate));
        sponsor = sponsored(1, POT);
        for (uint256 i; i < 2; ++i) {
            honest[i] = given(i, list(1, 4e6));
        }
        channels.settle(honest[0], 9e6, voucherOf(honest[0], 9e6));
    }

    function test_GivenTheCreator_WhenItTriesEverything_NoMoneyGoesAstray() public {
        tries(creator);
    }

    function test_GivenTheCloser_WhenItTriesEverything_NoMoneyGoesAstray() public {
        tries(closer);
    }

    function test_GivenTheStewards_WhenTheyTryEverything_NoMoneyGoesAstray() public {
        tries(stewards);
    }

    function test_GivenTheTimelocksProposer_WhenItTriesEverything_NoMoneyGoesAstray() public {
        tries(proposer);
    }

    function test_GivenTheGate_WhenItTriesEverything_NoMoneyGoesAstray() public {
        tries(address(gate));
    }

    function test_GivenTheFactory_WhenItTriesEverything_NoMoneyGoesAstray() public {
        tries(address(factory));
    }

    function test_GivenTheRegistry_WhenItTriesEverything_NoMoneyGoesAstray() public {
        tries(address(registry));
    }

    function test_GivenAnotherProjectsPayout_WhenItTriesEverything_NoMoneyGoesAstray() public {
        tries(payoutOf(2));
    }

    function test_GivenASponsor_WhenItTriesEverything_NoMoneyGoesAstray() public {
        tries(sponsor);
    }

    function test_GivenAnotherDonor_WhenItTriesEverything_NoMoneyGoesAstray() public {
        tries(donorOf(7));
    }

    function test_GivenASessionKeyOfADonor_WhenItTriesEverything_NoMoneyGoesAstray() public {
        tries(honest[0].authorizedSigner);
    }

    function test_GivenAStranger_WhenItTriesEverything_NoMoneyGoesAstray() public {
        tries(stranger);
    }

    function test_GivenAllOfThemTogether_WhenTheyTryEverything_NoMoneyGoesAstray() public {
        for (uint256 phase; phase < PHASES; ++phase) {
            uint256 snapshot = vm.snapshotState();
            enter(phase);
            address[] memory all = everyone();
            for (uint256 i; i < all.length; ++i) {
                attack(all[i]);
            }
            assertNothingAstray();
            recoverable();
            vm.revertToState(snapshot);
        }
    }

    function test_GivenAllOfThemAndAHundredSybils_WhenTheyGiveToTheirOwnProject_TheyDrawFromThePotAtMostAndNoGift()
        public
    {
        for (uint256 i = 100; i < 200; ++i) {
            gate.answer(donorOf(i), bytes32(i), 10_000);
            donated(i, list(2, 1e6), ANY, 0);
        }
        travelTo(CHALLENGE_END);
        pool.settleRound(0, 0);

        pool.claim(2);
        uint256 loot = plain.balanceOf(payoutOf(2)) - 100e6;
        assertTrue(loot != 0 && loot <= POT, "what they drew from the pot");
        pool.refund(honest[0], list(1, 4e6));
        pool.claim(1);
        pool.refundSponsor(0);
        assertHeld(address(plain), donorOf(0), 5e6, "the donor");
        assertHeld(address(plain), payoutOf(1), 8e6 + pool.matchOf(1), "the project that was meant");
        assertHeld(address(plain), address(pool), 0, "the pool");
    }

    function everyone() private view returns (address[] memory all) {
        all = new address[](13);
        (all[0], all[1], all[2], all[3]) = (stranger, creator, closer, proposer);
        (all[4], all[5], all[6], all[7]) = (address(gate), address(factory), address(registry), payoutOf(2));
        (all[8], all[9], all[10], all[11]) = (donorOf(7), honest[0].authorizedSigner, sponsor, stranger);
        all[12] = stewards;
    }

    function tries(address actor) private {
        for (uint256 phase; phase < PHASES; ++phase) {
            uint256 snapshot = vm.snapshotState();
            enter(phase);
            attack(actor);
            attack(actor);
            assertNothingAstray();
            recoverable();
            vm.revertToState(snapshot);
        }
    }

    /// @dev Giving, challenge, before settlement, settled, refunding.
    function enter(uint256 phase) private {
        if (phase == 1) travelTo(END);
        if (phase == 2) travelTo(CHALLENGE_END);
        if (phase == 3) {
            travelTo(CHALLENGE_END);
            pool.settleRound(0, 0);
        }
        if (phase == 4) {
            travelTo(SETTLE_BY);
            pool.switchToRefunds();
        }
    }

    /// @dev Every verb of pool and escrow, and what a token and a registry would take, with arguments to steal by.
    function attack(address actor) private {
        onPool(actor);
        onEscrow(actor);
        onTokenAndRegistry(actor);
    }

    function onPool(address actor) private {
        IPaymentChannels.Channel memory victim = honest[0];
        IPaymentChannels.Channel memory claimed = abi.decode(abi.encode(victim), (IPaymentChannels.Channel));
        claimed.payer = actor;
        IDonationPool.CollectItem memory item = itemOf(victim, list(1, 4e6), list(1, 4e6, 2, 5e6), ANY);
        item.allocationSignature = signed(STRANGER_KEY, allocationHash(victim, item.gifts, ANY));
        IDonationPool.CollectItem memory swapped = itemOf(victim, list(1, 4e6), list(1, 5e6), ANY);
        swapped.gifts = list(1, 4e6, 2, 1e6);
        IDonationPool.CollectItem[] memory items = new IDonationPool.CollectItem[](2);
        (items[0], items[1]) = (item, swapped);
        bytes memory wish = closeRequest(STRANGER_KEY, victim, DEPOSIT);

        attempt(actor, abi.encodeCall(IDonationPool.collectBatch, (items)));
        attempt(actor, abi.encodeCall(IDonationPool.collectItem, (item)));
        attempt(actor, abi.encodeCall(IDonationPool.collectAndClose, (item, wish)));
        attempt(
            actor,
            abi.encodeCall(
                IDonationPool.collect,
                (victim, "", item.previousGifts, swapped.gifts, ANY, swapped.allocationSignature)
            )
        );
        attempt(actor, abi.encodeCall(IDonationPool.refund, (claimed, none())));
        attempt(actor, abi.encodeCall(IDonationPool.refund, (victim, list(1, 4e6))));
        attempt(actor, abi.encodeCall(IDonationPool.refund, (victim, none())));
        attempt(actor, abi.encodeCall(IDonationPool.refundDonation, (actor, 0, list(0, 1e6))));
        attempt(actor, abi.encodeCall(IDonationPool.refundDonation, (donorOf(0), 0, list(1, 4e6))));
        attempt(actor, abi.encodeCall(IDonationPool.donate, (list(2, 1e6), ANY, 0)));
        attempt(
            actor,
            abi.encodeCall(
                IDonationPool.donateWithAuthorization,
                (donorOf(0), list(2, 1e6), ANY, 0, 0, type(uint256).max, wish)
            )
        );
        attempt(actor, abi.encodeCall(IDonationPool.sponsor, (1e6)));
        attempt(actor, abi.encodeCall(IDonationPool.refundSponsor, (0)));
        attempt(actor, abi.encodeCall(IDonationPool.refundSponsor, (1)));
        for (uint256 id; id < 4; ++id) {
            attempt(actor, abi.encodeCall(IDonationPool.claim, (id)));
        }
        attempt(actor, abi.encodeCall(IDonationPool.closeChannel, (victim)));
        attempt(actor, abi.encodeCall(IDonationPool.settleRound, (0, 0)));
        attempt(actor, abi.encodeCall(IDonationPool.settleRound, (1, pool.getProject(1).subsidy)));
        attempt(actor, abi.encodeCall(IDonationPool.switchToRefunds, ()));
        attempt(actor, abi.encodeCall(IDonationPool.admit, (range(4, 9))));
        attempt(actor, abi.encodeCall(IDonationPool.disqualify, (1, REASON)));
        attempt(actor, abi.encodeCall(IDonationPool.cancel, (REASON)));
    }

    function onEscrow(address actor) private {
        IPaymentChannels.Channel memory victim = honest[1];
        bytes memory forged = signed(STRANGER_KEY, voucherHash(victim, DEPOSIT));
        bytes memory consent = signed(STRANGER_KEY, closeAuthorizationHash(victim, DEPOSIT, clock));
        (bytes32 r, bytes32 vs) = compact(STRANGER_KEY, voucherHash(victim, DEPOSIT));
        IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](1);
        rows[0] = IPaymentChannels.SettleRow(victim.payer, victim.salt, victim.authorizedSigner, DEPOSIT, r, vs);
        address token = victim.token;

        strike(actor, abi.encodeCall(IPaymentChannels.open, (actor, token, 1, 0, actor)));
        strike(actor, abi.encodeCall(IPaymentChannels.topUp, (victim, 1)));
        strike(actor, abi.encodeCall(IPaymentChannels.settle, (victim, DEPOSIT, forged)));
        strike(actor, abi.encodeCall(IPaymentChannels.settleBatch, (victim.payee, token, rows)));
        strike(actor, abi.encodeCall(IPaymentChannels.close, (victim, DEPOSIT, forged)));
        strike(
            actor,
            abi.encodeCall(IPaymentChannels.closeWithAuthorization, (victim, DEPOSIT, forged, clock, consent))
        );
        strike(actor, abi.encodeCall(IPaymentChannels.closeBatch, (victim.payee, token, rows)));
        strike(actor, abi.encodeCall(IPaymentChannels.requestClose, (victim)));
        strike(actor, abi.encodeCall(IPaymentChannels.requestCloseWithSignature, (victim, consent)));
        strike(actor, abi.encodeCall(IPaymentChannels.withdraw, (victim)));
        strike(actor, abi.encodeCall(IPaymentChannels.withdrawCredit, (token, address(pool))));
        strike(actor, abi.encodeCall(IPaymentChannels.withdrawCreditTo, (token, actor)));
    }

    function onTokenAndRegistry(address actor) private {
        address[4] memory holders = [address(pool), address(channels), donorOf(0), sponsor];
        for (uint256 i; i < holders.length; ++i) {
            if (holders[i] == actor) continue;
            vm.prank(actor);
            call(address(plain), abi.encodeCall(IERC20.transferFrom, (holders[i], payoutOf(2), 1)));
        }
        vm.prank(actor);
        call(address(registry), abi.encodeCall(IProjectRegistry.changePayout, (1, payoutOf(2))));
        vm.prank(actor);
        call(address(registry), abi.encodeCall(IProjectRegistry.transferManager, (1, actor)));
        vm.prank(actor);
        call(address(registry), abi.encodeCall(IProjectRegistry.decide, (1, false, REASON)));
        vm.prank(actor);
        call(address(registry), abi.encodeCall(IProjectRegistry.suspend, (1, REASON)));
    }

    function attempt(address actor, bytes memory data) private {
        vm.prank(actor);
        call(address(pool), data);
    }

    function strike(address actor, bytes memory data) private {
        vm.prank(actor);
        call(address(channels), data);
    }

    /// @dev Whether an attempt is refused or does something harmless is not the question: where the money is, is.
    function call(address target, bytes memory data) private returns (bool done) {
        (done, ) = target.call(data);
    }

    /// @dev Every unit that honest people brought is at the pool, the escrow, or with whom it is meant for.
    function assertNothingAstray() private view {
        assertGifts(2, 0);
        uint256 total = plain.balanceOf(address(pool)) + plain.balanceOf(address(channels));
        total += plain.balanceOf(donorOf(0)) + plain.balanceOf(donorOf(1));
        total += plain.balanceOf(sponsor) + plain.balanceOf(payoutOf(1));
        assertEq(total, 2 * uint256(DEPOSIT) + POT, "all the money there is");
        assertTrue(plain.balanceOf(sponsor) <= POT, "the sponsor has no more than it paid");
        assertTrue(
            plain.balanceOf(payoutOf(1)) <= 8e6 + uint256(pool.matchOf(1)),
            "the project has no more than is its"
        );
    }

    /// @dev And what the attempts left can all be taken out by those people, to the last unit.
    function recoverable() private {
        if (clock < SETTLE_BY) travelTo(SETTLE_BY);
        if (pool.status() == IDonationPool.Status.Running) pool.switchToRefunds();
        for (uint256 i; i < 2; ++i) {
            if (!channels.getChannel(idOf(honest[i])).finalized) pool.closeChannel(honest[i]);
            bool attributed = pool.giftsHash(idOf(honest[i])) == hashOf(list(1, 4e6));
            if (attributed) pool.refund(honest[i], list(1, 4e6));
        }
        if (!pool.getReceipt(0).refunded) pool.refundSponsor(0);
        bool out = pool.getProject(1).disqualified;
        if (pool.status() == IDonationPool.Status.Settled && !out) pool.claim(1);
        assertHeld(address(plain), address(channels), 0, "the escrow");
        assertNothingAstray();
        lastUnits();
    }

    /// @dev A refund before all of this listed 5e6 under project 0: then the rest of that line goes back too.
    function lastUnits() private {
        if (pool.giftsHash(idOf(honest[0])) == hashOf(list(0, 5e6, 1, 4e6))) {
            pool.refund(honest[0], list(0, 5e6, 1, 4e6));
        }
        assertHeld(address(plain), address(pool), 0, "the pool");
    }
}
