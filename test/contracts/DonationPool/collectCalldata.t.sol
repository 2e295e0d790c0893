// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IDonationPool} from "../../../contracts/interfaces/IDonationPool.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {TypedData} from "../support/TypedData.sol";
import {PoolBase} from "./PoolBase.t.sol";

/// @notice Arguments wider than their types, which no compiler would encode.
contract CollectCalldataTest is PoolBase {
    /// @dev A gift and a channel as bare words.
    struct WideGift {
        uint256 projectId;
        uint256 cumulativeAmount;
    }

    struct WideChannel {
        uint256 payer;
        uint256 payee;
        uint256 token;
        bytes32 salt;
        uint256 authorizedSigner;
    }

    function test_GivenAGiftWiderThan128Bits_WhenCollectedOrDonated_ItRevertsAndNothingIsAttributed(
        uint256 amount
    ) public {
        amount = bound(amount, 1 << 128, type(uint256).max);
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, uint128(amount) | 1), ANY);
        WideGift[] memory wide = new WideGift[](1);
        wide[0] = WideGift(1, amount);

        refused(
            abi.encodeWithSelector(
                IDonationPool.collect.selector,
                item.channel,
                item.voucherSignature,
                none(),
                wide,
                ANY,
                item.allocationSignature
            )
        );
        refused(abi.encodeWithSelector(IDonationPool.donate.selector, wide, ANY, 0));
        assertGifts(1, 0);
    }

    function test_GivenGiftsWhoseSumWrapsAround256Bits_WhenCollectedOrDonated_ItReverts() public {
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 1e6), ANY);
        WideGift[] memory wide = new WideGift[](2);
        (wide[0], wide[1]) = (WideGift(1, type(uint256).max), WideGift(2, 1e6 + 1));
        refused(
            abi.encodeWithSelector(
                IDonationPool.collect.selector,
                item.channel,
                item.voucherSignature,
                none(),
                wide,
                ANY,
                item.allocationSignature
            )
        );
        refused(abi.encodeWithSelector(IDonationPool.donate.selector, wide, ANY, 0));
    }

    function test_GivenAPreviousGiftWiderThan128Bits_WhenItsLowBitsAreTheStandingOnes_ItReverts() public {
        IPaymentChannels.Channel memory channel = given(1, list(1, 4e6));
        IDonationPool.CollectItem memory item = itemOf(channel, list(1, 4e6), list(1, 5e6), ANY);
        WideGift[] memory wide = new WideGift[](1);
        wide[0] = WideGift(1, (1 << 128) | 4e6);
        refused(
            abi.encodeWithSelector(
                IDonationPool.collect.selector,
                item.channel,
                item.voucherSignature,
                wide,
                item.gifts,
                ANY,
                item.allocationSignature
            )
        );
        vm.prank(donorOf(1));
        refused(abi.encodeWithSelector(IDonationPool.refund.selector, channel, wide));
        assertGifts(1, 4e6);
    }

    function test_GivenAnAddressWiderThan160Bits_WhenACollectedListComesUnderIt_ItRevertsAndCountsOnce() public {
        IDonationPool.CollectItem memory item = itemOf(line(1), none(), list(1, 4e6), ANY);
        collect(item);
        for (uint256 field; field < 4; ++field) {
            WideChannel memory wide = WideChannel(
                uint160(item.channel.payer),
                uint160(item.channel.payee),
                uint160(item.channel.token),
                item.channel.salt,
                uint160(item.channel.authorizedSigner)
            );
            if (field == 0) wide.payer |= 1 << 160;
            if (field == 1) wide.payee |= 1 << 160;
            if (field == 2) wide.token |= 1 << 160;
            if (field == 3) wide.authorizedSigner |= 1 << 160;
            bytes32 id = keccak256(abi.encode(wide, channels, chain));
            bytes32 digest = TypedData.allocation(address(pool), chain, id, 4e6, keccak256(ANY), item.gifts);
            bytes memory signature = signed(keyOf[item.channel.authorizedSigner], digest);
            refused(
                abi.encodeWithSelector(
                    IDonationPool.collect.selector,
                    wide,
                    item.voucherSignature,
                    none(),
                    item.gifts,
                    ANY,
                    signature
                )
            );
            refused(abi.encodeWithSelector(IDonationPool.refund.selector, wide, none()));
        }
        assertGifts(1, 4e6);
        assertHeld(address(plain), address(pool), 4e6, "the pool");
    }

    function refused(bytes memory data) private {
        (bool done, ) = address(pool).call(data);
        assertTrue(!done, "refused");
    }
}
