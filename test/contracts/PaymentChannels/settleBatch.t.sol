// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {YesWallet} from "../wallets/YesWallet.sol";
import {Base} from "./Base.t.sol";

contract SettleBatchTest is Base {
    function test_GivenManyChannels_WhenAStrangerSettlesTheirVouchers_OnePayoutReachesThePayee(
        uint128[5] memory amounts,
        bool native
    ) public {
        address token = native ? NATIVE : address(plain);
        IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](5);
        IPaymentChannels.Channel[] memory made = new IPaymentChannels.Channel[](5);
        uint256 total;
        for (uint256 i; i < 5; ++i) {
            amounts[i] = uint128(bound(amounts[i], 1, DEPOSIT));
            total += amounts[i];
            made[i] = opened(token, DEPOSIT);
            rows[i] = rowOf(made[i], amounts[i]);
        }

        for (uint256 i; i < 5; ++i) {
            vm.expectEmit(address(channels));
            emit IPaymentChannels.ChannelSettled(idOf(made[i]), amounts[i]);
        }
        if (!native) vm.expectCall(token, abi.encodeCall(plain.transfer, (payee, total)));
        vm.prank(stranger);
        uint256 paid = channels.settleBatch(payee, token, rows);

        assertEq(paid, total, "paid");
        assertHeld(token, payee, total, "the payee");
        for (uint256 i; i < 5; ++i) {
            assertState(made[i], DEPOSIT, amounts[i], 0, false);
        }
    }

    function test_GivenAVoucherForTheWholeDeposit_WhenSettledInABatch_AllOfItIsPaid() public {
        IPaymentChannels.Channel memory channel = opened(address(plain), DEPOSIT);
        IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](1);
        rows[0] = rowOf(channel, DEPOSIT);
        assertEq(channels.previewSettle(payee, address(plain), rows)[0].increase, DEPOSIT, "increase in the preview");
        assertEq(channels.settleBatch(payee, address(plain), rows), DEPOSIT, "paid");
        assertState(channel, DEPOSIT, DEPOSIT, 0, false);
        assertHeld(address(plain), payee, DEPOSIT, "the payee");
    }

    function test_GivenOneForgedVoucherOfFive_WhenSettled_TheOtherFourArePaid(uint256 forged) public {
        forged = bound(forged, 0, 4);
        IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](5);
        IPaymentChannels.Channel[] memory made = new IPaymentChannels.Channel[](5);
        for (uint256 i; i < 5; ++i) {
            made[i] = opened(address(plain), DEPOSIT);
            rows[i] = rowOf(made[i], 10);
        }
        rows[forged].cumulativeAmount = 11;

        expectSkip(made[forged], IPaymentChannels.InvalidSignature.selector);
        uint256 paid = channels.settleBatch(payee, address(plain), rows);

        assertEq(paid, 40, "paid");
        assertHeld(address(plain), payee, 40, "the payee");
        assertState(made[forged], DEPOSIT, 0, 0, false);
    }

    function test_GivenABadRowOfEachKind_WhenSettled_EachIsSkippedWithTheErrorThatItWouldMeetAlone() public {
        IPaymentChannels.Channel[] memory made = new IPaymentChannels.Channel[](5);
        made[0] = describe(address(plain));
        made[1] = closed(address(plain));
        made[2] = opened(address(plain), DEPOSIT);
        made[3] = opened(address(plain), DEPOSIT);
        made[4] = opened(address(plain), DEPOSIT);
        channels.settle(made[2], 9, voucher(made[2], 9));
        IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](5);
        rows[0] = rowOf(made[0], 9);
        rows[1] = rowOf(made[1], 9);
        rows[2] = rowOf(made[2], 9);
        rows[3] = rowOf(made[3], DEPOSIT + 1);
        rows[4] = rowOf(made[4], 9);
        rows[4].r = 0;

        expectSkip(made[0], IPaymentChannels.ChannelNotFound.selector);
        expectSkip(made[1], IPaymentChannels.ChannelFinalized.selector);
        expectSkip(made[2], IPaymentChannels.AmountNotIncreasing.selector);
        expectSkip(made[3], IPaymentChannels.AmountExceedsDeposit.selector);
        expectSkip(made[4], IPaymentChannels.InvalidSignature.selector);
        assertEq(channels.settleBatch(payee, address(plain), rows), 0, "paid");
        assertHeld(address(plain), payee, 9, "the payee");
    }

    function test_GivenNothingToPay_WhenSettled_ItSucceedsAndTouchesNoToken() public {
        IPaymentChannels.SettleRow[] memory none = new IPaymentChannels.SettleRow[](0);
        vm.recordLogs();
        assertEq(channels.settleBatch(payee, address(plain), none), 0, "paid");
        assertEq(channels.settleBatch(payee, stranger, none), 0, "paid");
        assertEq(channels.settleBatch(address(0), NATIVE, none), 0, "paid");
        assertEq(vm.getRecordedLogs().length, 0, "events");
    }

    function test_GivenABatchFrontRunInPart_WhenItLands_TheRestIsPaid() public {
        IPaymentChannels.Channel memory one = opened(NATIVE, DEPOSIT);
        IPaymentChannels.Channel memory two = opened(NATIVE, DEPOSIT);
        IPaymentChannels.SettleRow[] memory rows = pair(rowOf(one, 10), rowOf(two, 20));
        vm.prank(stranger);
        channels.settle(one, 10, voucher(one, 10));

        expectSkip(one, IPaymentChannels.AmountNotIncreasing.selector);
        assertEq(channels.settleBatch(payee, NATIVE, rows), 20, "paid");
        assertHeld(NATIVE, payee, 30, "the payee");
    }

    function test_GivenOneChannelTwice_WhenSettled_OnlyTheIncreaseIsPaidTwice() public {
        IPaymentChannels.Channel memory channel = opened(NATIVE, DEPOSIT);

        assertEq(channels.settleBatch(payee, NATIVE, pair(rowOf(channel, 10), rowOf(channel, 30))), 30, "rising");
        assertEq(channels.settleBatch(payee, NATIVE, pair(rowOf(channel, 50), rowOf(channel, 40))), 20, "falling");
        assertEq(channels.settleBatch(payee, NATIVE, pair(rowOf(channel, 60), rowOf(channel, 60))), 10, "equal");

        assertHeld(NATIVE, payee, 60, "the payee");
        assertState(channel, DEPOSIT, 60, 0, false);
    }

    function test_GivenRowsOfAnotherPayeeOrToken_WhenClaimedForThisOne_TheyAreNotFound() public {
        IPaymentChannels.Channel memory channel = opened(NATIVE, DEPOSIT);
        IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](1);
        rows[0] = rowOf(channel, 10);

        assertEq(channels.settleBatch(stranger, NATIVE, rows), 0, "paid to another payee");
        assertEq(channels.settleBatch(payee, address(plain), rows), 0, "paid in another token");
        assertState(channel, DEPOSIT, 0, 0, false);
    }

    function test_GivenNoAuthorizedSigner_WhenThePayerSigned_TheRowIsPaid() public {
        IPaymentChannels.Channel memory channel = describe(NATIVE);
        channel.authorizedSigner = address(0);
        openAs(channel, DEPOSIT);
        IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](1);
        rows[0] = rowOf(channel, 10);
        assertEq(channels.settleBatch(payee, NATIVE, rows), 0, "paid on a stranger's key");

        (rows[0].r, rows[0].vs) = compact(PAYER_KEY, voucherHash(channel, 10));
        assertEq(channels.settleBatch(payee, NATIVE, rows), 10, "paid on the payer's");
    }

    function test_GivenAContractWallet_WhenItsRowIsBatched_ItIsSkippedForItsSignature() public {
        YesWallet wallet = new YesWallet();
        IPaymentChannels.Channel memory channel = describe(NATIVE);
        channel.authorizedSigner = address(wallet);
        openAs(channel, DEPOSIT);
        wallet.approve(voucherHash(channel, 10));
        IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](1);
        rows[0] = rowOf(channel, 10);

        expectSkip(channel, IPaymentChannels.InvalidSignature.selector);
        channels.settleBatch(payee, NATIVE, rows);

        channels.settle(channel, 10, "");
        assertHeld(NATIVE, payee, 10, "the payee");
    }

    function test_GivenAHighS_WhenItsRowIsBatched_ItIsSkipped() public {
        IPaymentChannels.Channel memory channel = opened(NATIVE, DEPOSIT);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(SIGNER_KEY, voucherHash(channel, 10));
        IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](1);
        rows[0] = rowOf(channel, 10);
        // EIP-2098 has no room for a high s: what is left of one after the parity bit is laid over it recovers to nobody known.
        rows[0].r = r;
        rows[0].vs = bytes32((CURVE_ORDER - uint256(s)) | (v == 28 ? 0 : uint256(1) << 255));

        expectSkip(channel, IPaymentChannels.InvalidSignature.selector);
        channels.settleBatch(payee, NATIVE, rows);
    }

    function test_GivenAPendingClose_WhenBatched_TheRowIsPaidAndTheClockUntouched() public {
        IPaymentChannels.Channel memory channel = leaving(NATIVE);
        IPaymentChannels.SettleRow[] memory rows = new IPaymentChannels.SettleRow[](1);
        rows[0] = rowOf(channel, 10);
        uint256 requestedAt = clock;
        travelTo(requestedAt + GRACE);

        assertEq(channels.settleBatch(payee, NATIVE, rows), 10, "paid");
        assertState(channel, DEPOSIT, 10, requestedAt, false);
    }

    function expectSkip(IPaymentChannels.Channel memory channel, bytes4 reason) private {
        vm.expectEmit(address(channels));
        emit IPaymentChannels.SettlementSkipped(idOf(channel), reason);
    }

    function pair(
        IPaymentChannels.SettleRow memory one,
        IPaymentChannels.SettleRow memory two
    ) private pure returns (IPaymentChannels.SettleRow[] memory rows) {
        rows = new IPaymentChannels.SettleRow[](2);
        (rows[0], rows[1]) = (one, two);
    }
}
