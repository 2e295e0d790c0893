// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {IPermit2} from "../../../contracts/interfaces/IPermit2.sol";
import {TypedData} from "../support/TypedData.sol";
import {FeeInToken} from "../tokens/FeeInToken.sol";
import {GenerousToken} from "../tokens/GenerousToken.sol";
import {NoReturnToken} from "../tokens/NoReturnToken.sol";
import {PlainToken} from "../tokens/PlainToken.sol";
import {NoWallet} from "../wallets/NoWallet.sol";
import {YesWallet} from "../wallets/YesWallet.sol";
import {Permit2Base} from "./Permit2Base.t.sol";

contract OpenWithPermit2Test is Permit2Base {
    bytes4 private constant INVALID_NONCE = bytes4(keccak256("InvalidNonce()"));
    bytes4 private constant INVALID_SIGNER = bytes4(keccak256("InvalidSigner()"));
    bytes4 private constant INVALID_CONTRACT_SIGNATURE = bytes4(keccak256("InvalidContractSignature()"));

    function test_GivenAPermit_WhenAStrangerSubmits65Bytes_ThePayersChannelOpens(
        uint128 deposit,
        bytes32 salt,
        uint256 nonce
    ) public {
        deposit = uint128(bound(deposit, 1, MAX_DEPOSIT));
        IPaymentChannels.Channel memory channel = describe(address(plain));
        channel.salt = salt;
        bytes memory signature = signed(PAYER_KEY, openPermitHash(channel, deposit, nonce, clock));

        vm.expectEmit(address(channels));
        emit IPaymentChannels.ChannelOpened(idOf(channel), payer, payee, address(plain), salt, signer, deposit);
        bytes32 channelId = submit(channel, deposit, nonce, clock, signature);

        assertEq(channelId, idOf(channel), "id");
        assertState(channel, deposit, 0, 0, false);
        assertHeld(address(plain), address(channels), deposit, "the escrow");
        assertHeld(address(plain), payer, type(uint128).max - deposit, "the payer");
        assertHeld(address(plain), stranger, 0, "the stranger");
    }

    function test_GivenAPermit_WhenItHas64Bytes_ItOpens(uint256 key) public {
        key = bound(key, 1, CURVE_ORDER - 1);
        IPaymentChannels.Channel memory channel = describe(address(plain));
        channel.payer = vm.addr(key);
        approvePermit2(plain, channel.payer);
        (bytes32 r, bytes32 vs) = compact(key, openPermitHash(channel, DEPOSIT, 0, clock));

        submit(channel, DEPOSIT, 0, clock, abi.encodePacked(r, vs));

        assertState(channel, DEPOSIT, 0, 0, false);
    }

    function test_GivenAContractWallet_WhenItApprovesThePermit_ItOpensWithASignatureOfAnyLength(
        bytes memory signature
    ) public {
        YesWallet wallet = new YesWallet();
        IPaymentChannels.Channel memory channel = describe(address(plain));
        channel.payer = address(wallet);
        approvePermit2(plain, address(wallet));
        wallet.approve(openPermitHash(channel, DEPOSIT, 0, clock));

        expectError(INVALID_CONTRACT_SIGNATURE);
        submit(channel, DEPOSIT - 1, 0, clock, signature);
        submit(channel, DEPOSIT, 0, clock, signature);

        assertState(channel, DEPOSIT, 0, 0, false);
        assertHeld(address(plain), address(channels), DEPOSIT, "the escrow");
    }

    function test_GivenAContractWalletThatDisownsIt_WhenSubmitted_ItReverts() public {
        IPaymentChannels.Channel memory channel = describe(address(plain));
        channel.payer = address(new NoWallet());
        approvePermit2(plain, channel.payer);

        expectError(INVALID_CONTRACT_SIGNATURE);
        submit(channel, DEPOSIT, 0, clock, new bytes(65));
    }

    function test_GivenAPermit_WhenAFrontRunnerSubstitutesAnyParameter_ItRevertsAndThePermitStaysGood(
        uint256 seed
    ) public {
        IPaymentChannels.Channel memory channel = describe(address(plain));
        uint256 deadline = clock + 1 hours;
        bytes memory signature = signed(PAYER_KEY, openPermitHash(channel, DEPOSIT, 7, deadline));
        PlainToken other = new PlainToken();
        approvePermit2(other, payer);
        approvePermit2(plain, stranger);
        IPaymentChannels.Channel[5] memory others;
        for (uint256 i; i < 5; ++i) {
            others[i] = describe(address(plain));
            others[i].salt = channel.salt;
        }
        others[0].payee = stranger;
        others[1].token = address(other);
        others[2].salt = bytes32(uint256(channel.salt) ^ bound(seed, 1, type(uint256).max));
        others[3].authorizedSigner = stranger;
        others[4].payer = stranger;

        for (uint256 i; i < 5; ++i) {
            expectError(INVALID_SIGNER);
            submit(others[i], DEPOSIT, 7, deadline, signature);
        }
        uint128 deposit = uint128(bound(seed, 1, MAX_DEPOSIT));
        if (deposit == DEPOSIT) ++deposit;
        expectError(INVALID_SIGNER);
        submit(channel, deposit, 7, deadline, signature);
        expectError(INVALID_SIGNER);
        submit(channel, DEPOSIT, 8, deadline, signature);
        expectError(INVALID_SIGNER);
        submit(channel, DEPOSIT, 7, deadline + 1, signature);

        submit(channel, DEPOSIT, 7, deadline, signature);
        assertState(channel, DEPOSIT, 0, 0, false);
        assertHeld(address(plain), address(channels), DEPOSIT, "the escrow");
    }

    function test_GivenAPermit_WhenAStrangerTakesItToPermit2Itself_ItIsForTheEscrowAlone() public {
        IPaymentChannels.Channel memory channel = describe(address(plain));
        bytes memory signature = signed(PAYER_KEY, openPermitHash(channel, DEPOSIT, 0, clock));
        bytes32 typeHash = keccak256(bytes(TypedData.OPEN_WITNESS));
        bytes32 witness = keccak256(abi.encode(typeHash, payee, channel.salt, signer));
        string memory witnessType = string.concat(
            "ChannelOpenWitness witness)",
            TypedData.OPEN_WITNESS,
            TypedData.TOKEN_PERMISSIONS
        );
        IPermit2.PermitTransferFrom memory permit = IPermit2.PermitTransferFrom(
            IPermit2.TokenPermissions(address(plain), DEPOSIT),
            0,
            clock
        );
        IPermit2.SignatureTransferDetails memory details = IPermit2.SignatureTransferDetails(stranger, DEPOSIT);

        vm.expectRevert(abi.encodePacked(INVALID_SIGNER), PERMIT2);
        vm.prank(stranger);
        IPermit2(PERMIT2).permitWitnessTransferFrom(permit, details, payer, witness, witnessType, signature);
        vm.prank(address(channels));
        IPermit2(PERMIT2).permitWitnessTransferFrom(permit, details, payer, witness, witnessType, signature);

        assertHeld(address(plain), stranger, DEPOSIT, "the stranger, had the escrow asked it for that");
    }

    function test_GivenAPermit_WhenAFrontRunnerSubmitsItFirst_ThePayersChannelIsOpenAndTheLaterCallSaysSo() public {
        IPaymentChannels.Channel memory channel = describe(address(plain));
        bytes memory signature = signed(PAYER_KEY, openPermitHash(channel, DEPOSIT, 3, clock));
        submit(channel, DEPOSIT, 3, clock, signature);
        assertState(channel, DEPOSIT, 0, 0, false);

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.ChannelAlreadyExists.selector, idOf(channel)));
        vm.prank(payer);
        channels.openWithPermit2(payee, address(plain), DEPOSIT, channel.salt, signer, payer, 3, clock, signature);

        assertHeld(address(plain), payer, type(uint128).max - DEPOSIT, "the payer, once poorer");
        assertHeld(address(plain), address(channels), DEPOSIT, "the escrow");
    }

    function test_GivenAUsedNonce_WhenAnotherChannelComesWithIt_ItReverts() public {
        IPaymentChannels.Channel memory first = describe(address(plain));
        submit(first, DEPOSIT, 3, clock, signed(PAYER_KEY, openPermitHash(first, DEPOSIT, 3, clock)));
        IPaymentChannels.Channel memory second = describe(address(plain));
        bytes memory signature = signed(PAYER_KEY, openPermitHash(second, DEPOSIT, 3, clock));

        expectError(INVALID_NONCE);
        submit(second, DEPOSIT, 3, clock, signature);
    }

    function test_GivenAPermit_WhenItsDeadlineHasPassed_ItReverts(uint256 late) public {
        IPaymentChannels.Channel memory channel = describe(address(plain));
        uint256 deadline = clock;
        bytes memory signature = signed(PAYER_KEY, openPermitHash(channel, DEPOSIT, 0, deadline));
        travelTo(clock + bound(late, 1, 365 days));

        vm.expectRevert(abi.encodeWithSignature("SignatureExpired(uint256)", deadline));
        submit(channel, DEPOSIT, 0, deadline, signature);
    }

    function test_GivenAForkWithAnotherChainId_WhenThePermitIsReplayed_ItReverts() public {
        IPaymentChannels.Channel memory channel = describe(address(plain));
        bytes memory signature = signed(PAYER_KEY, openPermitHash(channel, DEPOSIT, 0, clock));
        fork(11);

        expectError(INVALID_SIGNER);
        submit(channel, DEPOSIT, 0, clock, signature);
    }

    function test_GivenBadParameters_WhenSubmitted_ItRevertsAsOpenDoes() public {
        IPaymentChannels.Channel memory channel = describe(address(plain));
        expectError(IPaymentChannels.ZeroDeposit.selector);
        submit(channel, 0, 0, clock, new bytes(65));

        uint128 above = MAX_DEPOSIT + 1;
        vm.expectRevert(
            abi.encodeWithSelector(IPaymentChannels.DepositOverflow.selector, uint256(MAX_DEPOSIT), uint256(above))
        );
        submit(channel, above, 0, clock, new bytes(65));

        address[4] memory payees = [address(0), payer, address(plain), address(channels)];
        for (uint256 i; i < payees.length; ++i) {
            channel.payee = payees[i];
            vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.InvalidPayee.selector, payees[i]));
            submit(channel, DEPOSIT, 0, clock, new bytes(65));
        }
    }

    function test_GivenATokenWithoutCode_WhenSubmitted_ItReverts() public {
        address[3] memory tokens = [NATIVE, stranger, address(channels)];
        for (uint256 i; i < tokens.length; ++i) {
            IPaymentChannels.Channel memory channel = describe(tokens[i]);
            bytes memory signature = signed(PAYER_KEY, openPermitHash(channel, DEPOSIT, 0, clock));
            vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.InvalidToken.selector, tokens[i]));
            submit(channel, DEPOSIT, 0, clock, signature);
        }
    }

    function test_GivenAChainWithoutPermit2_WhenSubmitted_ItRevertsAndNothingOpens() public {
        IPaymentChannels.Channel memory channel = describe(address(plain));
        bytes memory signature = signed(PAYER_KEY, openPermitHash(channel, DEPOSIT, 0, clock));
        vm.etch(PERMIT2, "");

        vm.expectRevert("");
        submit(channel, DEPOSIT, 0, clock, signature);
        assertState(channel, 0, 0, 0, false);
    }

    function test_GivenATokenThatTakesAFeeOrGivesMore_WhenPulled_ItReverts() public {
        IPaymentChannels.Channel memory channel = describe(approvePermit2(new FeeInToken(), payer));
        bytes memory signature = signed(PAYER_KEY, openPermitHash(channel, 100, 0, clock));
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.TransferMismatch.selector, uint256(100), uint256(99)));
        submit(channel, 100, 0, clock, signature);

        channel = describe(approvePermit2(new GenerousToken(), payer));
        signature = signed(PAYER_KEY, openPermitHash(channel, 100, 0, clock));
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.TransferMismatch.selector, uint256(100), uint256(101)));
        submit(channel, 100, 0, clock, signature);
    }

    function test_GivenATokenThatReturnsNothing_WhenPulled_ItOpens() public {
        NoReturnToken token = new NoReturnToken();
        token.mint(payer, DEPOSIT);
        vm.prank(payer);
        token.approve(PERMIT2, DEPOSIT);
        IPaymentChannels.Channel memory channel = describe(address(token));

        submit(channel, DEPOSIT, 0, clock, signed(PAYER_KEY, openPermitHash(channel, DEPOSIT, 0, clock)));

        assertState(channel, DEPOSIT, 0, 0, false);
        assertEq(token.balanceOf(address(channels)), DEPOSIT, "balance of the escrow");
    }

    function submit(
        IPaymentChannels.Channel memory channel,
        uint128 deposit,
        uint256 nonce,
        uint256 deadline,
        bytes memory signature
    ) private returns (bytes32) {
        vm.prank(stranger);
        return
            channels.openWithPermit2(
                channel.payee,
                channel.token,
                deposit,
                channel.salt,
                channel.authorizedSigner,
                channel.payer,
                nonce,
                deadline,
                signature
            );
    }
}
