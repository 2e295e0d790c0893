// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {TypedData} from "../support/TypedData.sol";
import {AuthorizationToken} from "../tokens/AuthorizationToken.sol";
import {PlainToken} from "../tokens/PlainToken.sol";
import {SilentFallbackToken} from "../tokens/SilentFallbackToken.sol";
import {SwitchedFeeAuthorizationToken} from "../tokens/SwitchedFeeAuthorizationToken.sol";
import {WalletAuthorizationToken} from "../tokens/WalletAuthorizationToken.sol";
import {YesWallet} from "../wallets/YesWallet.sol";
import {Base} from "./Base.t.sol";

contract TopUpWithAuthorizationTest is Base {
    uint128 private constant ADDITION = 400e6;
    bytes32 private constant SALT = "top-up";

    AuthorizationToken private token;

    function setUp() public override {
        super.setUp();
        token = new AuthorizationToken();
        funded(PlainToken(address(token)));
    }

    function test_GivenAnAuthorization_WhenAStrangerSubmitsIt_TheDepositGrowsByWhatArrives(
        uint128 addition,
        bytes32 topUpSalt,
        bool short
    ) public {
        IPaymentChannels.Channel memory channel = opened(address(token), DEPOSIT);
        channels.settle(channel, 5, voucher(channel, 5));
        addition = uint128(bound(addition, 1, MAX_DEPOSIT - DEPOSIT));
        bytes32 digest = authorizationHash(channel, addition, nonceOf(channel, addition, topUpSalt));
        (bytes32 r, bytes32 vs) = compact(PAYER_KEY, digest);
        bytes memory signature = short ? abi.encodePacked(r, vs) : signed(PAYER_KEY, digest);

        vm.expectEmit(address(channels));
        emit IPaymentChannels.ChannelToppedUp(idOf(channel), DEPOSIT + addition);
        submit(channel, addition, topUpSalt, nonceOf(channel, addition, topUpSalt), signature);

        assertState(channel, uint256(DEPOSIT) + addition, 5, 0, false);
        assertHeld(address(token), address(channels), uint256(DEPOSIT) + addition - 5, "the escrow");
        assertHeld(address(token), payer, type(uint128).max - DEPOSIT - addition, "the payer");
        assertHeld(address(token), stranger, 0, "the stranger");
    }

    function test_GivenAContractWallet_WhenItsSignatureHasAnotherLength_ItTopsUpThroughTheBytesOverload() public {
        token = new WalletAuthorizationToken();
        YesWallet wallet = new YesWallet();
        token.mint(address(wallet), DEPOSIT + ADDITION);
        vm.prank(address(wallet));
        token.approve(address(channels), DEPOSIT);
        IPaymentChannels.Channel memory channel = describe(address(token));
        channel.payer = address(wallet);
        openAs(channel, DEPOSIT);
        bytes32 nonce = nonceOf(channel, ADDITION, SALT);
        wallet.approve(authorizationHash(channel, ADDITION, nonce));

        submit(channel, ADDITION, SALT, nonce, hex"c0ffee");

        assertState(channel, DEPOSIT + ADDITION, 0, 0, false);
        assertHeld(address(token), address(channels), DEPOSIT + ADDITION, "the escrow");
    }

    function test_GivenAHeldAuthorization_WhenItIsSubmittedDuringAnExit_TheExitGoesOn(uint256 delay) public {
        IPaymentChannels.Channel memory channel = leaving(address(token));
        uint256 requestedAt = clock;
        bytes32 nonce = nonceOf(channel, ADDITION, SALT);
        bytes memory signature = authorized(channel, ADDITION, nonce);
        travelTo(requestedAt + bound(delay, 0, 2 * GRACE));

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.ClosePending.selector, idOf(channel)));
        submit(channel, ADDITION, SALT, nonce, signature);
        assertState(channel, DEPOSIT, 0, requestedAt, false);

        travelTo(requestedAt + 2 * GRACE);
        channels.withdraw(channel);
        assertState(channel, DEPOSIT, 0, requestedAt, true);
        assertHeld(address(token), payer, type(uint128).max, "the payer");
    }

    function test_GivenAPendingClose_WhenThePayerItselfSubmitsItsAuthorization_ItReverts() public {
        IPaymentChannels.Channel memory channel = leaving(address(token));
        bytes32 nonce = nonceOf(channel, ADDITION, SALT);
        bytes memory signature = authorized(channel, ADDITION, nonce);

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.ClosePending.selector, idOf(channel)));
        vm.prank(payer);
        channels.topUpWithAuthorization(channel, ADDITION, SALT, 0, type(uint256).max, nonce, signature);
    }

    function test_GivenAnAuthorization_WhenAFrontRunnerSubstitutesAnyParameter_ItReverts(uint256 seed) public {
        IPaymentChannels.Channel memory channel = opened(address(token), DEPOSIT);
        IPaymentChannels.Channel memory sibling = opened(address(token), DEPOSIT);
        bytes32 nonce = nonceOf(channel, ADDITION, SALT);
        bytes memory signature = authorized(channel, ADDITION, nonce);
        uint128 addition = uint128(bound(seed, 1, MAX_DEPOSIT - DEPOSIT));
        if (addition == ADDITION) ++addition;
        bytes32 topUpSalt = bytes32(uint256(SALT) ^ bound(seed, 1, type(uint256).max));

        mismatch(sibling, ADDITION, SALT, nonce, signature);
        mismatch(channel, addition, SALT, nonce, signature);
        mismatch(channel, ADDITION, topUpSalt, nonce, signature);
        vm.expectRevert(abi.encodeWithSignature("ERC3009InvalidSignature()"));
        vm.prank(stranger);
        channels.topUpWithAuthorization(channel, ADDITION, SALT, 0, type(uint256).max - 1, nonce, signature);

        submit(channel, ADDITION, SALT, nonce, signature);
        assertState(channel, DEPOSIT + ADDITION, 0, 0, false);
        assertState(sibling, DEPOSIT, 0, 0, false);
    }

    /// @dev The wrong nonce for what is asked, and the right one, which the payer never signed.
    function mismatch(
        IPaymentChannels.Channel memory channel,
        uint128 addition,
        bytes32 topUpSalt,
        bytes32 nonce,
        bytes memory signature
    ) private {
        bytes32 expected = nonceOf(channel, addition, topUpSalt);
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.NonceMismatch.selector, expected, nonce));
        submit(channel, addition, topUpSalt, nonce, signature);
        vm.expectRevert(abi.encodeWithSignature("ERC3009InvalidSignature()"));
        submit(channel, addition, topUpSalt, expected, signature);
    }

    function test_GivenAnAuthorizationToOpen_WhenTakenForATopUp_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(token), DEPOSIT);
        bytes32 nonce = keccak256(abi.encode(payer, payee, address(token), channel.salt, signer));
        bytes memory signature = authorized(channel, ADDITION, nonce);
        bytes32 expected = nonceOf(channel, ADDITION, channel.salt);

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.NonceMismatch.selector, expected, nonce));
        submit(channel, ADDITION, channel.salt, nonce, signature);
    }

    function test_GivenAUsedAuthorization_WhenSubmittedAgain_TheTokenRefuses() public {
        IPaymentChannels.Channel memory channel = opened(address(token), DEPOSIT);
        bytes32 nonce = nonceOf(channel, ADDITION, SALT);
        bytes memory signature = authorized(channel, ADDITION, nonce);
        submit(channel, ADDITION, SALT, nonce, signature);

        vm.expectRevert(abi.encodeWithSignature("ERC3009UsedAuthorization(address,bytes32)", payer, nonce));
        submit(channel, ADDITION, SALT, nonce, signature);
        assertState(channel, DEPOSIT + ADDITION, 0, 0, false);

        nonce = nonceOf(channel, ADDITION, "another salt");
        submit(channel, ADDITION, "another salt", nonce, authorized(channel, ADDITION, nonce));
        assertState(channel, DEPOSIT + 2 * ADDITION, 0, 0, false);
    }

    function test_GivenADeposit_WhenTheTotalReachesThePackedWidth_ItIsKeptAndOneMoreReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(token), DEPOSIT);
        uint128 rest = MAX_DEPOSIT - DEPOSIT;
        bytes32 nonce = nonceOf(channel, rest + 1, SALT);
        bytes memory signature = authorized(channel, rest + 1, nonce);
        uint256 above = uint256(MAX_DEPOSIT) + 1;
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.DepositOverflow.selector, uint256(MAX_DEPOSIT), above));
        submit(channel, rest + 1, SALT, nonce, signature);

        nonce = nonceOf(channel, rest, SALT);
        submit(channel, rest, SALT, nonce, authorized(channel, rest, nonce));
        assertState(channel, MAX_DEPOSIT, 0, 0, false);
    }

    function test_GivenNothingToAdd_WhenSubmitted_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(token), DEPOSIT);
        bytes32 nonce = nonceOf(channel, 0, SALT);
        bytes memory signature = authorized(channel, 0, nonce);

        expectError(IPaymentChannels.ZeroDeposit.selector);
        submit(channel, 0, SALT, nonce, signature);
    }

    function test_GivenAChannelThatIsNotLive_WhenSubmitted_ItReverts() public {
        IPaymentChannels.Channel memory channel = describe(address(token));
        bytes32 nonce = nonceOf(channel, ADDITION, SALT);
        bytes memory signature = authorized(channel, ADDITION, nonce);
        expectNotFound(channel);
        submit(channel, ADDITION, SALT, nonce, signature);

        channel = closed(address(token));
        nonce = nonceOf(channel, ADDITION, SALT);
        signature = authorized(channel, ADDITION, nonce);
        expectFinalized(channel);
        submit(channel, ADDITION, SALT, nonce, signature);
    }

    function test_GivenTheNativeCoin_WhenSubmitted_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(NATIVE, DEPOSIT);
        bytes32 nonce = nonceOf(channel, ADDITION, SALT);

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.InvalidToken.selector, NATIVE));
        submit(channel, ADDITION, SALT, nonce, new bytes(65));
    }

    function test_GivenATokenThatAnswersAnyCall_WhenNothingArrives_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(funded(new SilentFallbackToken()), DEPOSIT);
        bytes32 nonce = nonceOf(channel, ADDITION, SALT);
        for (uint256 length = 65; length < 67; ++length) {
            vm.expectRevert(
                abi.encodeWithSelector(IPaymentChannels.TransferMismatch.selector, uint256(ADDITION), uint256(0))
            );
            submit(channel, ADDITION, SALT, nonce, new bytes(length));
        }
        assertState(channel, DEPOSIT, 0, 0, false);
    }

    function test_GivenATokenThatStartsToTakeAFee_WhenPulled_ItRevertsAndTheDepositStays() public {
        SwitchedFeeAuthorizationToken taking = new SwitchedFeeAuthorizationToken();
        token = taking;
        IPaymentChannels.Channel memory channel = opened(funded(PlainToken(address(token))), DEPOSIT);
        taking.charge();
        bytes32 nonce = nonceOf(channel, 100, SALT);
        bytes memory signature = authorized(channel, 100, nonce);

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.TransferMismatch.selector, uint256(100), uint256(99)));
        submit(channel, 100, SALT, nonce, signature);

        assertState(channel, DEPOSIT, 0, 0, false);
    }

    function submit(
        IPaymentChannels.Channel memory channel,
        uint128 addition,
        bytes32 topUpSalt,
        bytes32 nonce,
        bytes memory signature
    ) private {
        vm.prank(stranger);
        channels.topUpWithAuthorization(channel, addition, topUpSalt, 0, type(uint256).max, nonce, signature);
    }

    function nonceOf(
        IPaymentChannels.Channel memory channel,
        uint128 addition,
        bytes32 topUpSalt
    ) private view returns (bytes32) {
        return keccak256(abi.encode(idOf(channel), addition, channel.payer, topUpSalt));
    }

    function authorizationHash(
        IPaymentChannels.Channel memory channel,
        uint128 addition,
        bytes32 nonce
    ) private view returns (bytes32) {
        return
            TypedData.authorization(
                "Demo Dollar",
                channel.token,
                chain,
                channel.payer,
                address(channels),
                addition,
                nonce
            );
    }

    function authorized(
        IPaymentChannels.Channel memory channel,
        uint128 addition,
        bytes32 nonce
    ) private view returns (bytes memory) {
        return signed(PAYER_KEY, authorizationHash(channel, addition, nonce));
    }
}
