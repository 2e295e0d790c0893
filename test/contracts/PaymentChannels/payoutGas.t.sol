// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {HungryReceiver} from "../wallets/HungryReceiver.sol";
import {Base} from "./Base.t.sol";

/// @notice A receiver that needs all of the payout's gas, and that nobody has called in this transaction: the call to it costs most.
contract PayoutGasTest is Base {
    HungryReceiver private receiver;

    function setUp() public override {
        super.setUp();
        receiver = new HungryReceiver(101_000); // the payout's gas and the stipend are 102,300
    }

    function test_GivenAColdReceiverThatNeedsAllOfThePayoutGas_WhenCallersLeaveMoreAndMoreGas_NothingIsCredited()
        public
    {
        IPaymentChannels.Channel memory channel = describe(NATIVE);
        channel.payee = address(receiver);
        openAs(channel, DEPOSIT);
        bytes memory call_ = abi.encodeCall(IPaymentChannels.settle, (channel, 1, voucher(channel, 1)));
        uint256 refused;
        bool done;
        for (uint256 gas = 100_000; !done; gas += 250) {
            (done, ) = address(channels).call{gas: gas}(call_);
            if (!done) ++refused;
        }
        assertEq(channels.credit(NATIVE, channel.payee), 0, "credit");
        assertHeld(NATIVE, channel.payee, 1, "the payee");
        assertTrue(refused != 0, "too little gas at first");
    }
}
