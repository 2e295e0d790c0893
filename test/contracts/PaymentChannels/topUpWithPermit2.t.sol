// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {SwitchedFeeToken} from "../tokens/SwitchedFeeToken.sol";
import {YesWallet} from "../wallets/YesWallet.sol";
import {Permit2Base} from "./Permit2Base.t.sol";

contract TopUpWithPermit2Test is Permit2Base {
    uint128 private constant ADDITION = 400e6;
    bytes4 private constant INVALID_NONCE = bytes4(keccak256("InvalidNonce()"));
    bytes4 private constant INVALID_SIGNER = bytes4(keccak256("InvalidSigner()"));

    function test_GivenAPermit_WhenAStrangerSubmitsIt_TheDepositGrowsByWhatArrives(
        uint128 addition,
        uint256 nonce,
        bool short
    ) public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        channels.settle(channel, 5, voucher(channel, 5));
        addition = uint128(bound(addition, 1, MAX_DEPOSIT - DEPOSIT));
        bytes32 digest = topUpPermitHash(channel, addition, nonce, clock);
        (bytes32 r, bytes32 vs) = compact(PAYER_KEY, digest);

        vm.expectEmit(address(channels));
        emit IPaymentChannels.ChannelToppedUp(idOf(channel), DEPOSIT + addition);
        submit(channel, addition, nonce, short ? abi.encodePacked(r, vs) : signed(PAYER_KEY, digest));

        assertState(channel, uint256(DEPOSIT) + addition, 5, 0, false);
        assertHeld(address(plain), address(channels), uint256(DEPOSIT) + addition - 5, "the escrow");
        assertHeld(address(plain), payer, type(uint128).max - DEPOSIT - addition, "the payer");
        assertHeld(address(plain), stranger, 0, "the stranger");
    }

    function test_GivenAContractWallet_WhenItApprovesThePermit_TheDepositGrows(bytes memory signature) public {
        YesWallet wallet = new YesWallet();
        IPaymentChannels.Channel memory channel = describe(approvePermit2(plain, address(wallet)));
        channel.payer = address(wallet);
        vm.prank(address(wallet));
        plain.approve(address(channels), DEPOSIT);
        openAs(channel, DEPOSIT);
        wallet.approve(topUpPermitHash(channel, ADDITION, 0, clock));

        submit(channel, ADDITION, 0, signature);

        assertState(channel, DEPOSIT + ADDITION, 0, 0, false);
        assertHeld(address(plain), address(channels), DEPOSIT + ADDITION, "the escrow");
    }

    function test_GivenAHeldPermit_WhenItIsSubmittedDuringAnExit_TheExitGoesOn(uint256 delay) public {
        IPaymentChannels.Channel memory channel = leaving(address(plain));
        uint256 requestedAt = clock;
        bytes memory signature = signed(PAYER_KEY, topUpPermitHash(channel, ADDITION, 0, type(uint256).max));
        travelTo(requestedAt + bound(delay, 0, 2 * GRACE));

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.ClosePending.selector, idOf(channel)));
        vm.prank(stranger);
        channels.topUpWithPermit2(channel, ADDITION, 0, type(uint256).max, signature);
        assertState(channel, DEPOSIT, 0, requestedAt, false);

        travelTo(requestedAt + 2 * GRACE);
        channels.withdraw(channel);
        assertState(channel, DEPOSIT, 0, requestedAt, true);
        assertHeld(address(plain), payer, type(uint128).max, "the payer");
    }

    function test_GivenAPermit_WhenAFrontRunnerSubstitutesAnyParameter_ItRevertsAndThePermitStaysGood(
        uint256 seed
    ) public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        IPaymentChannels.Channel memory sibling = opened(address(plain), DEPOSIT);
        bytes memory signature = signed(PAYER_KEY, topUpPermitHash(channel, ADDITION, 7, clock));
        uint128 addition = uint128(bound(seed, 1, MAX_DEPOSIT - DEPOSIT));
        if (addition == ADDITION) ++addition;

        expectError(INVALID_SIGNER);
        submit(sibling, ADDITION, 7, signature);
        expectError(INVALID_SIGNER);
        submit(channel, addition, 7, signature);
        expectError(INVALID_SIGNER);
        submit(channel, ADDITION, 8, signature);
        expectError(INVALID_SIGNER);
        channels.topUpWithPermit2(channel, ADDITION, 7, clock + 1, signature);

        submit(channel, ADDITION, 7, signature);
        assertState(channel, DEPOSIT + ADDITION, 0, 0, false);
        assertState(sibling, DEPOSIT, 0, 0, false);
    }

    function test_GivenAPermitToOpen_WhenTakenForATopUp_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        bytes memory signature = signed(PAYER_KEY, openPermitHash(channel, ADDITION, 0, clock));

        expectError(INVALID_SIGNER);
        submit(channel, ADDITION, 0, signature);
    }

    function test_GivenAUsedPermit_WhenSubmittedAgain_Permit2Refuses() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        bytes memory signature = signed(PAYER_KEY, topUpPermitHash(channel, ADDITION, 0, clock));
        submit(channel, ADDITION, 0, signature);

        expectError(INVALID_NONCE);
        submit(channel, ADDITION, 0, signature);

        submit(channel, ADDITION, 1, signed(PAYER_KEY, topUpPermitHash(channel, ADDITION, 1, clock)));
        assertState(channel, DEPOSIT + 2 * ADDITION, 0, 0, false);
    }

    function test_GivenAPermit_WhenItsDeadlineHasPassed_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        uint256 deadline = clock;
        bytes memory signature = signed(PAYER_KEY, topUpPermitHash(channel, ADDITION, 0, deadline));
        travelTo(deadline + 1);

        vm.expectRevert(abi.encodeWithSignature("SignatureExpired(uint256)", deadline));
        channels.topUpWithPermit2(channel, ADDITION, 0, deadline, signature);
    }

    function test_GivenADeposit_WhenTheTotalReachesThePackedWidth_ItIsKeptAndOneMoreReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        uint128 rest = MAX_DEPOSIT - DEPOSIT;
        uint256 above = uint256(MAX_DEPOSIT) + 1;
        bytes memory signature = signed(PAYER_KEY, topUpPermitHash(channel, rest + 1, 0, clock));
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.DepositOverflow.selector, uint256(MAX_DEPOSIT), above));
        submit(channel, rest + 1, 0, signature);

        submit(channel, rest, 0, signed(PAYER_KEY, topUpPermitHash(channel, rest, 0, clock)));
        assertState(channel, MAX_DEPOSIT, 0, 0, false);
    }

    function test_GivenNothingToAdd_WhenSubmitted_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        bytes memory signature = signed(PAYER_KEY, topUpPermitHash(channel, 0, 0, clock));

        expectError(IPaymentChannels.ZeroDeposit.selector);
        submit(channel, 0, 0, signature);
    }

    function test_GivenAChannelThatIsNotLive_WhenSubmitted_ItReverts() public {
        IPaymentChannels.Channel memory channel = describe(address(plain));
        bytes memory signature = signed(PAYER_KEY, topUpPermitHash(channel, ADDITION, 0, clock));
        expectNotFound(channel);
        submit(channel, ADDITION, 0, signature);

        channel = closed(address(plain));
        signature = signed(PAYER_KEY, topUpPermitHash(channel, ADDITION, 0, clock));
        expectFinalized(channel);
        submit(channel, ADDITION, 0, signature);
    }

    function test_GivenTheNativeCoin_WhenSubmitted_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(NATIVE, DEPOSIT);
        bytes memory signature = signed(PAYER_KEY, topUpPermitHash(channel, ADDITION, 0, clock));

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.InvalidToken.selector, NATIVE));
        submit(channel, ADDITION, 0, signature);
    }

    function test_GivenATokenThatStartsToTakeAFee_WhenPulled_ItRevertsAndTheDepositStays() public {
        SwitchedFeeToken token = new SwitchedFeeToken();
        IPaymentChannels.Channel memory channel = opened(funded(token), DEPOSIT);
        approvePermit2(token, payer);
        token.charge();
        bytes memory signature = signed(PAYER_KEY, topUpPermitHash(channel, 100, 0, clock));

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.TransferMismatch.selector, uint256(100), uint256(99)));
        submit(channel, 100, 0, signature);

        assertState(channel, DEPOSIT, 0, 0, false);
    }

    /// @dev By a stranger, at the last second that the permit is good.
    function submit(
        IPaymentChannels.Channel memory channel,
        uint128 addition,
        uint256 nonce,
        bytes memory signature
    ) private {
        vm.prank(stranger);
        channels.topUpWithPermit2(channel, addition, nonce, clock, signature);
    }
}
