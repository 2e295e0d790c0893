// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {Books} from "./Books.sol";

/// @notice What somebody without any right tries on a channel, with a signature that is nobody's.
abstract contract Attempts is Books {
    /// @return calls The first two may go through: a withdrawal when its time has come, and an account's own credit, which is none.
    function attempts(
        IPaymentChannels.Channel memory channel,
        uint256 seed,
        uint128 amount,
        bytes memory forged
    ) internal view returns (bytes[] memory calls) {
        calls = new bytes[](11);
        calls[0] = abi.encodeCall(IPaymentChannels.withdraw, (channel));
        calls[1] = abi.encodeCall(IPaymentChannels.withdrawCreditTo, (channel.token, address(0xDEAD)));
        calls[2] = abi.encodeCall(IPaymentChannels.settle, (channel, amount, forged));
        calls[3] = abi.encodeCall(IPaymentChannels.settleTicks, (channel, amount, 0, 0, forged, 0, 0));
        calls[4] = abi.encodeCall(IPaymentChannels.close, (channel, amount, forged));
        calls[5] = abi.encodeCall(IPaymentChannels.closeWithAuthorization, (channel, 0, "", type(uint256).max, forged));
        calls[6] = abi.encodeCall(IPaymentChannels.requestClose, (channel));
        calls[7] = abi.encodeCall(IPaymentChannels.topUp, (channel, amount));
        bytes32 nonce = keccak256(abi.encode(idOf(channel), amount, payer, seed));
        calls[8] = abi.encodeCall(
            IPaymentChannels.topUpWithAuthorization,
            (channel, amount, bytes32(seed), 0, type(uint256).max, nonce, forged)
        );
        calls[9] = abi.encodeCall(IPaymentChannels.topUpWithPermit2, (channel, amount, seed, clock, forged));
        calls[10] = openAttempt(channel, seed, amount, forged);
    }

    function openAttempt(
        IPaymentChannels.Channel memory channel,
        uint256 seed,
        uint128 amount,
        bytes memory forged
    ) private view returns (bytes memory) {
        address by = channel.authorizedSigner;
        return
            abi.encodeCall(
                IPaymentChannels.openWithPermit2,
                (channel.payee, channel.token, amount, bytes32(seed), by, payer, seed, clock, forged)
            );
    }
}
