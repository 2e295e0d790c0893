// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {DelegatedAccount} from "../wallets/DelegatedAccount.sol";
import {NoWallet} from "../wallets/NoWallet.sol";
import {YesWallet} from "../wallets/YesWallet.sol";
import {Base} from "./Base.t.sol";

contract CloseWithAuthorizationTest is Base, DelegatedAccount {
    function test_GivenThePayeesConsent_WhenAStrangerCloses_BothSidesGetTheirPart(
        uint128 amount,
        uint256 deadline
    ) public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        amount = uint128(bound(amount, 1, DEPOSIT));
        deadline = bound(deadline, clock, type(uint256).max);
        uint256 before = held(address(plain), payer);

        vm.expectEmit(address(channels));
        emit IPaymentChannels.ChannelClosed(idOf(channel), amount, DEPOSIT - amount);
        closeAsStranger(channel, amount, voucher(channel, amount), deadline, consent(channel, amount, deadline));

        assertState(channel, DEPOSIT, amount, 0, true);
        assertHeld(address(plain), payee, amount, "the payee");
        assertHeld(address(plain), payer, before + DEPOSIT - amount, "the payer");
    }

    function test_GivenThePayeesConsentToForgive_WhenAStrangerCloses_NoVoucherIsNeeded() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        channels.settle(channel, 40, voucher(channel, 40));

        closeAsStranger(channel, 40, "", clock, consent(channel, 40, clock));

        assertState(channel, DEPOSIT, 40, 0, true);
        assertHeld(address(plain), payee, 40, "the payee");
    }

    function test_GivenAConsentWithADeadline_WhenItHasPassed_ItRevertsAndInItsLastSecondItCloses(uint256 late) public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        uint256 deadline = clock;
        bytes memory agreed = consent(channel, 0, deadline);
        late = bound(late, 1, 1000 days);
        travelTo(deadline + late);
        vm.expectRevert(
            abi.encodeWithSelector(IPaymentChannels.AuthorizationExpired.selector, deadline, deadline + late)
        );
        closeAsStranger(channel, 0, "", deadline, agreed);

        travelTo(deadline);
        closeAsStranger(channel, 0, "", deadline, agreed);
        assertState(channel, DEPOSIT, 0, 0, true);
    }

    function test_GivenAConsent_WhenAmountOrDeadlineOrChannelOrSignerDiffers_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        IPaymentChannels.Channel memory other = opened(address(plain), DEPOSIT);
        bytes memory agreed = consent(channel, 40, clock);

        refused(channel, 41, clock, agreed);
        refused(channel, 40, clock + 1, agreed);
        refused(other, 40, clock, agreed);
        refused(channel, 40, clock, signed(PAYER_KEY, closeAuthorizationHash(channel, 40, clock)));
        refused(channel, 40, clock, signed(SIGNER_KEY, closeAuthorizationHash(channel, 40, clock)));
        refused(channel, 40, clock, signed(PAYEE_KEY, voucherHash(channel, 40)));
        refused(channel, 40, clock, "");
        refused(channel, 40, clock, new bytes(65));
        assertState(channel, DEPOSIT, 0, 0, false);
    }

    function test_GivenAConsentAboveTheSettledAmount_WhenTheVoucherIsMissingOrForged_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        bytes memory agreed = consent(channel, 40, clock);

        expectError(IPaymentChannels.InvalidSignature.selector);
        closeAsStranger(channel, 40, "", clock, agreed);
        expectError(IPaymentChannels.InvalidSignature.selector);
        closeAsStranger(channel, 40, signed(STRANGER_KEY, voucherHash(channel, 40)), clock, agreed);
        expectError(IPaymentChannels.InvalidSignature.selector);
        closeAsStranger(channel, 40, agreed, clock, agreed);
    }

    function test_GivenAConsentAboveTheDeposit_WhenSubmitted_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        bytes memory agreed = consent(channel, DEPOSIT + 1, clock);
        bytes memory signature = voucher(channel, DEPOSIT + 1);

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.AmountExceedsDeposit.selector, DEPOSIT, DEPOSIT + 1));
        closeAsStranger(channel, DEPOSIT + 1, signature, clock, agreed);
    }

    function test_GivenAPayeeThatIsAContract_WhenItApprovesTheConsent_ItCloses() public {
        YesWallet wallet = new YesWallet();
        IPaymentChannels.Channel memory channel = describe(address(plain));
        channel.payee = address(wallet);
        openAs(channel, DEPOSIT);
        refused(channel, 0, clock, "");
        wallet.approve(closeAuthorizationHash(channel, 0, clock));

        closeAsStranger(channel, 0, "", clock, "");

        assertState(channel, DEPOSIT, 0, 0, true);
    }

    function test_GivenAPayeeThatDelegatesAfterSigning_WhenItsCodeDisownsTheConsent_ItClosesAllTheSame() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        bytes memory agreed = consent(channel, 0, clock);
        delegate(payee, address(new NoWallet()));

        closeAsStranger(channel, 0, "", clock, agreed);

        assertState(channel, DEPOSIT, 0, 0, true);
    }

    function test_GivenAChannelNeverOpened_WhenSubmitted_ItReverts() public {
        IPaymentChannels.Channel memory channel = describe(address(plain));
        bytes memory agreed = consent(channel, 0, clock);
        expectNotFound(channel);
        closeAsStranger(channel, 0, "", clock, agreed);
    }

    function consent(
        IPaymentChannels.Channel memory channel,
        uint128 amount,
        uint256 deadline
    ) private view returns (bytes memory) {
        return signed(PAYEE_KEY, closeAuthorizationHash(channel, amount, deadline));
    }

    function refused(
        IPaymentChannels.Channel memory channel,
        uint128 amount,
        uint256 deadline,
        bytes memory payeeSignature
    ) private {
        bytes memory signature = voucher(channel, amount);
        expectError(IPaymentChannels.InvalidSignature.selector);
        closeAsStranger(channel, amount, signature, deadline, payeeSignature);
    }

    function closeAsStranger(
        IPaymentChannels.Channel memory channel,
        uint128 amount,
        bytes memory signature,
        uint256 deadline,
        bytes memory payeeSignature
    ) private {
        vm.prank(stranger);
        channels.closeWithAuthorization(channel, amount, signature, deadline, payeeSignature);
    }
}
