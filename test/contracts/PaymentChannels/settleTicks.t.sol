// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {TypedData} from "../support/TypedData.sol";
import {DelegatedAccount} from "../wallets/DelegatedAccount.sol";
import {NoWallet} from "../wallets/NoWallet.sol";
import {YesWallet} from "../wallets/YesWallet.sol";
import {Base} from "./Base.t.sol";

contract SettleTicksTest is Base, DelegatedAccount {
    uint256 private constant MAX_TICKS = 65_535;
    bytes32 private constant SECRET = "the last link of the chain";

    /// @param base What the signature owes by itself.
    /// @param value What each tick adds.
    /// @param length Links between the secret and the root.
    struct Offer {
        uint128 base;
        uint128 value;
        uint256 length;
    }

    function test_GivenAnOffer_WhenAStrangerShowsALink_ThePayeeIsPaidBaseAndTicks(
        uint128 base,
        uint128 value,
        uint256 ticks,
        bool native
    ) public {
        IPaymentChannels.Channel memory channel = opened(native ? NATIVE : address(plain), DEPOSIT);
        ticks = bound(ticks, 0, 100);
        Offer memory offer = Offer(
            uint128(bound(base, 1, DEPOSIT / 2)),
            uint128(bound(value, 0, DEPOSIT / 2 / 100)),
            100
        );
        uint128 owed = offer.base + uint128(ticks) * offer.value;

        vm.expectEmit(address(channels));
        emit IPaymentChannels.ChannelSettled(idOf(channel), owed);
        vm.prank(stranger);
        show(channel, offer, ticks);

        assertState(channel, DEPOSIT, owed, 0, false);
        assertHeld(channel.token, payee, owed, "the payee");
        assertHeld(channel.token, stranger, 0, "the stranger");
        assertHeld(channel.token, address(channels), DEPOSIT - owed, "the escrow");
    }

    function test_GivenNoTicks_WhenTheRootItselfIsShown_TheBaseIsPaidOnce() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        Offer memory offer = Offer(100, 7, 10);
        show(channel, offer, 0);
        assertHeld(address(plain), payee, 100, "the payee");

        expectNotIncreasing(100, 100);
        show(channel, offer, 0);
        assertState(channel, DEPOSIT, 100, 0, false);
    }

    function test_GivenNoTicksAndNoBase_WhenShown_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        expectNotIncreasing(0, 0);
        show(channel, Offer(0, 7, 10), 0);
    }

    function test_GivenOneTickAfterAnother_WhenEachIsShown_EachPaysItsValueOnce() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        Offer memory offer = Offer(0, 7, 10);
        for (uint256 ticks = 1; ticks <= 10; ++ticks) {
            show(channel, offer, ticks);
            assertState(channel, DEPOSIT, ticks * 7, 0, false);
            expectNotIncreasing(uint128(ticks * 7), uint128(ticks * 7));
            show(channel, offer, ticks);
        }
        expectNotIncreasing(70, 63);
        show(channel, offer, 9);
        assertHeld(address(plain), payee, 70, "the payee");
    }

    function test_GivenTheLongestChain_WhenAllOfItIsShown_ItPaysWithinSixMillionGasAndOneMoreReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        Offer memory offer = Offer(0, 3, MAX_TICKS);
        bytes32 root = linkOf(offer, 0);
        bytes memory signature = offered(channel, offer, root);

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.TooManyTicks.selector, MAX_TICKS, MAX_TICKS + 1));
        channels.settleTicks(channel, 0, root, 3, signature, MAX_TICKS + 1, SECRET);
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.TooManyTicks.selector, MAX_TICKS, type(uint256).max));
        channels.settleTicks(channel, 0, root, 3, signature, type(uint256).max, SECRET);

        channels.settleTicks{gas: 6_000_000}(channel, 0, root, 3, signature, MAX_TICKS, SECRET);
        assertState(channel, DEPOSIT, 3 * MAX_TICKS, 0, false);
        assertHeld(address(plain), payee, 3 * MAX_TICKS, "the payee");
    }

    function test_GivenALink_WhenAnotherPositionIsClaimedForIt_ItReverts(uint256 position, uint256 claimed) public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        Offer memory offer = Offer(1, 7, 50);
        position = bound(position, 0, 50);
        claimed = bound(claimed, 0, 200);
        if (position == claimed) ++claimed;
        bytes32 root = linkOf(offer, 0);
        bytes memory signature = offered(channel, offer, root);
        bytes32 link = linkOf(offer, position);

        expectMismatch(root, hashed(link, claimed));
        channels.settleTicks(channel, 1, root, 7, signature, claimed, link);

        channels.settleTicks(channel, 1, root, 7, signature, position, link);
        assertState(channel, DEPOSIT, 1 + 7 * position, 0, false);
    }

    function test_GivenAWrongLink_WhenShown_ItReverts(bytes32 link, uint256 ticks) public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        Offer memory offer = Offer(1, 7, 50);
        ticks = bound(ticks, 0, 50);
        bytes32 root = linkOf(offer, 0);
        vm.assume(link != linkOf(offer, ticks));
        bytes memory signature = offered(channel, offer, root);

        expectMismatch(root, hashed(link, ticks));
        channels.settleTicks(channel, 1, root, 7, signature, ticks, link);
    }

    function test_GivenASignedOffer_WhenAnyPartOfItIsSubstituted_ItReverts(uint256 seed) public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        IPaymentChannels.Channel memory sibling = opened(address(plain), DEPOSIT);
        Offer memory offer = Offer(100, 7, 10);
        bytes32 root = linkOf(offer, 0);
        bytes memory signature = offered(channel, offer, root);
        uint128 base = uint128(bound(seed, 1, DEPOSIT / 2));
        if (base == 100) ++base;
        uint128 value = uint128(bound(seed, 0, DEPOSIT / 20));
        if (value == 7) ++value;
        bytes32 foreign = bytes32(bound(seed, 1, type(uint256).max));

        refused(channel, base, root, 7, signature, 10, SECRET);
        refused(channel, 100, root, value, signature, 10, SECRET);
        refused(channel, 100, hashed(foreign, 10), 7, signature, 10, foreign);
        refused(sibling, 100, root, 7, signature, 10, SECRET);

        channels.settleTicks(channel, 100, root, 7, signature, 10, SECRET);
        assertState(channel, DEPOSIT, 170, 0, false);
        assertState(sibling, DEPOSIT, 0, 0, false);
    }

    function test_GivenVouchersAndTicksOfOneShape_WhenOneIsTakenForTheOther_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        Offer memory offer = Offer(100, 7, 10);
        bytes32 root = linkOf(offer, 0);

        refused(channel, 100, root, 7, voucher(channel, 100), 0, root);
        bytes memory signature = offered(channel, offer, root);
        expectError(IPaymentChannels.InvalidSignature.selector);
        channels.settle(channel, 100, signature);
    }

    function test_GivenANewerVoucher_WhenTicksBelowItAreShown_TheMaximumIsOwedAndNeverTheSum(
        uint128 amount,
        uint256 ticks
    ) public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        Offer memory offer = Offer(100, 7, 50);
        ticks = bound(ticks, 0, 50);
        uint128 owed = 100 + 7 * uint128(ticks);
        amount = uint128(bound(amount, 1, 600));
        channels.settle(channel, amount, voucher(channel, amount));

        if (owed <= amount) expectNotIncreasing(amount, owed);
        show(channel, offer, ticks);

        uint128 expected = owed > amount ? owed : amount;
        assertState(channel, DEPOSIT, expected, 0, false);
        assertHeld(address(plain), payee, expected, "the payee");
        if (expected == owed && amount != owed) {
            bytes memory signature = voucher(channel, amount);
            expectNotIncreasing(owed, amount);
            channels.settle(channel, amount, signature);
        }
    }

    function test_GivenADeposit_WhenTheTicksReachIt_TheyPayAndOneMoreUnitReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        Offer memory offer = Offer(DEPOSIT - 9, 1, 10);
        expectAbove(DEPOSIT + 1);
        show(channel, offer, 10);

        show(channel, offer, 9);
        assertState(channel, DEPOSIT, DEPOSIT, 0, false);
        assertHeld(address(plain), payee, DEPOSIT, "the payee");
    }

    function test_GivenAnOfferBeyondEveryWidth_WhenShown_ItRevertsAndNothingIsTruncated(
        uint128 base,
        uint128 value,
        uint256 ticks
    ) public {
        IPaymentChannels.Channel memory channel = describe(NATIVE);
        openAs(channel, MAX_DEPOSIT);
        ticks = bound(ticks, 1, 20);
        Offer memory offer = Offer(base, uint128(bound(value, uint256(MAX_DEPOSIT) + 1, type(uint128).max)), 20);
        uint256 owed = uint256(base) + ticks * offer.value;
        uint128 named = owed > type(uint128).max ? type(uint128).max : uint128(owed);

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.AmountExceedsDeposit.selector, MAX_DEPOSIT, named));
        show(channel, offer, ticks);
        assertState(channel, MAX_DEPOSIT, 0, 0, false);
    }

    function test_GivenASumThatWrapsIn128Bits_WhenShown_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        // 2^128 - 1 and two ticks of 3 would be 5 in 128 bits: within the deposit.
        Offer memory offer = Offer(type(uint128).max, 3, 2);
        expectAbove(type(uint128).max);
        show(channel, offer, 2);
        assertState(channel, DEPOSIT, 0, 0, false);
    }

    function test_GivenAPendingClose_WhenTicksAreShown_TheyPayUntilItIsClosed() public {
        IPaymentChannels.Channel memory channel = leaving(address(plain));
        uint256 requestedAt = clock;
        travelTo(requestedAt + GRACE);
        show(channel, Offer(0, 7, 10), 10);
        assertState(channel, DEPOSIT, 70, requestedAt, false);

        channels.withdraw(channel);
        expectFinalized(channel);
        show(channel, Offer(0, 7, 11), 11);
        assertHeld(address(plain), payee, 70, "the payee");
    }

    function test_GivenAChannelNeverOpened_WhenTicksAreShown_ItReverts() public {
        IPaymentChannels.Channel memory channel = describe(address(plain));
        expectNotFound(channel);
        show(channel, Offer(0, 7, 1), 1);
    }

    function test_GivenAnotherSigner_WhenTicksAreShown_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        Offer memory offer = Offer(100, 7, 10);
        bytes32 root = linkOf(offer, 0);
        bytes32 digest = offerHash(channel, offer, root);
        uint256[3] memory keys = [PAYER_KEY, PAYEE_KEY, STRANGER_KEY];
        for (uint256 i; i < keys.length; ++i) {
            refused(channel, 100, root, 7, signed(keys[i], digest), 10, SECRET);
        }
        refused(channel, 100, root, 7, "", 10, SECRET);
    }

    function test_GivenASignerThatDelegatesAfterSigning_WhenItsCodeDisownsTheOffer_ItPaysAllTheSame() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        delegate(signer, address(new NoWallet()));
        show(channel, Offer(0, 7, 10), 10);
        assertHeld(address(plain), payee, 70, "the payee");
    }

    function test_GivenAContractWallet_WhenItApprovesTheOffer_ItPays() public {
        YesWallet wallet = new YesWallet();
        IPaymentChannels.Channel memory channel = describe(address(plain));
        channel.authorizedSigner = address(wallet);
        openAs(channel, DEPOSIT);
        Offer memory offer = Offer(100, 7, 10);
        bytes32 root = linkOf(offer, 0);
        refused(channel, 100, root, 7, "", 10, SECRET);
        wallet.approve(offerHash(channel, offer, root));

        channels.settleTicks(channel, 100, root, 7, "", 10, SECRET);
        assertHeld(address(plain), payee, 170, "the payee");
    }

    function test_GivenSeveralFaults_WhenTicksAreShown_TheFirstOfTheSpecificationIsNamed() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.TooManyTicks.selector, MAX_TICKS, MAX_TICKS + 1));
        channels.settleTicks(channel, 0, 0, 0, "", MAX_TICKS + 1, 0);
        expectNotIncreasing(0, 0);
        channels.settleTicks(channel, 0, 0, 0, "", 1, 0);
        expectAbove(DEPOSIT + 1);
        channels.settleTicks(channel, DEPOSIT, 0, 1, "", 1, 0);
        refused(channel, 1, 0, 0, "", 1, 0);
    }

    function show(IPaymentChannels.Channel memory channel, Offer memory offer, uint256 ticks) private {
        bytes32 root = linkOf(offer, 0);
        bytes memory signature = offered(channel, offer, root);
        channels.settleTicks(channel, offer.base, root, offer.value, signature, ticks, linkOf(offer, ticks));
    }

    /// @dev The link that reveals so many ticks: the secret, hashed as often as the chain is longer.
    function linkOf(Offer memory offer, uint256 ticks) private pure returns (bytes32) {
        return hashed(SECRET, offer.length - ticks);
    }

    /// @dev In one piece of memory: a chain may be long.
    function hashed(bytes32 link, uint256 times) private pure returns (bytes32) {
        bytes memory held = abi.encode(link);
        for (uint256 i; i < times; ++i) {
            link = keccak256(held);
            assembly ("memory-safe") {
                mstore(add(held, 0x20), link)
            }
        }
        return link;
    }

    function offerHash(
        IPaymentChannels.Channel memory channel,
        Offer memory offer,
        bytes32 root
    ) private view returns (bytes32) {
        bytes memory members = abi.encode(idOf(channel), offer.base, root, offer.value);
        return TypedData.digest(address(channels), chain, TypedData.TICK_VOUCHER, members);
    }

    function offered(
        IPaymentChannels.Channel memory channel,
        Offer memory offer,
        bytes32 root
    ) private view returns (bytes memory) {
        return signed(SIGNER_KEY, offerHash(channel, offer, root));
    }

    function refused(
        IPaymentChannels.Channel memory channel,
        uint128 base,
        bytes32 root,
        uint128 value,
        bytes memory signature,
        uint256 ticks,
        bytes32 preimage
    ) private {
        expectError(IPaymentChannels.InvalidSignature.selector);
        channels.settleTicks(channel, base, root, value, signature, ticks, preimage);
    }

    function expectMismatch(bytes32 root, bytes32 actual) private {
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.TickMismatch.selector, root, actual));
    }

    function expectNotIncreasing(uint128 settled, uint128 owed) private {
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.AmountNotIncreasing.selector, settled, owed));
    }

    function expectAbove(uint128 owed) private {
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.AmountExceedsDeposit.selector, DEPOSIT, owed));
    }
}
