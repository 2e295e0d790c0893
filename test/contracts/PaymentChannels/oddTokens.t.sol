// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {GasBurningToken} from "../tokens/GasBurningToken.sol";
import {LongReturnToken} from "../tokens/LongReturnToken.sol";
import {LyingBalanceToken} from "../tokens/LyingBalanceToken.sol";
import {RebasingToken} from "../tokens/RebasingToken.sol";
import {ShrinkingToken} from "../tokens/ShrinkingToken.sol";
import {Base} from "./Base.t.sol";

/// @notice Tokens that change or invent balances, or burn gas. Whatever they do, they do it to their own channels alone.
contract OddTokensTest is Base {
    function test_GivenATokenThatRebasesDown_WhenChannelsAreSettled_TheLastIsCreditedAndOtherTokensStayWhole(
        uint256 left
    ) public {
        RebasingToken token = new RebasingToken();
        IPaymentChannels.Channel memory first = opened(funded(token), DEPOSIT);
        IPaymentChannels.Channel memory last = opened(address(token), DEPOSIT);
        IPaymentChannels.Channel memory sound = opened(address(plain), DEPOSIT);
        IPaymentChannels.Channel memory native = opened(NATIVE, DEPOSIT);
        left = bound(left, DEPOSIT, 2 * DEPOSIT - 1);
        token.rebase(address(channels), left);

        channels.settle(first, DEPOSIT, voucher(first, DEPOSIT));
        channels.settle(last, DEPOSIT, voucher(last, DEPOSIT));
        channels.settle(sound, DEPOSIT, voucher(sound, DEPOSIT));
        channels.settle(native, DEPOSIT, voucher(native, DEPOSIT));

        assertHeld(address(token), payee, DEPOSIT, "the payee, of the first");
        assertEq(channels.credit(address(token), payee), DEPOSIT, "credit of the payee, of the last");
        assertHeld(address(plain), payee, DEPOSIT, "the payee, in another token");
        assertHeld(NATIVE, payee, DEPOSIT, "the payee, in the native coin");

        vm.expectRevert(
            abi.encodeWithSelector(IPaymentChannels.TransferFailed.selector, address(token), payee, uint256(DEPOSIT))
        );
        channels.withdrawCredit(address(token), payee);
        token.rebase(address(channels), DEPOSIT);
        channels.withdrawCredit(address(token), payee);
        assertHeld(address(token), payee, 2 * DEPOSIT, "the payee once the token is whole again");
    }

    function test_GivenATokenThatRebasesUp_WhenAChannelEnds_EachSideGetsItsPartAndTheSurplusIsNobodys(
        uint96 surplus,
        uint128 amount
    ) public {
        RebasingToken token = new RebasingToken();
        IPaymentChannels.Channel memory channel = opened(funded(token), DEPOSIT);
        amount = uint128(bound(amount, 1, DEPOSIT));
        uint256 wallet = held(address(token), payer);
        token.rebase(address(channels), uint256(DEPOSIT) + surplus);

        bytes memory signature = voucher(channel, amount);
        vm.prank(payee);
        channels.close(channel, amount, signature);

        assertHeld(address(token), payee, amount, "the payee");
        assertHeld(address(token), payer, wallet + DEPOSIT - amount, "the payer");
        assertHeld(address(token), address(channels), surplus, "the escrow");
    }

    function test_GivenATokenThatShrinksTheEscrowsBalanceWhenPulled_WhenOpenedOrToppedUp_ItReverts() public {
        address token = funded(new ShrinkingToken());
        opened(token, 3); // nothing there to shrink yet
        uint256 arrives = DEPOSIT - 1;

        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.TransferMismatch.selector, uint256(DEPOSIT), arrives));
        vm.prank(payer);
        channels.open(payee, token, DEPOSIT, "salt", signer);

        IPaymentChannels.Channel memory channel = describe(token);
        channel.salt = bytes32(uint256(1)); // the one above
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.TransferMismatch.selector, uint256(1), uint256(0)));
        vm.prank(payer);
        channels.topUp(channel, 1);
        assertHeld(token, address(channels), 3, "the escrow");
    }

    function test_GivenATokenThatReturns64Kilobytes_WhenItIsPulled_OnlyTheFirstWordCounts() public {
        LongReturnToken token = new LongReturnToken();
        IPaymentChannels.Channel memory channel = opened(funded(token), DEPOSIT);
        vm.prank(payer);
        channels.topUp{gas: 200_000}(channel, 1);
        assertState(channel, DEPOSIT + 1, 0, 0, false);
        assertHeld(address(token), address(channels), DEPOSIT + 1, "the escrow");
    }

    function test_GivenATokenThatBurnsAllGas_WhenItMustPay_ThePayoutIsCreditedOrNothingHappens(uint256 gas) public {
        IPaymentChannels.Channel memory channel = opened(funded(new GasBurningToken()), DEPOSIT);
        bytes memory signature = voucher(channel, 9);
        gas = bound(gas, 100_000, 10_000_000);

        (bool done, ) = address(channels).call{gas: gas}(
            abi.encodeCall(IPaymentChannels.settle, (channel, 9, signature))
        );

        assertState(channel, DEPOSIT, done ? 9 : 0, 0, false);
        assertEq(channels.credit(channel.token, payee), done ? 9 : 0, "credit");
        assertTrue(done || gas < 3_000_000, "a sixty-fourth of three million is enough to credit");
        channels.settle{gas: 10_000_000}(channel, 10, voucher(channel, 10));
        assertEq(channels.credit(channel.token, payee), 10, "credit");
    }

    function test_GivenATokenThatInventsMoney_WhenAStrangerOpensInAnothersName_NoOtherTokenMovesForIt() public {
        IPaymentChannels.Channel memory sound = opened(address(plain), DEPOSIT);
        IPaymentChannels.Channel memory native = opened(NATIVE, DEPOSIT);
        IPaymentChannels.Channel memory made = describe(address(new LyingBalanceToken()));
        made.authorizedSigner = stranger;
        bytes32 nonce = keccak256(abi.encode(payer, payee, made.token, made.salt, stranger));
        uint256[2] memory wallet = [payer.balance, plain.balanceOf(payer)];

        vm.prank(stranger);
        channels.openWithAuthorization(payee, made.token, DEPOSIT, made.salt, stranger, payer, 0, 0, nonce, "");

        assertState(made, DEPOSIT, 0, 0, false); // named as payer, asked for nothing, and paid with nothing
        channels.settle(made, 9, signed(STRANGER_KEY, voucherHash(made, 9)));
        assertEq(channels.credit(made.token, payee), 9, "credit in money that is none");
        assertHeld(NATIVE, payer, wallet[0], "the payer");
        assertHeld(address(plain), payer, wallet[1], "the payer");
        channels.settle(sound, DEPOSIT, voucher(sound, DEPOSIT));
        channels.settle(native, DEPOSIT, voucher(native, DEPOSIT));
        assertHeld(address(plain), payee, DEPOSIT, "the payee, in a token that is one");
        assertHeld(NATIVE, payee, DEPOSIT, "the payee, in the native coin");
    }
}
