// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {DenyListToken} from "../tokens/DenyListToken.sol";
import {FalseMovingToken} from "../tokens/FalseMovingToken.sol";
import {FalseStillToken} from "../tokens/FalseStillToken.sol";
import {FeeInToken} from "../tokens/FeeInToken.sol";
import {GenerousToken} from "../tokens/GenerousToken.sol";
import {NoReturnToken} from "../tokens/NoReturnToken.sol";
import {Base} from "./Base.t.sol";

contract OpenTest is Base {
    function test_GivenAnUnusedSalt_WhenOpened_ItHoldsTheDepositAndEmitsTheDescriptor(
        uint128 deposit,
        bytes32 salt,
        address authorizedSigner,
        bool native
    ) public {
        deposit = uint128(bound(deposit, 1, MAX_DEPOSIT));
        address token = native ? NATIVE : address(plain);
        IPaymentChannels.Channel memory channel = IPaymentChannels.Channel(payer, payee, token, salt, authorizedSigner);
        uint256 before = held(token, payer);

        vm.expectEmit(address(channels));
        emit IPaymentChannels.ChannelOpened(idOf(channel), payer, payee, token, salt, authorizedSigner, deposit);
        openAs(channel, deposit);

        assertHeld(token, address(channels), deposit, "the escrow");
        assertHeld(token, payer, before - deposit, "the payer");
    }

    function test_GivenAGracePeriodBelowTenMinutes_WhenDeployed_ItReverts(uint256 grace) public {
        grace = bound(grace, 0, 10 minutes - 1);
        vm.expectRevert(
            abi.encodeWithSelector(IPaymentChannels.GracePeriodTooShort.selector, uint256(10 minutes), grace)
        );
        this.deployExternally(grace);
    }

    function test_GivenAGracePeriodAboveAYear_WhenDeployed_ItReverts(uint256 grace) public {
        grace = bound(grace, 365 days + 1, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.GracePeriodTooLong.selector, uint256(365 days), grace));
        this.deployExternally(grace);
    }

    function test_GivenAGracePeriodOfTenMinutesOrAYear_WhenDeployed_ItIsKept() public {
        assertEq(deployEscrow(10 minutes).closeGracePeriod(), 10 minutes, "shortest grace period");
        assertEq(deployEscrow(365 days).closeGracePeriod(), 365 days, "longest grace period");
        assertEq(channels.closeGracePeriod(), GRACE, "the fixture's grace period");
    }

    function test_GivenAPayeeThatCannotBePaid_WhenOpened_ItReverts() public {
        address[4] memory payees = [address(0), payer, address(plain), address(channels)];
        for (uint256 i; i < payees.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.InvalidPayee.selector, payees[i]));
            vm.prank(payer);
            channels.open(payees[i], address(plain), 1, 0, signer);
        }
    }

    function test_GivenNothingToLock_WhenOpened_ItReverts() public {
        expectError(IPaymentChannels.ZeroDeposit.selector);
        vm.prank(payer);
        channels.open(payee, address(plain), 0, 0, signer);
    }

    function test_GivenADepositAboveThePackedWidth_WhenOpened_ItRevertsAndNothingIsTruncated(uint128 deposit) public {
        deposit = uint128(bound(deposit, uint256(MAX_DEPOSIT) + 1, type(uint128).max));
        IPaymentChannels.Channel memory channel = describe(NATIVE);

        vm.expectRevert(
            abi.encodeWithSelector(IPaymentChannels.DepositOverflow.selector, uint256(MAX_DEPOSIT), uint256(deposit))
        );
        vm.prank(payer);
        channels.open{value: deposit}(payee, NATIVE, deposit, channel.salt, signer);

        assertState(channel, 0, 0, 0, false);
    }

    function test_GivenADepositAtThePackedWidthsEdge_WhenOpened_ItIsKeptWhole() public {
        openAs(describe(NATIVE), MAX_DEPOSIT - 1);
        openAs(describe(NATIVE), MAX_DEPOSIT);
        IPaymentChannels.Channel memory channel = describe(NATIVE);
        uint128 deposit = MAX_DEPOSIT + 1;

        vm.expectRevert(
            abi.encodeWithSelector(IPaymentChannels.DepositOverflow.selector, uint256(MAX_DEPOSIT), uint256(deposit))
        );
        vm.prank(payer);
        channels.open{value: deposit}(payee, NATIVE, deposit, channel.salt, signer);
    }

    function test_GivenALiveChannel_WhenOpenedAgain_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.ChannelAlreadyExists.selector, idOf(channel)));
        vm.prank(payer);
        channels.open(payee, address(plain), DEPOSIT, channel.salt, signer);
    }

    function test_GivenALiveChannel_WhenOpenedAgainWithMoreThanFits_TheDepositIsNamedFirst() public {
        IPaymentChannels.Channel memory channel = opened(NATIVE, DEPOSIT);
        vm.expectRevert(
            abi.encodeWithSelector(
                IPaymentChannels.DepositOverflow.selector,
                uint256(MAX_DEPOSIT),
                uint256(MAX_DEPOSIT) + 1
            )
        );
        vm.prank(payer);
        channels.open(payee, NATIVE, MAX_DEPOSIT + 1, channel.salt, signer);
    }

    function test_GivenAClosedChannelWithAnUnspentVoucher_WhenOpenedAgain_ItRevertsAndTheVoucherStaysDead() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        bytes memory old = voucher(channel, DEPOSIT);
        vm.prank(payee);
        channels.close(channel, 0, "");
        assertState(channel, DEPOSIT, 0, 0, true);

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.ChannelAlreadyExists.selector, idOf(channel)));
        vm.prank(payer);
        channels.open(payee, address(plain), DEPOSIT, channel.salt, signer);

        expectFinalized(channel);
        channels.settle(channel, DEPOSIT, old);
    }

    function test_GivenAnotherPayersArguments_WhenAStrangerOpensFirst_ThePayersIdStaysFree() public {
        IPaymentChannels.Channel memory channel = describe(NATIVE);
        vm.deal(stranger, DEPOSIT);
        vm.prank(stranger);
        bytes32 squatted = channels.open{value: DEPOSIT}(payee, NATIVE, DEPOSIT, channel.salt, signer);
        assertTrue(squatted != idOf(channel), "the stranger's channel has an id of its own");

        openAs(channel, DEPOSIT);
    }

    function test_GivenTheNativeCoin_WhenTheValueIsNotTheDeposit_ItReverts(uint128 value) public {
        vm.assume(value != DEPOSIT);
        vm.expectRevert(
            abi.encodeWithSelector(IPaymentChannels.TransferMismatch.selector, uint256(DEPOSIT), uint256(value))
        );
        vm.prank(payer);
        channels.open{value: value}(payee, NATIVE, DEPOSIT, 0, signer);
    }

    function test_GivenAToken_WhenNativeCoinComesAlong_ItReverts(uint128 value) public {
        value = uint128(bound(value, 1, type(uint128).max));
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.TransferMismatch.selector, uint256(0), uint256(value)));
        vm.prank(payer);
        channels.open{value: value}(payee, address(plain), DEPOSIT, 0, signer);
    }

    function test_GivenATokenWithoutCode_WhenOpened_ItReverts() public {
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.InvalidToken.selector, stranger));
        vm.prank(payer);
        channels.open(payee, stranger, DEPOSIT, 0, signer);
    }

    function test_GivenTheEscrowAsToken_WhenOpened_ItReverts() public {
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.InvalidToken.selector, address(channels)));
        vm.prank(payer);
        channels.open(payee, address(channels), DEPOSIT, 0, signer);
    }

    function test_GivenATokenThatTakesAFee_WhenOpened_ItReverts() public {
        address token = funded(new FeeInToken());
        uint256 arrives = DEPOSIT - DEPOSIT / 100;

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.TransferMismatch.selector, uint256(DEPOSIT), arrives));
        vm.prank(payer);
        channels.open(payee, token, DEPOSIT, 0, signer);
    }

    function test_GivenATokenThatDeliversMoreThanWasPulled_WhenOpened_ItReverts() public {
        address token = funded(new GenerousToken());
        uint256 arrives = DEPOSIT + 1;

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.TransferMismatch.selector, uint256(DEPOSIT), arrives));
        vm.prank(payer);
        channels.open(payee, token, DEPOSIT, 0, signer);
    }

    function test_GivenATokenThatReturnsFalse_WhenOpened_ItRevertsWhetherOrNotMoneyMoved() public {
        FalseMovingToken moving = new FalseMovingToken();
        FalseStillToken still = new FalseStillToken();
        address[2] memory tokens = [funded(moving), funded(still)];
        moving.lie();
        still.refuse();

        for (uint256 i; i < tokens.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, tokens[i]));
            vm.prank(payer);
            channels.open(payee, tokens[i], DEPOSIT, 0, signer);
            assertHeld(tokens[i], address(channels), 0, "the escrow");
        }
    }

    function test_GivenATokenThatReturnsNothing_WhenOpenedAndSettled_ItWorks() public {
        NoReturnToken token = new NoReturnToken();
        token.mint(payer, DEPOSIT);
        vm.prank(payer);
        token.approve(address(channels), DEPOSIT);
        IPaymentChannels.Channel memory channel = opened(address(token), DEPOSIT);

        channels.settle(channel, 1, voucher(channel, 1));

        assertHeld(address(token), payee, 1, "the payee");
    }

    function test_GivenNoAllowance_WhenOpened_TheTokensErrorComesThrough() public {
        plain.mint(stranger, DEPOSIT);
        assertEq(plain.allowance(stranger, address(channels)), 0, "allowance");

        vm.expectRevert(
            abi.encodeWithSignature(
                "ERC20InsufficientAllowance(address,uint256,uint256)",
                address(channels),
                uint256(0),
                uint256(DEPOSIT)
            )
        );
        vm.prank(stranger);
        channels.open(payee, address(plain), DEPOSIT, 0, signer);
    }

    function test_GivenAnEscrowOnTheDenyList_WhenOpened_TheTokensErrorComesThrough() public {
        DenyListToken token = new DenyListToken();
        funded(token);
        token.deny(address(channels), true);

        vm.expectRevert(abi.encodeWithSelector(DenyListToken.Denied.selector, address(channels)));
        vm.prank(payer);
        channels.open(payee, address(token), DEPOSIT, 0, signer);
    }

    function test_GivenMoneySentStraightToTheEscrow_WhenOpened_OnlyTheDepositCounts(uint96 gift) public {
        plain.mint(address(channels), gift);
        vm.deal(address(channels), gift);

        openAs(describe(address(plain)), DEPOSIT);
        openAs(describe(NATIVE), DEPOSIT);

        assertHeld(address(plain), address(channels), uint256(DEPOSIT) + gift, "the escrow");
        assertHeld(NATIVE, address(channels), uint256(DEPOSIT) + gift, "the escrow");
    }

    function test_GivenAPlainSendOfTheNativeCoin_WhenItReachesTheEscrow_ItIsRefused() public {
        vm.prank(payer);
        (bool sent, ) = address(channels).call{value: 1}("");
        assertTrue(!sent, "nobody loses coins to the escrow by mistake");
    }

    /// @dev By a call to itself, because a revert is only expected of calls: one that is expected of a creation is never missed.
    function deployExternally(uint256 grace) external {
        bytes memory code = abi.encodePacked(vm.getCode("PaymentChannels.sol:PaymentChannels"), abi.encode(grace));
        assembly ("memory-safe") {
            if iszero(create(0, add(code, 0x20), mload(code))) {
                returndatacopy(0x00, 0x00, returndatasize())
                revert(0x00, returndatasize())
            }
        }
    }
}
