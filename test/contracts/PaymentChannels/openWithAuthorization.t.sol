// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {TypedData} from "../support/TypedData.sol";
import {AuthorizationToken} from "../tokens/AuthorizationToken.sol";
import {SilentFallbackToken} from "../tokens/SilentFallbackToken.sol";
import {WalletAuthorizationToken} from "../tokens/WalletAuthorizationToken.sol";
import {YesWallet} from "../wallets/YesWallet.sol";
import {Base} from "./Base.t.sol";

contract OpenWithAuthorizationTest is Base {
    AuthorizationToken private token;

    function setUp() public override {
        super.setUp();
        token = new AuthorizationToken();
        token.mint(payer, type(uint128).max);
    }

    function test_GivenAnAuthorization_WhenAStrangerSubmits65Bytes_ThePayersChannelOpens(
        uint128 deposit,
        bytes32 salt
    ) public {
        deposit = uint128(bound(deposit, 1, MAX_DEPOSIT));
        IPaymentChannels.Channel memory channel = describe(address(token));
        channel.salt = salt;
        bytes memory signature = signed(PAYER_KEY, authorizationHash(channel, deposit));

        vm.expectEmit(address(channels));
        emit IPaymentChannels.ChannelOpened(idOf(channel), payer, payee, address(token), salt, signer, deposit);
        bytes32 channelId = submit(channel, deposit, nonceOf(channel), signature);

        assertEq(channelId, idOf(channel), "id");
        assertState(channel, deposit, 0, 0, false);
        assertHeld(address(token), address(channels), deposit, "the escrow");
        assertHeld(address(token), payer, type(uint128).max - deposit, "the payer");
    }

    function test_GivenAnAuthorization_WhenItHas64Bytes_ItOpensThroughTheSplitOverload(uint256 key) public {
        key = bound(key, 1, CURVE_ORDER - 1);
        IPaymentChannels.Channel memory channel = describe(address(token));
        channel.payer = vm.addr(key);
        token.mint(channel.payer, DEPOSIT);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, authorizationHash(channel, DEPOSIT));
        (, bytes32 vs) = compact(key, authorizationHash(channel, DEPOSIT));

        vm.expectCall(
            address(token),
            abi.encodeWithSignature(
                "receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)",
                channel.payer,
                address(channels),
                uint256(DEPOSIT),
                uint256(0),
                type(uint256).max,
                nonceOf(channel),
                v,
                r,
                s
            )
        );
        submit(channel, DEPOSIT, nonceOf(channel), abi.encodePacked(r, vs));

        assertState(channel, DEPOSIT, 0, 0, false);
    }

    function test_GivenAContractWallet_WhenItsSignatureHasAnotherLength_ItOpensThroughTheBytesOverload() public {
        token = new WalletAuthorizationToken();
        YesWallet wallet = new YesWallet();
        IPaymentChannels.Channel memory channel = describe(address(token));
        channel.payer = address(wallet);
        token.mint(address(wallet), DEPOSIT);
        wallet.approve(authorizationHash(channel, DEPOSIT));
        bytes memory signature = hex"c0ffee";

        vm.expectCall(
            address(token),
            abi.encodeWithSignature(
                "receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)",
                address(wallet),
                address(channels),
                uint256(DEPOSIT),
                uint256(0),
                type(uint256).max,
                nonceOf(channel),
                signature
            )
        );
        submit(channel, DEPOSIT, nonceOf(channel), signature);

        assertState(channel, DEPOSIT, 0, 0, false);
    }

    function test_GivenAnAuthorization_WhenAFrontRunnerSubstitutesAnyPartOfTheChannel_ItReverts(bytes32 salt) public {
        IPaymentChannels.Channel memory channel = describe(address(token));
        vm.assume(salt != channel.salt);
        bytes memory signature = signed(PAYER_KEY, authorizationHash(channel, DEPOSIT));
        bytes32 nonce = nonceOf(channel);
        IPaymentChannels.Channel[3] memory others = [copy(channel), copy(channel), copy(channel)];
        others[0].payee = stranger;
        others[1].authorizedSigner = stranger;
        others[2].salt = salt;

        for (uint256 i; i < others.length; ++i) {
            bytes32 expected = nonceOf(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.NonceMismatch.selector, expected, nonce));
            submit(others[i], DEPOSIT, nonce, signature);

            vm.expectRevert(abi.encodeWithSignature("ERC3009InvalidSignature()"));
            submit(others[i], DEPOSIT, expected, signature);
        }
        submit(channel, DEPOSIT, nonce, signature);
        assertState(channel, DEPOSIT, 0, 0, false);
    }

    function test_GivenAnAuthorization_WhenAnotherDepositIsClaimed_TheTokenRefuses(uint128 deposit) public {
        deposit = uint128(bound(deposit, 1, MAX_DEPOSIT));
        vm.assume(deposit != DEPOSIT);
        IPaymentChannels.Channel memory channel = describe(address(token));
        bytes memory signature = signed(PAYER_KEY, authorizationHash(channel, DEPOSIT));

        vm.expectRevert(abi.encodeWithSignature("ERC3009InvalidSignature()"));
        submit(channel, deposit, nonceOf(channel), signature);
    }

    function test_GivenAnAuthorization_WhenAStrangerTakesItToTheTokenItself_TheTokenRefuses() public {
        IPaymentChannels.Channel memory channel = describe(address(token));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(PAYER_KEY, authorizationHash(channel, DEPOSIT));
        bytes32 nonce = nonceOf(channel);

        vm.expectRevert(abi.encodeWithSignature("ERC20InvalidReceiver(address)", address(channels)), address(token));
        vm.prank(stranger);
        token.receiveWithAuthorization(payer, address(channels), DEPOSIT, 0, type(uint256).max, nonce, v, r, s);
    }

    function test_GivenAUsedAuthorization_WhenSubmittedAgain_ItReverts() public {
        IPaymentChannels.Channel memory channel = describe(address(token));
        bytes memory signature = signed(PAYER_KEY, authorizationHash(channel, DEPOSIT));
        submit(channel, DEPOSIT, nonceOf(channel), signature);
        bytes32 nonce = nonceOf(channel);

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.ChannelAlreadyExists.selector, idOf(channel)));
        submit(channel, DEPOSIT, nonce, signature);
    }

    function test_GivenBadParameters_WhenSubmitted_ItRevertsAsOpenDoes() public {
        IPaymentChannels.Channel memory channel = describe(address(token));
        bytes32 nonce = nonceOf(channel);
        expectError(IPaymentChannels.ZeroDeposit.selector);
        submit(channel, 0, nonce, new bytes(65));

        uint128 above = MAX_DEPOSIT + 1;
        vm.expectRevert(
            abi.encodeWithSelector(IPaymentChannels.DepositOverflow.selector, uint256(MAX_DEPOSIT), uint256(above))
        );
        submit(channel, above, nonce, new bytes(65));

        address[4] memory payees = [address(0), payer, address(token), address(channels)];
        for (uint256 i; i < payees.length; ++i) {
            channel.payee = payees[i];
            nonce = nonceOf(channel);
            vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.InvalidPayee.selector, payees[i]));
            submit(channel, DEPOSIT, nonce, new bytes(65));
        }
    }

    function test_GivenATokenWithoutCode_WhenSubmitted_ItReverts() public {
        address[3] memory tokens = [NATIVE, stranger, address(channels)];
        for (uint256 i; i < tokens.length; ++i) {
            IPaymentChannels.Channel memory channel = describe(tokens[i]);
            bytes32 nonce = nonceOf(channel);
            vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.InvalidToken.selector, tokens[i]));
            submit(channel, DEPOSIT, nonce, new bytes(65));
        }
    }

    function test_GivenATokenThatAnswersAnyCall_WhenNothingArrives_ItReverts() public {
        IPaymentChannels.Channel memory channel = describe(funded(new SilentFallbackToken()));
        bytes32 nonce = nonceOf(channel);
        for (uint256 length = 65; length < 67; ++length) {
            vm.expectRevert(
                abi.encodeWithSelector(IPaymentChannels.TransferMismatch.selector, uint256(DEPOSIT), uint256(0))
            );
            submit(channel, DEPOSIT, nonce, new bytes(length));
        }
    }

    function submit(
        IPaymentChannels.Channel memory channel,
        uint128 deposit,
        bytes32 nonce,
        bytes memory signature
    ) private returns (bytes32) {
        vm.prank(stranger);
        return
            channels.openWithAuthorization(
                channel.payee,
                channel.token,
                deposit,
                channel.salt,
                channel.authorizedSigner,
                channel.payer,
                0,
                type(uint256).max,
                nonce,
                signature
            );
    }

    function nonceOf(IPaymentChannels.Channel memory channel) private pure returns (bytes32) {
        return
            keccak256(abi.encode(channel.payer, channel.payee, channel.token, channel.salt, channel.authorizedSigner));
    }

    function authorizationHash(
        IPaymentChannels.Channel memory channel,
        uint128 deposit
    ) private view returns (bytes32) {
        return
            TypedData.authorization(
                "Demo Dollar",
                channel.token,
                chain,
                channel.payer,
                address(channels),
                deposit,
                nonceOf(channel)
            );
    }

    function copy(IPaymentChannels.Channel memory from) private pure returns (IPaymentChannels.Channel memory) {
        return IPaymentChannels.Channel(from.payer, from.payee, from.token, from.salt, from.authorizedSigner);
    }
}
