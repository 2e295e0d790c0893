// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {DelegatedAccount} from "../wallets/DelegatedAccount.sol";
import {NoWallet} from "../wallets/NoWallet.sol";
import {YesWallet} from "../wallets/YesWallet.sol";
import {Base} from "./Base.t.sol";

contract RequestCloseWithSignatureTest is Base, DelegatedAccount {
    function test_GivenACloseRequestOfPayerOrSigner_WhenAStrangerSubmitsIt_TheGracePeriodStarts() public {
        uint256[2] memory keys = [PAYER_KEY, SIGNER_KEY];
        for (uint256 i; i < keys.length; ++i) {
            IPaymentChannels.Channel memory channel = opened(NATIVE, DEPOSIT);
            bytes memory request = closeRequest(keys[i], channel, DEPOSIT);

            vm.expectEmit(address(channels));
            emit IPaymentChannels.CloseRequested(idOf(channel), clock + GRACE);
            vm.prank(stranger);
            channels.requestCloseWithSignature(channel, request);

            assertState(channel, DEPOSIT, 0, clock, false);
        }
    }

    function test_GivenACloseRequestOfAnyoneElse_WhenSubmitted_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(NATIVE, DEPOSIT);
        refused(channel, closeRequest(PAYEE_KEY, channel, DEPOSIT));
        refused(channel, closeRequest(STRANGER_KEY, channel, DEPOSIT));
        refused(channel, voucher(channel, DEPOSIT));
        refused(channel, "");
        refused(channel, new bytes(64));
        refused(channel, new bytes(65));
        assertState(channel, DEPOSIT, 0, 0, false);
    }

    function test_GivenNoAuthorizedSigner_WhenTheRequestRecoversToNobody_ItReverts() public {
        IPaymentChannels.Channel memory channel = describe(NATIVE);
        channel.authorizedSigner = address(0);
        openAs(channel, DEPOSIT);
        refused(channel, new bytes(65));

        channels.requestCloseWithSignature(channel, closeRequest(PAYER_KEY, channel, DEPOSIT));
        assertState(channel, DEPOSIT, 0, clock, false);
    }

    function test_GivenACloseRequest_WhenTheDepositIsNotTheOneNamed_ItReverts(uint128 named) public {
        vm.assume(named != DEPOSIT);
        IPaymentChannels.Channel memory channel = opened(NATIVE, DEPOSIT);
        refused(channel, closeRequest(PAYER_KEY, channel, named));
    }

    function test_GivenACloseRequestThatATopUpVoided_WhenReplayed_TheCloseStaysCancelled() public {
        IPaymentChannels.Channel memory channel = opened(NATIVE, DEPOSIT);
        bytes memory request = closeRequest(PAYER_KEY, channel, DEPOSIT);
        channels.requestCloseWithSignature(channel, request);
        vm.prank(payer);
        channels.topUp{value: 1}(channel, 1);
        assertState(channel, DEPOSIT + 1, 0, 0, false);

        refused(channel, request);
    }

    function test_GivenACloseRequestOfAnotherChannel_WhenSubmitted_ItReverts() public {
        IPaymentChannels.Channel memory channel = opened(NATIVE, DEPOSIT);
        refused(channel, closeRequest(PAYER_KEY, opened(NATIVE, DEPOSIT), DEPOSIT));
    }

    function test_GivenAPayerThatIsAContract_WhenItApprovesTheRequest_TheGracePeriodStarts() public {
        YesWallet wallet = new YesWallet();
        IPaymentChannels.Channel memory channel = describe(NATIVE);
        channel.payer = address(wallet);
        vm.deal(address(wallet), DEPOSIT);
        openAs(channel, DEPOSIT);
        refused(channel, hex"aa");

        wallet.approve(closeRequestHash(channel, DEPOSIT));
        channels.requestCloseWithSignature(channel, hex"aa");
        assertState(channel, DEPOSIT, 0, clock, false);
    }

    function test_GivenAPayerThatDelegatedToCodeThatDisowns_WhenPayerOrSignerAsks_TheGracePeriodStarts() public {
        IPaymentChannels.Channel memory one = opened(NATIVE, DEPOSIT);
        IPaymentChannels.Channel memory two = opened(NATIVE, DEPOSIT);
        delegate(payer, address(new NoWallet()));

        channels.requestCloseWithSignature(one, closeRequest(PAYER_KEY, one, DEPOSIT));
        channels.requestCloseWithSignature(two, closeRequest(SIGNER_KEY, two, DEPOSIT));
        assertState(one, DEPOSIT, 0, clock, false);
        assertState(two, DEPOSIT, 0, clock, false);
    }

    function test_GivenAChannelNeverOpened_WhenARequestComes_ItReverts() public {
        IPaymentChannels.Channel memory channel = describe(NATIVE);
        bytes memory request = closeRequest(PAYER_KEY, channel, 0);
        expectNotFound(channel);
        channels.requestCloseWithSignature(channel, request);
    }

    function refused(IPaymentChannels.Channel memory channel, bytes memory signature) private {
        expectError(IPaymentChannels.InvalidSignature.selector);
        channels.requestCloseWithSignature(channel, signature);
    }
}
